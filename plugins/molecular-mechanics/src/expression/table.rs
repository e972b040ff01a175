//! Tabulated functions: values at whole numbers, and cubic splines of one variable.

/// A tabulated function.
#[derive(Clone, Debug)]
pub enum Table {
    /// Values at whole numbers; an argument is rounded and kept within the table.
    Discrete {
        /// Along each axis; 1 for an axis that is not there.
        size: [usize; 3],
        /// The number of axes.
        axes: usize,
        /// The first axis runs fastest.
        values: Vec<f64>,
    },
    /// A cubic spline, natural or periodic; a natural one is zero outside.
    Spline(Spline),
}

/// Why a table is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not as many values as the sizes say.
    #[error("{expected} values, found {found}")]
    Values {
        /// The product of the sizes.
        expected: usize,
        /// In the table.
        found: usize,
    },
    /// Too few points.
    #[error("at least {0} points")]
    Points(usize),
    /// `max` is not above `min`.
    #[error("'max' above 'min'")]
    Range,
    /// A periodic spline that does not close.
    #[error("the same value at both ends of a periodic function")]
    Ends,
}

/// A cubic spline through equidistant points.
#[derive(Clone, Debug)]
pub struct Spline {
    points: Vec<f64>,
    values: Vec<f64>,
    /// Second derivatives at the points.
    curvatures: Vec<f64>,
    periodic: bool,
}

impl Table {
    /// Values at whole numbers along one to three axes.
    ///
    /// # Errors
    /// If there are not as many values as the sizes say, or none.
    pub fn discrete(sizes: &[usize], values: Vec<f64>) -> Result<Table, TableError> {
        let expected = sizes.iter().try_fold(1, |product: usize, &size| product.checked_mul(size));
        match expected {
            Some(expected) if expected == values.len() && expected > 0 => {}
            expected => {
                return Err(TableError::Values {
                    expected: expected.unwrap_or(usize::MAX).max(1),
                    found: values.len(),
                });
            }
        }
        let mut size = [1; 3];
        size[..sizes.len()].copy_from_slice(sizes);
        Ok(Table::Discrete { size, axes: sizes.len(), values })
    }

    /// The number of arguments.
    pub fn arguments(&self) -> usize {
        match self {
            Table::Discrete { axes, .. } => *axes,
            Table::Spline(_) => 1,
        }
    }

    /// The value, or the derivative by one argument, which steps do not have.
    pub fn at(&self, arguments: [f64; 3], derivative: Option<u8>) -> f64 {
        match (self, derivative) {
            (Table::Discrete { .. }, Some(_)) => 0.0,
            (Table::Discrete { size, axes, values }, None) => {
                let mut index = 0;
                for axis in (0..*axes).rev() {
                    // The conversion keeps numbers within range, and makes NaN zero.
                    let place = (arguments[axis].round() as i64).clamp(0, size[axis] as i64 - 1);
                    index = index * size[axis] + place as usize;
                }
                values[index]
            }
            (Table::Spline(spline), None) => spline.at(arguments[0], false),
            (Table::Spline(spline), Some(_)) => spline.at(arguments[0], true),
        }
    }
}

impl Spline {
    /// A spline through `values` at equal distances from `min` to `max`.
    ///
    /// # Errors
    /// If there are too few points, the range is empty, or a periodic spline has different ends.
    pub fn new(values: Vec<f64>, min: f64, max: f64, periodic: bool) -> Result<Spline, TableError> {
        let least = if periodic { 3 } else { 2 };
        if values.len() < least {
            return Err(TableError::Points(least));
        }
        if max <= min {
            return Err(TableError::Range);
        }
        let last = values.len() - 1;
        if periodic && (values[0] - values[last]).abs() > 1e-15 + 1e-15 * values[last].abs() {
            return Err(TableError::Ends);
        }
        let points: Vec<f64> = (0..=last).map(|i| min + i as f64 * (max - min) / last as f64).collect();
        let curvatures = if periodic { closed(&points, &values) } else { natural(&points, &values) };
        Ok(Spline { points, values, curvatures, periodic })
    }

    /// The value or the slope at `x`.
    fn at(&self, x: f64, slope: bool) -> f64 {
        let last = self.points.len() - 1;
        let (min, max) = (self.points[0], self.points[last]);
        let x = if self.periodic {
            let turns = (x - min) / (max - min);
            min + (max - min) * (turns - turns.floor())
        } else {
            x
        };
        if x.is_nan() {
            return f64::NAN;
        }
        if x < min || x > max {
            return 0.0;
        }
        let upper = self.points.partition_point(|&point| point <= x).clamp(1, last);
        let lower = upper - 1;
        let width = self.points[upper] - self.points[lower];
        let a = (self.points[upper] - x) / width;
        let b = 1.0 - a;
        let (y, c) = (&self.values, &self.curvatures);
        if slope {
            (y[upper] - y[lower]) / width
                + ((1.0 - 3.0 * a * a) * c[lower] + (3.0 * b * b - 1.0) * c[upper]) * width / 6.0
        } else {
            let bend = (a * a * a - a) * c[lower] + (b * b * b - b) * c[upper];
            a * y[lower] + b * y[upper] + bend * width * width / 6.0
        }
    }
}

/// Row `i` of the equations for the curvatures: below, on and above the diagonal, and the right side.
fn row(x: [f64; 3], y: [f64; 3]) -> [f64; 4] {
    let (left, right) = (x[1] - x[0], x[2] - x[1]);
    [left, 2.0 * (left + right), right, 6.0 * ((y[2] - y[1]) / right - (y[1] - y[0]) / left)]
}

/// Curvatures that vanish at the ends.
fn natural(x: &[f64], y: &[f64]) -> Vec<f64> {
    let end = [0.0, 1.0, 0.0, 0.0];
    let mut rows = vec![end];
    for i in 1..x.len() - 1 {
        rows.push(row([x[i - 1], x[i], x[i + 1]], [y[i - 1], y[i], y[i + 1]]));
    }
    rows.push(end);
    let right: Vec<f64> = rows.iter().map(|row| row[3]).collect();
    solve(&rows, &right)
}

/// Curvatures of a closed curve: a cyclic system, by the formula of Sherman and Morrison.
fn closed(x: &[f64], y: &[f64]) -> Vec<f64> {
    let last = x.len() - 1;
    let before = x[0] - (x[last] - x[last - 1]);
    let mut rows = vec![row([before, x[0], x[1]], [y[last - 1], y[0], y[1]])];
    for i in 1..last {
        rows.push(row([x[i - 1], x[i], x[i + 1]], [y[i - 1], y[i], y[i + 1]]));
    }
    let (beta, alpha, gamma) = (rows[0][0], rows[last - 1][2], -rows[0][1]);
    rows[0][1] -= gamma;
    rows[last - 1][1] -= alpha * beta / gamma;
    let right: Vec<f64> = rows.iter().map(|row| row[3]).collect();
    let mut curvatures = solve(&rows, &right);
    let mut corner = vec![0.0; last];
    corner[0] = gamma;
    corner[last - 1] = alpha;
    let z = solve(&rows, &corner);
    let scale =
        (curvatures[0] + beta * curvatures[last - 1] / gamma) / (1.0 + z[0] + beta * z[last - 1] / gamma);
    for (curvature, z) in curvatures.iter_mut().zip(z) {
        *curvature -= scale * z;
    }
    curvatures.push(curvatures[0]);
    curvatures
}

/// Solves a system with three diagonals.
fn solve(rows: &[[f64; 4]], right: &[f64]) -> Vec<f64> {
    let mut solution = vec![0.0; rows.len()];
    let mut gamma = vec![0.0; rows.len()];
    let mut beta = rows[0][1];
    solution[0] = right[0] / beta;
    for i in 1..rows.len() {
        gamma[i] = rows[i - 1][2] / beta;
        beta = rows[i][1] - rows[i][0] * gamma[i];
        solution[i] = (right[i] - rows[i][0] * solution[i - 1]) / beta;
    }
    for i in (0..rows.len() - 1).rev() {
        solution[i] -= gamma[i + 1] * solution[i + 1];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discrete_tables_round_and_stay_within() {
        let table = Table::discrete(&[2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let at = |x, y| table.at([x, y, x], None);
        assert_eq!([at(0.0, 0.0), at(1.4, 0.6), at(-5.0, 9.0), at(0.5, 0.0)], [1.0, 4.0, 5.0, 2.0]);
        assert_eq!(table.at([1.0; 3], Some(0)), 0.0);
        assert!(Table::discrete(&[2, 3], vec![1.0]).is_err());
    }

    #[test]
    fn splines_follow_a_curve_and_their_slope_is_their_derivative() {
        let values: Vec<f64> =
            (0..=40).map(|i| (f64::from(i) * std::f64::consts::TAU / 40.0).sin()).collect();
        let mut values = values;
        values[40] = values[0];
        let spline = Spline::new(values, 0.0, std::f64::consts::TAU, true).unwrap();
        for i in 0..100 {
            let x = f64::from(i) * 0.2 - 7.0;
            assert!((spline.at(x, false) - x.sin()).abs() < 1e-5, "{x}");
            assert!((spline.at(x, true) - x.cos()).abs() < 1e-3, "{x}");
        }
        let natural = Spline::new(vec![0.0, 1.0, 0.0], 0.0, 2.0, false).unwrap();
        assert_eq!(
            [natural.at(-0.1, false), natural.at(1.0, false), natural.at(2.1, false)],
            [0.0, 1.0, 0.0]
        );
        assert!((natural.at(0.5, false) - 0.6875).abs() < 1e-15);
        assert_eq!(Spline::new(vec![0.0, 1.0, 2.0], 0.0, 1.0, true).unwrap_err(), TableError::Ends);
    }
}
