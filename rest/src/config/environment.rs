//! What loaders and clients may know of the process: variables, the home folder and the root of the file system.
//!
//! Passing it in keeps the loaders pure enough to be tested, since tests cannot change a process's variables.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Looks a variable up.
type Variables = dyn Fn(&str) -> Option<OsString>;

/// A process's surroundings, real or made up.
pub(crate) struct Environment {
    variables: Box<Variables>,
    home: Option<PathBuf>,
    root: PathBuf,
}

impl Environment {
    /// The surroundings of this process.
    pub(crate) fn of_the_process() -> Self {
        Self {
            variables: Box::new(|name| env::var_os(name)),
            home: env::home_dir(),
            root: PathBuf::from("/"),
        }
    }

    /// Made-up surroundings: these variables, and `root` as both the home folder and the root folder.
    #[cfg(test)]
    pub(crate) fn made_up(root: &Path, variables: &[(&str, &str)]) -> Self {
        let variables: std::collections::BTreeMap<String, OsString> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
        Self {
            variables: Box::new(move |name| variables.get(name).cloned()),
            home: Some(root.to_owned()),
            root: root.to_owned(),
        }
    }

    /// The value of a variable. One that is empty counts as unset.
    pub(crate) fn variable(&self, name: &str) -> Option<OsString> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// The same, for a variable that only makes sense as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.variable(name).and_then(|value| value.into_string().ok())
    }

    /// The user's home folder.
    pub(super) fn home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| !home.as_os_str().is_empty())
    }

    /// A place given from the root of the file system, without its leading slash.
    pub(super) fn under_root(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("home", &self.home)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
