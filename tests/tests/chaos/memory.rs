//! Whether memory is flat.

use std::fs;

/// How much memory the program uses at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Bytes that were allocated and not freed.
    pub(crate) live: usize,
    /// Bytes that the kernel has given and not taken back, the allocator's own reserves included.
    pub(crate) resident: usize,
}

/// How much more there may be at the end than in the beginning: a part, and so many bytes.
struct Bound {
    part: f64,
    bytes: usize,
}

/// What is live at a pause depends on the objects, whose number and size vary a little, and on what a connection that has fallen
/// silent still holds.
const LIVE: Bound = Bound { part: 0.10, bytes: 8 << 20 };
/// What is resident is as much as there ever was at the same time, and that is a matter of chance.
const RESIDENT: Bound = Bound { part: 0.25, bytes: 32 << 20 };

impl Memory {
    /// What it is now.
    pub(crate) fn now() -> Self {
        let stats = crate::ALLOCATOR.stats();
        let live = stats.bytes_allocated.saturating_sub(stats.bytes_deallocated);
        Self { live, resident: resident().unwrap_or_default() }
    }
}

/// `VmRSS` of this process.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}

/// Compares the first pauses, after one to warm up, with the last ones. What it comes to, in words.
///
/// # Errors
///
/// If there is more at the end than there may be.
pub(crate) fn flat(pauses: &[Memory]) -> Result<String, String> {
    let [_, pauses @ ..] = pauses else { return Err("there was no pause".to_owned()) };
    let window = pauses.len().div_ceil(4);
    let (first, last) = (&pauses[..window.min(pauses.len())], &pauses[pauses.len() - window..]);
    if pauses.len() < 2 {
        return Err("there were too few pauses to compare: let it run longer".to_owned());
    }
    let live = compare("live", first, last, &LIVE, |memory| memory.live);
    let resident = compare("resident", first, last, &RESIDENT, |memory| memory.resident);
    match (live, resident) {
        (Ok(live), Ok(resident)) => Ok(format!("{live}; {resident}")),
        (live, resident) => {
            let told = [live, resident].map(|outcome| outcome.unwrap_or_else(|error| error));
            Err(format!("memory is not flat: {}", told.join("; ")))
        }
    }
}

fn compare(
    what: &str,
    first: &[Memory],
    last: &[Memory],
    bound: &Bound,
    of: impl Fn(&Memory) -> usize,
) -> Result<String, String> {
    let middle = |memory: &[Memory]| {
        let mut all: Vec<usize> = memory.iter().map(&of).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    let (before, after) = (middle(first), middle(last));
    let allowed = before + (before as f64 * bound.part) as usize + bound.bytes;
    let told = format!(
        "{what} {} in the first {} pauses and {} in the last, at most {} allowed",
        mebibytes(before),
        first.len(),
        mebibytes(after),
        mebibytes(allowed)
    );
    if after <= allowed { Ok(told) } else { Err(told) }
}

/// For people.
pub(crate) fn mebibytes(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(live: &[usize], resident: usize) -> Vec<Memory> {
        live.iter().map(|live| Memory { live: live << 20, resident: resident << 20 }).collect()
    }

    #[test]
    fn what_goes_up_and_down_is_flat_and_what_only_goes_up_is_not() {
        assert!(flat(&pauses(&[70, 50, 54, 48, 53, 55], 100)).is_ok());
        let told = flat(&pauses(&[30, 50, 54, 62, 70, 78], 100)).unwrap_err();
        assert!(told.contains("live 54.0 MiB in the first 2 pauses and 78.0 MiB in the last"), "{told}");
    }

    #[test]
    fn what_is_resident_is_compared_too() {
        let mut pauses = pauses(&[50; 9], 100);
        for (memory, more) in pauses.iter_mut().zip(0..) {
            memory.resident += more * (20 << 20);
        }
        assert!(flat(&pauses).unwrap_err().contains("resident"));
    }

    #[test]
    fn two_pauses_after_the_first_are_needed() {
        assert!(flat(&pauses(&[50; 2], 100)).is_err());
        assert!(flat(&pauses(&[50; 3], 100)).is_ok());
    }

    #[test]
    fn this_program_uses_memory() {
        let memory = Memory::now();
        assert!(memory.live > 0 && memory.resident > memory.live / 2, "{memory:?}");
    }
}
