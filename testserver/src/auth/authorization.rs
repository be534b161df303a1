//! What somebody may do.

use super::rbac::Rule;
use crate::request::Seen;
use crate::server::Server;
use crate::user::{MASTERS, User};
use percent_encoding::percent_decode_str;

/// What somebody wants to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// In the words of RBAC.
    pub(crate) verb: String,
    /// The API group; empty for core.
    pub(crate) group: String,
    /// The plural of the resource; empty for a path that is none's.
    pub(crate) resource: String,
    /// The subresource; empty for the object itself.
    pub(crate) subresource: String,
    /// The namespace; empty for all.
    pub(crate) namespace: String,
    /// The object; empty for all.
    pub(crate) name: String,
    /// The path of what is no resource.
    pub(crate) path: String,
}

impl Attributes {
    /// What a request wants.
    pub(super) fn of(seen: &Seen) -> Self {
        let Some(route) = &seen.route else {
            let path = percent_decode_str(seen.uri.path()).decode_utf8_lossy().into_owned();
            return Self { verb: seen.verb.into(), path, ..Self::default() };
        };
        let mut attributes = Self {
            verb: seen.verb.into(),
            group: route.group.clone(),
            resource: route.plural.clone(),
            subresource: route.subresource.clone(),
            namespace: route.namespace.clone(),
            name: route.name.clone(),
            path: String::new(),
        };
        if attributes.resource == "namespaces" && attributes.namespace.is_empty() {
            // The rights in a namespace are about the namespace too.
            attributes.namespace.clone_from(&attributes.name);
        }
        if attributes.name.is_empty() && matches!(seen.verb, "list" | "watch" | "deletecollection") {
            attributes.name = seen.only_name().unwrap_or_default();
        }
        attributes
    }

    /// Whether it is about a resource.
    pub(crate) fn is_resource(&self) -> bool {
        !self.resource.is_empty()
    }
}

/// Whether somebody may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whether they may.
    pub(crate) allowed: bool,
    /// Why, or what is wrong with the rules. May be empty.
    pub(crate) reason: String,
}

/// Whether a user may do something, by the roles and bindings that are stored.
pub(crate) fn authorize(server: &Server, user: &User, attributes: &Attributes) -> Decision {
    if user.is_in(MASTERS) {
        return Decision { allowed: true, reason: String::new() };
    }
    let mut allowed = None;
    let policy = server.auth.rbac.policy(server);
    let errors = policy.visit(user, &attributes.namespace, |source, rule| {
        if permits(rule, attributes) {
            allowed = Some(format!("RBAC: allowed by {source}"));
        }
        allowed.is_none()
    });
    if let Some(reason) = allowed {
        return Decision { allowed: true, reason };
    }
    let reason = match errors.as_slice() {
        [] => String::new(),
        [error] => format!("RBAC: {error}"),
        errors => format!("RBAC: [{}]", errors.join(", ")),
    };
    Decision { allowed: false, reason }
}

/// Whether a rule gives the right.
fn permits(rule: &Rule, attributes: &Attributes) -> bool {
    let has = |list: &[String], wanted: &str| list.iter().any(|one| one == "*" || one == wanted);
    if !has(&rule.verbs, &attributes.verb) {
        return false;
    }
    if !attributes.is_resource() {
        return rule.non_resource_urls.iter().any(|url| match url.strip_suffix('*') {
            Some(start) => attributes.path.starts_with(start.trim_end_matches('*')),
            None => *url == attributes.path,
        });
    }
    let Attributes { resource, subresource, .. } = attributes;
    let named = |one: &String| {
        one == "*"
            || match one.split_once('/') {
                None => subresource.is_empty() && one == resource,
                Some((of, part)) => part == subresource && (of == "*" || of == resource) && !part.is_empty(),
            }
    };
    has(&rule.api_groups, &attributes.group)
        && rule.resources.iter().any(named)
        && (rule.resource_names.is_empty() || rule.resource_names.contains(&attributes.name))
}
