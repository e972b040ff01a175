//! Quantities read from text: `"300 K"`, `"2 fs"`, `"0.5 nm"`, `"10 kJ/mol"`, `"3 kT"`, `"15 deg"`.
//!
//! A bare number where a unit is needed is refused with an example. Past this module a quantity is an `f64` in the
//! unit of its type: nm, rad, ps, kJ/mol, K. These are coherent with Da: `Da nm^2 / ps^2 = kJ/mol`.
//!
//! A potential without units (the toys) has its own length and energy. `reduced` names them: `"10 reduced"` is 10 of
//! the potential's own unit of that kind, with time and mass coherent, and the temperature `"10 reduced"` is
//! kT = 10 of the potential's energy unit (beta = 0.1). For a potential in nm and kJ/mol, its own units are those, and
//! `reduced` means the same as writing them out.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The molar gas constant, kJ/mol/K (CODATA 2018, exact).
pub const R_KJ_PER_MOL_KELVIN: f64 = 0.00831446261815324;

const KJ_PER_KCAL: f64 = 4.184;
const RADIAN_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;

/// Text that is not the quantity asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// A number without unit.
    #[error("a {quantity} needs a unit, for example \"{example}\"; got the bare number {found}")]
    Bare {
        /// What was wanted, for people.
        quantity: &'static str,
        /// The number written, with a unit behind it.
        example: String,
        /// The number.
        found: String,
    },
    /// A unit that is unknown, or of something else.
    #[error("'{found}' is no unit of a {quantity}; use one of {units}, for example \"{example}\"")]
    Unit {
        /// What was wanted.
        quantity: &'static str,
        /// The units that are understood.
        units: String,
        /// A value that would do.
        example: String,
        /// The unit written.
        found: String,
    },
    /// No number in front.
    #[error("expected a {quantity} such as \"{example}\", got \"{found}\"")]
    Malformed {
        /// What was wanted.
        quantity: &'static str,
        /// A value that would do.
        example: String,
        /// The text.
        found: String,
    },
}

/// A kind of quantity: its name, its units with their size, an example.
struct Kind {
    quantity: &'static str,
    units: &'static [(&'static str, f64)],
    /// The unit used when writing, and in examples.
    canonical: &'static str,
    example: &'static str,
}

impl Kind {
    /// The number and the unit's size.
    fn parse(&self, text: &str) -> Result<(f64, &'static str, f64), QuantityError> {
        let text = text.trim();
        let (number, unit) = split(text);
        let malformed = || QuantityError::Malformed {
            quantity: self.quantity,
            example: self.example.into(),
            found: text.into(),
        };
        let value: f64 = number.parse().map_err(|_| malformed())?;
        if !value.is_finite() {
            return Err(malformed());
        }
        if unit.is_empty() {
            return Err(self.bare(text));
        }
        match self.units.iter().find(|(name, _)| *name == unit) {
            Some((name, size)) => Ok((value, name, *size)),
            None => Err(QuantityError::Unit {
                quantity: self.quantity,
                units: self.units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
                example: self.example.into(),
                found: unit.into(),
            }),
        }
    }

    fn bare(&self, number: &str) -> QuantityError {
        QuantityError::Bare {
            quantity: self.quantity,
            example: format!("{number} {}", self.canonical),
            found: number.into(),
        }
    }
}

/// Cuts `"2.5e-3 nm"` where the number ends.
fn split(text: &str) -> (&str, &str) {
    let end = (1..=text.len())
        .rev()
        .find(|end| text.is_char_boundary(*end) && text[..*end].trim_end().parse::<f64>().is_ok())
        .unwrap_or(0);
    (text[..end].trim_end(), text[end..].trim())
}

/// Reads a quantity from a string; a number gets the error that asks for a unit.
struct QuantityVisitor<'a, T> {
    kind: &'a Kind,
    parse: fn(&str) -> Result<T, QuantityError>,
}

impl<T> Visitor<'_> for QuantityVisitor<'_, T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a {} in text, such as \"{}\"", self.kind.quantity, self.kind.example)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom(self.kind.bare(&number.to_string())))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        Err(E::custom(self.kind.bare(&number.to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<T, E> {
        Err(E::custom(self.kind.bare(&number.to_string())))
    }
}

macro_rules! text_serde {
    ($name:ident, $kind:ident) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_any(QuantityVisitor { kind: &$kind, parse: <$name as FromStr>::from_str })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $quantity:literal, $canonical:literal, $example:literal,
     [$(($unit:literal, $size:expr)),+ $(,)?]) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        static $kind: Kind =
            Kind { quantity: $quantity, units: &[$(($unit, $size)),+], canonical: $canonical, example: $example };

        impl FromStr for $name {
            type Err = QuantityError;

            fn from_str(text: &str) -> Result<Self, QuantityError> {
                let (value, _, size) = $kind.parse(text)?;
                Ok(Self(value * size))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{} {}", self.0, $canonical)
            }
        }

        text_serde!($name, $kind);
    };
}

quantity!(
    /// A temperature in K. See [`Temperature`] for one that may be reduced.
    Kelvin, KELVIN, "temperature", "K", "300 K", [("K", 1.0)]
);
quantity!(
    /// A length in nm.
    Nanometre, NANOMETRE, "length", "nm", "0.5 nm",
    [("nm", 1.0), ("A", 0.1), ("Å", 0.1), ("pm", 1e-3), ("reduced", 1.0)]
);
quantity!(
    /// An energy in kJ/mol. See [`Energy`] for one that may be in kT.
    KjPerMol, KJ_PER_MOL, "energy", "kJ/mol", "10 kJ/mol",
    [("kJ/mol", 1.0), ("kcal/mol", KJ_PER_KCAL), ("reduced", 1.0)]
);
quantity!(
    /// An energy, or a free energy, in kT.
    Kt, KT, "energy in kT", "kT", "3 kT", [("kT", 1.0)]
);
quantity!(
    /// An angle in rad.
    Radian, RADIAN, "angle", "rad", "0.1 rad", [("rad", 1.0), ("deg", RADIAN_PER_DEGREE), ("pi", std::f64::consts::PI)]
);
quantity!(
    /// A time in ps.
    Picosecond, PICOSECOND, "time", "ps", "2 ps", [("ps", 1.0), ("fs", 1e-3), ("ns", 1e3), ("reduced", 1.0)]
);
quantity!(
    /// A rate in 1/ps, such as the friction of Langevin dynamics.
    PerPicosecond, PER_PICOSECOND, "rate", "/ps", "1 /ps",
    [("/ps", 1.0), ("1/ps", 1.0), ("/fs", 1e3), ("1/fs", 1e3), ("/ns", 1e-3), ("1/ns", 1e-3), ("reduced", 1.0)]
);
quantity!(
    /// A mass in Da.
    Dalton, DALTON, "mass", "Da", "12 Da", [("Da", 1.0), ("u", 1.0), ("reduced", 1.0)]
);
quantity!(
    /// A time on the clock on the wall, in s.
    Second, SECOND, "time on the clock", "s", "60 s",
    [("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("min", 60.0), ("h", 3600.0)]
);
quantity!(
    /// An amount of memory in MB.
    Megabyte, MEGABYTE, "amount of memory", "MB", "4 GB",
    [("MB", 1.0), ("GB", 1e3), ("MiB", 1.048_576), ("GiB", 1_073.741_824)]
);

static TEMPERATURE: Kind = Kind {
    quantity: "temperature",
    units: &[("K", 1.0), ("reduced", 1.0)],
    canonical: "K",
    example: "300 K",
};

/// The temperature of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Temperature {
    /// In K, for potentials in kJ/mol.
    Kelvin(f64),
    /// kT in the potential's own energy unit: `"10 reduced"` is beta = 0.1.
    Reduced(f64),
}

impl Temperature {
    /// kT in the energy unit of the potential: kJ/mol for a temperature in K.
    pub fn kt(self) -> f64 {
        match self {
            Self::Kelvin(kelvin) => R_KJ_PER_MOL_KELVIN * kelvin,
            Self::Reduced(kt) => kt,
        }
    }
}

impl FromStr for Temperature {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (value, unit, _) = TEMPERATURE.parse(text)?;
        Ok(if unit == "K" { Self::Kelvin(value) } else { Self::Reduced(value) })
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kelvin(kelvin) => write!(formatter, "{kelvin} K"),
            Self::Reduced(kt) => write!(formatter, "{kt} reduced"),
        }
    }
}

text_serde!(Temperature, TEMPERATURE);

static ENERGY: Kind = Kind {
    quantity: "energy",
    units: &[("kT", 1.0), ("kJ/mol", 1.0), ("kcal/mol", KJ_PER_KCAL), ("reduced", 1.0)],
    canonical: "kT",
    example: "3 kT",
};

/// An energy, absolute or in kT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Energy {
    /// In kT.
    Kt(f64),
    /// In the potential's energy unit, kJ/mol unless it is reduced.
    Absolute(f64),
}

impl Energy {
    /// The energy in kT; `kt` as [`Temperature::kt`] gives it.
    pub fn in_kt(self, kt: f64) -> f64 {
        match self {
            Self::Kt(value) => value,
            Self::Absolute(value) => value / kt,
        }
    }
}

impl FromStr for Energy {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (value, unit, size) = ENERGY.parse(text)?;
        Ok(if unit == "kT" { Self::Kt(value) } else { Self::Absolute(value * size) })
    }
}

impl fmt::Display for Energy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kt(value) => write!(formatter, "{value} kT"),
            Self::Absolute(value) => write!(formatter, "{value} kJ/mol"),
        }
    }
}

text_serde!(Energy, ENERGY);

static EXTENT: Kind = Kind {
    quantity: "length or angle",
    units: &[("nm", 1.0), ("A", 0.1), ("rad", 1.0), ("deg", RADIAN_PER_DEGREE)],
    canonical: "nm",
    example: "0.5 nm",
};

/// One end of the range of a coarse variable: a length, an angle, or a plain number for a variable without unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extent {
    /// nm.
    Length(f64),
    /// rad.
    Angle(f64),
    /// Without unit, for the linear map of a reduced potential.
    Plain(f64),
}

impl FromStr for Extent {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (value, unit, size) = EXTENT.parse(text)?;
        Ok(if matches!(unit, "nm" | "A") { Self::Length(value * size) } else { Self::Angle(value * size) })
    }
}

impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Length(value) => serializer.collect_str(&Nanometre(*value)),
            Self::Angle(value) => serializer.collect_str(&Radian(*value)),
            Self::Plain(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Number(f64),
            Quantity(String),
        }
        let expected = "a number, or a length or angle in text, such as \"0.5 nm\"";
        match Text::deserialize(deserializer) {
            Ok(Text::Number(value)) if value.is_finite() => Ok(Self::Plain(value)),
            Ok(Text::Number(value)) => Err(D::Error::invalid_value(Unexpected::Float(value), &expected)),
            Ok(Text::Quantity(text)) => text.parse().map_err(D::Error::custom),
            Err(_) => Err(D::Error::custom(format_args!("expected {expected}"))),
        }
    }
}

/// The unit of a variable that leaves the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// nm.
    Nanometre,
    /// rad.
    Radian,
    /// Without unit, or the potential's own.
    Reduced,
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nanometre => "nm",
            Self::Radian => "rad",
            Self::Reduced => "reduced",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_applied() {
        assert_eq!("300 K".parse(), Ok(Kelvin(300.0)));
        assert_eq!("2 fs".parse(), Ok(Picosecond(0.002)));
        assert_eq!("0.5nm".parse(), Ok(Nanometre(0.5)));
        assert_eq!("1.5 A".parse::<Nanometre>().unwrap().0, 1.5 * 0.1);
        assert_eq!("2 kcal/mol".parse(), Ok(KjPerMol(8.368)));
        assert_eq!("-1e-3 kJ/mol".parse(), Ok(KjPerMol(-1e-3)));
        assert_eq!("3 kT".parse(), Ok(Energy::Kt(3.0)));
        assert_eq!("180 deg".parse(), Ok(Radian(std::f64::consts::PI)));
        assert_eq!("1 /ps".parse(), Ok(PerPicosecond(1.0)));
        assert_eq!("10 reduced".parse(), Ok(Temperature::Reduced(10.0)));
        assert!((Temperature::Kelvin(300.0).kt() - 2.494_338_785_445_972).abs() < 1e-12);
        assert_eq!(Energy::Absolute(5.0).in_kt(2.5), 2.0);
    }

    #[test]
    fn refusals_give_an_example() {
        let bare = "300".parse::<Temperature>().unwrap_err().to_string();
        assert_eq!(bare, "a temperature needs a unit, for example \"300 K\"; got the bare number 300");
        let wrong = "3 ps".parse::<Nanometre>().unwrap_err().to_string();
        assert_eq!(
            wrong,
            "'ps' is no unit of a length; use one of nm, A, Å, pm, reduced, for example \"0.5 nm\""
        );
        let word = "warm".parse::<Temperature>().unwrap_err().to_string();
        assert_eq!(word, "expected a temperature such as \"300 K\", got \"warm\"");
        assert!("nan K".parse::<Temperature>().is_err());
        assert!("inf nm".parse::<Nanometre>().is_err());
        assert!("".parse::<Nanometre>().is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["300 K", "0.1 reduced", "1234.5678901234 K"] {
            let value: Temperature = text.parse().unwrap();
            assert_eq!(value.to_string().parse::<Temperature>().unwrap(), value);
        }
        let value = Radian(0.1 + 0.2);
        assert_eq!(value.to_string().parse::<Radian>().unwrap(), value);
    }
}
