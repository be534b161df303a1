//! One kubeconfig file while it is changed: read as a tree, replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::super::ConfigError;
use super::super::{load, parse};
use super::KubeconfigEditError;
use super::yaml::{self, Node};

/// The most symbolic links that are followed, as on Linux.
const MAX_LINKS: usize = 40;

/// Told apart from the temporary files of other threads by this number.
static TEMPORARY: AtomicU64 = AtomicU64::new(0);

/// A kubeconfig file, as it is and as it shall be.
pub(super) struct EditedFile {
    /// As the list of files has it.
    pub(super) path: PathBuf,
    /// Nothing if the file does not exist.
    before: Option<Vec<u8>>,
    read: Vec<Node>,
    pub(super) documents: Vec<Node>,
}

impl EditedFile {
    pub(super) fn read(path: &Path) -> Result<Self, KubeconfigEditError> {
        Self::new(path, load::bytes(path, true)?)
    }

    /// The file with what is in it, or with nothing if it does not exist.
    pub(super) fn new(path: &Path, before: Option<Vec<u8>>) -> Result<Self, KubeconfigEditError> {
        let documents = match &before {
            Some(bytes) => documents(path, bytes)?,
            None => Vec::new(),
        };
        Ok(Self { path: path.to_owned(), before, read: documents.clone(), documents })
    }

    pub(super) fn exists(&self) -> bool {
        self.before.is_some()
    }

    pub(super) fn is_changed(&self) -> bool {
        self.documents != self.read
    }

    /// Where the file is, after symbolic links, which stay.
    pub(super) fn target(&self) -> PathBuf {
        let mut path = self.path.clone();
        for _ in 0..MAX_LINKS {
            let Ok(target) = fs::read_link(&path) else { break };
            path = path.parent().unwrap_or(Path::new("")).join(target);
        }
        path
    }

    /// The new text, which reads as what it was made from.
    pub(super) fn text(&self) -> Result<String, KubeconfigEditError> {
        let text = yaml::emit(&self.documents);
        match documents(&self.path, text.as_bytes()) {
            Ok(documents) if documents == self.documents => Ok(text),
            _ => {
                let reason = "it has a value that cannot be written back as it is";
                Err(KubeconfigEditError::Unchangeable { path: self.path.clone(), reason })
            }
        }
    }

    /// Whether the file is still as it was read.
    pub(super) fn is_as_read(&self) -> Result<bool, KubeconfigEditError> {
        Ok(load::bytes(&self.path, true)? == self.before)
    }

    /// Puts the new text beside the file.
    pub(super) fn stage(&self, text: &str) -> Result<Staged, KubeconfigEditError> {
        let target = self.target();
        make_folder(&target)
            .and_then(|()| check_writable(&target))
            .and_then(|()| Staged::write(target, text.as_bytes()))
            .map_err(|cause| KubeconfigEditError::Write { path: self.path.clone(), cause })
    }
}

/// The documents of a file. It is read as a kubeconfig first, which bounds its depth and size.
fn documents(path: &Path, bytes: &[u8]) -> Result<Vec<Node>, KubeconfigEditError> {
    let invalid = |reason| ConfigError::Parse { path: path.to_owned(), reason };
    parse::parse(bytes).map_err(invalid)?;
    let text = parse::decode(bytes).map_err(invalid)?;
    yaml::parse(&text).map_err(|reason| KubeconfigEditError::Unchangeable { path: path.to_owned(), reason })
}

/// New text in a temporary file beside the old one. Dropped without a commit, it leaves nothing.
pub(super) struct Staged {
    path: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Staged {
    fn write(target: PathBuf, text: &[u8]) -> io::Result<Self> {
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let path = beside(&target, &format!(".kubeset-{}-{number}", std::process::id()));
        let mut file = match private().create_new(true).open(&path) {
            // A process of the same id died here.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                private().create_new(true).open(&path)?
            }
            other => other?,
        };
        let staged = Self { path, target, committed: false };
        keep_owner_and_mode(&staged.target, &file)?;
        file.write_all(text)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Replaces the file.
    pub(super) fn commit(mut self) -> Result<(), KubeconfigEditError> {
        let replaced = fs::rename(&self.path, &self.target);
        replaced.map_err(|cause| KubeconfigEditError::Write { path: self.target.clone(), cause })?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done about a failure; the next attempt takes another name.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A hidden file in the same folder, so that a rename stays in one file system and `~/.kube/*` does not match it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}

/// Makes the folder of a file, readable for all as client-go makes it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o755);
    folder.create(path.parent().unwrap_or(Path::new("")))
}

/// A rename would also replace a file that its owner has protected from writing.
fn check_writable(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How to open a file that nobody else may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Gives the new file what the old one has. A new kubeconfig keeps the mode that it was made with.
fn keep_owner_and_mode(old: &Path, new: &File) -> io::Result<()> {
    let Ok(old) = fs::metadata(old) else { return Ok(()) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let made = new.metadata()?;
        if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    new.set_permissions(old.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_write_leaves_the_old_file_and_nothing_else() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        fs::write(&path, "kind: Config\n").expect("a file");
        drop(Staged::write(path.clone(), b"half").expect("a temporary file"));
        assert_eq!(fs::read_to_string(&path).expect("the file"), "kind: Config\n");
        assert_eq!(fs::read_dir(root.path()).expect("the folder").count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_an_error_and_nothing_is_left_beside_it() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        let staged = Staged::write(path.clone(), b"new").expect("a temporary file");
        fs::create_dir(&path).expect("a folder in its place");
        let error = staged.commit().expect_err("a folder cannot be replaced").to_string();
        assert!(error.starts_with("cannot write ") && error.contains("/config: "), "{error}");
        assert_eq!(fs::read_dir(root.path()).expect("the folder").count(), 1);
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_noticed() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        fs::write(&path, "kind: Config\n").expect("a file");
        let file = EditedFile::read(&path).expect("the file");
        assert!(file.is_as_read().expect("it can be read"));
        fs::write(&path, "kind: Config # by another\n").expect("a file");
        assert!(!file.is_as_read().expect("it can be read"));
    }
}
