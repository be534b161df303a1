//! What `/proc` tells about this process.

use std::collections::BTreeSet;
use std::fs;
use std::io;

/// Memory of the process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The most that was ever resident.
    pub(crate) peak: u64,
    /// What is resident.
    pub(crate) resident: u64,
}

impl Memory {
    pub(crate) fn now() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let of = |name| kilobytes(&status, name).map(|kilobytes| kilobytes * 1024);
        match (of("VmHWM:"), of("VmRSS:")) {
            (Some(peak), Some(resident)) => Ok(Self { peak, resident }),
            _ => Err(io::Error::other("/proc/self/status does not tell the memory")),
        }
    }
}

/// The number behind a name in the text of a `status` file.
fn kilobytes(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// How many TCP connections the process has open.
pub(crate) fn connections() -> io::Result<usize> {
    let mut sockets = BTreeSet::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        // The descriptor of the folder itself is closed by the time that it is looked at.
        let Ok(target) = fs::read_link(entry?.path()) else { continue };
        let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
        sockets.extend(inode.map(str::to_owned));
    }
    let tables = [
        fs::read_to_string("/proc/self/net/tcp")?,
        fs::read_to_string("/proc/self/net/tcp6").unwrap_or_default(),
    ];
    Ok(tables.iter().flat_map(|table| established(table)).filter(|inode| sockets.contains(*inode)).count())
}

/// The inodes of established connections in the text of `/proc/net/tcp`.
fn established(table: &str) -> impl Iterator<Item = &str> {
    const ESTABLISHED: &str = "01";
    table.lines().skip(1).filter_map(|line| {
        let mut columns = line.split_whitespace();
        (columns.nth(3)? == ESTABLISHED).then(|| columns.nth(5)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn both_ends_of_a_connection_of_this_process_count() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let before = connections().unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let _server = listener.accept().unwrap();
        assert_eq!(connections().unwrap(), before + 2);
    }

    #[test]
    fn the_peak_is_not_below_what_is_resident() {
        let memory = Memory::now().unwrap();
        assert!(memory.peak >= memory.resident && memory.resident > 0, "{memory:?}");
    }

    #[test]
    fn numbers_of_the_status_are_found_by_name() {
        assert_eq!(kilobytes("VmPeak:\t  9 kB\nVmHWM:\t    1244 kB\n", "VmHWM:"), Some(1244));
        assert_eq!(kilobytes("VmPeak:\t  9 kB\n", "VmHWM:"), None);
    }
}
