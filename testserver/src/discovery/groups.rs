//! API groups and their versions, in the order in which clients should prefer them.

use crate::catalog::{Snapshot, Text, Versions};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// The server's own groups in their order; all others come after them.
const ORDER: [&str; 24] = [
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "storagemigration.k8s.io",
    "lifecycle.k8s.io",
    "apidiscovery.k8s.io",
];

/// How mature a version is, how new, and how new within that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Maturity {
    Alpha,
    Beta,
    Stable,
}

/// Takes a version such as `v1beta2` apart.
fn rank(version: &str) -> Option<(Maturity, u64, u64)> {
    let rest = version.strip_prefix('v')?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (major, stage) = rest.split_at(end);
    let major = major.parse().ok()?;
    if stage.is_empty() {
        return Some((Maturity::Stable, major, 0));
    }
    if let Some(minor) = stage.strip_prefix("beta") {
        return Some((Maturity::Beta, major, minor.parse().ok()?));
    }
    Some((Maturity::Alpha, major, stage.strip_prefix("alpha")?.parse().ok()?))
}

/// Whether a version is to be preferred to another.
pub(crate) fn is_better(version: &str, other: &str) -> bool {
    (Reverse(rank(version)), version) < (Reverse(rank(other)), other)
}

/// Versions of a group, the best first: stable before beta before alpha, new before old, then those that are no
/// versions of this form, by name.
pub(crate) fn versions(versions: &Versions) -> Vec<&str> {
    let mut names: Vec<&str> = versions.keys().map(AsRef::as_ref).collect();
    names.sort_by_key(|name| (Reverse(rank(name)), *name));
    names
}

/// All named groups, in their order.
pub(crate) fn ordered(snapshot: &Snapshot) -> Vec<(&str, &Versions)> {
    let mut groups: Vec<(&str, &Versions)> = snapshot
        .groups
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, versions)| (name.as_ref(), versions))
        .collect();
    groups.sort_by_cached_key(|(name, versions)| {
        let place = ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len());
        // Custom groups are in the order of the APIServices that stand for their versions.
        (place, versions.keys().map(|version| format!("{version}.{name}")).min())
    });
    groups
}

/// Whether a group is the server's own.
pub(crate) fn is_built_in(snapshot: &Snapshot, group: &str) -> bool {
    let resources = snapshot.groups.get(group).into_iter().flat_map(Versions::values);
    resources.flat_map(|resources| resources.values()).any(|resource| resource.custom.is_none())
}

fn version(group: &str, version: &str) -> Value {
    json!({"groupVersion": format!("{group}/{version}"), "version": version})
}

/// The `APIGroup`. Within a list it does not say what it is.
pub(super) fn group(name: &str, all: &Versions, alone: bool) -> Value {
    let names = versions(all);
    let mut group = json!({
        "name": name,
        "versions": names.iter().map(|each| version(name, each)).collect::<Vec<Value>>(),
    });
    if let Some(first) = names.first() {
        group["preferredVersion"] = version(name, first);
    }
    if alone {
        group["kind"] = "APIGroup".into();
        group["apiVersion"] = "v1".into();
    }
    group
}

/// The `APIGroupList` of all named groups.
pub(super) fn list(snapshot: &Snapshot) -> Value {
    let groups: Vec<Value> =
        ordered(snapshot).into_iter().map(|(name, versions)| group(name, versions, false)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// The `APIVersions` of the core group.
pub(super) fn core(address: &str) -> Value {
    json!({
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    })
}

/// The version in which objects of a resource are stored: clients can tell by a hash when it changes.
pub(super) fn storage_version(snapshot: &Snapshot, group: &str, plural: &str) -> Option<(Text, Text)> {
    /// Where the version that is stored is not the best one, so that the release before can read it.
    const OTHERS: [(&str, &str, &str, &str); 6] = [
        ("apiextensions.k8s.io", "customresourcedefinitions", "apiextensions.k8s.io", "v1beta1"),
        ("certificates.k8s.io", "clustertrustbundles", "certificates.k8s.io", "v1beta1"),
        ("certificates.k8s.io", "podcertificaterequests", "certificates.k8s.io", "v1beta1"),
        ("events.k8s.io", "events", "", "v1"),
        ("resource.k8s.io", "devicetaintrules", "resource.k8s.io", "v1beta2"),
        ("storagemigration.k8s.io", "storageversionmigrations", "storagemigration.k8s.io", "v1beta1"),
    ];
    if let Some((_, _, group, version)) =
        OTHERS.iter().find(|(other, resource, ..)| (*other, *resource) == (group, plural))
    {
        return Some(((*group).into(), (*version).into()));
    }
    let (name, all) = snapshot.groups.get_key_value(group)?;
    let best = versions(all).into_iter().find(|version| all[*version].contains_key(plural))?;
    let resource = &all[best][plural];
    let stored = resource
        .custom
        .as_ref()
        .map(|custom| custom.storage_version.as_str())
        .filter(|version| !version.is_empty());
    Some((name.clone(), stored.unwrap_or(best).to_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::{ORDER, ordered, versions};
    use crate::catalog::{Catalog, Versions};

    #[test]
    fn the_best_version_comes_first() {
        let all: Versions =
            ["v1", "v10", "v2beta1", "v2", "v3alpha1", "v11alpha2", "v2beta2", "foo", "bar", "v1x"]
                .into_iter()
                .map(|version| (version.into(), Default::default()))
                .collect();
        let order = ["v10", "v2", "v1", "v2beta2", "v2beta1", "v11alpha2", "v3alpha1", "bar", "foo", "v1x"];
        assert_eq!(versions(&all), order);
    }

    #[test]
    fn every_built_in_group_has_its_place() {
        let snapshot = Catalog::default().snapshot();
        for (name, _) in ordered(&snapshot) {
            assert!(ORDER.contains(&name), "{name}");
        }
    }
}
