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

/// An atom whose pairs follow the rule of Lorentz and Berthelot.
#[derive(Clone, Copy, Debug)]
pub struct PairAtom {
    /// e.
    pub charge: f64,
    /// nm.
    pub sigma: f64,
    /// kJ/mol.
    pub epsilon: f64,
}

/// The pairs of a force.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// `[atoms]`, or empty: then there are no other pairs than those of the list.
    pub atoms: Vec<PairAtom>,
    /// Coulomb's constant, kJ/mol nm.
    pub coulomb: f64,
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

impl Pairs {
    /// Every pair with an energy.
    pub fn all(&self) -> impl Iterator<Item = Pair> {
        let listed =
            |pair: [usize; 2]| self.listed.binary_search_by_key(&pair, |listed| listed.atoms).is_ok();
        let rows = (0..self.atoms.len())
            .flat_map(|first| (first + 1..self.atoms.len()).map(move |second| [first, second]));
        let by_rule = rows.filter(move |&pair| !listed(pair)).map(|pair| self.by_rule(pair));
        by_rule.chain(self.listed.iter().copied()).filter(Pair::interacts)
    }

    fn by_rule(&self, pair: [usize; 2]) -> Pair {
        let [a, b] = pair.map(|atom| self.atoms[atom]);
        let epsilon = (a.epsilon * b.epsilon).sqrt();
        Pair::lennard_jones(pair, 0.5 * (a.sigma + b.sigma), epsilon, self.coulomb * a.charge * b.charge)
    }
}
