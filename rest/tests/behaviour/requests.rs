//! What the request builder makes of its parts.

use http::Method;
use kubeset_rest::{BuildError, Config, Error, Part, PatchType, Request, RestClient};

fn client(host: &str, group: &str, version: &str) -> RestClient {
    RestClient::for_group_version(&Config::new(host), group, version).unwrap()
}

fn path(request: &Request) -> String {
    request.path().unwrap()
}

fn refused(request: &Request) -> BuildError {
    match request.path() {
        Err(Error::Build(error)) => error,
        other => panic!("{other:?} is no refusal"),
    }
}

#[test]
fn the_parts_of_a_path_come_in_their_order_whatever_the_order_of_the_calls() {
    let apps = client("https://k", "apps", "v1");
    let request = apps.get().subresource("scale").name("web").resource("Deployments").namespace("prod");
    assert_eq!(path(&request), "/apis/apps/v1/namespaces/prod/deployments/web/scale");
    let core = client("https://k", "", "v1");
    assert_eq!(path(&core.get().resource("nodes")), "/api/v1/nodes");
    let proxied =
        core.get().namespace("prod").resource("pods").name("web:80").subresource("proxy").suffix("/a b/");
    assert_eq!(path(&proxied), "/api/v1/namespaces/prod/pods/web:80/proxy/a%20b/");
}

#[test]
fn a_path_in_the_address_stays_in_front() {
    let client = client("https://k/k8s/clusters/c-1/", "apps", "v1");
    assert_eq!(path(&client.get().resource("deployments")), "/k8s/clusters/c-1/apis/apps/v1/deployments");
    assert_eq!(path(&client.get().abs_path("/version/")), "/k8s/clusters/c-1/version/");
    assert_eq!(path(&client.get().abs_path("/healthz")), "/k8s/clusters/c-1/healthz");
}

#[test]
fn an_api_path_can_be_configured() {
    let mut config = Config::new("https://k");
    config.api_path = Some("/oapi".into());
    let client = RestClient::for_group_version(&config, "route.openshift.io", "v1").unwrap();
    assert_eq!(path(&client.get().resource("routes")), "/oapi/route.openshift.io/v1/routes");
    assert_eq!(client.api_version(), "route.openshift.io/v1");
}

#[test]
fn a_name_cannot_lead_to_another_object() {
    let client = client("https://k", "", "v1");
    for name in ["", ".", "..", "a/b", "a%2fb"] {
        let request = client.delete().namespace("prod").resource("secrets").name(name);
        assert!(
            matches!(refused(&request), BuildError::Empty { .. } | BuildError::Invalid { .. }),
            "{name:?}"
        );
    }
    assert!(matches!(
        refused(&client.get().namespace("").resource("pods")),
        BuildError::Empty { part: Part::Namespace }
    ));
}

#[test]
fn the_first_error_is_kept_and_later_setters_do_not_hide_it() {
    let request = client("https://k", "", "v1").get().resource("pods").name("a/b").name("").name("fine");
    assert!(
        matches!(refused(&request), BuildError::Invalid { part: Part::Name, value, .. } if value == "a/b")
    );
}

#[test]
fn a_part_cannot_be_set_twice_nor_stand_alone() {
    let client = client("https://k", "", "v1");
    let twice = client.get().resource("pods").name("a").name("b");
    assert!(matches!(refused(&twice), BuildError::SetTwice { part: Part::Name, .. }));
    let no_resource = client.get().name("a");
    assert!(matches!(refused(&no_resource), BuildError::Incomplete { part: Part::Name, .. }));
    let no_name = client.get().resource("pods").subresource("status");
    assert!(matches!(refused(&no_name), BuildError::Incomplete { part: Part::Subresource, .. }));
}

#[test]
fn a_header_that_http_does_not_allow_is_refused_without_its_value() {
    let request = client("https://k", "", "v1").get().resource("pods").header("x-secret", "line\nbreak");
    let error = refused(&request);
    assert!(error.to_string().contains("x-secret") && !error.to_string().contains("break"), "{error}");
}

#[test]
fn queries_are_sorted_by_name_and_repeated_names_keep_their_order() {
    let request = client("https://k", "", "v1")
        .get()
        .resource("pods")
        .query("b", "2")
        .query("a", "x&y")
        .query("b", "1");
    let pairs = request.query_pairs().unwrap();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("a", "x&y"), ("b", "2"), ("b", "1")]);
}

#[test]
fn each_patch_type_has_its_media_type() {
    let client = client("https://k", "", "v1");
    let types = [
        (PatchType::Json, "application/json-patch+json"),
        (PatchType::Merge, "application/merge-patch+json"),
        (PatchType::StrategicMerge, "application/strategic-merge-patch+json"),
        (PatchType::Apply, "application/apply-patch+yaml"),
    ];
    for (patch, media_type) in types {
        let request = client.patch(patch).json("body");
        assert_eq!(request.method(), Method::PATCH);
        assert_eq!(request.headers()["content-type"], media_type);
    }
    assert_eq!(client.post().json("body").headers()["content-type"], "application/json");
}

#[test]
fn a_body_that_cannot_be_json_is_refused_when_the_request_is_sent() {
    let body = std::collections::BTreeMap::from([(vec![1], 1)]);
    let request = client("https://k", "", "v1").post().resource("pods").json(&body);
    assert!(matches!(refused(&request), BuildError::Body { .. }));
}

#[test]
fn a_group_that_is_no_path_segment_is_refused_at_once() {
    let error = RestClient::for_group_version(&Config::new("https://k"), "a/b", "v1").unwrap_err();
    assert!(matches!(error, Error::Build(_)), "{error}");
    let later = client("https://k", "", "v1").group_version("..", "v1");
    assert!(matches!(refused(&later.get().resource("x")), BuildError::Invalid { .. }));
}
