//! The `exec` key of a user entry.

use std::path::{MAIN_SEPARATOR, PathBuf};

use serde_json::Value;

use super::super::{ExecConfig, ExecVersion, InteractiveMode};
use super::entry::Entry;
use super::model::{Cluster, Exec};

/// The cluster's extension that is meant for plugins.
const EXTENSION: &str = "client.authentication.k8s.io/exec";

/// What the cluster's administrator wants plugins to know.
pub(super) fn cluster_config(cluster: &Cluster) -> Option<Value> {
    let mut extensions = cluster.extensions.iter().flatten();
    extensions.find(|named| named.name == EXTENSION)?.extension.clone()
}

/// The plugin that the entry asks for, or nothing if its keys are wrong, which the entry then notes.
pub(super) fn exec(entry: &mut Entry<'_>, exec: &Exec) -> Option<ExecConfig> {
    let version = version(entry, exec.api_version.as_deref());
    let interactive = interactive(entry, exec.interactive_mode.as_deref(), version);
    let variables = exec.env.iter().flatten();
    let env: Vec<_> = variables.map(|v| (v.name.clone(), v.value.clone().unwrap_or_default())).collect();
    if env.iter().any(|(name, _)| name.is_empty() || name.contains('=')) {
        entry.invalid("exec.env has a name that is empty or holds an equals sign");
    }
    let Some(command) = exec.command.as_deref() else {
        entry.invalid("exec.command is missing");
        return None;
    };
    let mut config = ExecConfig::new(program(entry, command));
    config.api_version = version?;
    config.interactive = interactive?;
    config.args = exec.args.clone().unwrap_or_default();
    config.env = env;
    config.install_hint = exec.install_hint.clone();
    config.provide_cluster_info = exec.provide_cluster_info.unwrap_or_default();
    Some(config)
}

fn version(entry: &mut Entry<'_>, version: Option<&str>) -> Option<ExecVersion> {
    let known = [ExecVersion::V1, ExecVersion::V1Beta1];
    let found = known.into_iter().find(|known| Some(known.as_str()) == version);
    match version {
        _ if found.is_some() => {}
        None => entry.invalid("exec.apiVersion is missing: set it to client.authentication.k8s.io/v1"),
        Some("client.authentication.k8s.io/v1alpha1") => entry.invalid(
            "exec.apiVersion client.authentication.k8s.io/v1alpha1 is no longer supported: \
             update the plugin, and set client.authentication.k8s.io/v1",
        ),
        Some(other) => entry.invalid(format!("exec.apiVersion {other:?} is not known")),
    }
    found
}

/// `v1` has no default, as its authors want each plugin's to be thought about.
fn interactive(
    entry: &mut Entry<'_>,
    mode: Option<&str>,
    version: Option<ExecVersion>,
) -> Option<InteractiveMode> {
    match (mode, version) {
        (Some("Never"), _) => return Some(InteractiveMode::Never),
        (Some("IfAvailable"), _) | (None, Some(ExecVersion::V1Beta1)) => {
            return Some(InteractiveMode::IfAvailable);
        }
        (Some("Always"), _) => return Some(InteractiveMode::Always),
        (Some(other), _) => entry
            .invalid(format!("exec.interactiveMode {other:?} is not one of Never, IfAvailable and Always")),
        (None, Some(ExecVersion::V1)) => entry.invalid(
            "exec.interactiveMode is missing: set it to Never, IfAvailable or Always, as \
             client.authentication.k8s.io/v1 demands",
        ),
        (None, None) => {}
    }
    None
}

/// A bare name is looked up in `PATH`; a relative path starts at the file's folder.
fn program(entry: &Entry<'_>, command: &str) -> PathBuf {
    if command.contains('/') || command.contains(MAIN_SEPARATOR) {
        entry.path(command)
    } else {
        PathBuf::from(command)
    }
}
