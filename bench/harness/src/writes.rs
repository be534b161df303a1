//! Changes that come at a steady pace.

use crate::BoxError;
use std::time::{Duration, Instant};

/// How often it is looked how many are due.
const TICK: Duration = Duration::from_millis(10);

/// Tells when the next changes are due, and notes whether they were made in time.
#[derive(Debug)]
pub struct Pace {
    start: Instant,
    per_second: usize,
    made: usize,
}

impl Pace {
    /// Begins now.
    #[must_use]
    pub fn new(per_second: usize) -> Self {
        Self { start: Instant::now(), per_second, made: 0 }
    }

    /// Waits for the next changes. Gives their numbers, from zero on.
    pub async fn next(&mut self) -> std::ops::Range<usize> {
        loop {
            let from = self.made;
            self.made = self.due().max(from);
            if self.made > from {
                return from..self.made;
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// How many changes are due by now.
    fn due(&self) -> usize {
        let milliseconds = usize::try_from(self.start.elapsed().as_millis()).unwrap_or(usize::MAX);
        milliseconds.saturating_mul(self.per_second) / 1000
    }

    /// Checks that `made` changes are about as many as are due.
    ///
    /// # Errors
    ///
    /// If they are less than half of them.
    pub fn check(&self, made: usize) -> Result<(), BoxError> {
        let due = self.due();
        if made < due / 2 { Err(format!("only {made} of {due} changes were made").into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[tokio::test]
    async fn changes_come_in_their_order_and_time() {
        let mut pace = Pace::new(1_000);
        let first = pace.next().await;
        let second = pace.next().await;
        assert_eq!((first.start, first.end), (0, second.start));
        assert!(pace.check(second.end).is_ok());
        assert!(pace.start.elapsed().as_millis() >= second.end as u128);
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert_eq!(pace.check(0).unwrap_err().to_string().split(' ').next(), Some("only"));
    }
}
