//! One entry of a kubeconfig while it is checked: where it is, and how its problems are reported.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::super::{ConfigError, PemSource};

/// One entry of a kubeconfig and the problems found in it so far.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    kind: &'static str,
    name: &'a str,
    file: &'a Path,
    problems: Vec<ConfigError>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(kind: &'static str, name: &'a str, file: &'a Path) -> Self {
        Self { kind, name, file, problems: Vec::new() }
    }

    /// `value` if nothing was wrong, else everything that was.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<ConfigError>> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.problems) }
    }

    /// Notes a contradiction or gap.
    pub(super) fn invalid(&mut self, reason: impl Into<String>) {
        let (path, entry) = (self.file.to_owned(), self.title());
        self.problems.push(ConfigError::Invalid { path, entry, reason: reason.into() });
    }

    /// Where a path in this entry leads: relative ones start at the file's folder.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// PEM text that is either in the file or in a file of its own.
    pub(super) fn pem(
        &mut self,
        key: &str,
        path: Option<&str>,
        data: Option<&SecretString>,
    ) -> Option<PemSource> {
        match (path, data) {
            (Some(_), Some(_)) => {
                self.invalid(format!("{key} and {key}-data are both set: remove one"));
                None
            }
            (Some(path), None) => Some(PemSource::File(self.path(path))),
            (None, Some(data)) => self.decode(key, data),
            (None, None) => None,
        }
    }

    fn decode(&mut self, key: &str, data: &SecretString) -> Option<PemSource> {
        let text: String = data.expose_secret().split_ascii_whitespace().collect();
        match BASE64_STANDARD.decode(text) {
            Ok(bytes) => Some(PemSource::data(bytes)),
            Err(_) => {
                self.invalid(format!("{key}-data is not valid base64"));
                None
            }
        }
    }

    fn title(&self) -> String {
        format!("{} {:?}", self.kind, self.name)
    }
}
