//! The clocks around what is measured, and the line that tells what they say.

use crate::{BoxError, INSTRUMENTED_SYSTEM, process};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use stats_alloc::Stats;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// Measures from its start to its [end](Meter::end).
#[derive(Debug)]
pub struct Meter {
    start: Instant,
    cpu: Duration,
    allocations: Stats,
}

impl Meter {
    /// Starts all clocks.
    #[must_use]
    pub fn start() -> Self {
        Self { allocations: INSTRUMENTED_SYSTEM.stats(), cpu: cpu_time(), start: Instant::now() }
    }

    /// Stops all clocks and prints what they say. What was made should still be there, so that its memory counts.
    ///
    /// `items` is how many objects or answers there were, which whoever runs this program checks.
    ///
    /// # Errors
    ///
    /// If `/proc` or standard output cannot be used.
    pub fn end(self, items: usize) -> Result<(), BoxError> {
        let (wall, cpu) = (self.start.elapsed(), cpu_time().saturating_sub(self.cpu));
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
        writeln!(io::stdout(), "{line}")?;
        Ok(())
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
    use super::cpu_time;
    use std::hint::black_box;

    #[test]
    fn work_takes_time_of_the_processor() {
        let before = cpu_time();
        black_box((0..10_000_000_u64).map(black_box).sum::<u64>());
        assert!(cpu_time() > before);
    }
}
