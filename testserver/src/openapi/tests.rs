use super::{definitions, respond, second, third};
use crate::answer::{Answer, Content};
use crate::catalog::{Catalog, Snapshot};
use crate::query::Query;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;

fn get(snapshot: &Snapshot, url: &str, accept: &str) -> Answer {
    let request = Request::get(url).header("accept", accept).body(Bytes::new()).unwrap();
    let query = Query::parse(request.uri().query().unwrap_or_default());
    respond(snapshot, &request, &query).unwrap().unwrap()
}

fn json(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn every_reference_leads_somewhere() {
    let snapshot = Catalog::default().snapshot();
    let document = json(&second(&snapshot).json);
    definitions::references(&document, "#/definitions/", &mut |name| {
        assert!(document["definitions"][name].is_object(), "{name}");
    });
    for (path, document) in third(&snapshot) {
        let document = json(&document.json);
        definitions::references(&document, "#/components/schemas/", &mut |name| {
            assert!(document["components"]["schemas"][name].is_object(), "{path}: {name}");
        });
    }
}

#[test]
fn nothing_stands_beside_a_reference_in_version_3() {
    let snapshot = Catalog::default().snapshot();
    let document = json(&third(&snapshot)["apis/apps/v1"].json);
    let spec = &document["components"]["schemas"]["io.k8s.api.apps.v1.DeploymentSpec"]["properties"];
    let name = "#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy";
    assert_eq!(spec["strategy"]["allOf"][0]["$ref"], name);
    assert_eq!(spec["strategy"]["x-kubernetes-patch-strategy"], "retainKeys");
    let patch = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
    assert_eq!(patch["requestBody"]["content"].as_object().unwrap().len(), 5);
    assert_eq!(patch["x-kubernetes-group-version-kind"]["kind"], "Deployment");
}

#[test]
fn a_document_is_known_by_its_hash() {
    let snapshot = Catalog::default().snapshot();
    let hash = &third(&snapshot)["version"].hash;
    let kept = get(&snapshot, &format!("/openapi/v3/version?hash={hash}"), "*/*");
    assert_eq!(
        (kept.code, &kept.headers["cache-control"]),
        (StatusCode::OK, &"public, immutable".parse().unwrap())
    );
    let old = get(&snapshot, "/openapi/v3/version?hash=0", "*/*");
    let place = format!("/openapi/v3/version?hash={hash}");
    assert_eq!(
        (old.code, &old.headers["location"]),
        (StatusCode::MOVED_PERMANENTLY, &place.parse().unwrap())
    );
    assert_eq!(get(&snapshot, "/openapi/v3/apis/nope", "*/*").code, StatusCode::NOT_FOUND);
    let Content::Text(index) = get(&snapshot, "/openapi/v3", "*/*").content else {
        panic!("the index is text")
    };
    assert_eq!(json(&index)["paths"]["version"]["serverRelativeURL"], place);
}

#[test]
fn version_2_is_written_in_what_the_client_names_first() {
    let snapshot = Catalog::default().snapshot();
    let protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    let written = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    let content_type = |accept: &str| get(&snapshot, "/openapi/v2", accept).headers["content-type"].clone();
    assert_eq!(content_type(protobuf), written);
    assert_eq!(content_type(written), written);
    assert_eq!(content_type(&format!("{protobuf}, application/json")), written);
    assert_eq!(content_type(&format!("application/json;q=1, {protobuf}")), "application/json");
    assert_eq!(content_type("*/*"), "application/json");
    assert_eq!(get(&snapshot, "/openapi/v2", "text/html").code, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(get(&snapshot, "/openapi/v3/version", protobuf).code, StatusCode::NOT_ACCEPTABLE);
}
