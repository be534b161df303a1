//! Times, as the API writes them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;

static PARSER: DateTimeParser = DateTimeParser::new();

/// Reads a time of RFC 3339 with its offset from UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    // The parser knows more formats than the API.
    let is_strict = text.len() > 19 && text.as_bytes()[10] == b'T';
    if is_strict { PARSER.parse_timestamp(text).ok() } else { None }
}

/// A time in UTC without parts of a second, such as `2026-01-02T03:04:05Z`.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// This moment, without parts of a second.
pub(crate) fn now() -> String {
    seconds(Timestamp::now())
}

/// A time in UTC with six digits for parts of a second.
pub(crate) fn micros(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{micros, parse, seconds};

    #[test]
    fn times_are_told_in_utc() {
        let time = parse("2020-01-01T00:00:00.1234567+01:00").unwrap();
        assert_eq!(seconds(time), "2019-12-31T23:00:00Z");
        assert_eq!(micros(time), "2019-12-31T23:00:00.123456Z");
    }

    #[test]
    fn what_is_not_a_full_time_is_none() {
        for text in ["", "2020-01-01", "2020-01-01 00:00:00Z", "2020-01-01T00:00:00", "now", "ééééééééééééé"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
