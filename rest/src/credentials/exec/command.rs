//! One run of a plugin: its process, from start to exit.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretSlice};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::config::{ExecConfig, InteractiveMode};

/// The most that a plugin may print.
const MAX_BYTES: usize = 1 << 20;
/// After this time the log says that requests wait for a plugin, which may be waiting for its user.
const SLOW: Duration = Duration::from_secs(30);

/// Whether the plugin gets standard input, or why it cannot be run without.
pub(super) fn interactive(mode: InteractiveMode) -> Result<bool, String> {
    with_terminal(mode, io::stdin().is_terminal())
}

fn with_terminal(mode: InteractiveMode, terminal: bool) -> Result<bool, String> {
    match mode {
        InteractiveMode::Never => Ok(false),
        InteractiveMode::IfAvailable => Ok(terminal),
        InteractiveMode::Always if terminal => Ok(true),
        InteractiveMode::Always => {
            Err("is not run: it wants to ask its user something, and standard input is no terminal"
                .to_owned())
        }
    }
}

/// Runs the plugin and returns what it printed. If this is dropped, the process is killed.
pub(super) async fn run(
    config: &ExecConfig,
    program: &Path,
    interactive: bool,
    info: &str,
) -> Result<SecretSlice<u8>, String> {
    let mut work = pin!(run_to_end(config, program, interactive, info));
    if let Ok(outcome) = tokio::time::timeout(SLOW, &mut work).await {
        return outcome;
    }
    tracing::warn!(
        target: "kubeset::rest",
        command = %config.command.display(),
        "requests have been waiting for the credential plugin for {SLOW:?}"
    );
    work.await
}

async fn run_to_end(
    config: &ExecConfig,
    program: &Path,
    interactive: bool,
    info: &str,
) -> Result<SecretSlice<u8>, String> {
    let mut child = Command::new(program)
        .args(&config.args)
        .envs(config.env.iter().map(|(name, value)| (name, value.expose_secret())))
        .env("KUBERNETES_EXEC_INFO", info)
        .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_started(config, &error))?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let limit = MAX_BYTES as u64 + 1;
        let read = stdout.take(limit).read_to_end(&mut printed).await;
        read.map_err(|error| format!("cannot be read from: {error}"))?;
    }
    let printed = SecretSlice::from(printed);
    if printed.expose_secret().len() > MAX_BYTES {
        return Err(format!("printed more than {} MiB", MAX_BYTES >> 20));
    }
    let status = child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))?;
    match status.success() {
        true => Ok(printed),
        false => Err(format!("failed with {status}: its messages are on this program's standard error")),
    }
}

fn not_started(config: &ExecConfig, error: &io::Error) -> String {
    if error.kind() != io::ErrorKind::NotFound {
        return format!("cannot be started: {error}");
    }
    match config.install_hint.as_deref().map(printable) {
        Some(hint) if !hint.is_empty() => format!("is not installed: {hint}"),
        _ => "is not installed: install it, or put its folder into PATH".to_owned(),
    }
}

/// The hint comes from a kubeconfig, and may not steer the terminal that shows it.
fn printable(hint: &str) -> String {
    let text: String = hint.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_the_plugins_only_if_it_is_a_terminal() {
        for (mode, terminal, want) in [
            (InteractiveMode::Never, true, Some(false)),
            (InteractiveMode::Never, false, Some(false)),
            (InteractiveMode::IfAvailable, true, Some(true)),
            (InteractiveMode::IfAvailable, false, Some(false)),
            (InteractiveMode::Always, true, Some(true)),
            (InteractiveMode::Always, false, None),
        ] {
            assert_eq!(with_terminal(mode, terminal).ok(), want, "{mode:?} {terminal}");
        }
        let error = with_terminal(InteractiveMode::Always, false).expect_err("no terminal");
        assert!(error.contains("no terminal"), "{error}");
    }

    #[test]
    fn a_hint_cannot_steer_the_terminal() {
        assert_eq!(printable(" run \u{1b}[2Jthis\nor that\r\n"), "run [2Jthis\nor that");
    }
}
