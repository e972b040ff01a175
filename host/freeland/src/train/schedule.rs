//! Learning rate over training.
use std::f64::consts::PI;

/// Linear warm-up to `peak`, then a cosine down to `last`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Largest learning rate.
    pub peak: f64,
    /// Learning rate at the end.
    pub last: f64,
    /// Steps of the warm-up.
    pub warm_up: usize,
    /// All steps.
    pub steps: usize,
}

impl Schedule {
    /// Learning rate of step `step`, counted from 0.
    pub fn at(&self, step: usize) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / (self.warm_up + 1) as f64;
        }
        let t = (step - self.warm_up) as f64 / self.steps.saturating_sub(self.warm_up).max(1) as f64;
        self.last + 0.5 * (self.peak - self.last) * (1.0 + (PI * t.min(1.0)).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn rises_then_falls() {
        let schedule = Schedule { peak: 1.0, last: 0.1, warm_up: 9, steps: 109 };
        assert!((schedule.at(0) - 0.1).abs() < 1e-12);
        assert!((schedule.at(9) - 1.0).abs() < 1e-12);
        assert!((schedule.at(59) - 0.55).abs() < 1e-12);
        assert!((schedule.at(200) - 0.1).abs() < 1e-12);
    }
}
