//! Whether a program may be run, and which file it is.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::config::ExecPolicy;

/// The program to run for `command`, or why it is not run. Looks at the file system.
pub(super) fn program(policy: &ExecPolicy, command: &Path) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    match policy {
        ExecPolicy::AllowAll => Ok(command.to_owned()),
        ExecPolicy::DenyAll => Err("is not run: Config::exec_policy denies all plugins".to_owned()),
        ExecPolicy::AllowList(allowed) => {
            // The file that was compared is the file that is run, whatever PATH leads to a moment later.
            let found = find(command, &path)
                .filter(|found| allowed.iter().any(|allowed| find(allowed, &path).as_ref() == Some(found)));
            found.ok_or_else(|| {
                "is not run: it is not found in PATH, or not in the list of Config::exec_policy".to_owned()
            })
        }
    }
}

/// The file that a path or a name leads to. The working folder is not searched, even if `PATH` says so.
fn find(command: &Path, path: &OsStr) -> Option<PathBuf> {
    if command.components().count() != 1 || command.is_absolute() {
        return Some(command.to_owned());
    }
    let folders = env::split_paths(path).filter(|folder| folder.is_absolute());
    let mut files =
        folders.map(|folder| folder.join(command).with_added_extension(env::consts::EXE_EXTENSION));
    files.find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(commands: &[&Path]) -> ExecPolicy {
        ExecPolicy::AllowList(commands.iter().map(|command| command.to_path_buf()).collect())
    }

    #[test]
    fn every_program_may_be_run_unless_the_policy_says_otherwise() {
        let command = Path::new("get-token");
        assert_eq!(program(&ExecPolicy::default(), command), Ok(command.to_owned()));
        let error = program(&ExecPolicy::DenyAll, command).expect_err("denied");
        assert!(error.contains("exec_policy denies all"), "{error}");
        program(&allow(&[]), Path::new("sh")).expect_err("an empty list allows nothing");
    }

    #[cfg(unix)]
    #[test]
    fn a_listed_program_is_the_file_that_is_found_and_not_its_name() {
        let name = Path::new("sh");
        let file = find(name, &env::var_os("PATH").expect("a PATH")).expect("every Unix has it");
        assert_eq!(program(&allow(&[name]), name), Ok(file.clone()));
        assert_eq!(program(&allow(&[&file]), name), Ok(file.clone()));
        assert_eq!(program(&allow(&[name]), &file), Ok(file));
        program(&allow(&[name]), Path::new("/tmp/sh")).expect_err("another file of that name");
        program(&allow(&[Path::new("/tmp/sh")]), name).expect_err("another file of that name");
        program(&allow(&[Path::new("no-such-plugin")]), Path::new("no-such-plugin")).expect_err("not there");
    }
}
