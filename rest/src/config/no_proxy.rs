//! `NO_PROXY`: the servers that are reached without the proxy of the environment, by Go's rules.
//!
//! reqwest's own list knows no ports, and takes `.example` for `example` itself too.

use std::net::IpAddr;

/// Whether `list` names the server at `host` (without brackets) and `port`.
pub(super) fn names(list: &str, host: &str, port: u16) -> bool {
    let host = host.to_ascii_lowercase();
    let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| match address {
        _ if entry == "*" => true,
        Some(address) => names_address(entry, address, port),
        None => names_domain(entry, &host, port),
    })
}

/// An address, with or without a port, or a block of addresses.
fn names_address(entry: &str, address: IpAddr, port: u16) -> bool {
    if let Some((block, length)) = entry.split_once('/') {
        return match (block.parse(), length.parse()) {
            (Ok(block), Ok(length)) => is_in_block(address, block, length),
            _ => false,
        };
    }
    let (name, only) = split_port(entry);
    let named = name.parse::<IpAddr>().is_ok_and(|named| named.to_canonical() == address);
    named && only.is_none_or(|only| only == port.to_string())
}

/// `example` and `example:443` name the host and all below it, `.example` and `*.example` only those below it.
fn names_domain(entry: &str, host: &str, port: u16) -> bool {
    let (name, only) = split_port(entry);
    let name = name.to_ascii_lowercase();
    let below = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(&name);
    let named = match below.strip_prefix('.') {
        Some(_) => host.ends_with(below),
        None => host == name || host.strip_suffix(&*name).is_some_and(|rest| rest.ends_with('.')),
    };
    !name.is_empty() && named && only.is_none_or(|only| only == port.to_string())
}

/// An entry without its port and, if it has a port, without the brackets of an IPv6 address.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|entry| entry.split_once(']')) {
        return (address, rest.strip_prefix(':'));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port)),
        _ => (entry, None),
    }
}

fn is_in_block(address: IpAddr, block: IpAddr, length: u32) -> bool {
    match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) if length <= 32 => {
            let shift = 32 - length;
            (u64::from(address.to_bits()) >> shift) == (u64::from(block.to_bits()) >> shift)
        }
        (IpAddr::V6(address), IpAddr::V6(block)) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or_default();
            address.to_bits() & mask == block.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_servers_by_gos_rules() {
        let table = [
            ("cluster.example", "cluster.example", true),
            ("cluster.example", "CLUSTER.example", true),
            ("Example", "cluster.example", true),
            ("ample", "cluster.example", false),
            (".example", "cluster.example", true),
            ("*.example", "cluster.example", true),
            (".cluster.example", "cluster.example", false),
            ("*.cluster.example", "cluster.example", false),
            ("*", "cluster.example", true),
            ("other.example, cluster.example ,", "cluster.example", true),
            ("other.example", "cluster.example", false),
            ("cluster.example:6443", "cluster.example", true),
            ("cluster.example:443", "cluster.example", false),
            (":6443", "cluster.example", false),
            ("", "cluster.example", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.0.0.0/33", "10.1.2.3", false),
            ("10.0.0.0/8", "cluster.example", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3:6443", "10.1.2.3", true),
            ("10.1.2.3:443", "10.1.2.3", false),
            ("*", "10.1.2.3", true),
            ("fd00::/8", "fd00::1", true),
            ("::/0", "fd00::1", true),
            ("fd00::/8", "fe00::1", false),
            ("10.0.0.0/8", "fd00::1", false),
            ("fd00:0::1", "fd00::1", true),
            ("[fd00::1]:6443", "fd00::1", true),
            ("[fd00::1]:443", "fd00::1", false),
            ("10.1.2.3", "::ffff:10.1.2.3", true),
        ];
        for (list, host, want) in table {
            assert_eq!(names(list, host, 6443), want, "{list:?} and {host}");
        }
    }
}
