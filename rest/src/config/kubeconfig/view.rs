//! The merged files as a program sees them: what there is, where it is from, and whether it can be used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::environment::Environment;
use super::super::{Config, ConfigError};
use super::entries::{
    Document, KubeconfigCluster, KubeconfigContext, KubeconfigEntry, KubeconfigExtensions, KubeconfigUser,
};
use super::load::{self, Files, Merged, Source};
use super::{KubeconfigEdit, KubeconfigOverrides, parse, resolve, validate};

/// The kubeconfig files, merged: their contexts, clusters and users, and the file that each is from.
///
/// It is as old as the call of [`load`](Self::load). `Debug` shows no secret.
///
/// ```no_run
/// use kubeset_rest::{Kubeconfig, KubeconfigOverrides};
///
/// # fn example() -> Result<(), kubeset_rest::ConfigError> {
/// let kubeconfig = Kubeconfig::load(None)?;
/// for (name, context) in kubeconfig.contexts() {
///     println!("{name} on {:?}, from {}", context.value().cluster, context.file().display());
/// }
/// let staging = kubeconfig.config(&KubeconfigOverrides::default().context("staging"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Kubeconfig {
    merged: Merged,
    files: Files,
    current_context: Option<(String, PathBuf)>,
    clusters: Entries<KubeconfigCluster>,
    contexts: Entries<KubeconfigContext>,
    users: Entries<KubeconfigUser>,
    preferences: Preferences,
    extensions: KubeconfigExtensions,
}

type Entries<T> = BTreeMap<String, KubeconfigEntry<T>>;

/// Settings of programs that show things to people. `Debug` shows their names only.
#[derive(Default)]
struct Preferences(BTreeMap<String, Value>);

impl std::fmt::Debug for Preferences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Kubeconfig {
    /// Reads and merges the files, by the rules of [`Config::from_kubeconfig`]. That there are none is no error.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is no kubeconfig, or has a name twice. All problems are told together.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::read(load::files(&Environment::of_the_process(), path))
    }

    /// Reads the one file `path`, which may not exist yet: then the kubeconfig is empty, and a change makes it.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_or_empty(path: &Path) -> Result<Self, ConfigError> {
        let files = load::files(&Environment::of_the_process(), Some(path));
        Self::read(Files { explicit: false, ..files })
    }

    pub(super) fn read(files: Files) -> Result<Self, ConfigError> {
        let sources = load::read(&files);
        Self::from_sources(files, sources)
    }

    pub(super) fn from_sources(files: Files, sources: Vec<Source>) -> Result<Self, ConfigError> {
        let texts: Vec<_> = sources
            .iter()
            .filter_map(|source| Some((source.file.clone(), source.bytes.as_ref().ok()?.clone())))
            .collect();
        let mut all = Self::with(load::merge(&files, sources)?, files);
        for (file, bytes) in texts {
            let documents = parse::documents::<Document>(&bytes);
            let documents = documents.map_err(|reason| ConfigError::Parse { path: file.clone(), reason })?;
            for document in documents {
                all.add(&file, document);
            }
        }
        Ok(all)
    }

    fn with(merged: Merged, files: Files) -> Self {
        Self {
            merged,
            files,
            current_context: None,
            clusters: BTreeMap::new(),
            contexts: BTreeMap::new(),
            users: BTreeMap::new(),
            preferences: Preferences::default(),
            extensions: KubeconfigExtensions::default(),
        }
    }

    /// Adds what earlier documents have not said.
    fn add(&mut self, file: &Path, document: Document) {
        if let (None, Some(name)) = (&self.current_context, document.current_context) {
            self.current_context = Some((name, file.to_owned()));
        }
        let named = document.clusters.into_iter().flatten();
        add(&mut self.clusters, file, named.map(|named| (named.name, named.cluster)));
        let named = document.contexts.into_iter().flatten();
        add(&mut self.contexts, file, named.map(|named| (named.name, named.context)));
        let named = document.users.into_iter().flatten();
        add(&mut self.users, file, named.map(|named| (named.name, named.user)));
        for (name, value) in document.preferences.into_iter().flatten() {
            self.preferences.0.entry(name).or_insert(value);
        }
        self.extensions.add(document.extensions);
    }

    /// The files that were looked for, in the order in which they count. Some may not exist.
    pub fn files(&self) -> &[PathBuf] {
        &self.files.paths
    }

    /// The context to use where none is named.
    pub fn current_context(&self) -> Option<&str> {
        self.current_context.as_ref().map(|(name, _)| name.as_str())
    }

    /// The file that says which context is the current one.
    pub(super) fn current_context_file(&self) -> Option<&Path> {
        self.current_context.as_ref().map(|(_, file)| file.as_path())
    }

    /// The contexts, by name.
    pub fn contexts(&self) -> impl Iterator<Item = (&str, &KubeconfigEntry<KubeconfigContext>)> {
        self.contexts.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    /// The context `name`.
    pub fn context(&self, name: &str) -> Option<&KubeconfigEntry<KubeconfigContext>> {
        self.contexts.get(name)
    }

    /// The clusters, by name.
    pub fn clusters(&self) -> impl Iterator<Item = (&str, &KubeconfigEntry<KubeconfigCluster>)> {
        self.clusters.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    /// The cluster `name`.
    pub fn cluster(&self, name: &str) -> Option<&KubeconfigEntry<KubeconfigCluster>> {
        self.clusters.get(name)
    }

    /// The users, by name.
    pub fn users(&self) -> impl Iterator<Item = (&str, &KubeconfigEntry<KubeconfigUser>)> {
        self.users.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    /// The user `name`.
    pub fn user(&self, name: &str) -> Option<&KubeconfigEntry<KubeconfigUser>> {
        self.users.get(name)
    }

    /// What programs keep in the files, beside what they keep in single entries.
    pub fn extensions(&self) -> &KubeconfigExtensions {
        &self.extensions
    }

    /// Settings for programs that show things to people, by name. Nothing in kubeset follows them.
    pub fn preferences(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.preferences.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The configuration of the context that the overrides or the files choose.
    ///
    /// # Errors
    ///
    /// As [`Config::from_kubeconfig`].
    pub fn config(&self, overrides: &KubeconfigOverrides) -> Result<Config, ConfigError> {
        resolve::resolve(&self.merged, overrides)
    }

    /// Begins to change the files.
    pub fn edit(&self) -> KubeconfigEdit {
        KubeconfigEdit::new(self.files.clone())
    }

    /// Checks all entries, not only those of the current context.
    ///
    /// No certificate, key or token file is opened.
    ///
    /// # Errors
    ///
    /// Every contradiction, gap and name that leads nowhere, with its file, entry and key. That something is
    /// valid but not supported by kubeset is no error here.
    pub fn validate(&self) -> Result<(), ConfigError> {
        validate::validate(self, &self.merged)
    }
}

/// Adds entries whose names are new.
fn add<T: Default>(all: &mut Entries<T>, file: &Path, entries: impl Iterator<Item = (String, Option<T>)>) {
    for (name, value) in entries {
        let new = || KubeconfigEntry::new(value.unwrap_or_default(), file.to_owned());
        all.entry(name).or_insert_with(new);
    }
}
