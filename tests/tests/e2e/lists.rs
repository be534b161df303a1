//! Every resource that the server serves is listed through its typed client.

#[path = "../../generated/lists.rs"]
#[rustfmt::skip]
mod generated;

use std::collections::BTreeSet;

use kubeset::Clientset;
use kubeset::apimachinery::pkg::apis::meta::v1::APIResourceList;

/// The resources that the server says can be listed, as `group/version/plural`.
async fn served(clientset: &Clientset) -> BTreeSet<String> {
    let mut group_versions = vec![("/api/v1/".to_owned(), "core/v1".to_owned())];
    for group in clientset.api_groups().await.unwrap().groups {
        for version in group.versions {
            group_versions.push((format!("/apis/{}/", version.group_version), version.group_version));
        }
    }
    let mut names = BTreeSet::new();
    for (path, group_version) in group_versions {
        let list: APIResourceList = clientset.server().read(&path).await.unwrap();
        let listable =
            list.resources.into_iter().filter(|resource| resource.verbs.iter().any(|verb| verb == "list"));
        names.extend(listable.map(|resource| format!("{group_version}/{}", resource.name)));
    }
    names
}

#[tokio::test]
async fn every_served_resource_can_be_listed_through_its_typed_client() {
    let clientset = super::admin();
    let served = served(&clientset).await;
    let mut listed = BTreeSet::new();
    let mut absent = Vec::new();
    for (name, outcome) in generated::lists(&clientset).await {
        match outcome {
            Ok(_) => drop(listed.insert(name.to_owned())),
            // The document of the version has it, and this server does not serve it.
            Err(error) if error.is_not_found() && !served.contains(name) => absent.push(name),
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
    println!("{} resources listed; not served here: {absent:?}", listed.len());
    let missed: Vec<_> = served.difference(&listed).collect();
    assert!(missed.is_empty(), "served, but not listed: {missed:?}");
    assert!(listed.len() > 60, "{listed:?}");
}
