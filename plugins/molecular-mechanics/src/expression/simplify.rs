//! Makes nodes, by the rules of simplification that Lepton has.
//!
//! They are more than a matter of speed: `0 x`, `x - x` and `x / x` are numbers even where `x` is infinite, and
//! `square(sqrt(x))` is `x` even below zero.
use super::graph::{Graph, Id, Node};
use super::operator::{Binary, Unary, integer_power};

impl Graph {
    /// A function of one node.
    pub fn unary(&mut self, operator: Unary, a: Id) -> Id {
        if let Some(value) = self.as_constant(a) {
            return self.constant(operator.at(value));
        }
        match (operator, self.node(a)) {
            (Unary::Negate, Node::Unary(Unary::Negate, inner)) => inner,
            (Unary::Sqrt, Node::Unary(Unary::Square, inner)) => self.unary(Unary::Abs, inner),
            (Unary::Square, Node::Unary(Unary::Sqrt, inner)) => inner,
            _ => self.push(Node::Unary(operator, a)),
        }
    }

    /// A function of two nodes.
    pub fn binary(&mut self, operator: Binary, a: Id, b: Id) -> Id {
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b)) {
            return self.constant(operator.at(x, y));
        }
        match operator {
            Binary::Add => self.add(a, b),
            Binary::Subtract => self.subtract(a, b),
            Binary::Multiply | Binary::Divide => self.product(a, b, operator == Binary::Divide),
            Binary::Power => self.power(a, b),
            Binary::Atan2 | Binary::Min | Binary::Max => self.push(Node::Binary(operator, a, b)),
        }
    }

    /// `a + b`
    pub fn add(&mut self, a: Id, b: Id) -> Id {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x + y),
            (Some(0.0), None) => return b,
            (None, Some(0.0)) => return a,
            _ => {}
        }
        match (self.node(a), self.node(b)) {
            (_, Node::Unary(Unary::Negate, inner)) => self.subtract(a, inner),
            (Node::Unary(Unary::Negate, inner), _) => self.subtract(b, inner),
            _ => self.push(Node::Binary(Binary::Add, a, b)),
        }
    }

    /// `a - b`
    pub fn subtract(&mut self, a: Id, b: Id) -> Id {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x - y),
            (Some(0.0), None) => return self.unary(Unary::Negate, b),
            (None, Some(0.0)) => return a,
            _ if a == b => return self.constant(0.0),
            _ => {}
        }
        match self.node(b) {
            // No loop: what is negated is not negated itself.
            Node::Unary(Unary::Negate, inner) => self.push(Node::Binary(Binary::Add, a, inner)),
            _ => self.push(Node::Binary(Binary::Subtract, a, b)),
        }
    }

    /// `a * b`
    pub fn multiply(&mut self, a: Id, b: Id) -> Id {
        self.binary(Binary::Multiply, a, b)
    }

    /// `a / b`
    pub fn divide(&mut self, a: Id, b: Id) -> Id {
        self.binary(Binary::Divide, a, b)
    }

    /// `a * b`, or `a / b` if `divided`: signs go to the front, and the reciprocal of a reciprocal is no division.
    fn product(&mut self, mut a: Id, mut b: Id, mut divided: bool) -> Id {
        let mut negative = false;
        let result = loop {
            match (self.as_constant(a), self.as_constant(b), divided) {
                (Some(x), Some(y), false) => break self.constant(x * y),
                (Some(x), Some(y), true) => break self.constant(x / y),
                _ if divided && a == b => break self.constant(1.0),
                (Some(0.0), None, _) | (None, Some(0.0), false) => break self.constant(0.0),
                (Some(1.0), None, false) => break b,
                (Some(1.0), None, true) => break self.unary(Unary::Reciprocal, b),
                (None, Some(1.0), _) => break a,
                _ => {}
            }
            match (self.node(a), self.node(b), divided) {
                (Node::Unary(Unary::Negate, inner), _, _) => {
                    a = inner;
                    negative = !negative;
                }
                (_, Node::Unary(Unary::Negate, inner), _) => {
                    b = inner;
                    negative = !negative;
                }
                (_, Node::Unary(Unary::Reciprocal, inner), _) => {
                    b = inner;
                    divided = !divided;
                }
                (Node::Unary(Unary::Reciprocal, inner), _, false) => {
                    (a, b) = (b, inner);
                    divided = true;
                }
                (left, right, false) => {
                    break match (left, right) {
                        _ if a == b => self.unary(Unary::Square, a),
                        (Node::Unary(Unary::Square, inner), _) if inner == b => self.unary(Unary::Cube, b),
                        (_, Node::Unary(Unary::Square, inner)) if inner == a => self.unary(Unary::Cube, a),
                        _ => self.push(Node::Binary(Binary::Multiply, a, b)),
                    };
                }
                (_, _, true) => {
                    break match self.as_constant(b) {
                        // A division by a number is a multiplication.
                        Some(value) => {
                            let inverse = self.constant(1.0 / value);
                            self.push(Node::Binary(Binary::Multiply, a, inverse))
                        }
                        None => self.push(Node::Binary(Binary::Divide, a, b)),
                    };
                }
            }
        };
        if negative { self.unary(Unary::Negate, result) } else { result }
    }

    /// `a ^ b`
    pub fn power(&mut self, a: Id, b: Id) -> Id {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => self.constant(x.powf(y)),
            (Some(x @ (0.0 | 1.0)), None) => self.constant(x),
            (None, Some(0.0)) => self.constant(1.0),
            (None, Some(1.0)) => a,
            (None, Some(-1.0)) => self.unary(Unary::Reciprocal, a),
            (None, Some(2.0)) => self.unary(Unary::Square, a),
            (None, Some(3.0)) => self.unary(Unary::Cube, a),
            (None, Some(0.5)) => self.unary(Unary::Sqrt, a),
            (None, Some(y)) => self.constant_power(a, y),
            _ => self.push(Node::Binary(Binary::Power, a, b)),
        }
    }

    /// `a ^ power`, of any `power`, without a rule for special ones.
    pub(super) fn constant_power(&mut self, a: Id, power: f64) -> Id {
        let whole = power as i32;
        if f64::from(whole) != power {
            let exponent = self.constant(power);
            return self.push(Node::Binary(Binary::Power, a, exponent));
        }
        match self.as_constant(a) {
            Some(value) => self.constant(integer_power(value, whole)),
            None => self.push(Node::Power(a, whole)),
        }
    }

    /// The second where the first is not zero, else the third.
    pub fn select(&mut self, condition: Id, yes: Id, no: Id) -> Id {
        let constants = [condition, yes, no].map(|part| self.as_constant(part));
        match constants {
            _ if yes == no => yes,
            [Some(condition), Some(_), Some(_)] => {
                if condition != 0.0 {
                    yes
                } else {
                    no
                }
            }
            _ => self.push(Node::Select(condition, yes, no)),
        }
    }

    /// A tabulated function.
    pub fn table(&mut self, table: u32, derivative: Option<u8>, arguments: [Id; 3]) -> Id {
        self.push(Node::Table { table, derivative, arguments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_change_a_value_somewhere() {
        let mut graph = Graph::default();
        let x = graph.variable(0);
        let (zero, two, half) = (graph.constant(0.0), graph.constant(2.0), graph.constant(0.5));
        let root = graph.power(x, half);
        for (made, expected) in [
            (graph.multiply(zero, x), 0.0),
            (graph.divide(zero, x), 0.0),
            (graph.subtract(x, x), 0.0),
            (graph.divide(x, x), 1.0),
            (graph.power(x, zero), 1.0),
            (graph.power(zero, x), 0.0),
        ] {
            assert_eq!(graph.as_constant(made), Some(expected));
        }
        assert_eq!(graph.power(root, two), x);
        let square = graph.power(x, two);
        let absolute = graph.unary(Unary::Abs, x);
        assert_eq!(graph.power(square, half), absolute);
        let minus = graph.unary(Unary::Negate, x);
        let ratio = graph.divide(minus, x);
        assert_eq!(graph.as_constant(ratio), Some(-1.0));
    }

    #[test]
    fn the_order_of_a_sum_does_not_count() {
        let mut graph = Graph::default();
        let (x, y) = (graph.variable(0), graph.variable(1));
        assert_eq!(graph.add(x, y), graph.add(y, x));
        assert_eq!(graph.multiply(x, y), graph.multiply(y, x));
        assert_ne!(graph.subtract(x, y), graph.subtract(y, x));
    }
}
