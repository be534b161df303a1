//! What the clientset offers, without OpenAPI and without Rust syntax.
//!
//! A model made from one document knows one version; [`merge`](crate::merge) makes one that knows them all. Everything
//! carries the versions it exists in by way of its calls.

use crate::version::{Version, Versions};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything that one or more versions of Kubernetes offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The versions whose documents were read.
    pub versions: Versions,
    /// API groups by name; core is the empty name.
    pub groups: BTreeMap<String, Group>,
    /// Calls that belong to no group, and the method of the clientset that makes each.
    pub server: BTreeMap<Call, Server>,
    /// Calls that the clientset does not offer.
    pub skipped: BTreeMap<Call, Skipped>,
}

/// An API group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The call that lists the group's versions. Core has none.
    pub discovery: BTreeMap<Call, Versions>,
    /// The versions of the group, such as `v1`.
    pub versions: BTreeMap<String, GroupVersion>,
}

/// One version of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupVersion {
    /// The call that lists the resources.
    pub discovery: BTreeMap<Call, Versions>,
    /// Resources by their plural on the wire.
    pub resources: BTreeMap<String, Resource>,
}

/// A resource, such as `deployments` of `apps/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The type of its objects.
    pub object: Type,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Methods whose path names no namespace.
    pub methods: BTreeMap<Key, Method>,
    /// Methods whose path names a namespace.
    pub in_namespace: BTreeMap<Key, Method>,
}

/// What tells the methods of one resource and scope apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The subresource on the wire, if it is one.
    pub subresource: Option<String>,
    /// What the method does.
    pub verb: Verb,
}

/// A method of a typed client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The type that is sent or read.
    pub object: Type,
    /// What comes back.
    pub answer: Answer,
    /// Every HTTP call behind the method, and the versions that have it.
    pub calls: BTreeMap<Call, Versions>,
}

/// What comes back from a method that sends or reads objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Answer {
    /// What the verb promises for its type: the object, a list of it, or either the object or a status.
    Usual,
    /// A bare status in place of the object.
    Status,
}

/// The words of Kubernetes for what can be done, in the order of the generated methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// Reads one object.
    Get,
    /// Reads many objects.
    List,
    /// Follows changes.
    Watch,
    /// Makes an object, or posts to a subresource.
    Create,
    /// Replaces an object.
    Replace,
    /// Changes parts of an object.
    Patch,
    /// Applies a configuration on the server.
    Apply,
    /// Deletes one object.
    Delete,
    /// Deletes many objects.
    DeleteCollection,
    /// Reads the output of a container.
    Logs,
    /// Passes any HTTP request on.
    Proxy,
}

/// A Rust type by its path in k8s-openapi.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Type {
    /// Module names, such as `api`, `core`, `v1`.
    pub module: Vec<String>,
    /// The name of the type, which is the kind.
    pub name: String,
}

/// An HTTP method and a path as the document spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Such as `/api/v1/namespaces/{namespace}/pods/{name}`.
    pub path: String,
    /// In capitals.
    pub method: String,
}

/// A call that the clientset offers itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The method of the clientset.
    pub accessor: &'static str,
    /// Where the call exists.
    pub versions: Versions,
}

/// A call that is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Why not.
    pub reason: &'static str,
    /// Where the call exists.
    pub versions: Versions,
}

impl Call {
    /// Names a call.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self { path: path.into(), method: method.into() }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Method {
    /// The versions that have at least one of the calls.
    pub fn versions(&self) -> Versions {
        union(self.calls.values())
    }
}

impl Resource {
    /// All methods, those without a namespace first.
    pub fn all_methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.values().chain(self.in_namespace.values())
    }

    /// The versions that have at least one of the methods.
    pub fn versions(&self) -> Versions {
        self.all_methods().flat_map(Method::versions).collect()
    }

    /// The versions in which all objects, of every namespace, can be listed and watched.
    pub fn watchable(&self) -> Versions {
        let versions = |verb| {
            let method = self.methods.get(&Key { subresource: None, verb });
            method.map(Method::versions).unwrap_or_default()
        };
        versions(Verb::List).intersection(&versions(Verb::Watch)).copied().collect()
    }
}

impl GroupVersion {
    /// The versions of Kubernetes that have this version of the group.
    pub fn versions(&self) -> Versions {
        union(self.discovery.values())
    }

    /// The versions in which one of the resources can be listed and watched.
    pub fn watchable(&self) -> Versions {
        self.resources.values().flat_map(Resource::watchable).collect()
    }
}

impl Group {
    /// The versions of Kubernetes that have the group.
    pub fn versions(&self) -> Versions {
        self.versions.values().flat_map(GroupVersion::versions).collect()
    }
}

impl Model {
    /// Every resource with the group and version it belongs to.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str, &str, &Resource)> {
        self.groups.iter().flat_map(|(group, versions)| {
            versions.versions.iter().flat_map(move |(version, content)| {
                let named = content.resources.iter();
                named.map(move |(plural, resource)| {
                    (group.as_str(), version.as_str(), plural.as_str(), resource)
                })
            })
        })
    }

    /// The calls that the clientset for one version of Kubernetes can make.
    pub fn exposed(&self, version: Version) -> BTreeSet<&Call> {
        let mut calls: Vec<(&Call, &Versions)> = Vec::new();
        for group in self.groups.values() {
            calls.extend(&group.discovery);
            for content in group.versions.values() {
                calls.extend(&content.discovery);
            }
        }
        for (_, _, _, resource) in self.resources() {
            calls.extend(resource.all_methods().flat_map(|method| &method.calls));
        }
        calls.extend(self.server.iter().map(|(call, server)| (call, &server.versions)));
        calls.into_iter().filter(|(_, versions)| versions.contains(&version)).map(|(call, _)| call).collect()
    }

    /// The calls that one version of Kubernetes has and the clientset lacks, with the reason.
    pub fn skipped(&self, version: Version) -> BTreeMap<&Call, &'static str> {
        let skipped = self.skipped.iter().filter(|(_, skipped)| skipped.versions.contains(&version));
        skipped.map(|(call, skipped)| (call, skipped.reason)).collect()
    }
}

fn union<'a>(sets: impl Iterator<Item = &'a Versions>) -> Versions {
    sets.flatten().copied().collect()
}
