//! Which of two resource versions is the later one.

use std::cmp::Ordering;

/// A resource version that can be compared with others of its resource: a whole number of any length, as Kubernetes' own
/// servers write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Without zeros at the front.
    digits: Box<str>,
}

impl Version {
    /// None if it is no number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self { digits: text.trim_start_matches('0').into() })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits.len().cmp(&other.digits.len()).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_of_any_length() {
        let version = |text| Version::parse(text).unwrap();
        assert!(
            version("9") < version("10") && version("0010") == version("10") && version("0") < version("1")
        );
        assert!(version("18446744073709551616") > version("18446744073709551615"));
        assert!(["", "abc", "1a", "-1", " 1"].iter().all(|text| Version::parse(text).is_none()));
    }
}
