//! The roles that every cluster has for people and programs, and who has them.
//!
//! Those of Kubernetes' own controllers are left out: they do not run here.

use super::rbac::{GROUP, key};
use crate::object::new_uid;
use crate::selector::Selectable;
use crate::server::Server;
use crate::store::Index;
use crate::time::now;
use crate::user::{AUTHENTICATED, MASTERS, UNAUTHENTICATED};
use serde_json::{Value, json};

/// What reading is.
const READ: &[&str] = &["get", "list", "watch"];

/// What changing is.
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];

/// Reading and changing.
const ALL: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// What a role allows: verbs of resources of groups.
struct Rule(&'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// What one who looks may do.
const TO_VIEW: &[Rule] = &[
    Rule(
        READ,
        &[""],
        &[
            "configmaps",
            "endpoints",
            "persistentvolumeclaims",
            "persistentvolumeclaims/status",
            "pods",
            "replicationcontrollers",
            "replicationcontrollers/scale",
            "serviceaccounts",
            "services",
            "services/status",
        ],
    ),
    Rule(
        READ,
        &[""],
        &[
            "bindings",
            "limitranges",
            "namespaces/status",
            "pods/log",
            "pods/status",
            "replicationcontrollers/status",
            "resourcequotas",
            "resourcequotas/status",
        ],
    ),
    Rule(READ, &[""], &["namespaces"]),
    Rule(READ, &["", "events.k8s.io"], &["events"]),
    Rule(READ, &["discovery.k8s.io"], &["endpointslices"]),
    Rule(
        READ,
        &["apps"],
        &[
            "controllerrevisions",
            "daemonsets",
            "daemonsets/status",
            "deployments",
            "deployments/scale",
            "deployments/status",
            "replicasets",
            "replicasets/scale",
            "replicasets/status",
            "statefulsets",
            "statefulsets/scale",
            "statefulsets/status",
        ],
    ),
    Rule(READ, &["autoscaling"], &["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
    Rule(READ, &["batch"], &["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
    Rule(
        READ,
        &["extensions"],
        &[
            "daemonsets",
            "daemonsets/status",
            "deployments",
            "deployments/scale",
            "deployments/status",
            "ingresses",
            "ingresses/status",
            "networkpolicies",
            "replicasets",
            "replicasets/scale",
            "replicasets/status",
            "replicationcontrollers/scale",
        ],
    ),
    Rule(READ, &["policy"], &["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    Rule(READ, &["networking.k8s.io"], &["ingresses", "ingresses/status", "networkpolicies"]),
    Rule(READ, &["resource.k8s.io"], &["resourceclaims", "resourceclaims/status", "resourceclaimtemplates"]),
    Rule(READ, &["scheduling.k8s.io"], &["podgroups", "podgroups/status", "workloads"]),
    Rule(READ, &["scheduling.k8s.io"], &["compositepodgroups", "compositepodgroups/status"]),
    Rule(READ, &["lifecycle.k8s.io"], &["evictionrequests", "evictions"]),
];

/// What one who works may do besides.
const TO_EDIT: &[Rule] = &[
    Rule(
        READ,
        &[""],
        &["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"],
    ),
    Rule(&["impersonate"], &[""], &["serviceaccounts"]),
    Rule(WRITE, &[""], &["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]),
    Rule(&["create"], &[""], &["pods/eviction"]),
    Rule(
        WRITE,
        &[""],
        &[
            "configmaps",
            "persistentvolumeclaims",
            "replicationcontrollers",
            "replicationcontrollers/scale",
            "secrets",
            "serviceaccounts",
            "services",
            "services/proxy",
        ],
    ),
    Rule(&["create"], &[""], &["serviceaccounts/token"]),
    Rule(WRITE, &["", "events.k8s.io"], &["events"]),
    Rule(
        WRITE,
        &["apps"],
        &[
            "daemonsets",
            "deployments",
            "deployments/rollback",
            "deployments/scale",
            "replicasets",
            "replicasets/scale",
            "statefulsets",
            "statefulsets/scale",
        ],
    ),
    Rule(WRITE, &["autoscaling"], &["horizontalpodautoscalers"]),
    Rule(WRITE, &["batch"], &["cronjobs", "jobs"]),
    Rule(
        WRITE,
        &["extensions"],
        &[
            "daemonsets",
            "deployments",
            "deployments/rollback",
            "deployments/scale",
            "ingresses",
            "networkpolicies",
            "replicasets",
            "replicasets/scale",
            "replicationcontrollers/scale",
        ],
    ),
    Rule(WRITE, &["policy"], &["poddisruptionbudgets"]),
    Rule(WRITE, &["networking.k8s.io"], &["ingresses", "networkpolicies"]),
    Rule(ALL, &["coordination.k8s.io"], &["leases"]),
    Rule(WRITE, &["resource.k8s.io"], &["resourceclaims", "resourceclaimtemplates"]),
    Rule(WRITE, &["scheduling.k8s.io"], &["podgroups", "workloads"]),
    Rule(WRITE, &["scheduling.k8s.io"], &["compositepodgroups"]),
    Rule(WRITE, &["lifecycle.k8s.io"], &["evictionrequests"]),
];

/// What one who lets others work may do besides.
const TO_ADMIN: &[Rule] = &[
    Rule(&["create"], &["authorization.k8s.io"], &["localsubjectaccessreviews"]),
    Rule(ALL, &["rbac.authorization.k8s.io"], &["rolebindings", "roles"]),
];

/// Paths that tell what the server can do.
const DISCOVERY: &[&str] = &[
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
];

/// Paths that everybody may know.
const PUBLIC: &[&str] = &["/healthz", "/livez", "/readyz", "/version", "/version/"];

/// Paths that tell how the server is.
const MONITORING: &[&str] = &[
    "/flagz",
    "/healthz",
    "/healthz/*",
    "/livez",
    "/livez/*",
    "/metrics",
    "/metrics/slis",
    "/readyz",
    "/readyz/*",
    "/statusz",
];

/// Makes the roles and bindings.
pub(crate) fn fill(server: &Server) {
    let review = |resources: &[&str], group: &str| json!({"apiGroups": [group], "resources": resources, "verbs": ["create"]});
    let roles = [
        role("admin", None, &[], Some("admin")),
        role("edit", Some("admin"), &[], Some("edit")),
        role("view", Some("edit"), &[], Some("view")),
        role("system:aggregate-to-admin", Some("admin"), &rules(TO_ADMIN), None),
        role("system:aggregate-to-edit", Some("edit"), &rules(TO_EDIT), None),
        role("system:aggregate-to-view", Some("view"), &rules(TO_VIEW), None),
        role(
            "cluster-admin",
            None,
            &[rule(&Rule(&["*"], &["*"], &["*"])), json!({"nonResourceURLs": ["*"], "verbs": ["*"]})],
            None,
        ),
        role(
            "system:basic-user",
            None,
            &[
                review(&["selfsubjectaccessreviews", "selfsubjectrulesreviews"], "authorization.k8s.io"),
                review(&["selfsubjectreviews"], "authentication.k8s.io"),
            ],
            None,
        ),
        role("system:discovery", None, &[paths(DISCOVERY)], None),
        role(
            "system:monitoring",
            None,
            &[paths(MONITORING), rule(&Rule(&["get"], &[""], &["nodes/metrics"]))],
            None,
        ),
        role("system:public-info-viewer", None, &[paths(PUBLIC)], None),
    ];
    for role in roles {
        add(server, "clusterroles", "ClusterRole", role);
    }
    let bindings = [
        ("cluster-admin", &[MASTERS] as &[&str]),
        ("system:basic-user", &[AUTHENTICATED]),
        ("system:discovery", &[AUTHENTICATED]),
        ("system:monitoring", &["system:monitoring"]),
        ("system:public-info-viewer", &[AUTHENTICATED, UNAUTHENTICATED]),
    ];
    for (role, groups) in bindings {
        add(server, "clusterrolebindings", "ClusterRoleBinding", binding(role, groups));
    }
}

fn rule(Rule(verbs, groups, resources): &Rule) -> Value {
    json!({"apiGroups": groups, "resources": resources, "verbs": verbs})
}

fn rules(rules: &[Rule]) -> Vec<Value> {
    rules.iter().map(rule).collect()
}

fn paths(paths: &[&str]) -> Value {
    json!({"nonResourceURLs": paths, "verbs": ["get"]})
}

/// A role that is part of another, has rules, or gathers those of others.
fn role(name: &str, part_of: Option<&str>, rules: &[Value], gathers: Option<&str>) -> Value {
    let label = |role: &str| format!("{GROUP}/aggregate-to-{role}");
    let mut role = metadata(name);
    if let Some(whole) = part_of {
        role["metadata"]["labels"][label(whole)] = "true".into();
    }
    role["rules"] = if rules.is_empty() { Value::Null } else { rules.into() };
    if let Some(gathers) = gathers {
        role["aggregationRule"] =
            json!({"clusterRoleSelectors": [{"matchLabels": {label(gathers): "true"}}]});
    }
    role
}

fn binding(role: &str, groups: &[&str]) -> Value {
    let subject = |group: &&str| json!({"apiGroup": GROUP, "kind": "Group", "name": group});
    let mut binding = metadata(role);
    binding["roleRef"] = json!({"apiGroup": GROUP, "kind": "ClusterRole", "name": role});
    binding["subjects"] = groups.iter().map(subject).collect();
    binding
}

fn metadata(name: &str) -> Value {
    json!({"metadata": {
        "name": name,
        "uid": new_uid(),
        "creationTimestamp": now(),
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
    }})
}

fn add(server: &Server, plural: &'static str, kind: &str, object: Value) {
    let index = Index::new(&object, Selectable::built_in(GROUP, kind).of(&object));
    // The store is empty, so nothing exists yet.
    let _ = server.store.create(&key(plural), object, index);
}
