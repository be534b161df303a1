//! Formats of texts that a schema can name.

use super::Type;
use crate::version::MINOR;
use regex_lite::Regex;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Formats of texts, without their dashes. What is of another format is not checked.
const KNOWN: [&str; 23] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "datetime",
    "duration",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
];

/// Those that came later, and the minor version that had them first.
const LATER: [(&str, u8); 3] = [("uuid5", 0), ("k8sshortname", 34), ("k8slongname", 34)];

/// Patterns of formats that are no more than that.
const PATTERNS: [(&str, &str); 16] = [
    ("bsonobjectid", "^[0-9a-fA-F]{24}$"),
    ("byte", "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"),
    (
        "datetime",
        "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[tT](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:.[0-9]+)?(?:[zZ]|[+-][0-9]{2}:[0-9]{2})$",
    ),
    ("email", r#"^(?:[^<>@\s]+@[^<>@\s]+|[^<>@]*<[^<>@\s]+@[^<>@\s]+>)$"#),
    ("hexcolor", "^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
    (
        "hostname",
        r"^(?:[a-zA-Z0-9](?:-?[a-zA-Z0-9]{0,62})?|(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63})$",
    ),
    ("k8sshortname", "^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$"),
    ("k8slongname", r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$"),
    (
        "mac",
        "^(?:[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}(?:(?:[:-][0-9a-fA-F]{2}){2})?|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4}){2,3})$",
    ),
    (
        "rgbcolor",
        r"^rgb\(\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])(?:\s*,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])){2}\s*\)$",
    ),
    ("ssn", r"^\d{3}[- ]\d{2}[- ]\d{4}$"),
    ("uri", "^(?:[a-zA-Z][a-zA-Z0-9+.-]*:.+|/.*)$"),
    ("uuid", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"),
    ("uuid3", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$"),
    ("uuid4", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"),
    ("uuid5", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"),
];

/// The patterns by their formats; a test reads all of them.
static REGEXES: LazyLock<Vec<(&str, Option<Regex>)>> =
    LazyLock::new(|| PATTERNS.iter().map(|(format, pattern)| (*format, Regex::new(pattern).ok())).collect());

fn normal(format: &str) -> String {
    format.replace('-', "")
}

/// Whether texts of a format are checked.
pub(crate) fn is_known(format: &str) -> bool {
    let format = normal(format);
    KNOWN.contains(&format.as_str()) || LATER.iter().any(|(later, first)| *later == format && *first <= MINOR)
}

/// Whether values of these types can have a format.
pub(super) fn applies(format: &str, types: &[Type]) -> bool {
    match types {
        [Type::Integer] => matches!(format, "int32" | "int64"),
        [Type::Number] => matches!(format, "float" | "double"),
        [Type::Array | Type::Boolean | Type::Object] => false,
        _ => is_known(format),
    }
}

/// Whether a text is of a format.
pub(super) fn fits(format: &str, text: &str) -> bool {
    let format = normal(format);
    let matches = REGEXES.iter().find(|(name, _)| *name == format).and_then(|(_, regex)| regex.as_ref());
    if matches.is_some_and(|regex| !regex.is_match(text)) {
        return false;
    }
    match format.as_str() {
        "k8sshortname" => text.len() <= 63,
        "k8slongname" => text.len() <= 253,
        "hostname" => text.len() <= 255,
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "duration" => is_duration(text),
        "creditcard" => is_credit_card(text),
        "isbn10" => is_isbn10(text),
        "isbn13" => is_isbn13(text),
        "isbn" => is_isbn10(text) || is_isbn13(text),
        _ => true,
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// Such as `1h30m`, `-2.5s` or `3 days`.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 17] = [
        "ns", "nano", "us", "µs", "μs", "micro", "ms", "milli", "s", "sec", "m", "min", "h", "hour", "d",
        "day", "w",
    ];
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned == "0" {
        return true;
    }
    let mut rest = unsigned;
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let number = &rest[..rest.len() - digits.len()];
        let unit = digits.trim_start();
        let after = unit.trim_start_matches(char::is_alphabetic);
        let word = unit[..unit.len() - after.len()].to_lowercase();
        let known = UNITS.contains(&word.as_str())
            || ["nano", "micro", "milli", "sec", "min", "hour", "hr", "day", "week", "wk"]
                .iter()
                .any(|start| word.starts_with(start));
        if number.parse::<f64>().is_err() || !known {
            return false;
        }
        rest = after.trim_start();
    }
    !unsigned.is_empty()
}

fn is_credit_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(10)).collect();
    let double = |digit: u32| if digit < 5 { digit * 2 } else { digit * 2 - 9 };
    let checksum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 1 { double(*digit) } else { *digit })
        .sum();
    (13..=16).contains(&digits.len()) && checksum.is_multiple_of(10)
}

fn without_gaps(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect()
}

fn is_isbn10(text: &str) -> bool {
    let text = without_gaps(text);
    let digit = |(index, letter): (usize, char)| match letter {
        'X' if index == 9 => Some(10),
        letter => letter.to_digit(10),
    };
    let digits: Option<Vec<u32>> = text.chars().enumerate().map(digit).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits.iter().zip(1..).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 10 && sum.is_multiple_of(11)
    })
}

fn is_isbn13(text: &str) -> bool {
    let digits: Option<Vec<u32>> = without_gaps(text).chars().map(|letter| letter.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 =
            digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 13 && sum.is_multiple_of(10)
    })
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, LATER, REGEXES, fits, is_known};

    #[test]
    fn every_pattern_is_of_a_known_format() {
        for (format, regex) in REGEXES.iter() {
            assert!(regex.is_some(), "{format}");
            assert!(KNOWN.contains(format) || LATER.iter().any(|(later, _)| later == format), "{format}");
        }
    }

    #[test]
    fn texts_are_of_a_format_or_not() {
        for (format, yes, no) in [
            ("date-time", "2014-12-15T19:30:20.000Z", "2014-12-15 19:30:20"),
            ("date", "2006-01-02", "2006-13-02"),
            ("ipv4", "10.0.0.1", "10.0.0"),
            ("ipv6", "::1", "10.0.0.1"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("uri", "http://foobar.com", "foobar.com"),
            ("email", "a@b.c", "a"),
            ("uuid", "5f4c2d1e-0000-4000-8000-000000000000", "x"),
            ("mac", "00:00:5e:00:53:01", "00:00"),
            ("byte", "MQ==", "M"),
            ("duration", "1h30m", "soon"),
            ("isbn", "978-4-87311-368-5", "foo"),
            ("isbn10", "3 401 01319 X", "3423214121"),
            ("creditcard", "4220 8554 2622 2389", "4220855426213389"),
            ("hostname", "a-b.example.com", "-a"),
            ("hexcolor", "#f00", "#ff"),
            ("rgbcolor", "rgb(0,  31, 255)", "rgb(1,349,275)"),
        ] {
            assert!(is_known(format), "{format}");
            assert!(fits(format, yes), "{format}: {yes}");
            assert!(!fits(format, no), "{format}: {no}");
        }
    }
}
