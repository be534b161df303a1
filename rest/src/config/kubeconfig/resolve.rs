//! One context of the merged files to a configuration.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::{Config, ConfigError};
use super::load::{Located, Merged};
use super::model::Context;
use super::{KubeconfigOverrides, cluster, exec, user};

/// What the context and the overrides choose.
#[derive(Debug)]
struct Choice<'a> {
    cluster: Option<&'a str>,
    user: Option<&'a str>,
    namespace: Option<&'a str>,
    wanted_by: String,
}

/// The configuration of the context that the overrides or the files choose.
pub(super) fn resolve(merged: &Merged, overrides: &KubeconfigOverrides) -> Result<Config, ConfigError> {
    if merged.is_empty() {
        return Err(ConfigError::Empty { looked_at: merged.looked_at.clone() });
    }
    let choice = choose(merged, overrides)?;
    let mut problems = Vec::new();
    let mut config = cluster_config(merged, &choice, &mut problems);
    if let Some(name) = choice.user {
        apply_user(merged, name, &choice, &mut config, &mut problems);
    }
    if !problems.is_empty() {
        return Err(ConfigError::all(problems));
    }
    let (mut config, _) = config.ok_or(ConfigError::NoContext { known: names(&merged.contexts) })?;
    if let Some(namespace) = choice.namespace {
        config.default_namespace = namespace.to_owned();
    }
    Ok(config)
}

/// Overrides first, then the context. Without a context, the override of the cluster suffices.
fn choose<'a>(merged: &'a Merged, overrides: &'a KubeconfigOverrides) -> Result<Choice<'a>, ConfigError> {
    let context = chosen_context(merged, overrides)?;
    let (name, context) = match context {
        Some((name, context)) => (Some(name), Some(&context.value)),
        None => (None, None),
    };
    let pick = |over: &'a Option<String>, own: fn(&Context) -> Option<&str>| {
        given(over).or_else(|| context.and_then(own))
    };
    Ok(Choice {
        cluster: pick(&overrides.cluster, |context| context.cluster.as_deref()),
        user: pick(&overrides.user, |context| context.user.as_deref()),
        namespace: pick(&overrides.namespace, |context| context.namespace.as_deref()),
        wanted_by: name.map_or_else(|| "the override".to_owned(), |name| format!("context {name:?}")),
    })
}

fn chosen_context<'a>(
    merged: &'a Merged,
    overrides: &'a KubeconfigOverrides,
) -> Result<Option<(&'a str, &'a Located<Context>)>, ConfigError> {
    let (name, wanted_by) = match (given(&overrides.context), merged.current_context.as_deref()) {
        (Some(name), _) => (name, "the override"),
        (None, Some(name)) => (name, "current-context"),
        (None, None) if given(&overrides.cluster).is_some() => return Ok(None),
        (None, None) => {
            return Err(ConfigError::NoContext { known: names(&merged.contexts) });
        }
    };
    match merged.contexts.get(name) {
        Some(context) => Ok(Some((name, context))),
        None => Err(missing("context", name, wanted_by, &merged.contexts)),
    }
}

/// The cluster's part of the configuration, and whether the cluster is reached over TLS.
fn cluster_config(
    merged: &Merged,
    choice: &Choice<'_>,
    problems: &mut Vec<ConfigError>,
) -> Option<(Config, bool)> {
    let name = choice.cluster.unwrap_or_default();
    let Some(entry) = merged.clusters.get(name) else {
        problems.push(missing("cluster", name, &choice.wanted_by, &merged.clusters));
        return None;
    };
    cluster::config(name, entry).map_err(|found| problems.extend(found)).ok()
}

/// Adds the user's credentials, unless they would travel in the clear.
fn apply_user(
    merged: &Merged,
    name: &str,
    choice: &Choice<'_>,
    config: &mut Option<(Config, bool)>,
    problems: &mut Vec<ConfigError>,
) {
    let Some(entry) = merged.users.get(name) else {
        problems.push(missing("user", name, &choice.wanted_by, &merged.users));
        return;
    };
    let (base, tls) = config.clone().unwrap_or_else(|| (Config::new(""), false));
    let mut with_user = base;
    if let Err(found) = user::apply(name, entry, &mut with_user) {
        problems.extend(found);
    } else if tls {
        let cluster = choice.cluster.and_then(|name| merged.clusters.get(name));
        if let Some(exec) = &mut with_user.exec {
            exec.cluster_config = cluster.and_then(|cluster| exec::cluster_config(&cluster.value));
        }
        *config = Some((with_user, tls));
    } else if config.is_some() && user::has_credentials(&entry.value) {
        warn_of_dropped_credentials(name, &entry.file, &with_user.host);
    }
}

fn warn_of_dropped_credentials(user: &str, file: &Path, server: &str) {
    tracing::warn!(
        user,
        server,
        file = %file.display(),
        "the user's credentials are left out, because the server is not reached over TLS"
    );
}

fn given(over: &Option<String>) -> Option<&str> {
    over.as_deref().filter(|name| !name.is_empty())
}

fn missing<T>(kind: &'static str, name: &str, wanted_by: &str, entries: &BTreeMap<String, T>) -> ConfigError {
    let (name, wanted_by) = (name.to_owned(), wanted_by.to_owned());
    ConfigError::Missing { kind, name, wanted_by, known: names(entries) }
}

fn names<T>(entries: &BTreeMap<String, T>) -> Vec<String> {
    entries.keys().cloned().collect()
}
