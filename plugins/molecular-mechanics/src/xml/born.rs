//! The generalised Born models of OpenMM's `implicit/*.xml`: CustomGBForce, by its expressions.
use super::{
    Reading, SystemError, custom::Table, element::Element, expression::numbers, nonbonded::refuse_cutoff,
    obc::checked, unsupported,
};
use crate::system::{Born, BornAtom, Neck, RadiusLaw, Terms};

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

/// What the serialiser calls SingleParticle and ParticlePairNoExclusions.
const SINGLE: &str = "0";
const PAIR_NO_EXCLUSIONS: &str = "2";

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

pub fn custom(force: &Element<'_, '_>, reading: &Reading<'_>) -> Result<Terms, SystemError> {
    refuse_cutoff(force)?;
    force.refuse_list("GlobalParameters")?;
    if reading.version > 1 {
        force.refuse_list("EnergyParameterDerivatives")?;
    }
    let values = force.list("ComputedValues", "Value", |value| {
        Ok((value.text("name")?, value.text("type")?, value.text("expression")?))
    })?;
    let &[("I", PAIR_NO_EXCLUSIONS, integral), ("B", SINGLE, radius)] = values.as_slice() else {
        return Err(unsupported(format!("the computed values {values:?} of '{}'", force.place())));
    };
    let neck = match integral {
        text if numbers(INTEGRAL, text).is_some() => None,
        text => Some(numbers(INTEGRAL_WITH_NECK, text).ok_or_else(|| unknown(force, text))?),
    };
    let law = radius_law(radius).ok_or_else(|| unknown(force, radius))?;

    let media = Media::read(force)?;
    let offset = law.offset.unwrap_or(media.offset);
    if offset != media.offset || neck.as_ref().is_some_and(|neck| neck[2] != offset) {
        return Err(unsupported(format!("different offsets within '{}'", force.place())));
    }

    let names = super::custom::names(force, "PerParticleParameters", "Parameter")?;
    let column = |name: &str| -> Result<String, SystemError> {
        let place = names.iter().position(|&other| other == name);
        let place = place.ok_or_else(|| force.missing(format!("the particle parameter '{name}'")))?;
        Ok(format!("param{}", place + 1))
    };
    let (charge, offset_radius, scaled_radius) = (column("charge")?, column("or")?, column("sr")?);
    let own = match law.coefficients {
        Some(_) => None,
        None => Some([column("alpha")?, column("beta")?, column("gamma")?]),
    };
    let kind = if neck.is_some() { Some(column("radindex")?) } else { None };
    let mut kinds = Vec::new();
    let born_atoms = force.list("Particles", "Particle", |particle| {
        let mut coefficients = law.coefficients.unwrap_or_default();
        if let Some(columns) = &own {
            for (coefficient, column) in coefficients.iter_mut().zip(columns) {
                *coefficient = particle.number(column)?;
            }
        }
        if let Some(kind) = &kind {
            kinds.push(particle.index(kind, 1 << 16)?);
        }
        // A parameter that no expression asks for has no energy.
        for place in 1..=names.len() {
            particle.number(&format!("param{place}"))?;
        }
        let offset_radius = particle.number(&offset_radius)?;
        Ok(BornAtom {
            charge: particle.number(&charge)?,
            offset_radius,
            radius: offset_radius + offset,
            scaled_radius: particle.number(&scaled_radius)?,
            coefficients,
        })
    })?;
    // Exclusions concern terms of other kinds than those that are known here.
    force.list("Exclusions", "Exclusion", |exclusion| exclusion.atoms(["p1", "p2"], reading.atoms))?;
    let tables = super::custom::tables(force)?;
    let neck = match neck {
        Some(neck) => Some(Neck {
            scale: neck[0],
            cut: neck[1],
            m: by_atoms(force, &tables, "getm0", &kinds)?,
            d: by_atoms(force, &tables, "getd0", &kinds)?,
        }),
        None => None,
    };
    let born = Born {
        atoms: born_atoms,
        law: law.law,
        swallowed_correction: false,
        neck,
        coulomb: media.coulomb,
        solute_dielectric: media.solute,
        solvent_dielectric: media.solvent,
        kappa: media.kappa,
        surface: media.surface,
    };
    checked(force, born, reading.atoms)
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
    fn read(force: &Element<'_, '_>) -> Result<Media, SystemError> {
        let (mut own, mut pair, mut surface) = (None, None, None);
        let mut medium: Option<Vec<f64>> = None;
        force.list("EnergyTerms", "Term", |term| {
            let text = term.text("expression")?;
            let with_media = |head: &str| numbers(&format!("{head}{MEDIA}"), text);
            let (numbers, salt) = if let Some(found) = with_media(SELF) {
                expression(term, SINGLE)?;
                own = Some((found[0], false));
                (found, false)
            } else if let Some(found) = with_media(SELF_SALT) {
                expression(term, SINGLE)?;
                own = Some((found[0], true));
                (found, true)
            } else if let Some(found) = with_media(PAIR) {
                expression(term, PAIR_NO_EXCLUSIONS)?;
                pair = Some((found[0], false));
                (found, false)
            } else if let Some(found) = with_media(PAIR_SALT) {
                expression(term, PAIR_NO_EXCLUSIONS)?;
                pair = Some((found[0], true));
                (found, true)
            } else if let Some(found) = with_media(SURFACE) {
                expression(term, SINGLE)?;
                surface = Some((found[0], found[1]));
                (found, false)
            } else {
                return Err(unknown(force, text));
            };
            let mut tail = numbers[numbers.len() - 4..].to_vec();
            if !salt && own.is_some_and(|(_, salt)| !salt) {
                tail[2] = 0.0;
            }
            match &medium {
                Some(medium) if *medium != tail => return Err(unknown(force, text)),
                _ => medium = Some(tail),
            }
            Ok(())
        })?;
        match (own, pair, medium) {
            (Some(own), Some(pair), Some(medium)) if own == pair => Ok(Media {
                coulomb: own.0,
                solvent: medium[0],
                solute: medium[1],
                kappa: medium[2],
                offset: medium[3],
                surface,
            }),
            _ => {
                Err(unsupported(format!("'{}' without both its self term and its pair term", force.place())))
            }
        }
    }
}

/// A tabulated function of the kinds of two atoms, for every two atoms.
fn by_atoms(
    force: &Element<'_, '_>,
    tables: &[Table],
    name: &str,
    kinds: &[usize],
) -> Result<Vec<f64>, SystemError> {
    let table = Table::named(force, tables, name)?;
    let mut values = Vec::with_capacity(kinds.len() * kinds.len());
    for &first in kinds {
        for &second in kinds {
            values.push(table.at(force, first, second)?);
        }
    }
    Ok(values)
}

/// The expression of a value or term, whose kind must be as expected.
fn expression<'a>(term: &Element<'a, '_>, kind: &str) -> Result<&'a str, SystemError> {
    let found = term.text("type")?;
    if found != kind {
        return Err(term.bad(format!("computation type {kind}"), found));
    }
    term.text("expression")
}

fn unknown(force: &Element<'_, '_>, text: &str) -> SystemError {
    unsupported(format!(
        "the expression \"{text}\" of '{}' (HCT, OBC1, OBC2, GBn and GBn2 of OpenMM's implicit/*.xml are known)",
        force.place()
    ))
}
