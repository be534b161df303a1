//! Keeps two programs from changing one kubeconfig at the same time.
//!
//! client-go creates `config.lock` beside the file and removes it afterwards. If it dies in between, the lock
//! stays and nobody can change the file any more. So this lock is one of the operating system, which ends
//! with its process, on a hidden file that stays: removing it would let two processes lock two files of
//! one name. client-go's lock is respected while it is young enough to be somebody's. client-go does not see
//! ours; against that, a file that changed under our hands is read again before it is replaced.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::KubeconfigEditError;
use super::file::{self, beside};

/// How long to wait for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(10);
/// client-go holds its lock for milliseconds. One that is older than this was left behind.
const STALE: Duration = Duration::from_secs(60);

/// The right to change a file. Dropping it gives the right back.
#[derive(Debug)]
pub(super) struct Lock {
    _held: File,
}

impl Lock {
    /// Waits for the lock of the file, for a while.
    pub(super) fn of(path: &Path) -> Result<Self, KubeconfigEditError> {
        let deadline = Instant::now() + PATIENCE;
        let ours = beside(path, ".kubeset-lock");
        let failed = |cause| KubeconfigEditError::Write { path: ours.clone(), cause };
        file::make_folder(&ours).map_err(failed)?;
        let held = file::private().create(true).truncate(false).open(&ours).map_err(failed)?;
        wait(deadline, || match held.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(cause)) => Err(cause),
        })
        .map_err(failed)?
        .then_some(())
        .ok_or_else(|| KubeconfigEditError::Locked { path: path.to_owned(), lock: ours.clone() })?;
        respect_client_go(path, deadline)?;
        Ok(Self { _held: held })
    }
}

fn respect_client_go(path: &Path, deadline: Instant) -> Result<(), KubeconfigEditError> {
    let lock = theirs(path);
    match wait(deadline, || Ok(!is_fresh(&lock))) {
        Ok(true) => Ok(()),
        _ => Err(KubeconfigEditError::Locked { path: path.to_owned(), lock }),
    }
}

/// Looks until the answer is yes or the time is over.
fn wait(deadline: Instant, mut look: impl FnMut() -> io::Result<bool>) -> io::Result<bool> {
    while !look()? {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(PAUSE);
    }
    Ok(true)
}

/// The lock that client-go makes.
fn theirs(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn is_fresh(lock: &Path) -> bool {
    let Ok(made) = fs::symlink_metadata(lock).and_then(|lock| lock.modified()) else { return false };
    // A time in the future counts as fresh: the clocks of file servers differ.
    SystemTime::now().duration_since(made).is_ok_and(|age| age < STALE) || made > SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_client_go_is_waited_for_and_an_old_one_is_passed_over() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        let lock = root.path().join("config.lock");
        let made = File::create(&lock).expect("a lock");
        let now = Instant::now();
        let error = respect_client_go(&path, now).expect_err("it is locked").to_string();
        assert!(error.contains("config.lock") && error.contains("try again"), "{error}");

        made.set_modified(SystemTime::now() - STALE * 2).expect("its time");
        respect_client_go(&path, now).expect("the lock is old");

        made.set_modified(SystemTime::now()).expect("its time");
        let removed = std::thread::spawn(move || {
            sleep(PAUSE * 3);
            fs::remove_file(lock)
        });
        respect_client_go(&path, now + PATIENCE).expect("the lock is removed soon");
        removed.join().expect("no panic").expect("the lock was there");
    }

    #[test]
    fn a_lock_ends_when_its_holder_does() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("not-there-yet/config");
        let held = Lock::of(&path).expect("the lock");
        let ours = File::open(beside(&path, ".kubeset-lock")).expect("the lock's file");
        assert!(matches!(ours.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        ours.try_lock().expect("it is free again");
    }
}
