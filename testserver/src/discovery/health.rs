//! Whether the server is well: it always is, and says so check by check.

use crate::answer::Answer;
use crate::query::Query;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use std::fmt::Write as _;

/// What kube-apiserver looks at first, of each of its three kinds of health.
const KINDS: [(&str, &[&str], &[&str]); 3] = [
    ("healthz", &["ping", "log", "loopback-serving-certificate", "etcd"], &[]),
    ("livez", &["ping", "log", "loopback-serving-certificate", "etcd"], &[]),
    ("readyz", &["ping", "log", "etcd", "etcd-readiness", "informer-sync"], &["shutdown"]),
];

/// What it looks at then.
const HOOKS: [&str; 32] = [
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/start-kube-apiserver-coordinated-leader-election-controller",
    "poststarthook/peer-endpoint-reconciler-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/storage-readiness",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/built-in-resources-storage-version-updater",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
];

/// The checks of a kind of health, in their order.
fn checks(kind: &str) -> Option<impl Iterator<Item = &'static str>> {
    let (_, first, last) = KINDS.iter().find(|(name, ..)| *name == kind)?;
    Some(first.iter().chain(&HOOKS).chain(*last).copied())
}

/// The paths of all checks.
pub(super) fn paths() -> impl Iterator<Item = String> {
    KINDS.iter().flat_map(|(kind, ..)| {
        let checks = checks(kind).into_iter().flatten().map(move |check| format!("/{kind}/{check}"));
        std::iter::once(format!("/{kind}")).chain(checks)
    })
}

/// Answers to a path about health; none if it is about something else.
pub(super) fn respond(path: &str, query: &Query) -> Option<Answer> {
    let path = path.strip_prefix('/')?;
    if let Some((kind, check)) = path.split_once('/') {
        return checks(kind)?.any(|each| each == check).then(|| Answer::text(StatusCode::OK, "ok"));
    }
    let text = if query.get("verbose").is_some() {
        told(path, query)?
    } else {
        checks(path).map(|_| "ok".into())?
    };
    let answer = Answer::text(StatusCode::OK, text);
    Some(
        answer.header(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    )
}

/// Check by check.
fn told(kind: &str, query: &Query) -> Option<String> {
    let mut excluded: Vec<&str> = query.all("exclude").collect();
    let mut text = String::new();
    for check in checks(kind)? {
        let of_it = excluded.iter().position(|each| *each == check);
        let word = if of_it.is_some() { "excluded: ok" } else { "ok" };
        // Nothing can go wrong when a string is written to.
        let _ = writeln!(text, "[+]{check} {word}");
        if let Some(index) = of_it {
            excluded.remove(index);
        }
    }
    if !excluded.is_empty() {
        excluded.sort_unstable();
        let unknown: Vec<String> = excluded.iter().map(|each| format!("{each:?}")).collect();
        let _ = writeln!(
            text,
            "warn: some health checks cannot be excluded: no matches for {}",
            unknown.join(",")
        );
    }
    let _ = writeln!(text, "{kind} check passed");
    Some(text)
}
