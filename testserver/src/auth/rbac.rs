//! Roles and bindings, as they are stored.

use crate::catalog::StorageKey;
use crate::server::Server;
use crate::store::{ObjectKey, Range, Store};
use crate::user::{User, service_account};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The API group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// The resources that say who may do what.
const RESOURCES: [&str; 4] = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];

/// The roles and bindings of a server, read again when one has changed.
#[derive(Debug, Default)]
pub(crate) struct Rbac {
    latest: Mutex<Option<([u64; 4], Arc<Policy>)>>,
}

impl Rbac {
    /// The rules at the moment.
    pub(crate) fn policy(&self, server: &Server) -> Arc<Policy> {
        let revisions = RESOURCES.map(|plural| server.store.changed(&key(plural)));
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some((of, policy)) if *of == revisions => policy.clone(),
            _ => {
                let policy = Arc::new(Policy::read(&server.store));
                *latest = Some((revisions, policy.clone()));
                policy
            }
        }
    }
}

/// Where a resource of the group is stored.
pub(super) fn key(plural: &'static str) -> StorageKey {
    StorageKey { group: GROUP.into(), plural: plural.into() }
}

/// What a role allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Rule {
    /// In the words of RBAC, or `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub(crate) verbs: Vec<String>,
    /// API groups, or `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub(crate) api_groups: Vec<String>,
    /// Such as `pods`, `pods/log`, `*/scale` or `*`.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    /// Only these objects; all, if there are none.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub(crate) resource_names: Vec<String>,
    /// Paths of what is no resource, or their beginnings with `*`.
    #[serde(
        deserialize_with = "nullable",
        skip_serializing_if = "Vec::is_empty",
        rename = "nonResourceURLs"
    )]
    pub(crate) non_resource_urls: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Role {
    metadata: Metadata,
    #[serde(deserialize_with = "nullable")]
    rules: Vec<Rule>,
    #[serde(deserialize_with = "nullable")]
    aggregation_rule: Aggregation,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    #[serde(deserialize_with = "nullable")]
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Aggregation {
    #[serde(deserialize_with = "nullable")]
    cluster_role_selectors: Vec<LabelSelector>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LabelSelector {
    #[serde(deserialize_with = "nullable")]
    match_labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Binding {
    role_ref: RoleRef,
    #[serde(deserialize_with = "nullable")]
    subjects: Vec<Subject>,
    #[serde(skip)]
    key: ObjectKey,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleRef {
    kind: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Subject {
    kind: String,
    name: String,
    namespace: String,
}

fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// All roles and bindings at one moment.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    cluster_roles: BTreeMap<String, Vec<Rule>>,
    roles: HashMap<ObjectKey, Vec<Rule>>,
    cluster_bindings: Vec<Binding>,
    bindings: HashMap<String, Vec<Binding>>,
}

/// What gives somebody a right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    binding: &'a Binding,
    subject: &'a Subject,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { binding, subject } = self;
        let ObjectKey { namespace, name } = &binding.key;
        if namespace.is_empty() {
            write!(formatter, "ClusterRoleBinding {name:?}")?;
        } else {
            write!(formatter, "RoleBinding \"{name}/{namespace}\"")?;
        }
        let RoleRef { kind, name } = &binding.role_ref;
        write!(formatter, " of {kind} {name:?} to {} ", subject.kind)?;
        if subject.kind == "ServiceAccount" {
            let of = if subject.namespace.is_empty() { namespace } else { &subject.namespace };
            return write!(formatter, "\"{}/{of}\"", subject.name);
        }
        write!(formatter, "{:?}", subject.name)
    }
}

impl Policy {
    fn read(store: &Store) -> Self {
        let cluster_roles: Vec<(ObjectKey, Role)> = objects(store, "clusterroles");
        let roles: Vec<(ObjectKey, Role)> = objects(store, "roles");
        let with_key = |(key, binding): (ObjectKey, Binding)| Binding { key, ..binding };
        let mut bindings: HashMap<String, Vec<Binding>> = HashMap::new();
        for binding in objects(store, "rolebindings").into_iter().map(with_key) {
            bindings.entry(binding.key.namespace.clone()).or_default().push(binding);
        }
        Self {
            cluster_roles: cluster_roles
                .iter()
                .map(|(key, role)| (key.name.clone(), aggregated(role, &cluster_roles, 0)))
                .collect(),
            roles: roles.into_iter().map(|(key, role)| (key, role.rules)).collect(),
            cluster_bindings: objects(store, "clusterrolebindings").into_iter().map(with_key).collect(),
            bindings,
        }
    }

    /// Shows each rule that a user has in a namespace, and what gives it to them, until somebody has seen enough. Gives
    /// what is wrong with bindings.
    pub(crate) fn visit(
        &self,
        user: &User,
        namespace: &str,
        mut visitor: impl FnMut(Source<'_>, &Rule) -> bool,
    ) -> Vec<String> {
        let mut errors = Vec::new();
        let in_namespace = self.bindings.get(namespace).into_iter().flatten();
        for binding in self.cluster_bindings.iter().chain(in_namespace) {
            let applies = |subject: &&Subject| applies(user, subject, &binding.key.namespace);
            let Some(subject) = binding.subjects.iter().find(applies) else { continue };
            match self.rules(binding) {
                Ok(rules) => {
                    for rule in rules {
                        if !visitor(Source { binding, subject }, rule) {
                            return errors;
                        }
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        errors
    }

    fn rules(&self, binding: &Binding) -> Result<&[Rule], String> {
        let RoleRef { kind, name } = &binding.role_ref;
        let rules = match kind.as_str() {
            "ClusterRole" => self.cluster_roles.get(name),
            "Role" => self.roles.get(&ObjectKey::new(binding.key.namespace.as_str(), name.as_str())),
            _ => return Err(format!("unsupported role reference kind: {kind:?}")),
        };
        let missing = || format!("{}.{GROUP} {name:?} not found", kind.to_lowercase());
        rules.map(Vec::as_slice).ok_or_else(missing)
    }
}

/// The objects of one of the resources. What is none of its kind is left out: the server would not have taken it.
fn objects<T: for<'de> Deserialize<'de>>(store: &Store, plural: &'static str) -> Vec<(ObjectKey, T)> {
    let listing = store.list(&key(plural), &Range::default(), usize::MAX, |_| true).unwrap_or_default();
    let objects = listing.entries.iter();
    objects
        .filter_map(|entry| Some((entry.key.clone(), serde_json::from_slice(entry.bare()).ok()?)))
        .collect()
}

/// The rules of a role, with those of the roles that it gathers, which a controller would copy into it.
fn aggregated(role: &Role, all: &[(ObjectKey, Role)], depth: usize) -> Vec<Rule> {
    /// Roles that gather each other end here.
    const DEEPEST: usize = 5;
    let mut rules = role.rules.clone();
    let selectors = &role.aggregation_rule.cluster_role_selectors;
    if selectors.is_empty() || depth == DEEPEST {
        return rules;
    }
    for (_, other) in all {
        let labels = &other.metadata.labels;
        let selects = |selector: &LabelSelector| {
            !selector.match_labels.is_empty()
                && selector.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        };
        if selectors.iter().any(selects) {
            for rule in aggregated(other, all, depth + 1) {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
    }
    rules
}

/// Whether a binding in a namespace means a user.
fn applies(user: &User, subject: &Subject, namespace: &str) -> bool {
    match subject.kind.as_str() {
        "User" => user.name == subject.name,
        "Group" => user.is_in(&subject.name),
        "ServiceAccount" => {
            let of = if subject.namespace.is_empty() { namespace } else { &subject.namespace };
            !of.is_empty() && service_account(&user.name) == Some((of, subject.name.as_str()))
        }
        _ => false,
    }
}
