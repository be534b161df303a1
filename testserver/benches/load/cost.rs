//! What things cost: time of the clock, time of processors, and memory. The latter two are known on Linux only.

use std::time::{Duration, Instant};

/// What threads of the server are called.
pub(crate) const SERVER: &str = "server";

/// The processor time of threads so far.
#[derive(Clone, Copy, Debug, Default)]
struct Processors {
    server: Duration,
    others: Duration,
}

/// The moment at which something begins.
pub(crate) struct Beginning {
    clock: Instant,
    processors: Processors,
}

/// What something has cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// By the clock.
    pub(crate) wall: Duration,
    /// Of the server's threads.
    pub(crate) server: Duration,
    /// Of all others, which are the client's.
    pub(crate) client: Duration,
}

impl Beginning {
    pub(crate) fn now() -> Self {
        Self { processors: Processors::now(), clock: Instant::now() }
    }

    pub(crate) fn cost(&self) -> Cost {
        let wall = self.clock.elapsed();
        let now = Processors::now();
        Cost {
            wall,
            server: now.server.saturating_sub(self.processors.server),
            client: now.others.saturating_sub(self.processors.others),
        }
    }
}

impl Processors {
    fn now() -> Self {
        let mut sum = Self::default();
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        for task in tasks {
            let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
            // The time on a processor in nanoseconds, the time waiting for one, and how often it got one.
            let time = read("schedstat");
            let time = time.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or_default();
            let of = if read("comm").trim() == SERVER { &mut sum.server } else { &mut sum.others };
            *of += Duration::from_nanos(time);
        }
        sum
    }
}

/// How much memory this process has, in bytes; 0 if that cannot be known.
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0) * 1024
}

/// How busy the machine was lately, as `/proc/loadavg` tells.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
