//! One row per option: what is set is seen on the wire. No I/O.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kubeset_rest::{
    Config, Endpoint, FieldValidation, JsonPatch, LogStream, MergePatch, PropagationPolicy, Request,
    StrategicMergePatch,
};

/// Bodies are in JSON, which can be read here.
fn endpoint<K>(resource: &'static str) -> Endpoint<K> {
    let mut config = Config::new("https://k");
    config.content.content_type = Some("application/json".to_owned());
    Endpoint::new(&super::client(&config), resource).namespace("prod")
}

fn config_maps() -> Endpoint<ConfigMap> {
    endpoint("configmaps")
}

fn pods() -> Endpoint<Pod> {
    endpoint("pods")
}

/// `METHOD path?query`, with the query not escaped.
fn line(builder: &impl AsRef<Request>) -> String {
    let request = builder.as_ref();
    let pairs = request.query_pairs().unwrap();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{} {}{query}", request.method(), request.path().unwrap())
}

fn body(builder: &impl AsRef<Request>) -> &str {
    std::str::from_utf8(builder.as_ref().body_bytes().expect("there is a body")).unwrap()
}

const LIST: &str = "/api/v1/namespaces/prod/configmaps";
const OBJECT: &str = "/api/v1/namespaces/prod/configmaps/a";

#[test]
fn get() {
    let get = || config_maps().get("a");
    assert_eq!(line(&get()), format!("GET {OBJECT}"));
    assert_eq!(line(&get().at_least("0")), format!("GET {OBJECT}?resourceVersion=0"));
    assert_eq!(line(&get().timeout(Duration::from_millis(1_500))), format!("GET {OBJECT}?timeout=1500ms"));
    assert_eq!(line(&get().query("x", "y")), format!("GET {OBJECT}?x=y"));
    assert_eq!(get().header("x-a", "b").as_ref().headers()["x-a"], "b");
    assert_eq!(line(&get().optional()), format!("GET {OBJECT}"));
}

#[test]
fn list() {
    let list = || config_maps().list();
    let rows = [
        (list(), ""),
        (list().labels("a=b"), "?labelSelector=a=b"),
        (list().labels("a=b").labels("c in (d, e)"), "?labelSelector=a=b,c in (d, e)"),
        (list().fields("metadata.name=a"), "?fieldSelector=metadata.name=a"),
        (list().shard_selector("0/2"), "?shardSelector=0/2"),
        (list().limit(7).limit(8), "?limit=8"),
        (list().continue_from("t"), "?continue=t"),
        (list().at_least("5"), "?resourceVersion=5&resourceVersionMatch=NotOlderThan"),
        (list().exactly("5"), "?resourceVersion=5&resourceVersionMatch=Exact"),
        (list().timeout(Duration::from_secs(7)), "?timeout=7s&timeoutSeconds=7"),
    ];
    for (list, query) in rows {
        assert_eq!(line(&list), format!("GET {LIST}{query}"));
    }
}

#[test]
fn watch() {
    let watch = || config_maps().watch();
    let rows = [
        (watch(), "watch=true"),
        (watch().labels("a"), "labelSelector=a&watch=true"),
        (watch().fields("b"), "fieldSelector=b&watch=true"),
        (watch().shard_selector("0/2"), "shardSelector=0/2&watch=true"),
        (watch().resource_version("5"), "resourceVersion=5&watch=true"),
        (watch().bookmarks(), "allowWatchBookmarks=true&watch=true"),
        (
            watch().send_initial_events(),
            "allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&watch=true",
        ),
        (watch().timeout(Duration::from_millis(6_001)), "timeout=7s&timeoutSeconds=7&watch=true"),
    ];
    for (watch, query) in rows {
        assert_eq!(line(&watch), format!("GET {LIST}?{query}"));
    }
}

#[test]
fn create() {
    let object = ConfigMap::default();
    let create = || config_maps().create(&object);
    assert_eq!(line(&create()), format!("POST {LIST}"));
    assert_eq!(body(&create()), r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}"#);
    assert_eq!(create().as_ref().headers()["content-type"], "application/json");
    assert_eq!(line(&create().dry_run()), format!("POST {LIST}?dryRun=All"));
    assert_eq!(line(&create().field_manager("m")), format!("POST {LIST}?fieldManager=m"));
    for (validation, text) in [
        (FieldValidation::Ignore, "Ignore"),
        (FieldValidation::Warn, "Warn"),
        (FieldValidation::Strict, "Strict"),
    ] {
        assert_eq!(
            line(&create().field_validation(validation)),
            format!("POST {LIST}?fieldValidation={text}")
        );
    }
    assert_eq!(line(&create().timeout(Duration::from_secs(90))), format!("POST {LIST}?timeout=90s"));
    let evict = pods().subresource("eviction").create_for("web", &object);
    assert_eq!(line(&evict), "POST /api/v1/namespaces/prod/pods/web/eviction");
}

#[test]
fn replace() {
    let object = ConfigMap::default();
    let replace = || config_maps().replace("a", &object);
    let all = replace().dry_run().field_manager("m").field_validation(FieldValidation::Strict);
    assert_eq!(line(&all), format!("PUT {OBJECT}?dryRun=All&fieldManager=m&fieldValidation=Strict"));
    assert_eq!(line(&replace().timeout(Duration::from_secs(1))), format!("PUT {OBJECT}?timeout=1s"));
    assert_eq!(body(&replace()), r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}"#);
}

#[test]
fn patch() {
    let json = config_maps().patch("a", JsonPatch(["op"]));
    assert_eq!(line(&json), format!("PATCH {OBJECT}"));
    assert_eq!(body(&json), r#"["op"]"#);
    assert_eq!(json.as_ref().headers()["content-type"], "application/json-patch+json");
    let merge = config_maps().patch("a", MergePatch(())).dry_run().field_manager("m");
    assert_eq!(line(&merge), format!("PATCH {OBJECT}?dryRun=All&fieldManager=m"));
    assert_eq!(merge.as_ref().headers()["content-type"], "application/merge-patch+json");
    let strategic = config_maps().patch("a", StrategicMergePatch(1)).field_validation(FieldValidation::Warn);
    assert_eq!(line(&strategic), format!("PATCH {OBJECT}?fieldValidation=Warn"));
    assert_eq!(strategic.as_ref().headers()["content-type"], "application/strategic-merge-patch+json");
}

#[test]
fn apply() {
    let apply = || config_maps().apply("a", &ConfigMap::default(), "manager");
    assert_eq!(line(&apply()), format!("PATCH {OBJECT}?fieldManager=manager"));
    assert_eq!(apply().as_ref().headers()["content-type"], "application/apply-patch+yaml");
    let all = apply().force().dry_run().field_validation(FieldValidation::Strict);
    let query = "dryRun=All&fieldManager=manager&fieldValidation=Strict&force=true";
    assert_eq!(line(&all), format!("PATCH {OBJECT}?{query}"));
}

#[test]
fn delete() {
    let delete = || config_maps().delete("a");
    assert_eq!(line(&delete()), format!("DELETE {OBJECT}"));
    let rows = [
        (delete().grace_period(Duration::ZERO), r#""gracePeriodSeconds":0"#),
        (delete().grace_period(Duration::from_millis(1_001)), r#""gracePeriodSeconds":2"#),
        (delete().propagation_policy(PropagationPolicy::Orphan), r#""propagationPolicy":"Orphan""#),
        (delete().propagation_policy(PropagationPolicy::Background), r#""propagationPolicy":"Background""#),
        (delete().propagation_policy(PropagationPolicy::Foreground), r#""propagationPolicy":"Foreground""#),
        (delete().uid("u"), r#""preconditions":{"uid":"u"}"#),
        (delete().uid("u").resource_version("5"), r#""preconditions":{"resourceVersion":"5","uid":"u"}"#),
        (delete().dry_run(), r#""dryRun":["All"]"#),
        (
            delete().ignore_store_read_error_with_cluster_breaking_potential(),
            r#""ignoreStoreReadErrorWithClusterBreakingPotential":true"#,
        ),
    ];
    for (delete, option) in rows {
        assert!(body(&delete).contains(option), "{option} is not in {}", body(&delete));
        assert!(body(&delete).contains(r#""kind":"DeleteOptions""#));
    }
}

#[test]
fn delete_collection() {
    let delete = || config_maps().delete_collection();
    let all = delete().labels("a").fields("b").shard_selector("c").limit(1).continue_from("t").exactly("5");
    let query = "continue=t&fieldSelector=b&labelSelector=a&limit=1&resourceVersion=5&resourceVersionMatch=Exact&shardSelector=c";
    assert_eq!(line(&all), format!("DELETE {LIST}?{query}"));
    let options = delete()
        .grace_period(Duration::from_secs(3))
        .propagation_policy(PropagationPolicy::Orphan)
        .dry_run()
        .ignore_store_read_error_with_cluster_breaking_potential();
    for option in [
        r#""gracePeriodSeconds":3"#,
        r#""propagationPolicy":"Orphan""#,
        r#""dryRun":["All"]"#,
        r#""ignoreStoreReadErrorWithClusterBreakingPotential":true"#,
    ] {
        assert!(body(&options).contains(option), "{option} is not in {}", body(&options));
    }
    assert_eq!(
        line(&delete().timeout(Duration::from_secs(7))),
        format!("DELETE {LIST}?timeout=7s&timeoutSeconds=7")
    );
}

#[test]
fn logs() {
    let logs = || pods().logs("web");
    let rows = [
        (logs(), ""),
        (logs().container("app"), "?container=app"),
        (logs().previous(), "?previous=true"),
        (logs().since(Duration::from_millis(59_001)), "?sinceSeconds=60"),
        (logs().tail_lines(10), "?tailLines=10"),
        (logs().limit_bytes(10), "?limitBytes=10"),
        (logs().timestamps(), "?timestamps=true"),
        (logs().stream(LogStream::All), "?stream=All"),
        (logs().stream(LogStream::Stdout), "?stream=Stdout"),
        (logs().stream(LogStream::Stderr), "?stream=Stderr"),
        (logs().insecure_skip_tls_verify_backend(), "?insecureSkipTLSVerifyBackend=true"),
    ];
    for (logs, query) in rows {
        assert_eq!(line(&logs), format!("GET /api/v1/namespaces/prod/pods/web/log{query}"));
    }
    assert_eq!(line(&logs().follow()), "GET /api/v1/namespaces/prod/pods/web/log?follow=true");
    assert_eq!(line(&logs().lines()), "GET /api/v1/namespaces/prod/pods/web/log");
}

#[test]
fn proxy() {
    let proxy =
        pods().proxy("https:web:443").method(http::Method::POST).path("a/b/").query("c", "d").body("e");
    assert_eq!(line(&proxy), "POST /api/v1/namespaces/prod/pods/https:web:443/proxy/a/b/?c=d");
    assert_eq!(body(&proxy), "e");
}
