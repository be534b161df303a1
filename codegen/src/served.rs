//! Documents to what a test server serves: a table of resources, and the definitions of their types.
//!
//! The model says which methods a client has; a server also needs what clients do not offer, such as the kinds of
//! discovery and the properties of each type. Nothing is judged here: [`lower`](crate::lower) has accepted the
//! documents before.

use crate::nicknames::{Nicknames, nicknames};
use crate::openapi::{Document, GroupVersionKind, Operation};
use crate::route::Route;
use crate::version::Version;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// What servers of one or more versions serve. Each row holds for a range of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Every resource of every version of every group.
    pub resources: Vec<Row<ServedResource>>,
    /// Every named type.
    pub definitions: Vec<Row<ServedDefinition>>,
}

/// Something that is the same in a range of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// What it is.
    pub item: T,
    /// The first version that has it.
    pub first: Version,
    /// The last version that has it.
    pub last: Version,
}

/// A resource as discovery tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServedResource {
    /// The API group; empty for core.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// The name in paths.
    pub plural: String,
    /// The kind of its objects.
    pub kind: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// The name of the type of its objects.
    pub definition: String,
    /// What can be done, in discovery's words.
    pub verbs: BTreeSet<&'static str>,
    /// What its objects have below their path.
    pub subresources: BTreeMap<String, ServedSubresource>,
}

/// A subresource as discovery tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServedSubresource {
    /// What is sent or read; of the resource's own group version unless it says otherwise.
    pub kind: String,
    /// The API group of the kind.
    pub group: String,
    /// The version of the group of the kind.
    pub version: String,
    /// What can be done, in discovery's words.
    pub verbs: BTreeSet<&'static str>,
}

/// A named type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServedDefinition {
    /// Such as `io.k8s.api.core.v1.Pod`.
    pub name: String,
    /// Its JSON schema, in JSON.
    pub schema: String,
}

impl ServedResource {
    /// What people call it.
    pub fn nicknames(&self) -> &'static Nicknames {
        nicknames(&self.group, &self.plural)
    }
}

/// The keys of a v2 document that hold schemas.
#[derive(Deserialize)]
struct Schemas<'a> {
    #[serde(borrow, default)]
    definitions: BTreeMap<String, &'a RawValue>,
}

/// What a server of one version serves.
///
/// # Errors
///
/// If the text, from which `document` was read, is not JSON.
pub fn served(version: Version, document: &Document, text: &str) -> Result<Served, serde_json::Error> {
    let row = |item| Row { item, first: version, last: version };
    let schemas: Schemas = serde_json::from_str(text)?;
    let definitions = schemas.definitions.into_iter();
    let definition = |(name, schema): (String, &RawValue)| Row {
        item: ServedDefinition { name, schema: schema.get().to_owned() },
        first: version,
        last: version,
    };
    Ok(Served {
        resources: resources(document).into_iter().map(row).collect(),
        definitions: definitions.map(definition).collect(),
    })
}

/// Makes one table of those of several versions.
pub fn join(tables: BTreeMap<Version, Served>) -> Served {
    let mut whole = Served::default();
    for table in tables.into_values() {
        extend(&mut whole.resources, table.resources);
        extend(&mut whole.definitions, table.definitions);
    }
    whole.resources.sort_by(|one, other| (&one.item, one.first).cmp(&(&other.item, other.first)));
    whole.definitions.sort_by(|one, other| (&one.item.name, one.first).cmp(&(&other.item.name, other.first)));
    whole
}

/// Adds the rows of the next version: those that are there already reach further.
fn extend<T: Ord>(rows: &mut Vec<Row<T>>, next: Vec<Row<T>>) {
    rows.sort_by(|one, other| (&one.item, one.last).cmp(&(&other.item, other.last)));
    let mut new = Vec::new();
    for row in next {
        let same = rows.binary_search_by(|known| {
            known.item.cmp(&row.item).then(known.last.minor().cmp(&(row.first.minor() - 1)))
        });
        match same {
            Ok(index) => rows[index].last = row.last,
            Err(_) => new.push(row),
        }
    }
    rows.extend(new);
}

fn resources(document: &Document) -> Vec<ServedResource> {
    let mut found: BTreeMap<(String, String, String), ServedResource> = BTreeMap::new();
    for (path, operations) in &document.paths {
        let Some(Route {
            group,
            version: Some(version),
            resource: Some(plural),
            namespaced,
            named,
            subresource,
            ..
        }) = Route::parse(path)
        else {
            continue;
        };
        let key = (group.clone(), version.clone(), plural.clone());
        for (method, operation) in operations {
            let (Some(kind), Some(verb)) = (&operation.kind, verb(method, operation)) else { continue };
            let resource = found.entry(key.clone()).or_insert_with(|| ServedResource {
                group: group.clone(),
                version: version.clone(),
                plural: plural.clone(),
                kind: String::new(),
                namespaced: false,
                definition: String::new(),
                verbs: BTreeSet::new(),
                subresources: BTreeMap::new(),
            });
            resource.namespaced |= namespaced;
            match &subresource {
                Some(name) => add_subresource(resource, name, kind, verb),
                None => {
                    resource.verbs.insert(verb);
                    resource.kind.clone_from(&kind.kind);
                }
            }
        }
        debug_assert!(named || subresource.is_none(), "{path} has a subresource of no object");
    }
    let mut resources: Vec<ServedResource> = found.into_values().collect();
    for resource in &mut resources {
        resource.definition = definition(document, resource);
    }
    resources
}

fn add_subresource(resource: &mut ServedResource, name: &str, kind: &GroupVersionKind, verb: &'static str) {
    let subresource = resource.subresources.entry(name.to_owned()).or_default();
    subresource.verbs.insert(verb);
    subresource.kind.clone_from(&kind.kind);
    subresource.group.clone_from(&kind.group);
    subresource.version.clone_from(&kind.version);
}

/// Discovery's word for an operation; none for what discovery does not tell.
fn verb(method: &str, operation: &Operation) -> Option<&'static str> {
    let by_method = |method: &str| match method {
        "DELETE" => Some("delete"),
        "GET" => Some("get"),
        "PATCH" => Some("patch"),
        "POST" => Some("create"),
        "PUT" => Some("update"),
        _ => None,
    };
    match operation.action.as_deref()? {
        "deletecollection" => Some("deletecollection"),
        "list" => Some("list"),
        "watch" | "watchlist" => Some("watch"),
        "connect" | "get" | "post" | "put" | "patch" | "delete" => by_method(method),
        _ => None,
    }
}

/// The type that says it is the resource's kind.
fn definition(document: &Document, resource: &ServedResource) -> String {
    let kind = GroupVersionKind {
        group: resource.group.clone(),
        version: resource.version.clone(),
        kind: resource.kind.clone(),
    };
    let definitions = document.definitions.iter();
    let mut named =
        definitions.filter(|(_, definition)| definition.kinds.contains(&kind)).map(|(name, _)| name);
    named.next().cloned().unwrap_or_default()
}
