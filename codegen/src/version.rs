//! Kubernetes versions: which document an item comes from.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes 1, such as 1.36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    minor: u8,
}

/// The versions in which something exists.
pub type Versions = BTreeSet<Version>;

/// A text that is not a version of Kubernetes 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of Kubernetes 1, such as `1.36`")]
pub struct InvalidVersion(String);

impl Version {
    /// Version 1.`minor`.
    pub const fn new(minor: u8) -> Self {
        Self { minor }
    }

    /// The number after `1.`.
    pub const fn minor(self) -> u8 {
        self.minor
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    /// Reads `1.36`, and what servers say of themselves: `v1.36`, `v1.36.2`, `v1.36.0-rc.1+abc`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidVersion(text.to_owned());
        let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.").ok_or_else(invalid)?;
        let digits = rest.split(['.', '-', '+']).next().unwrap_or(rest);
        digits.parse().map(Self::new).map_err(|_| invalid())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_as_people_and_servers_write_them() {
        for text in ["1.36", "v1.36", "v1.36.2", "v1.36.0-rc.1+abc", "1.36-gke"] {
            assert_eq!(text.parse(), Ok(Version::new(36)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_versions() {
        for text in ["", "unversioned", "2.1", "1", "1.x", "36"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
