//! Which resources there are: the built-in ones, and those that CustomResourceDefinitions add while the server runs.

pub(crate) mod builtin;
mod documents;

pub(crate) use documents::{Document, Documents};

use crate::crd::Rules;
use crate::failure::Named;
use crate::generated::resources::RESOURCES;
use crate::schema::Schema;
use crate::selector::Selectable;
use crate::table::TableKind;
use crate::version::MINOR;
use builtin::{BuiltinResource, BuiltinSubresource};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

/// Text that is built in, or came with a CustomResourceDefinition.
pub(crate) type Text = Cow<'static, str>;

/// One version of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The API group; empty for core.
    pub(crate) group: Text,
    /// The version of the group.
    pub(crate) version: Text,
    /// The name in paths.
    pub(crate) plural: Text,
    /// One of it, in words of people.
    pub(crate) singular: Text,
    /// The kind of its objects.
    pub(crate) kind: Text,
    /// The kind of a list of them.
    pub(crate) list_kind: Text,
    /// Whether its objects live in namespaces.
    pub(crate) namespaced: bool,
    /// Such as `po`.
    pub(crate) short_names: Vec<Text>,
    /// Such as `all`.
    pub(crate) categories: Vec<Text>,
    /// What can be done, in discovery's words and order.
    pub(crate) verbs: Vec<&'static str>,
    /// What its objects have below their path.
    pub(crate) subresources: Vec<Subresource>,
    /// What documents call the type of its objects, such as `io.k8s.api.core.v1.Pod`.
    pub(crate) definition: Text,
    /// The shape of its objects.
    pub(crate) schema: SharedSchema,
    /// Which fields its objects can be selected by.
    pub(crate) selectable: Selectable,
    /// The columns of tables of its objects.
    pub(crate) table: TableKind,
    /// What a CustomResourceDefinition says; none for built-in resources.
    pub(crate) custom: Option<Arc<Custom>>,
}

/// A subresource.
#[derive(Clone, Debug)]
pub(crate) struct Subresource {
    /// The segment of the path.
    pub(crate) name: Text,
    /// The group of what is sent or read.
    pub(crate) group: Text,
    /// The version of the group.
    pub(crate) version: Text,
    /// What is sent or read.
    pub(crate) kind: Text,
    /// What can be done, in discovery's words and order.
    pub(crate) verbs: Vec<&'static str>,
}

/// What a CustomResourceDefinition says about one of its versions, beyond names and schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Custom {
    /// The name of the definition.
    pub(crate) definition: String,
    /// The version in which objects are stored.
    pub(crate) storage_version: String,
    /// The schema of that version, if it is not this one.
    pub(crate) storage_schema: Option<Arc<Schema>>,
    /// Whether objects may have been stored with another schema than that of this version.
    pub(crate) has_changed: bool,
    /// Whether the definition is on its way out.
    pub(crate) is_terminating: bool,
    /// What users of this version are told each time.
    pub(crate) warnings: Vec<String>,
    /// What the schema says about values.
    pub(crate) rules: Arc<Rules>,
    /// Whether the schema has expressions too, which are not evaluated.
    pub(crate) has_expressions: bool,
    /// Whether status is a subresource.
    pub(crate) status: bool,
    /// The paths of the scale subresource: `specReplicasPath`, `statusReplicasPath`, `labelSelectorPath`.
    pub(crate) scale: Option<serde_json::Value>,
}

/// A schema that lives as long as somebody needs it.
#[derive(Clone, Debug)]
pub(crate) enum SharedSchema {
    /// Of a built-in type.
    Builtin(&'static Schema),
    /// Of a CustomResourceDefinition.
    Custom(Arc<Schema>),
}

impl std::ops::Deref for SharedSchema {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        match self {
            Self::Builtin(schema) => schema,
            Self::Custom(schema) => schema,
        }
    }
}

/// What all versions of a resource share in the store: its group and plural.
///
/// Events are the one resource that two groups serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StorageKey {
    /// The API group.
    pub(crate) group: Text,
    /// The plural.
    pub(crate) plural: Text,
}

impl Resource {
    /// The `apiVersion` of its objects.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// As messages about its objects call it.
    pub(crate) fn named(&self) -> Named<'_> {
        Named { group: &self.group, resource: &self.plural }
    }

    /// As messages about invalid objects call it.
    pub(crate) fn named_kind(&self) -> Named<'_> {
        // Events are those of the core, whichever group is asked for them.
        let group = if self.group == "events.k8s.io" { "" } else { &self.group };
        Named { group, resource: &self.kind }
    }

    /// Where its objects are stored.
    pub(crate) fn storage_key(&self) -> StorageKey {
        let group = if self.group == "events.k8s.io" { Cow::Borrowed("") } else { self.group.clone() };
        StorageKey { group, plural: self.plural.clone() }
    }

    /// Whether something can be done with it, in discovery's words.
    pub(crate) fn has_verb(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }

    /// A subresource by its segment of the path.
    pub(crate) fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }

    /// What a subresource takes and gives, if that is of a kind of its own, as a resource of that kind.
    pub(crate) fn of_subresource(subresource: &Subresource) -> Self {
        let Subresource { group, version, kind, .. } = subresource;
        let package = group.split('.').next().filter(|package| !package.is_empty()).unwrap_or("core");
        let definition = format!("io.k8s.api.{package}.{version}.{kind}");
        Self {
            group: group.clone(),
            version: version.clone(),
            plural: subresource.name.clone(),
            singular: subresource.name.clone(),
            kind: kind.clone(),
            list_kind: Text::default(),
            namespaced: true,
            short_names: Vec::new(),
            categories: Vec::new(),
            verbs: subresource.verbs.clone(),
            subresources: Vec::new(),
            schema: SharedSchema::Builtin(Schema::definition(&definition).unwrap_or_else(|| Schema::any())),
            definition: definition.into(),
            selectable: Selectable::built_in(group, kind),
            table: TableKind::built_in(group, kind),
            custom: None,
        }
    }

    fn builtin(row: &'static BuiltinResource) -> Self {
        let texts = |list: &'static [&'static str]| list.iter().map(|text| Cow::Borrowed(*text)).collect();
        Self {
            group: row.group.into(),
            version: row.version.into(),
            plural: row.plural.into(),
            singular: row.kind.to_lowercase().into(),
            kind: row.kind.into(),
            list_kind: format!("{}List", row.kind).into(),
            namespaced: row.namespaced,
            short_names: texts(row.short_names),
            categories: texts(row.categories),
            verbs: row.verbs.to_vec(),
            subresources: row.subresources.iter().map(Subresource::builtin).collect(),
            definition: row.definition.into(),
            schema: SharedSchema::Builtin(
                Schema::definition(row.definition).unwrap_or_else(|| Schema::any()),
            ),
            selectable: Selectable::built_in(row.group, row.kind),
            table: TableKind::built_in(row.group, row.kind),
            custom: None,
        }
    }
}

impl Subresource {
    fn builtin(row: &'static BuiltinSubresource) -> Self {
        Self {
            name: row.name.into(),
            group: row.group.into(),
            version: row.version.into(),
            kind: row.kind.into(),
            verbs: row.verbs.to_vec(),
        }
    }
}

/// The resources of a version of a group by plural.
pub(crate) type Resources = BTreeMap<Text, Arc<Resource>>;

/// Versions of a group by name.
pub(crate) type Versions = BTreeMap<Text, Resources>;

/// All resources at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Groups by name; core is the empty one.
    pub(crate) groups: BTreeMap<Text, Versions>,
    /// What has been written about them.
    pub(crate) documents: Documents,
}

impl Snapshot {
    /// A resource by the parts of its path.
    pub(crate) fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.groups.get(group)?.get(version)?.get(plural)
    }

    /// A resource by the kind of its objects.
    pub(crate) fn kind(&self, group: &str, version: &str, kind: &str) -> Option<&Arc<Resource>> {
        self.groups.get(group)?.get(version)?.values().find(|resource| resource.kind == kind)
    }

    /// Every version of every resource.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.groups.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values)
    }

    fn add(&mut self, resource: Resource) {
        let versions = self.groups.entry(resource.group.clone()).or_default();
        let resources = versions.entry(resource.version.clone()).or_default();
        resources.insert(resource.plural.clone(), Arc::new(resource));
    }
}

/// The built-in resources, whose schemas are read when the first server starts to need them.
static BUILTIN: LazyLock<Arc<Snapshot>> = LazyLock::new(|| {
    let mut snapshot = Snapshot::default();
    for row in RESOURCES.iter().filter(|row| (row.first..=row.last).contains(&MINOR)) {
        snapshot.add(Resource::builtin(row));
    }
    Arc::new(snapshot)
});

/// The resources of one server.
#[derive(Debug)]
pub(crate) struct Catalog {
    current: RwLock<Arc<Snapshot>>,
    /// Held while a definition gets its names.
    names: Mutex<()>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self { current: RwLock::new(BUILTIN.clone()), names: Mutex::new(()) }
    }
}

impl Catalog {
    /// What there is at the moment.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets one CustomResourceDefinition at a time get its names.
    pub(crate) fn lock_names(&self) -> MutexGuard<'_, ()> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the resources that the CustomResourceDefinition called `definition` has added.
    pub(crate) fn set_custom(&self, definition: &str, resources: Vec<Resource>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut snapshot = Snapshot { groups: current.groups.clone(), ..Snapshot::default() };
        for versions in snapshot.groups.values_mut() {
            for kept in versions.values_mut() {
                kept.retain(|_, resource| {
                    resource.custom.as_ref().is_none_or(|custom| custom.definition != definition)
                });
            }
            versions.retain(|_, resources| !resources.is_empty());
        }
        snapshot.groups.retain(|_, versions| !versions.is_empty());
        for resource in resources {
            snapshot.add(resource);
        }
        *current = Arc::new(snapshot);
    }
}

#[cfg(test)]
mod tests {
    use super::Catalog;

    #[test]
    fn resources_are_found_by_path_and_by_kind() {
        let snapshot = Catalog::default().snapshot();
        let pods = snapshot.resource("", "v1", "pods").unwrap();
        assert_eq!((pods.kind.as_ref(), pods.singular.as_ref(), pods.namespaced), ("Pod", "pod", true));
        assert_eq!(pods.subresource("eviction").unwrap().group, "policy");
        assert_eq!(
            snapshot.kind("apps", "v1", "Deployment").unwrap().named().to_string(),
            "deployments.apps"
        );
    }
}
