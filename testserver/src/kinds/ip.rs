//! IP addresses and ranges of them, in fields.

use super::path::Path;
use super::report::Report;
use std::net::IpAddr;

const ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// Reads an address, in the usual format only.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// What is wrong with an address in a field that is old: it need not be in its canonical form.
pub(crate) fn check(text: &str, path: Path<'_>, report: &mut Report) {
    match parse(text) {
        None => match loose(text) {
            Some(_) => report.invalid(path, text, "must not have leading 0s"),
            None => report.invalid(path, text, ADDRESS),
        },
        Some(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            report.invalid(path, text, "must not be an IPv4-mapped IPv6 address");
        }
        Some(_) => {}
    }
}

/// An IPv4 address with zeros before its numbers.
fn loose(text: &str) -> Option<()> {
    let parts: Vec<&str> = text.split('.').collect();
    let fits = parts.len() == 4
        && parts.iter().all(|part| {
            part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u16>().is_ok_and(|number| number < 256)
        });
    fits.then_some(())
}

/// Reads a range such as `10.0.0.0/8`.
pub(crate) fn parse_range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address = parse(address)?;
    let digits = length.bytes().all(|byte| byte.is_ascii_digit()) && !length.is_empty();
    let canonical = length == "0" || !length.starts_with('0');
    let length: u32 = length.parse().ok().filter(|_| digits && canonical)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (length <= most).then_some((address, length))
}

/// Whether a range contains an address.
pub(crate) fn contains((network, length): (IpAddr, u32), address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or_default();
    network.is_ipv4() == address.is_ipv4() && (bits(network) ^ bits(address)) & mask == 0
}

/// What is wrong with a range in a field that is old.
pub(crate) fn check_range(text: &str, path: Path<'_>, report: &mut Report) {
    let Some((address, length)) = parse_range(text) else {
        return report.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    };
    let most: u32 = if address.is_ipv4() { 32 } else { 128 };
    let bits = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let hosts = u128::MAX.checked_shr(128 - (most - length)).unwrap_or_default();
    if bits & hosts != 0 {
        report.invalid(path, text, "must not have bits set beyond the prefix length");
    }
}

#[cfg(test)]
mod tests {
    use super::{contains, parse, parse_range};

    #[test]
    fn a_range_contains_its_addresses() {
        let range = parse_range("10.0.0.0/16").unwrap();
        assert!(contains(range, parse("10.0.3.4").unwrap()));
        assert!(!contains(range, parse("10.1.0.0").unwrap()));
        assert!(!contains(range, parse("::1").unwrap()));
        assert!(contains(parse_range("0.0.0.0/0").unwrap(), parse("1.2.3.4").unwrap()));
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "x/8", "10.0.0.0/-1"] {
            assert_eq!(parse_range(bad), None, "{bad}");
        }
    }
}
