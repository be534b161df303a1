//! Everything about all groups in one document, so that clients need not ask for each version of each group.

use super::{groups, resources};
use crate::accept::Encoding;
use crate::answer::{Answer, Content};
use crate::catalog::{Document, Resource, Snapshot, Subresource, Versions};
use crate::failure::Failure;
use crate::protobuf;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

const JSON: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const YAML: &str = "application/yaml;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const PROTOBUF: &str =
    "application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The core group.
pub(super) fn core(snapshot: &Snapshot) -> &Document {
    snapshot.documents.core.get_or_init(|| {
        let group = snapshot.groups.get("").map(|versions| group("", versions));
        (&document(group.into_iter().collect())).into()
    })
}

/// The named groups.
pub(super) fn groups(snapshot: &Snapshot) -> &Document {
    snapshot.documents.groups.get_or_init(|| {
        let groups = groups::ordered(snapshot).into_iter();
        (&document(groups.map(|(name, versions)| group(name, versions)).collect())).into()
    })
}

fn document(groups: Vec<Value>) -> Value {
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": groups,
    })
}

fn group(name: &str, all: &Versions) -> Value {
    let metadata = if name.is_empty() { json!({}) } else { json!({"name": name}) };
    let versions: Vec<Value> = groups::versions(all)
        .into_iter()
        .map(|version| {
            let resources = all[version].values().map(|each| resource(each));
            json!({"version": version, "resources": resources.collect::<Vec<Value>>(), "freshness": "Current"})
        })
        .collect();
    json!({"metadata": metadata, "versions": versions})
}

fn resource(resource: &Resource) -> Value {
    let mut value = json!({
        "resource": resource.plural,
        "responseKind": response_kind(resource, (&resource.group, &resource.version, &resource.kind)),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": resources::verbs(resource),
    });
    if !resource.short_names.is_empty() {
        value["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        value["categories"] = json!(resource.categories);
    }
    if !resource.subresources.is_empty() {
        let below = resource.subresources.iter().map(|each| subresource(resource, each));
        value["subresources"] = below.collect::<Vec<Value>>().into();
    }
    value
}

fn subresource(resource: &Resource, subresource: &Subresource) -> Value {
    let kind = (subresource.group.as_ref(), subresource.version.as_ref(), subresource.kind.as_ref());
    json!({
        "subresource": subresource.name,
        "responseKind": response_kind(resource, kind),
        "verbs": subresource.verbs,
    })
}

/// What an answer is. That it is of the same version as the resource, only custom ones say.
fn response_kind(resource: &Resource, (group, version, kind): (&str, &str, &str)) -> Value {
    if resource.custom.is_none() && (group, version) == (&resource.group, &resource.version) {
        json!({"group": "", "version": "", "kind": kind})
    } else {
        json!({"group": group, "version": version, "kind": kind})
    }
}

/// The answer that is a document, or says that the client has it. Its tag is the same in every encoding.
pub(super) fn answer(document: &Document, encoding: Encoding, headers: &HeaderMap) -> Answer {
    let tag = format!("\"{}\"", document.hash);
    let same = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let answer = if same {
        Answer::new(StatusCode::NOT_MODIFIED, Content::Empty)
    } else {
        let (content, media_type) = match encoding {
            Encoding::Json => (document.json.clone(), JSON),
            Encoding::Yaml => (document.json.clone(), YAML),
            Encoding::Protobuf => match protobuf::write(&document.json) {
                Ok(bytes) => (bytes, PROTOBUF),
                Err(why) => return Failure::unwritable(&why).into(),
            },
        };
        Answer::json(StatusCode::OK, content).header(CONTENT_TYPE, HeaderValue::from_static(media_type))
    };
    let answer = answer
        .header(CACHE_CONTROL, HeaderValue::from_static("public"))
        .header(VARY, HeaderValue::from_static("Accept"));
    match HeaderValue::from_str(&tag) {
        Ok(tag) => answer.header(ETAG, tag),
        Err(_) => answer,
    }
}
