use super::{nowhere, respond};
use crate::answer::{Answer, Content};
use crate::failure::Failure;
use crate::query::Query;
use crate::server::Server;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::Value;

fn server() -> Server {
    Server::new("127.0.0.1:8080".into(), &crate::Builder::default())
}

fn ask(server: &Server, method: Method, path: &str, accept: &str) -> Result<Answer, Failure> {
    let request = Request::builder().method(method).uri(path).header("accept", accept);
    let request = request.body(Bytes::new()).unwrap();
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let answer = respond(server, &request, &query);
    answer.unwrap_or_else(|| nowhere(&server.catalog.snapshot(), request.uri().path()))
}

fn get(path: &str) -> Result<Answer, Failure> {
    ask(&server(), Method::GET, path, "application/json")
}

fn json(answer: &Answer) -> Value {
    match &answer.content {
        Content::Json(bytes) => serde_json::from_slice(bytes).unwrap(),
        other => panic!("{other:?} is no JSON"),
    }
}

fn text(answer: &Answer) -> &str {
    match &answer.content {
        Content::Text(bytes) => std::str::from_utf8(bytes).unwrap(),
        other => panic!("{other:?} is no text"),
    }
}

#[test]
fn resources_are_listed_with_what_is_below_them() {
    let list = json(&get("/api/v1/").unwrap());
    assert_eq!((&list["groupVersion"], &list["apiVersion"]), (&"v1".into(), &Value::Null));
    let resource = |name: &str| -> Value {
        let resources = list["resources"].as_array().unwrap();
        resources.iter().find(|resource| resource["name"] == name).unwrap().clone()
    };
    let pods = resource("pods");
    assert_eq!(pods["shortNames"][0], "po");
    assert_eq!(pods["storageVersionHash"], "xPOwRZ+Yhw8=");
    let eviction = resource("pods/eviction");
    assert_eq!((&eviction["group"], &eviction["kind"]), (&"policy".into(), &"Eviction".into()));
    assert_eq!(resource("pods/status")["group"], Value::Null);
    assert_eq!(resource("componentstatuses")["storageVersionHash"], Value::Null);
}

#[test]
fn a_group_tells_its_best_version() {
    let group = json(&get("/apis/autoscaling").unwrap());
    assert_eq!(group["kind"], "APIGroup");
    assert_eq!(group["preferredVersion"]["groupVersion"], "autoscaling/v2");
    let all = json(&get("/apis").unwrap());
    assert_eq!(all["groups"][1]["name"], "apps");
    assert_eq!(all["groups"][1]["kind"], Value::Null);
}

#[test]
fn everything_about_groups_comes_at_once_to_those_who_ask_and_not_twice() {
    let server = server();
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    let answer = ask(&server, Method::GET, "/api", accept).unwrap();
    let versions = &json(&answer)["items"][0]["versions"];
    assert_eq!(versions[0]["resources"][0]["resource"], "bindings");
    let request = Request::get("/api").header("accept", accept);
    let request = request.header("if-none-match", answer.headers["etag"].clone()).body(Bytes::new()).unwrap();
    let again = respond(&server, &request, &Query::default()).unwrap().unwrap();
    assert_eq!(again.code, StatusCode::NOT_MODIFIED);
    // kubectl would take the type of this for that of what it has.
    assert_eq!(again.into_response().headers().get("content-type"), None);
}

#[test]
fn what_is_not_there_is_told_in_json_below_built_in_groups_and_in_text_elsewhere() {
    for path in ["/api/v2", "/apis/apps/v9", "/version/x"] {
        assert_eq!(get(path).unwrap_err().code, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/nope", "/apis/nope", "/apis/nope/v1", "/healthz/", "/healthz/nope"] {
        let answer = get(path).unwrap();
        assert_eq!((answer.code, text(&answer)), (StatusCode::NOT_FOUND, "404 page not found\n"), "{path}");
    }
    let refused = ask(&server(), Method::POST, "/apis/apps/v1", "*/*").unwrap_err();
    assert_eq!(refused.code, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn health_is_told_check_by_check() {
    assert_eq!(text(&get("/readyz").unwrap()), "ok");
    assert_eq!(text(&get("/healthz/ping").unwrap()), "ok");
    let told = get("/livez?verbose&exclude=ping&exclude=nope").unwrap();
    let told = text(&told);
    assert!(told.starts_with("[+]ping excluded: ok\n[+]log ok\n"), "{told}");
    let end = "warn: some health checks cannot be excluded: no matches for \"nope\"\nlivez check passed\n";
    assert!(told.ends_with(end), "{told}");
}
