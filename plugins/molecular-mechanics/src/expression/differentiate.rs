//! Derivatives, by the rules of Lepton, so that kinks have the same side.
use super::graph::{Graph, Id, Node};
use super::operator::{Binary, Unary};

impl Graph {
    /// The derivative of `root` by a variable. Steps have the derivative zero; `abs`, `min`, `max` and `select` take the
    /// derivative of the branch that counts.
    pub fn derivative(&mut self, root: Id, variable: u32) -> Id {
        let order = self.reachable(&[root]);
        let zero = self.constant(0.0);
        let mut found = vec![zero; root.index() + 1];
        for id in order {
            let of = |child: Id| found[child.index()];
            let result = match self.node(id) {
                Node::Constant(_) => zero,
                Node::Variable(index) => self.constant(if index == variable { 1.0 } else { 0.0 }),
                Node::Unary(operator, a) => match of(a) {
                    slope if slope == zero => zero,
                    slope => self.unary_derivative(operator, a, slope),
                },
                Node::Binary(operator, a, b) => self.binary_derivative(operator, [a, b], [of(a), of(b)]),
                Node::Power(a, power) => match of(a) {
                    slope if slope == zero => zero,
                    slope => {
                        let lower = self.constant_power(a, f64::from(power) - 1.0);
                        let factor = self.constant(f64::from(power));
                        let outer = self.multiply(factor, lower);
                        self.multiply(outer, slope)
                    }
                },
                Node::Select(condition, yes, no) => self.select(condition, of(yes), of(no)),
                Node::Table { table, derivative: None, arguments } => {
                    let count = self.tables[table as usize].arguments();
                    let mut sum = zero;
                    for (place, &argument) in arguments[..count].iter().enumerate() {
                        let slope = of(argument);
                        if slope != zero {
                            let outer = self.table(table, Some(place as u8), arguments);
                            let part = self.multiply(outer, slope);
                            sum = self.add(sum, part);
                        }
                    }
                    sum
                }
                // Only first derivatives are ever taken.
                Node::Table { derivative: Some(_), .. } => zero,
            };
            found[id.index()] = result;
        }
        found[root.index()]
    }

    /// The derivative of a function at `a` times `slope`.
    fn unary_derivative(&mut self, operator: Unary, a: Id, slope: Id) -> Id {
        let outer = match operator {
            Unary::Negate => return self.unary(Unary::Negate, slope),
            Unary::Sqrt => {
                let root = self.unary(Unary::Sqrt, a);
                let inverse = self.unary(Unary::Reciprocal, root);
                self.scaled(0.5, inverse)
            }
            Unary::Exp => self.unary(Unary::Exp, a),
            Unary::Log => self.unary(Unary::Reciprocal, a),
            Unary::Sin => self.unary(Unary::Cos, a),
            Unary::Cos => {
                let sine = self.unary(Unary::Sin, a);
                self.unary(Unary::Negate, sine)
            }
            Unary::Sec => {
                let (secant, tangent) = (self.unary(Unary::Sec, a), self.unary(Unary::Tan, a));
                self.multiply(secant, tangent)
            }
            Unary::Csc => {
                let (cosecant, cotangent) = (self.unary(Unary::Csc, a), self.unary(Unary::Cot, a));
                let product = self.multiply(cosecant, cotangent);
                self.unary(Unary::Negate, product)
            }
            Unary::Tan => {
                let secant = self.unary(Unary::Sec, a);
                self.unary(Unary::Square, secant)
            }
            Unary::Cot => {
                let cosecant = self.unary(Unary::Csc, a);
                let square = self.unary(Unary::Square, cosecant);
                self.unary(Unary::Negate, square)
            }
            Unary::Asin | Unary::Acos => {
                let (one, square) = (self.constant(1.0), self.unary(Unary::Square, a));
                let rest = self.subtract(one, square);
                let root = self.unary(Unary::Sqrt, rest);
                let inverse = self.unary(Unary::Reciprocal, root);
                if operator == Unary::Asin { inverse } else { self.unary(Unary::Negate, inverse) }
            }
            Unary::Atan => {
                let (one, square) = (self.constant(1.0), self.unary(Unary::Square, a));
                let sum = self.add(one, square);
                self.unary(Unary::Reciprocal, sum)
            }
            Unary::Sinh => self.unary(Unary::Cosh, a),
            Unary::Cosh => self.unary(Unary::Sinh, a),
            Unary::Tanh => {
                let (one, tangent) = (self.constant(1.0), self.unary(Unary::Tanh, a));
                let square = self.unary(Unary::Square, tangent);
                self.subtract(one, square)
            }
            Unary::Erf | Unary::Erfc => {
                let square = self.unary(Unary::Square, a);
                let exponent = self.unary(Unary::Negate, square);
                let gaussian = self.unary(Unary::Exp, exponent);
                let sign = if operator == Unary::Erf { 1.0 } else { -1.0 };
                self.scaled(sign * std::f64::consts::FRAC_2_SQRT_PI, gaussian)
            }
            Unary::Step | Unary::Delta | Unary::Floor | Unary::Ceil => return self.constant(0.0),
            Unary::Square => self.scaled(2.0, a),
            Unary::Cube => {
                let square = self.unary(Unary::Square, a);
                self.scaled(3.0, square)
            }
            Unary::Reciprocal => {
                let square = self.unary(Unary::Square, a);
                let inverse = self.unary(Unary::Reciprocal, square);
                self.unary(Unary::Negate, inverse)
            }
            Unary::Abs => {
                let (step, one) = (self.unary(Unary::Step, a), self.constant(-1.0));
                let twice = self.scaled(2.0, step);
                self.add(twice, one)
            }
        };
        self.multiply(outer, slope)
    }

    fn scaled(&mut self, factor: f64, a: Id) -> Id {
        let factor = self.constant(factor);
        self.multiply(factor, a)
    }

    fn binary_derivative(&mut self, operator: Binary, [a, b]: [Id; 2], [by_a, by_b]: [Id; 2]) -> Id {
        let zero = self.constant(0.0);
        if by_a == zero && by_b == zero {
            return zero;
        }
        match operator {
            Binary::Add => self.add(by_a, by_b),
            Binary::Subtract => self.subtract(by_a, by_b),
            Binary::Multiply => {
                let (left, right) = (self.multiply(a, by_b), self.multiply(b, by_a));
                self.add(left, right)
            }
            Binary::Divide => {
                let (left, right) = (self.multiply(b, by_a), self.multiply(a, by_b));
                let (top, bottom) = (self.subtract(left, right), self.unary(Unary::Square, b));
                self.divide(top, bottom)
            }
            Binary::Power => {
                let one = self.constant(-1.0);
                let lower = self.add(one, b);
                let lower = self.binary(Binary::Power, a, lower);
                let by_base = self.multiply(b, lower);
                let by_base = self.multiply(by_base, by_a);
                let (log, power) = (self.unary(Unary::Log, a), self.binary(Binary::Power, a, b));
                let by_exponent = self.multiply(log, power);
                let by_exponent = self.multiply(by_exponent, by_b);
                self.add(by_base, by_exponent)
            }
            Binary::Atan2 => {
                let (left, right) = (self.multiply(b, by_a), self.multiply(a, by_b));
                let top = self.subtract(left, right);
                let (left, right) = (self.unary(Unary::Square, a), self.unary(Unary::Square, b));
                let bottom = self.add(left, right);
                self.divide(top, bottom)
            }
            Binary::Min | Binary::Max => {
                let difference = self.subtract(a, b);
                let step = self.unary(Unary::Step, difference);
                if operator == Binary::Min {
                    self.select(step, by_b, by_a)
                } else {
                    self.select(step, by_a, by_b)
                }
            }
        }
    }
}
