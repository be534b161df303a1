//! Changes of kubeconfig files, which keep everything that they are not about.
//!
//! A change is done to a tree of the file's YAML (`yaml`), under a lock (`lock`), and the file is replaced as a
//! whole (`file`). Nothing of a file goes through a typed model, which would lose what it does not know.

mod change;
mod error;
mod fields;
mod file;
mod lock;
mod yaml;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use self::change::{Change, Section};
pub use self::error::KubeconfigEditError;
use self::file::{EditedFile, Staged};
use self::lock::Lock;
use super::entries::{KubeconfigCluster, KubeconfigContext, KubeconfigUser};
use super::load::Files;
use super::view::Kubeconfig;

/// How often to begin again because another program, which knows no lock, has changed a file meanwhile.
const ATTEMPTS: usize = 20;

/// Changes to make to the kubeconfig files, all together. Made by [`Kubeconfig::edit`].
///
/// An entry is changed in the file that has it (the one that counts, if several have it); a new one goes where
/// kubectl puts it: the file that was given, else the first file of `KUBECONFIG` that exists, else the last
/// of them, else `~/.kube/config`. What these files say besides stays: unknown keys, extensions, preferences
/// and the order of entries. Comments and layout do not: the file is written anew, as kubectl does.
///
/// ```no_run
/// use kubeset_rest::{Kubeconfig, KubeconfigContext};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut context = KubeconfigContext::default();
/// context.cluster = Some("staging".to_owned());
/// context.user = Some("anna".to_owned());
/// let kubeconfig = Kubeconfig::load(None)?
///     .edit()
///     .set_context("staging", &context)
///     .set_current_context("staging")
///     .apply()?;
/// assert_eq!(kubeconfig.current_context(), Some("staging"));
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is changed until the changes are applied"]
pub struct KubeconfigEdit {
    files: Files,
    changes: Vec<Change>,
}

impl KubeconfigEdit {
    pub(super) fn new(files: Files) -> Self {
        Self { files, changes: Vec::new() }
    }

    /// Makes a context the current one. It must exist, or be made before in this edit.
    pub fn set_current_context(self, name: impl Into<String>) -> Self {
        self.with(Change::CurrentContext(name.into()))
    }

    /// Adds a cluster, or replaces what it says. Its extensions and unknown keys stay.
    pub fn set_cluster(self, name: impl Into<String>, cluster: &KubeconfigCluster) -> Self {
        self.set(Section::Clusters, name.into(), fields::cluster(cluster))
    }

    /// Adds a context, or replaces what it says. Its extensions and unknown keys stay.
    pub fn set_context(self, name: impl Into<String>, context: &KubeconfigContext) -> Self {
        self.set(Section::Contexts, name.into(), fields::context(context))
    }

    /// Adds a user, or replaces what it says. Its extensions and unknown keys stay, but not those inside `exec`.
    pub fn set_user(self, name: impl Into<String>, user: &KubeconfigUser) -> Self {
        self.set(Section::Users, name.into(), fields::user(user))
    }

    /// Removes a cluster. Contexts that name it stay, and lead nowhere.
    pub fn remove_cluster(self, name: impl Into<String>) -> Self {
        self.with(Change::Remove { section: Section::Clusters, name: name.into() })
    }

    /// Removes a context. If it is the current one, `current-context` stays and leads nowhere, as with kubectl:
    /// no program shall find itself on another cluster.
    pub fn remove_context(self, name: impl Into<String>) -> Self {
        self.with(Change::Remove { section: Section::Contexts, name: name.into() })
    }

    /// Removes a user. Contexts that name it stay, and lead nowhere.
    pub fn remove_user(self, name: impl Into<String>) -> Self {
        self.with(Change::Remove { section: Section::Users, name: name.into() })
    }

    /// Renames a cluster, also in the contexts of all files that name it.
    pub fn rename_cluster(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.rename(Section::Clusters, from.into(), to.into())
    }

    /// Renames a context, also where it is the current one.
    pub fn rename_context(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.rename(Section::Contexts, from.into(), to.into())
    }

    /// Renames a user, also in the contexts of all files that name it.
    pub fn rename_user(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.rename(Section::Users, from.into(), to.into())
    }

    /// Sets the namespace of a context. An empty one makes it `default` again.
    pub fn set_namespace(self, context: impl Into<String>, namespace: impl Into<String>) -> Self {
        self.with(Change::Namespace { context: context.into(), namespace: Some(namespace.into()) })
    }

    /// Makes the changes in the order in which they were named, and returns what the files say then.
    ///
    /// The files are read again first, so that what other programs have written since is kept. Each file is
    /// replaced at once and keeps its mode; new ones can be read by their owner only. Several files are
    /// replaced one after the other. Other users of this crate wait meanwhile; this waits for them and for kubectl,
    /// up to ten seconds for each file. kubectl knows nothing of this lock: a change that it makes in the
    /// instant before the file is replaced is lost.
    ///
    /// This blocks: in asynchronous programs it belongs into `spawn_blocking`.
    ///
    /// # Errors
    ///
    /// If a change cannot be made, a file is locked, or cannot be read or written. No file is changed then,
    /// but for those that were written before another could not be.
    pub fn apply(self) -> Result<Kubeconfig, KubeconfigEditError> {
        let mut locked = BTreeSet::new();
        for _ in 0..ATTEMPTS {
            // In one order everywhere, so that nobody waits for somebody who waits for him.
            let _locks = locked.iter().map(|path: &PathBuf| Lock::of(path)).collect::<Result<Vec<_>, _>>()?;
            let files = self.edited()?;
            let changed: Vec<_> = files.iter().filter(|file| file.is_changed()).collect();
            let targets: BTreeSet<_> = changed.iter().map(|file| file.target()).collect();
            if !targets.is_subset(&locked) {
                locked = targets;
                continue;
            }
            if replace_all(&changed)? {
                return Ok(Kubeconfig::read(self.files)?);
            }
        }
        let path = locked.pop_first().unwrap_or_default();
        Err(KubeconfigEditError::Locked { lock: path.clone(), path })
    }

    /// The files as they are now, with the changes.
    fn edited(&self) -> Result<Vec<EditedFile>, KubeconfigEditError> {
        let files = self.files.paths.iter().map(|path| EditedFile::read(path));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        let last = files.len().checked_sub(1).ok_or(KubeconfigEditError::NoFile)?;
        let new_entries = files.iter().position(EditedFile::exists).unwrap_or(last);
        for change in &self.changes {
            change.apply(&mut files, new_entries)?;
        }
        Ok(files)
    }

    fn set(self, section: Section, name: String, fields: change::Fields) -> Self {
        self.with(Change::Set { section, name, fields })
    }

    fn rename(self, section: Section, from: String, to: String) -> Self {
        self.with(Change::Rename { section, from, to })
    }

    fn with(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

/// Replaces the files, or says `false` if one has changed since it was read.
///
/// All new texts are on the disk first, so that what cannot be written is known before anything is replaced.
fn replace_all(files: &[&EditedFile]) -> Result<bool, KubeconfigEditError> {
    let texts = files.iter().map(|file| file.text()).collect::<Result<Vec<_>, _>>()?;
    let staged = files.iter().zip(&texts).map(|(file, text)| file.stage(text));
    let staged = staged.collect::<Result<Vec<_>, _>>()?;
    for file in files {
        if !file.is_as_read()? {
            return Ok(false);
        }
    }
    staged.into_iter().try_for_each(Staged::commit)?;
    Ok(true)
}

/// The changes are not shown: they may hold secrets.
impl fmt::Debug for KubeconfigEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubeconfigEdit")
            .field("files", &self.files)
            .field("changes", &self.changes.len())
            .finish()
    }
}

/// Writes a stranger's file anew, as a change would.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn exercise(path: &std::path::Path, bytes: &[u8]) {
    if let Ok(file) = EditedFile::new(path, Some(bytes.to_vec())) {
        drop(file.text());
    }
}

#[cfg(test)]
mod tests;
