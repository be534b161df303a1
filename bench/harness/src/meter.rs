//! The clocks around what is measured, and the line that tells what they say.

use crate::{BoxError, INSTRUMENTED_SYSTEM, process};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use stats_alloc::Stats;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// How long a program is left alone before its memory is looked at once more.
const SETTLING: Duration = Duration::from_secs(5);

/// Measures from its start to its [end](Meter::end).
#[derive(Debug)]
pub struct Meter {
    start: Instant,
    cpu: Duration,
    /// What was measured before the clocks were stopped for a while: by the clock, and of the processors.
    before: (Duration, Duration),
    allocations: Stats,
}

/// What the clocks said when they were stopped.
#[derive(Debug)]
pub struct Reading(Value);

impl Meter {
    /// Starts all clocks.
    #[must_use]
    pub fn start() -> Self {
        let allocations = INSTRUMENTED_SYSTEM.stats();
        Self { allocations, before: Default::default(), cpu: cpu_time(), start: Instant::now() }
    }

    /// Does something that is not measured: the clocks stand still.
    ///
    /// Allocations count all the same.
    pub fn pause<T>(&mut self, unmeasured: impl FnOnce() -> T) -> T {
        self.before = self.so_far();
        let done = unmeasured();
        (self.cpu, self.start) = (cpu_time(), Instant::now());
        done
    }

    fn so_far(&self) -> (Duration, Duration) {
        let (wall, cpu) = self.before;
        (wall + self.start.elapsed(), cpu + cpu_time().saturating_sub(self.cpu))
    }

    /// Stops all clocks and prints what they say. What was made should still be there, so that its memory counts.
    ///
    /// `items` is how many objects or answers there were, which whoever runs this program checks.
    ///
    /// # Errors
    ///
    /// If `/proc` or standard output cannot be used.
    pub fn end(self, items: usize) -> Result<(), BoxError> {
        self.read(items)?.print()
    }

    /// Stops all clocks.
    ///
    /// # Errors
    ///
    /// If `/proc` cannot be used.
    pub fn read(self, items: usize) -> Result<Reading, BoxError> {
        let (wall, cpu) = self.so_far();
        let allocations = INSTRUMENTED_SYSTEM.stats();
        let memory = process::Memory::now()?;
        let mut line = json!({
            "items": items,
            "wall_seconds": wall.as_secs_f64(),
            "cpu_seconds": cpu.as_secs_f64(),
            "peak_rss_bytes": memory.peak,
            "rss_bytes": memory.resident,
            "connections": process::connections()?,
        });
        // Nothing is counted unless the program has the counting allocator.
        if allocations.allocations > 0 {
            let made = allocations - self.allocations;
            line["allocations"] = (made.allocations + made.reallocations).into();
            line["allocated_bytes"] = made.bytes_allocated.into();
        }
        Ok(Reading(line))
    }
}

impl Reading {
    /// Leaves the program alone for some seconds, and notes what memory it has then.
    ///
    /// # Errors
    ///
    /// If `/proc` cannot be used.
    pub async fn settle(&mut self) -> Result<(), BoxError> {
        tokio::time::sleep(SETTLING).await;
        self.0["settled_rss_bytes"] = process::Memory::now()?.resident.into();
        Ok(())
    }

    /// Adds a number that is not compared.
    pub fn note(&mut self, name: &str, number: usize) {
        self.0[name] = number.into();
    }

    /// Prints the line that whoever runs this program reads.
    ///
    /// # Errors
    ///
    /// If standard output cannot be used.
    pub fn print(self) -> Result<(), BoxError> {
        Ok(writeln!(io::stdout(), "{}", self.0)?)
    }
}

/// What all threads of this process have used so far, user and system.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Meter, cpu_time};
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    #[test]
    fn work_takes_time_of_the_processor() {
        let before = cpu_time();
        black_box((0..10_000_000_u64).map(black_box).sum::<u64>());
        assert!(cpu_time() > before);
    }

    #[test]
    fn clocks_stand_still_in_a_pause() {
        let (mut meter, start) = (Meter::start(), Instant::now());
        let pause = Duration::from_millis(30);
        meter.pause(|| std::thread::sleep(pause));
        let (wall, _) = meter.so_far();
        assert!(wall + pause <= start.elapsed(), "{wall:?}");
    }
}
