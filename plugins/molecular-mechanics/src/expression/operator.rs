//! What an expression is made of, as functions of numbers.

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `-x`
    Negate,
    /// `sqrt`
    Sqrt,
    /// `exp`
    Exp,
    /// `log`, natural
    Log,
    /// `sin`
    Sin,
    /// `cos`
    Cos,
    /// `sec`
    Sec,
    /// `csc`
    Csc,
    /// `tan`
    Tan,
    /// `cot`
    Cot,
    /// `asin`
    Asin,
    /// `acos`
    Acos,
    /// `atan`
    Atan,
    /// `sinh`
    Sinh,
    /// `cosh`
    Cosh,
    /// `tanh`
    Tanh,
    /// `erf`
    Erf,
    /// `erfc`
    Erfc,
    /// `step`: 1 from zero on, else 0 (also for NaN).
    Step,
    /// `delta`: 1 at zero, else 0.
    Delta,
    /// `square`
    Square,
    /// `cube`
    Cube,
    /// `recip`
    Reciprocal,
    /// `abs`
    Abs,
    /// `floor`
    Floor,
    /// `ceil`
    Ceil,
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `x + y`
    Add,
    /// `x - y`
    Subtract,
    /// `x * y`
    Multiply,
    /// `x / y`
    Divide,
    /// `x ^ y`
    Power,
    /// `atan2(y, x)`
    Atan2,
    /// `min`: the first unless the second is smaller.
    Min,
    /// `max`: the first unless the second is larger.
    Max,
}

impl Unary {
    /// The function of this name in an expression.
    pub fn named(name: &str) -> Option<Unary> {
        Some(match name {
            "sqrt" => Unary::Sqrt,
            "exp" => Unary::Exp,
            "log" => Unary::Log,
            "sin" => Unary::Sin,
            "cos" => Unary::Cos,
            "sec" => Unary::Sec,
            "csc" => Unary::Csc,
            "tan" => Unary::Tan,
            "cot" => Unary::Cot,
            "asin" => Unary::Asin,
            "acos" => Unary::Acos,
            "atan" => Unary::Atan,
            "sinh" => Unary::Sinh,
            "cosh" => Unary::Cosh,
            "tanh" => Unary::Tanh,
            "erf" => Unary::Erf,
            "erfc" => Unary::Erfc,
            "step" => Unary::Step,
            "delta" => Unary::Delta,
            "square" => Unary::Square,
            "cube" => Unary::Cube,
            "recip" => Unary::Reciprocal,
            "abs" => Unary::Abs,
            "floor" => Unary::Floor,
            "ceil" => Unary::Ceil,
            _ => return None,
        })
    }

    /// The value at `x`.
    pub fn at(self, x: f64) -> f64 {
        match self {
            Unary::Negate => -x,
            Unary::Sqrt => x.sqrt(),
            Unary::Exp => x.exp(),
            Unary::Log => x.ln(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Sec => 1.0 / x.cos(),
            Unary::Csc => 1.0 / x.sin(),
            Unary::Tan => x.tan(),
            Unary::Cot => 1.0 / x.tan(),
            Unary::Asin => x.asin(),
            Unary::Acos => x.acos(),
            Unary::Atan => x.atan(),
            Unary::Sinh => x.sinh(),
            Unary::Cosh => x.cosh(),
            Unary::Tanh => x.tanh(),
            Unary::Erf => libm::erf(x),
            Unary::Erfc => libm::erfc(x),
            Unary::Step => f64::from(u8::from(x >= 0.0)),
            Unary::Delta => f64::from(u8::from(x == 0.0)),
            Unary::Square => x * x,
            Unary::Cube => x * x * x,
            Unary::Reciprocal => 1.0 / x,
            Unary::Abs => x.abs(),
            Unary::Floor => x.floor(),
            Unary::Ceil => x.ceil(),
        }
    }
}

impl Binary {
    /// The function of this name in an expression.
    pub fn named(name: &str) -> Option<Binary> {
        Some(match name {
            "atan2" => Binary::Atan2,
            "min" => Binary::Min,
            "max" => Binary::Max,
            _ => return None,
        })
    }

    /// The value at `(x, y)`.
    pub fn at(self, x: f64, y: f64) -> f64 {
        match self {
            Binary::Add => x + y,
            Binary::Subtract => x - y,
            Binary::Multiply => x * y,
            Binary::Divide => x / y,
            Binary::Power => x.powf(y),
            Binary::Atan2 => x.atan2(y),
            Binary::Min => {
                if y < x {
                    y
                } else {
                    x
                }
            }
            Binary::Max => {
                if x < y {
                    y
                } else {
                    x
                }
            }
        }
    }
}

/// `x^power` by repeated multiplication, as Lepton does it.
pub fn integer_power(x: f64, power: i32) -> f64 {
    let mut base = if power < 0 { 1.0 / x } else { x };
    let mut rest = power.unsigned_abs();
    let mut result = 1.0;
    while rest != 0 {
        if rest & 1 == 1 {
            result *= base;
        }
        base *= base;
        rest >>= 1;
    }
    result
}
