//! Recognises the generalised Born models of OpenMM's `implicit/*.xml` by their expressions.
use super::{
    expression::numbers,
    written_born::{Of, Written},
};
use crate::expression::Table;
use crate::system::{Born, BornAtom, Neck, RadiusLaw};

const INTEGRAL: &str = "select(step(r+sr2-or1),0.5*(1/L-1/U+0.25*(r-sr2^2/r)*(1/(U^2)-1/(L^2))+0.5*log(L/U)/r),0);\
    U=r+sr2;L=max(or1,D);D=abs(r-sr2)";
const INTEGRAL_WITH_NECK: &str = "Ivdw+neckScale*Ineck;\
    Ineck=step(radius1+radius2+neckCut-r)*getm0(radindex1,radindex2)/(1+100*(r-getd0(radindex1,radindex2))^2\
    +0.3*1000000*(r-getd0(radindex1,radindex2))^6);\
    Ivdw=select(step(r+sr2-or1),0.5*(1/L-1/U+0.25*(r-sr2^2/r)*(1/(U^2)-1/(L^2))+0.5*log(L/U)/r),0);\
    U=r+sr2;L=max(or1,D);D=abs(r-sr2);radius1=or1+offset;radius2=or2+offset;\
    neckScale=#;neckCut=#;offset=#";

const RADIUS_HCT: &str = "1/(1/or-I)";
const RADIUS_TAIL: &str = "psi=I*or;radius=or+offset;offset=#";
/// How HCT, OBC1, OBC2, GBn and GBn2 write their radius; what the captured numbers mean is in [`radius_law`].
const RADIUS_OBC1: &str = "1/(1/or-tanh(#*psi+#*psi^3)/radius);";
const RADIUS_OBC2: &str = "1/(1/or-tanh(psi-#*psi^2+#*psi^3)/radius);";
const RADIUS_GBN: &str = "1/(1/or-tanh(#*psi-#*psi^2+#*psi^3)/radius);";
const RADIUS_GBN2: &str = "1/(1/or-tanh(alpha*psi-beta*psi^2+gamma*psi^3)/radius);";

const MEDIA: &str = ";solventDielectric=#;soluteDielectric=#;kappa=#;offset=#";
const SELF: &str = "-0.5*#*(1/soluteDielectric-1/solventDielectric)*charge^2/B";
const SELF_SALT: &str = "-0.5*#*(1/soluteDielectric-exp(-kappa*B)/solventDielectric)*charge^2/B";
const PAIR: &str =
    "-#*(1/soluteDielectric-1/solventDielectric)*charge1*charge2/f;f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))";
const PAIR_SALT: &str = "-#*(1/soluteDielectric-exp(-kappa*f)/solventDielectric)*charge1*charge2/f;f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))";
const SURFACE: &str = "#*(radius+#)^2*(radius/B)^6;radius=or+offset";

/// A radius law and, unless each atom has its own, the coefficients and the offset.
struct Law {
    law: RadiusLaw,
    coefficients: Option<[f64; 3]>,
    offset: Option<f64>,
}

fn radius_law(expression: &str) -> Option<Law> {
    if numbers(RADIUS_HCT, expression).is_some() {
        return Some(Law { law: RadiusLaw::Hct, coefficients: Some([0.0; 3]), offset: None });
    }
    let with_tail = |head: &str| numbers(&format!("{head}{RADIUS_TAIL}"), expression);
    let obc = |coefficients, offset| Some(Law { law: RadiusLaw::Obc, coefficients, offset: Some(offset) });
    if let Some(n) = with_tail(RADIUS_OBC1) {
        return obc(Some([n[0], 0.0, n[1]]), n[2]);
    }
    if let Some(n) = with_tail(RADIUS_OBC2) {
        return obc(Some([1.0, n[0], n[1]]), n[2]);
    }
    if let Some(n) = with_tail(RADIUS_GBN) {
        return obc(Some([n[0], n[1], n[2]]), n[3]);
    }
    with_tail(RADIUS_GBN2).and_then(|n| obc(None, n[0]))
}

/// The model, if the force is one of those that are known, letter by letter, and makes sense.
pub fn recognised(written: &Written<'_>) -> Option<Born> {
    let &[("I", Of::PairNoExclusions, integral), ("B", Of::Particle, radius)] = written.values.as_slice()
    else {
        return None;
    };
    // A parameter or function under another name could stand in the way of what the expressions mean.
    let known = |name: &str| name == "getm0" || name == "getd0";
    if !written.globals.is_empty() || !written.functions.iter().all(|(name, _)| known(name)) {
        return None;
    }
    let neck = match numbers(INTEGRAL, integral) {
        Some(_) => None,
        None => Some(numbers(INTEGRAL_WITH_NECK, integral)?),
    };
    let law = radius_law(radius)?;
    let media = Media::read(&written.terms)?;
    let offset = law.offset.unwrap_or(media.offset);
    if offset != media.offset || neck.as_ref().is_some_and(|neck| neck[2] != offset) {
        return None;
    }
    let column = |name: &str| written.names.iter().position(|&other| other == name);
    let (charge, offset_radius, scaled_radius) = (column("charge")?, column("or")?, column("sr")?);
    let own = match law.coefficients {
        Some(_) => None,
        None => Some([column("alpha")?, column("beta")?, column("gamma")?]),
    };
    let atom = |particle: &Vec<f64>| BornAtom {
        charge: particle[charge],
        offset_radius: particle[offset_radius],
        radius: particle[offset_radius] + offset,
        scaled_radius: particle[scaled_radius],
        coefficients: own
            .map_or(law.coefficients.unwrap_or_default(), |own| own.map(|place| particle[place])),
    };
    let atoms: Vec<BornAtom> = written.particles.iter().map(atom).collect();
    if atoms.iter().any(|atom| atom.offset_radius <= 0.0 || atom.radius <= 0.0)
        || media.solute <= 0.0
        || media.solvent <= 0.0
    {
        return None;
    }
    let neck = match neck {
        None => None,
        Some(neck) => {
            let kind = column("radindex")?;
            let kinds: Vec<f64> = written.particles.iter().map(|particle| particle[kind]).collect();
            let mut distinct = kinds.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let place = |kind: &f64| distinct.binary_search_by(|other| other.total_cmp(kind)).ok();
            let (m, d) = (by_kinds(written, "getm0", &distinct)?, by_kinds(written, "getd0", &distinct)?);
            let kinds = kinds.iter().map(place).collect::<Option<_>>()?;
            Some(Neck { scale: neck[0], cut: neck[1], kinds, m, d })
        }
    };
    Some(Born {
        atoms,
        law: law.law,
        swallowed_correction: false,
        neck,
        coulomb: media.coulomb,
        solute_dielectric: media.solute,
        solvent_dielectric: media.solvent,
        kappa: media.kappa,
        surface: media.surface,
    })
}

/// What the energy terms say.
struct Media {
    coulomb: f64,
    solvent: f64,
    solute: f64,
    kappa: f64,
    offset: f64,
    surface: Option<(f64, f64)>,
}

impl Media {
    /// One self term, one pair term and at most one surface term, of the same medium.
    fn read(terms: &[(Of, &str)]) -> Option<Media> {
        let (mut own, mut pair, mut surface) = (Vec::new(), Vec::new(), Vec::new());
        for &(of, text) in terms {
            let with_media = |head: &str| numbers(&format!("{head}{MEDIA}"), text);
            match of {
                Of::Particle => match (with_media(SELF), with_media(SELF_SALT), with_media(SURFACE)) {
                    (Some(found), ..) => own.push((found, false)),
                    (_, Some(found), _) => own.push((found, true)),
                    (.., Some(found)) => surface.push(found),
                    _ => return None,
                },
                Of::PairNoExclusions => match (with_media(PAIR), with_media(PAIR_SALT)) {
                    (Some(found), _) => pair.push((found, false)),
                    (_, Some(found)) => pair.push((found, true)),
                    _ => return None,
                },
                Of::Pair => return None,
            }
        }
        let ([own], [pair], [] | [_]) = (own.as_slice(), pair.as_slice(), surface.as_slice()) else {
            return None;
        };
        // Coulomb's constant and the medium.
        let &[coulomb, solvent, solute, kappa, offset] = own.0.as_slice() else { return None };
        let same_offset = surface.first().is_none_or(|surface| surface[5] == offset);
        (own == pair && same_offset).then(|| Media {
            coulomb,
            solvent,
            solute,
            kappa: if own.1 { kappa } else { 0.0 },
            offset,
            surface: surface.first().map(|surface| (surface[0], surface[1])),
        })
    }
}

/// A tabulated function of two kinds, for every two kinds.
fn by_kinds(written: &Written<'_>, name: &str, kinds: &[f64]) -> Option<Vec<Vec<f64>>> {
    let (_, table) = written.functions.iter().find(|(other, _)| other == name)?;
    let Table::Discrete { axes: 2, .. } = **table else { return None };
    let row = |&first: &f64| kinds.iter().map(|&second| table.at([first, second, 0.0], None)).collect();
    Some(kinds.iter().map(row).collect())
}
