//! Coulomb and Lennard-Jones between pairs.

/// `charge_product / r + repulsion / r^12 - attraction / r^6`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pair {
    /// Atoms, the smaller index first.
    pub atoms: [usize; 2],
    /// kJ/mol nm: Coulomb's constant is in it.
    pub charge_product: f64,
    /// kJ/mol nm^12.
    pub repulsion: f64,
    /// kJ/mol nm^6.
    pub attraction: f64,
}

/// An atom whose pairs have what its own parameters give.
#[derive(Clone, Copy, Debug)]
pub struct PairAtom {
    /// e.
    pub charge: f64,
    /// nm.
    pub sigma: f64,
    /// kJ/mol.
    pub epsilon: f64,
}

/// What pairs have of their atoms.
#[derive(Clone, Debug)]
pub enum PairRule {
    /// The mean of both sigma and the root of the product of both epsilon (Lorentz and Berthelot), and charges.
    Mixed {
        /// `[atoms]`.
        atoms: Vec<PairAtom>,
        /// Coulomb's constant, kJ/mol nm.
        coulomb: f64,
    },
    /// Lennard-Jones from tables over two kinds, that of the smaller index first.
    ByKind {
        /// `[atoms]`.
        kinds: Vec<usize>,
        /// `[kinds][kinds]` kJ/mol nm^12.
        repulsion: Vec<Vec<f64>>,
        /// `[kinds][kinds]` kJ/mol nm^6.
        attraction: Vec<Vec<f64>>,
    },
}

/// The pairs of a force.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// Of all pairs that are not listed; without it, there are no others.
    pub rule: Option<PairRule>,
    /// Pairs with parameters of their own, zero if they do not interact. Sorted by their atoms and each once, if there is a rule.
    pub listed: Vec<Pair>,
}

impl Pair {
    /// `4 epsilon ((sigma/r)^12 - (sigma/r)^6)` and Coulomb.
    pub fn lennard_jones(atoms: [usize; 2], sigma: f64, epsilon: f64, charge_product: f64) -> Pair {
        let attraction = 4.0 * epsilon * sigma.powi(6);
        Pair { atoms, charge_product, repulsion: attraction * sigma.powi(6), attraction }
    }

    /// Whether it has an energy.
    pub fn interacts(&self) -> bool {
        self.charge_product != 0.0 || self.repulsion != 0.0 || self.attraction != 0.0
    }
}

impl PairRule {
    /// The number of atoms.
    pub fn atoms(&self) -> usize {
        match self {
            Self::Mixed { atoms, .. } => atoms.len(),
            Self::ByKind { kinds, .. } => kinds.len(),
        }
    }

    fn pair(&self, pair: [usize; 2]) -> Pair {
        match self {
            Self::Mixed { atoms, coulomb } => {
                let [a, b] = pair.map(|atom| atoms[atom]);
                let epsilon = (a.epsilon * b.epsilon).sqrt();
                Pair::lennard_jones(pair, 0.5 * (a.sigma + b.sigma), epsilon, coulomb * a.charge * b.charge)
            }
            Self::ByKind { kinds, repulsion, attraction } => {
                let [a, b] = pair.map(|atom| kinds[atom]);
                Pair {
                    atoms: pair,
                    charge_product: 0.0,
                    repulsion: repulsion[a][b],
                    attraction: attraction[a][b],
                }
            }
        }
    }
}

impl Pairs {
    /// Every pair with an energy.
    pub fn all(&self) -> impl Iterator<Item = Pair> {
        let listed =
            |pair: [usize; 2]| self.listed.binary_search_by_key(&pair, |listed| listed.atoms).is_ok();
        let of_rule = self.rule.iter().flat_map(move |rule| {
            let second = |first| (first + 1..rule.atoms()).map(move |second| [first, second]);
            let pairs = (0..rule.atoms()).flat_map(second);
            pairs.filter(move |&pair| !listed(pair)).map(|pair| rule.pair(pair))
        });
        of_rule.chain(self.listed.iter().copied()).filter(Pair::interacts)
    }
}
