//! The models of several versions to one that knows what exists where.

use crate::model::{GroupVersion, Key, Method, Model, Resource};
use crate::names;
use crate::version::Versions;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Versions that cannot share one generated tree, or names that cannot share one module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A resource has another type or scope in another version.
    #[error("`{plural}` of `{group}/{version}` has another type or scope in another version of Kubernetes")]
    Resource {
        /// The API group.
        group: String,
        /// The version of the group.
        version: String,
        /// The resource.
        plural: String,
    },
    /// A method has another type in another version.
    #[error("{call} has another type in another version of Kubernetes")]
    Method {
        /// One of the method's calls.
        call: String,
    },
    /// Two things would get one name.
    #[error("`{one}` and `{other}` would both be called `{name}`")]
    Clash {
        /// The name.
        name: String,
        /// What had it first.
        one: String,
        /// What wants it too.
        other: String,
    },
}

/// Makes one model of those of several versions.
///
/// # Errors
///
/// If a resource or method changed its type between versions, or two names clash.
pub fn merge(models: impl IntoIterator<Item = Model>) -> Result<Model, Error> {
    let mut whole = Model::default();
    for model in models {
        add(&mut whole, model)?;
    }
    clashes(&whole)?;
    Ok(whole)
}

fn add(whole: &mut Model, model: Model) -> Result<(), Error> {
    whole.versions.extend(model.versions);
    for (call, server) in model.server {
        whole.server.entry(call).or_insert_with(|| server.clone()).versions.extend(server.versions);
    }
    for (call, skipped) in model.skipped {
        whole.skipped.entry(call).or_insert_with(|| skipped.clone()).versions.extend(skipped.versions);
    }
    for (name, group) in model.groups {
        let whole = whole.groups.entry(name.clone()).or_default();
        add_calls(&mut whole.discovery, group.discovery);
        for (version, content) in group.versions {
            let whole = whole.versions.entry(version.clone()).or_default();
            add_group_version(whole, content, &name, &version)?;
        }
    }
    Ok(())
}

fn add_group_version(
    whole: &mut GroupVersion,
    part: GroupVersion,
    group: &str,
    version: &str,
) -> Result<(), Error> {
    add_calls(&mut whole.discovery, part.discovery);
    for (plural, resource) in part.resources {
        match whole.resources.entry(plural) {
            Entry::Vacant(place) => {
                place.insert(resource);
            }
            Entry::Occupied(place) => {
                let differs = |plural: &str| Error::Resource {
                    group: group.to_owned(),
                    version: version.to_owned(),
                    plural: plural.to_owned(),
                };
                if place.get().object != resource.object || place.get().namespaced != resource.namespaced {
                    return Err(differs(place.key()));
                }
                add_resource(place.into_mut(), resource)?;
            }
        }
    }
    Ok(())
}

fn add_resource(whole: &mut Resource, part: Resource) -> Result<(), Error> {
    add_methods(&mut whole.methods, part.methods)?;
    add_methods(&mut whole.in_namespace, part.in_namespace)
}

fn add_methods(whole: &mut BTreeMap<Key, Method>, part: BTreeMap<Key, Method>) -> Result<(), Error> {
    for (key, method) in part {
        let known = whole.entry(key).or_insert_with(|| Method { calls: BTreeMap::new(), ..method.clone() });
        if known.object != method.object || known.answer != method.answer {
            let call = method.calls.keys().next().map(ToString::to_string).unwrap_or_default();
            return Err(Error::Method { call });
        }
        add_calls(&mut known.calls, method.calls);
    }
    Ok(())
}

fn add_calls<K: Ord>(whole: &mut BTreeMap<K, Versions>, part: BTreeMap<K, Versions>) {
    for (call, versions) in part {
        whole.entry(call).or_default().extend(versions);
    }
}

/// Refuses two groups that share their first label, and two resources of a version that share their kind.
fn clashes(model: &Model) -> Result<(), Error> {
    // Nothing else may be called like the module of informers, which is beside the groups and beside the resources.
    let informers = || (names::INFORMERS.to_owned(), "the informers".to_owned());
    let groups = model.groups.keys().map(|group| (names::group_module(group), group.clone()));
    distinct(groups.chain([informers()]))?;
    for (group, content) in &model.groups {
        for (version, content) in &content.versions {
            let prefix = format!("{group}/{version}");
            let named = content.resources.iter().map(|(plural, resource)| {
                (names::module(&resource.object.name), format!("{prefix} {plural}"))
            });
            distinct(named.chain([informers()]))?;
        }
    }
    Ok(())
}

fn distinct(named: impl Iterator<Item = (String, String)>) -> Result<(), Error> {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (name, owner) in named {
        if let Some(one) = seen.insert(name.clone(), owner.clone()) {
            return Err(Error::Clash { name, one, other: owner });
        }
    }
    Ok(())
}
