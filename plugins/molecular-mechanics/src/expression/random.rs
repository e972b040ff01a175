//! Random expressions and numbers, for tests.

/// A linear congruential generator: the tests need no more, and are the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// A number in [0, 1).
    pub fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() * end as f64) as usize
    }

    /// An expression of x, y (positive) and p that mostly has a value.
    pub fn expression(&mut self, depth: usize) -> String {
        const UNARY: [&str; 22] = [
            "sqrt", "exp", "log", "sin", "cos", "sec", "csc", "tan", "cot", "atan", "tanh", "erf", "erfc",
            "square", "cube", "recip", "abs", "sinh", "cosh", "step", "floor", "-",
        ];
        const BINARY: [&str; 5] = ["+", "-", "*", "/", "^"];
        const OTHERS: [&str; 3] = ["min", "max", "atan2"];
        if depth == 0 {
            return match self.below(5) {
                0 => format!("{:.3}", 0.1 + 3.0 * self.number()),
                1 => "p".into(),
                2 => "y".into(),
                _ => "x".into(),
            };
        }
        let a = self.expression(depth - 1);
        match self.below(8) {
            0..=2 => format!("{}({a})", UNARY[self.below(UNARY.len())]),
            3..=5 => format!("({a}){}({})", BINARY[self.below(BINARY.len())], self.expression(depth - 1)),
            6 => format!("{}({a}, {})", OTHERS[self.below(OTHERS.len())], self.expression(depth - 1)),
            _ => {
                format!("select(step({a}), {}, {})", self.expression(depth - 1), self.expression(depth - 1))
            }
        }
    }
}
