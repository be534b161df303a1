//! Names: the only place that makes Rust identifiers out of words of the API.
//!
//! Rust names come from the kind (`ClusterRole` → `cluster_roles`), URLs from the plural on the wire (`clusterroles`).

use crate::model::{Key, Type, Verb};
use crate::version::Version;
use proc_macro2::{Ident, Span};
use quote::format_ident;

/// Kinds whose plural the rules of English spelling get wrong.
const PLURALS: &[(&str, &str)] = &[
    // The kind is a plural already.
    ("Endpoints", "Endpoints"),
];

/// A subresource: its name on the wire, in method names, and in documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subresource {
    /// The segment of the path.
    pub wire: &'static str,
    /// What follows the verb in a method's name.
    pub suffix: &'static str,
    /// What it is called in a sentence.
    pub words: &'static str,
}

/// Every subresource that methods are made for.
pub const SUBRESOURCES: &[Subresource] = &[
    Subresource { wire: "approval", suffix: "approval", words: "approval" },
    Subresource { wire: "binding", suffix: "binding", words: "binding" },
    Subresource {
        wire: "ephemeralcontainers",
        suffix: "ephemeral_containers",
        words: "ephemeral containers",
    },
    Subresource { wire: "eviction", suffix: "eviction", words: "eviction" },
    Subresource { wire: "finalize", suffix: "finalize", words: "finalizers" },
    Subresource { wire: "log", suffix: "log", words: "logs" },
    Subresource { wire: "proxy", suffix: "proxy", words: "proxy" },
    Subresource { wire: "resize", suffix: "resize", words: "size" },
    Subresource { wire: "scale", suffix: "scale", words: "scale" },
    Subresource { wire: "status", suffix: "status", words: "status" },
    Subresource { wire: "token", suffix: "token", words: "token" },
];

/// Where definitions live in k8s-openapi: prefix of the definition, first module.
const MODULES: &[(&str, &str)] = &[
    ("io.k8s.api.", "api"),
    ("io.k8s.apiextensions-apiserver.", "apiextensions_apiserver"),
    ("io.k8s.apimachinery.", "apimachinery"),
    ("io.k8s.kube-aggregator.", "kube_aggregator"),
];

/// Looks a subresource up by its segment of the path.
pub fn subresource(wire: &str) -> Option<&'static Subresource> {
    SUBRESOURCES.iter().find(|subresource| subresource.wire == wire)
}

/// The cargo feature of a version: `v1_36`.
pub(crate) fn feature(version: Version) -> String {
    format!("v1_{}", version.minor())
}

/// An identifier; a keyword becomes a raw one.
pub(crate) fn ident(name: &str) -> Ident {
    match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}

/// The first of a group's and its version's names that makes no module.
pub(crate) fn not_a_module(group: &str, version: Option<&str>) -> Option<String> {
    let names = [Some(group_module(group)), version.map(str::to_owned)];
    let fits = |name: &str| is_name(name) && !["crate", "self", "super"].contains(&name);
    names.into_iter().flatten().find(|name| !fits(name))
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain)
}

/// The type of a definition: `io.k8s.api.core.v1.Pod` is `k8s_openapi::api::core::v1::Pod`.
pub(crate) fn rust_type(definition: &str) -> Option<Type> {
    let (rest, first) =
        MODULES.iter().find_map(|(prefix, first)| Some((definition.strip_prefix(prefix)?, *first)))?;
    let mut module = vec![first.to_owned()];
    module.extend(rest.split('.').map(|segment| segment.replace('-', "_")));
    let name = module.pop()?;
    (is_name(&name) && module.iter().all(|segment| is_name(segment))).then_some(Type { module, name })
}

/// The module of a group: its first DNS label, `core` for the group without a name.
pub(crate) fn group_module(group: &str) -> String {
    match group.split('.').next() {
        None | Some("") => "core".to_owned(),
        Some(label) => label.replace('-', "_"),
    }
}

/// The method of the clientset for a version of a group: `apps_v1`.
pub(crate) fn accessor(group: &str, version: &str) -> String {
    format!("{}_{version}", group_module(group))
}

/// The client of a version of a group: `AppsV1`.
pub(crate) fn client(group: &str, version: &str) -> String {
    let words = group_module(group);
    words.split('_').chain([version]).map(capitalized).collect()
}

/// The module of the informers of a version of a group, and of those of all.
pub(crate) const INFORMERS: &str = "informers";

/// The informers of a version of a group: `AppsV1Informers`.
pub(crate) fn informers(group: &str, version: &str) -> String {
    format!("{}Informers", client(group, version))
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

/// The client of a resource: `Deployments`.
pub(crate) fn resource(kind: &str) -> String {
    match PLURALS.iter().find(|(exception, _)| *exception == kind) {
        Some((_, plural)) => (*plural).to_owned(),
        None => plural(kind),
    }
}

/// Whether the plural of a kind comes from the table of exceptions.
///
/// For every other kind the name of its module without `_` is the plural on the wire; a test proves it.
pub fn is_exception(kind: &str) -> bool {
    PLURALS.iter().any(|(exception, _)| *exception == kind)
}

/// The client of a resource in one namespace: `NamespacedDeployments`.
pub(crate) fn namespaced(kind: &str) -> String {
    format!("Namespaced{}", resource(kind))
}

/// The module of a resource, and the method of its group's client: `deployments`.
pub fn module(kind: &str) -> String {
    match PLURALS.iter().find(|(exception, _)| *exception == kind) {
        Some((_, plural)) => snake(plural),
        None => plural(&snake(kind)),
    }
}

/// The name under which a file uses a type; the client's own name must stay free.
pub(crate) fn local(object: &Type, kind: &str) -> String {
    if object.name == resource(kind) { format!("{}Object", object.name) } else { object.name.clone() }
}

/// The method of a resource client: `get`, `replace_status`, `logs`.
pub(crate) fn method(key: &Key) -> String {
    let verb = match key.verb {
        Verb::Get => "get",
        Verb::List => "list",
        Verb::Watch => "watch",
        Verb::Create => "create",
        Verb::Replace => "replace",
        Verb::Patch => "patch",
        Verb::Apply => "apply",
        Verb::Delete => "delete",
        Verb::DeleteCollection => "delete_collection",
        Verb::Logs => return "logs".to_owned(),
        Verb::Proxy => return "proxy".to_owned(),
    };
    match key.subresource.as_deref().and_then(subresource) {
        Some(subresource) => format!("{verb}_{}", subresource.suffix),
        None => verb.to_owned(),
    }
}

/// The test function for a resource: `apps_v1_deployments`.
pub(crate) fn function(accessor: &Ident, kind: &str) -> Ident {
    format_ident!("{accessor}_{}", module(kind))
}

/// The test function for a resource in a namespace.
pub(crate) fn function_in_namespace(accessor: &Ident, kind: &str) -> Ident {
    format_ident!("{accessor}_{}_in_a_namespace", module(kind))
}

/// The plural by the rules of English spelling.
fn plural(word: &str) -> String {
    let before_y = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|end| word.ends_with(end)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

/// `CSIStorageCapacity` → `csi_storage_capacity`: a word starts at a capital that follows or precedes a small letter.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, char) in chars.iter().enumerate() {
        let after_small = index > 0 && !chars[index - 1].is_uppercase();
        let before_small = index > 0 && chars.get(index + 1).is_some_and(|next| next.is_lowercase());
        if char.is_uppercase() && (after_small || before_small) {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::{
        accessor, client, group_module, ident, informers, is_exception, local, method, module, namespaced,
        resource, rust_type,
    };
    use crate::model::{Key, Type, Verb};

    #[test]
    fn resources_are_named_after_their_kind() {
        let table = [
            ("APIService", "APIServices", "api_services"),
            ("CSIStorageCapacity", "CSIStorageCapacities", "csi_storage_capacities"),
            ("ComponentStatus", "ComponentStatuses", "component_statuses"),
            ("Deployment", "Deployments", "deployments"),
            ("Endpoints", "Endpoints", "endpoints"),
            ("Event", "Events", "events"),
            ("IPAddress", "IPAddresses", "ip_addresses"),
            ("NetworkPolicy", "NetworkPolicies", "network_policies"),
            ("ServiceCIDR", "ServiceCIDRs", "service_cidrs"),
        ];
        for (kind, plural, snake) in table {
            assert_eq!((resource(kind).as_str(), module(kind).as_str()), (plural, snake), "{kind}");
        }
        assert_eq!(namespaced("Pod"), "NamespacedPods");
        assert!(is_exception("Endpoints") && !is_exception("Pod"));
    }

    #[test]
    fn groups_are_named_after_their_first_label() {
        let table = [
            ("", "core", "core_v1", "CoreV1"),
            ("apps", "apps", "apps_v1", "AppsV1"),
            ("events.k8s.io", "events", "events_v1", "EventsV1"),
            ("flowcontrol.apiserver.k8s.io", "flowcontrol", "flowcontrol_v1", "FlowcontrolV1"),
            ("odd-name.example.io", "odd_name", "odd_name_v1", "OddNameV1"),
        ];
        for (group, label, method, name) in table {
            assert_eq!(
                (group_module(group).as_str(), accessor(group, "v1").as_str()),
                (label, method),
                "{group}"
            );
            assert_eq!(client(group, "v1"), name);
        }
        assert_eq!(client("coordination.k8s.io", "v1alpha2"), "CoordinationV1alpha2");
        assert_eq!(informers("coordination.k8s.io", "v1"), "CoordinationV1Informers");
    }

    #[test]
    fn keywords_become_raw_identifiers() {
        assert_eq!(ident("match").to_string(), "r#match");
        assert_eq!(ident("deployments").to_string(), "deployments");
    }

    #[test]
    fn methods_are_a_verb_and_a_subresource() {
        let name = |verb, subresource: Option<&str>| {
            method(&Key { subresource: subresource.map(str::to_owned), verb })
        };
        assert_eq!(name(Verb::DeleteCollection, None), "delete_collection");
        assert_eq!(name(Verb::Replace, Some("ephemeralcontainers")), "replace_ephemeral_containers");
        assert_eq!(name(Verb::Logs, Some("log")), "logs");
        assert_eq!(name(Verb::Proxy, Some("proxy")), "proxy");
    }

    #[test]
    fn definitions_have_their_place_in_k8s_openapi() {
        let path = |definition| rust_type(definition).map(|t| format!("{}::{}", t.module.join("::"), t.name));
        assert_eq!(path("io.k8s.api.core.v1.Pod").as_deref(), Some("api::core::v1::Pod"));
        let crd = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition";
        let module = "apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition";
        assert_eq!(path(crd).as_deref(), Some(module));
        assert_eq!(path("com.example.v1.Pod"), None);
        assert_eq!(path("io.k8s.api.core.v1.Po d"), None);
    }

    #[test]
    fn a_type_that_is_called_like_its_client_gets_another_name() {
        let object = |name: &str| Type { module: vec!["api".to_owned()], name: name.to_owned() };
        assert_eq!(local(&object("Endpoints"), "Endpoints"), "EndpointsObject");
        assert_eq!(local(&object("Pod"), "Pod"), "Pod");
    }
}
