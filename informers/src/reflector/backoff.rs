//! How long to wait after a failure.

use std::time::Duration;

/// The delay after the first failure, before jitter.
const FIRST: Duration = Duration::from_millis(800);
/// The longest delay, before jitter.
const LONGEST: Duration = Duration::from_secs(30);

/// Delays that double with each failure in a row, up to 30 seconds, and are stretched by up to as much again, so that
/// the clients of a server that comes back do not come back at once.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    jitter: Jitter,
}

impl Backoff {
    pub(super) fn new(jitter: Jitter) -> Self {
        Self { failures: 0, jitter }
    }

    /// The delay after one more failure.
    pub(super) fn after_failure(&mut self) -> Duration {
        let delay = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        delay + self.jitter.of(delay)
    }

    /// Counts a failure whose cause is out of the way already, and which needs no delay.
    pub(super) fn count_failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// All is well: the next failure is a first one.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn jitter(&mut self) -> &mut Jitter {
        &mut self.jitter
    }
}

/// Where chance comes from.
#[derive(Debug)]
pub(super) enum Jitter {
    Random(fastrand::Rng),
    /// Always this part of the range, for tests.
    #[cfg(test)]
    Fixed(f64),
}

impl Jitter {
    /// A random part of `range`, less than all of it.
    pub(super) fn of(&mut self, range: Duration) -> Duration {
        match self {
            Self::Random(random) => range.mul_f64(random.f64()),
            #[cfg(test)]
            Self::Fixed(part) => range.mul_f64(*part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(count: usize, part: f64) -> Vec<u128> {
        let mut backoff = Backoff::new(Jitter::Fixed(part));
        (0..count).map(|_| backoff.after_failure().as_millis()).collect()
    }

    #[test]
    fn delays_double_up_to_thirty_seconds() {
        assert_eq!(delays(8, 0.0), [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    }

    #[test]
    fn chance_stretches_a_delay_by_up_to_as_much_again() {
        assert_eq!(delays(2, 0.5), [1_200, 2_400]);
        let mut backoff = Backoff::new(Jitter::Random(fastrand::Rng::with_seed(7)));
        for _ in 0..100 {
            let delay = backoff.after_failure();
            assert!((FIRST..LONGEST * 2).contains(&delay), "{delay:?}");
        }
    }

    #[test]
    fn a_success_makes_the_next_failure_the_first() {
        let mut backoff = Backoff::new(Jitter::Fixed(0.0));
        backoff.after_failure();
        backoff.count_failure();
        backoff.reset();
        assert_eq!(backoff.after_failure(), FIRST);
    }
}
