//! How much a worker may say: so much at once, and so much a second after that.

use std::time::Instant;

/// What is left to a worker of what it may say.
#[derive(Debug)]
pub(super) struct Budget {
    left: f64,
    most: f64,
    a_second: f64,
    looked: Instant,
}

impl Budget {
    pub(super) fn new(most: f64, a_second: f64) -> Self {
        Self { left: most, most, a_second, looked: Instant::now() }
    }

    /// Takes `amount`, if it is there.
    pub(super) fn take(&mut self, amount: f64) -> bool {
        if self.left < amount {
            let now = Instant::now();
            let more = now.duration_since(self.looked).as_secs_f64() * self.a_second;
            self.left = (self.left + more).min(self.most);
            self.looked = now;
        }
        let enough = self.left >= amount;
        if enough {
            self.left -= amount;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_used_up_comes_back_with_time() {
        let mut budget = Budget::new(3.0, 1000.0);
        budget.looked = Instant::now() + Duration::from_secs(3600);
        assert!(budget.take(2.0) && !budget.take(2.0) && budget.take(1.0));
        budget.looked -= Duration::from_secs(7200);
        assert!(budget.take(3.0), "no more than at first");
        budget.looked = Instant::now() + Duration::from_secs(3600);
        assert!(!budget.take(1.0));
    }
}
