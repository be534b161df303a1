//! Files to one set of entries: which files are read, and which of their entries count.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::ConfigError;
use super::super::environment::Environment;
use super::model::{Cluster, Context, Kubeconfig, User};
use super::parse::{self, MAX_BYTES};

/// The variable that lists the files.
const VARIABLE: &str = "KUBECONFIG";

/// An entry and the file that it is from.
#[derive(Debug)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) file: PathBuf,
}

/// What all files say together.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) clusters: BTreeMap<String, Located<Cluster>>,
    pub(super) contexts: BTreeMap<String, Located<Context>>,
    pub(super) users: BTreeMap<String, Located<User>>,
    pub(super) current_context: Option<String>,
    pub(super) looked_at: Vec<PathBuf>,
}

impl Merged {
    pub(super) fn is_empty(&self) -> bool {
        self.clusters.is_empty()
            && self.contexts.is_empty()
            && self.users.is_empty()
            && self.current_context.is_none()
    }

    /// Adds what earlier files have not said yet.
    fn add(&mut self, file: &Path, document: Kubeconfig) -> Result<(), Vec<ConfigError>> {
        let clusters =
            document.clusters.into_iter().flatten().map(|c| (c.name, c.cluster.unwrap_or_default()));
        let contexts =
            document.contexts.into_iter().flatten().map(|c| (c.name, c.context.unwrap_or_default()));
        let users = document.users.into_iter().flatten().map(|u| (u.name, u.user.unwrap_or_default()));
        self.current_context = self.current_context.take().or(document.current_context);
        let problems: Vec<_> = [
            add_entries("cluster", &mut self.clusters, file, clusters),
            add_entries("context", &mut self.contexts, file, contexts),
            add_entries("user", &mut self.users, file, users),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// Which files there are to read.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// In the order in which they count.
    pub(super) paths: Vec<PathBuf>,
    /// Whether the caller named the file and it must exist.
    pub(super) explicit: bool,
}

/// A file that exists, and what is in it if it can be read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) bytes: Result<Vec<u8>, ConfigError>,
}

/// The one file that is given, or those that the environment names.
pub(super) fn files(environment: &Environment, explicit: Option<&Path>) -> Files {
    match explicit {
        Some(path) => Files { paths: vec![absolute(path)], explicit: true },
        None => Files { paths: usual(environment), explicit: false },
    }
}

/// Reads the files, without those that may be missing and are.
pub(super) fn read(files: &Files) -> Vec<Source> {
    let read = |file: &PathBuf| {
        let bytes = bytes(file, !files.explicit).transpose()?;
        Some(Source { file: file.clone(), bytes })
    };
    files.paths.iter().filter_map(read).collect()
}

/// Merges what was read, or says everything that is wrong with it.
pub(super) fn merge(files: &Files, sources: Vec<Source>) -> Result<Merged, ConfigError> {
    let mut problems = Vec::new();
    let mut merged = Merged { looked_at: files.paths.clone(), ..Merged::default() };
    for Source { file, bytes } in sources {
        let parsed = bytes.and_then(|bytes| {
            parse::parse(&bytes).map_err(|reason| ConfigError::Parse { path: file.clone(), reason })
        });
        let added = parsed
            .map_err(|problem| vec![problem])
            .and_then(|documents| documents.into_iter().try_for_each(|document| merged.add(&file, document)));
        if let Err(found) = added {
            problems.extend(found);
        }
    }
    if problems.is_empty() { Ok(merged) } else { Err(ConfigError::all(problems)) }
}

fn usual(environment: &Environment) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(list) = environment.variable(VARIABLE) {
        for path in env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()) {
            let path = absolute(&path);
            if !files.contains(&path) {
                files.push(path);
            }
        }
    } else if let Some(home) = environment.home() {
        files.push(home.join(".kube").join("config"));
    }
    files
}

/// Paths inside a file start at its folder, wherever the program changes to later.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What is in a file, or nothing if it may be missing and is.
pub(super) fn bytes(file: &Path, may_be_missing: bool) -> Result<Option<Vec<u8>>, ConfigError> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|open| open.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(cause) if may_be_missing && cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => {
            let role = "the kubeconfig".to_owned();
            Err(ConfigError::Read { path: file.to_owned(), role, cause })
        }
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            let reason = format!("it is larger than {} MiB", MAX_BYTES >> 20);
            Err(ConfigError::Parse { path: file.to_owned(), reason })
        }
        Ok(_) => Ok(Some(bytes)),
    }
}

/// Adds entries whose names are new. A name that one document has twice is a problem.
fn add_entries<T>(
    kind: &str,
    all: &mut BTreeMap<String, Located<T>>,
    file: &Path,
    entries: impl Iterator<Item = (String, T)>,
) -> Vec<ConfigError> {
    let mut own = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, value) in entries {
        match own.entry(name) {
            btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
            }
            btree_map::Entry::Occupied(entry) => problems.push(ConfigError::Invalid {
                path: file.to_owned(),
                entry: format!("{kind} {:?}", entry.key()),
                reason: "the name is there twice".to_owned(),
            }),
        }
    }
    for (name, value) in own {
        all.entry(name).or_insert_with(|| Located { value, file: file.to_owned() });
    }
    problems
}
