//! Addresses of endpoints: what they may be, and what users should know about how they are written.

use super::ip;
use super::path::Path;
use super::report::Report;
use std::net::{IpAddr, Ipv4Addr};

/// Reads an address as servers read those in old fields, which may have zeros before their numbers.
pub(super) fn sloppy(text: &str) -> Option<IpAddr> {
    let strict = ip::parse(text);
    if strict.is_some() {
        return strict;
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [a, b, c, d] = parts.as_slice() else { return None };
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u8>().ok().filter(|_| digits)
    };
    Some(Ipv4Addr::new(number(a)?, number(b)?, number(c)?, number(d)?).into())
}

/// An address as Go writes it: IPv4 even if it is mapped into IPv6.
pub(super) fn canonical(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

/// What is wrong with an address in a field that is new: it must be in its canonical form.
pub(super) fn check_strict(text: &str, path: Path<'_>, report: &mut Report) {
    let before = report.len();
    ip::check(text, path, report);
    if report.len() == before
        && let Some(address) = ip::parse(text)
        && canonical(address) != text
    {
        report.invalid(path, text, &format!("must be in canonical form ({:?})", canonical(address)));
    }
}

/// Kinds of addresses that no endpoint can have.
pub(super) fn check_endpoint(text: &str, path: Path<'_>, report: &mut Report) {
    let Some(address) = sloppy(text).map(|address| address.to_canonical()) else {
        return report.invalid(path, text, "must be a valid IP address");
    };
    if address.is_unspecified() {
        report.invalid(path, text, &format!("may not be unspecified ({text})"));
    }
    if address.is_loopback() {
        report.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    let (link_local, link_local_multicast) = match address {
        IpAddr::V4(address) => (address.is_link_local(), address.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(address) => (address.is_unicast_link_local(), address.segments()[0] & 0xff0f == 0xff02),
    };
    if link_local {
        let detail = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        report.invalid(path, text, detail);
    }
    if link_local_multicast {
        let detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
        report.invalid(path, text, detail);
    }
}

/// What users should know about an address that is not written as it should be.
pub(super) fn warning(text: &str, path: Path<'_>) -> Option<String> {
    let told = canonical(sloppy(text)?);
    match ip::parse(text) {
        Some(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => (told != text).then(|| {
            format!("{path}: IPv6 address {text:?} should be in RFC 5952 canonical format ({told:?})")
        }),
        Some(IpAddr::V4(_)) => None,
        _ => Some(format!("{path}: non-standard IP address {text:?} is invalid: use {told:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_endpoint, check_strict, sloppy, warning};
    use crate::kinds::path::Path;
    use crate::kinds::report::Report;

    #[test]
    fn an_old_field_may_have_zeros_before_numbers() {
        assert_eq!(sloppy("010.002.3.4"), "10.2.3.4".parse().ok());
        for bad in ["1.2.3", "1.2.3.256", "a.b.c.d", "1.2.3.", ""] {
            assert_eq!(sloppy(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_endpoint_is_an_address_that_others_can_reach() {
        for (text, told) in [
            ("10.0.0.1", None),
            ("127.0.0.1", Some("may not be in the loopback range (127.0.0.0/8, ::1/128)")),
            ("0.0.0.0", Some("may not be unspecified (0.0.0.0)")),
            ("169.254.1.1", Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)")),
            ("ff02::1", Some("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")),
        ] {
            let mut report = Report::default();
            check_endpoint(text, Path::root("ip"), &mut report);
            let causes: Vec<String> = report.into_causes().iter().map(ToString::to_string).collect();
            let expected: Vec<String> =
                told.iter().map(|told| format!("ip: Invalid value: {text:?}: {told}")).collect();
            assert_eq!(causes, expected);
        }
    }

    #[test]
    fn a_new_field_has_the_canonical_form() {
        let mut report = Report::default();
        check_strict("2001:DB8::1", Path::root("ip"), &mut report);
        let told: Vec<String> = report.into_causes().iter().map(ToString::to_string).collect();
        assert_eq!(told, [r#"ip: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")"#]);
    }

    #[test]
    fn users_are_told_how_an_address_should_be_written() {
        let path = Path::root("ip");
        assert_eq!(warning("10.0.0.1", path), None);
        assert_eq!(
            warning("010.0.0.1", path).as_deref(),
            Some(r#"ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1""#)
        );
        assert_eq!(
            warning("::0:1", path).as_deref(),
            Some(r#"ip: IPv6 address "::0:1" should be in RFC 5952 canonical format ("::1")"#)
        );
    }
}
