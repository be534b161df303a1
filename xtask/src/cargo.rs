//! Child processes of the project's commands, above all cargo itself.

use crate::Outcome;
use crate::codegen::root;
use std::env;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

/// What `cargo run` sets for this program and a child must not see.
///
/// Build scripts (ring's is one) are run again when such a variable changes, so each `cargo xtask` would
/// rebuild what the last plain `cargo` built, and the other way round.
const OF_THIS_PROGRAM: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE"];

/// `cargo` with some arguments, to be run in the workspace's folder.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments);
    as_from_a_shell(command)
}

/// `program` with some arguments, to be run in the workspace's folder.
pub(crate) fn program<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    as_from_a_shell(command)
}

/// `go` with some arguments about modules, which it may fetch, to be run in `folder`.
pub(crate) fn go_modules<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = program("go", arguments);
    command.current_dir(folder).env("GOFLAGS", "-mod=mod").env("GOWORK", "off");
    command
}

fn as_from_a_shell(mut command: Command) -> Command {
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        if OF_THIS_PROGRAM.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command whose output goes to the user.
///
/// # Errors
///
/// If it cannot be started or fails.
pub(crate) fn succeed(command: &mut Command) -> Outcome {
    let shown = shown(command);
    eprintln!("$ {shown}");
    let status = command.status().map_err(|error| not_started(&shown, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}").into()) }
}

/// Runs a command and gives what it prints.
///
/// # Errors
///
/// If it cannot be started or fails; what it printed as errors is in the message.
pub(crate) fn output(command: &mut Command) -> Result<String, Box<dyn std::error::Error>> {
    let shown = shown(command);
    let output = command.output().map_err(|error| not_started(&shown, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{shown}` failed: {}\n{}", output.status, errors.trim_end()).into())
}

fn not_started(shown: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("`{shown}` cannot be run: the program is not installed"),
        _ => format!("`{shown}` cannot be run: {error}"),
    }
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{cargo, output, program, succeed};

    #[test]
    fn a_child_does_not_see_what_cargo_set_for_this_program() {
        let seen = output(&mut program("env", [])).unwrap();
        assert!(!seen.contains("CARGO_PKG_NAME"), "{seen}");
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = succeed(&mut cargo(["no-such-command"])).unwrap_err().to_string();
        assert!(error.starts_with("`cargo no-such-command` failed: exit status"), "{error}");
    }

    #[test]
    fn a_missing_program_is_said_to_be_missing() {
        let error = succeed(&mut program("kubeset-no-such-program", ["x"])).unwrap_err().to_string();
        assert_eq!(error, "`kubeset-no-such-program x` cannot be run: the program is not installed");
    }
}
