//! All problems of all entries, as a list.

use super::super::{Config, ConfigError};
use super::entries::{KubeconfigEntry, KubeconfigUser};
use super::entry::Entry;
use super::load::Merged;
use super::{Kubeconfig, cluster, user};

/// The longest name of a namespace.
const MAX_NAMESPACE: usize = 63;

pub(super) fn validate(kubeconfig: &Kubeconfig, merged: &Merged) -> Result<(), ConfigError> {
    if merged.is_empty() {
        return Err(ConfigError::Empty { looked_at: merged.looked_at.clone() });
    }
    let mut problems = Vec::new();
    for (name, entry) in &merged.clusters {
        problems.extend(cluster::config(name, entry).err().into_iter().flatten());
    }
    for (name, entry) in &merged.users {
        problems.extend(user::apply(name, entry, &mut Config::new("")).err().into_iter().flatten());
    }
    problems.retain(|problem| !matches!(problem, ConfigError::Unsupported { .. }));
    for (name, entry) in kubeconfig.users() {
        problems.extend(provider_problem(name, entry));
    }
    problems.extend(context_problems(kubeconfig));
    problems.extend(current_context_problem(kubeconfig));
    if problems.is_empty() { Ok(()) } else { Err(ConfigError::all(problems)) }
}

/// An auth provider that has no name is not refused as one that is not supported.
fn provider_problem(name: &str, user: &KubeconfigEntry<KubeconfigUser>) -> Option<ConfigError> {
    let nameless = user.value().auth_provider.as_ref().is_some_and(|provider| provider.name.is_none());
    nameless.then(|| ConfigError::Invalid {
        path: user.file().to_owned(),
        entry: format!("user {name:?}"),
        reason: "auth-provider.name is missing".to_owned(),
    })
}

fn context_problems(kubeconfig: &Kubeconfig) -> Vec<ConfigError> {
    let mut problems = Vec::new();
    for (name, context) in kubeconfig.contexts() {
        let mut entry = Entry::new("context", name, context.file());
        let context = context.value();
        match context.cluster.as_deref() {
            None => entry.invalid("cluster is missing"),
            Some(cluster) if kubeconfig.cluster(cluster).is_none() => {
                entry.invalid(format!("cluster: there is no cluster {cluster:?}"));
            }
            Some(_) => {}
        }
        if let Some(user) = context.user.as_deref().filter(|user| kubeconfig.user(user).is_none()) {
            entry.invalid(format!("user: there is no user {user:?}"));
        }
        if let Some(namespace) = context.namespace.as_deref().filter(|name| !is_namespace(name)) {
            entry.invalid(format!(
                "namespace: {namespace:?} is not the name of a namespace, which has up to {MAX_NAMESPACE} \
                 lower-case letters, digits and hyphens, and no hyphen at either end"
            ));
        }
        problems.extend(entry.finish(()).err().into_iter().flatten());
    }
    problems
}

fn current_context_problem(kubeconfig: &Kubeconfig) -> Option<ConfigError> {
    let name = kubeconfig.current_context().filter(|name| kubeconfig.context(name).is_none())?;
    Some(ConfigError::Invalid {
        path: kubeconfig.current_context_file()?.to_owned(),
        entry: "current-context".to_owned(),
        reason: format!("there is no context {name:?}"),
    })
}

/// A DNS label.
fn is_namespace(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAMESPACE).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
