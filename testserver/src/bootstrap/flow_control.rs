//! How requests would share kube-apiserver. This server takes them as they come.

use super::Maker;
use crate::time::now;
use serde_json::{Value, json};

/// Levels: name, shares, what is lent in percent, and how requests wait: queues, queues of each, and the length of one.
/// At a level without queues they are refused.
const LEVELS: [(&str, u32, u32, Option<[u32; 3]>); 7] = [
    ("catch-all", 5, 0, None),
    ("global-default", 20, 50, Some([128, 6, 50])),
    ("leader-election", 10, 0, Some([16, 4, 50])),
    ("node-high", 40, 25, Some([64, 6, 50])),
    ("system", 30, 33, Some([64, 6, 50])),
    ("workload-high", 40, 50, Some([128, 6, 50])),
    ("workload-low", 100, 90, Some([128, 6, 50])),
];

const EVERYBODY: [&str; 2] = ["system:unauthenticated", "system:authenticated"];

/// Makes the schemas and the levels.
pub(super) fn fill(maker: &Maker<'_>) {
    let (group, version) = ("flowcontrol.apiserver.k8s.io", "v1");
    let exempt = json!({"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}});
    let levels = LEVELS.map(|(name, shares, lent, queues)| (name, limited(shares, lent, queues)));
    for (name, spec) in levels.into_iter().chain([("exempt", exempt)]) {
        let level = json!({"metadata": metadata(name), "spec": spec, "status": {}});
        maker.add(group, version, "prioritylevelconfigurations", level);
    }
    for (name, level, precedence, by, rule) in schemas() {
        let mut spec = json!({
            "priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence, "rules": [rule],
        });
        if !by.is_empty() {
            spec["distinguisherMethod"] = json!({"type": by});
        }
        let found = json!({
            "type": "Dangling",
            "status": "False",
            "lastTransitionTime": now(),
            "reason": "Found",
            "message": format!(
                "This FlowSchema references the PriorityLevelConfiguration object named {level:?} and it exists"
            ),
        });
        let schema = json!({"metadata": metadata(name), "spec": spec, "status": {"conditions": [found]}});
        maker.add(group, version, "flowschemas", schema);
    }
}

fn metadata(name: &str) -> Value {
    json!({"name": name, "generation": 1, "annotations": {"apf.kubernetes.io/autoupdate-spec": "true"}})
}

fn limited(shares: u32, lent: u32, queues: Option<[u32; 3]>) -> Value {
    let response = match queues {
        None => json!({"type": "Reject"}),
        Some([queues, hand, length]) => json!({
            "type": "Queue", "queuing": {"queues": queues, "handSize": hand, "queueLengthLimit": length},
        }),
    };
    let limited =
        json!({"nominalConcurrencyShares": shares, "limitResponse": response, "lendablePercent": lent});
    json!({"type": "Limited", "limited": limited})
}

type Schema = (&'static str, &'static str, u32, &'static str, Value);

/// Schemas: name, level, precedence, what flows are told apart by, and the rule.
fn schemas() -> [Schema; 11] {
    let groups = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({"kind": "Group", "group": {"name": name}})).collect()
    };
    let user = |name: &str| json!({"kind": "User", "user": {"name": name}});
    let system_accounts =
        || json!({"kind": "ServiceAccount", "serviceAccount": {"namespace": "kube-system", "name": "*"}});
    let (manager, scheduler) = (user("system:kube-controller-manager"), user("system:kube-scheduler"));
    let leases = |verbs: &[&str]| json!({"verbs": verbs, "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "namespaces": ["*"]});
    let nodes = json!({
        "verbs": ["*"], "apiGroups": [""], "resources": ["nodes", "nodes/status"],
        "clusterScope": true, "namespaces": ["*"],
    });
    let leaders = json!([manager, scheduler, system_accounts()]);
    let probes = json!({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]});
    [
        ("catch-all", "catch-all", 10000, "ByUser", everything(groups(&EVERYBODY))),
        ("exempt", "exempt", 1, "", everything(groups(&["system:masters"]))),
        ("global-default", "global-default", 9900, "ByUser", everything(groups(&EVERYBODY))),
        ("kube-controller-manager", "workload-high", 800, "ByNamespace", everything(vec![manager])),
        ("kube-scheduler", "workload-high", 800, "ByNamespace", everything(vec![scheduler])),
        (
            "kube-system-service-accounts",
            "workload-high",
            900,
            "ByNamespace",
            everything(vec![system_accounts()]),
        ),
        ("probes", "exempt", 2, "", json!({"subjects": groups(&EVERYBODY), "nonResourceRules": [probes]})),
        ("service-accounts", "workload-low", 9000, "ByUser", everything(groups(&["system:serviceaccounts"]))),
        (
            "system-leader-election",
            "leader-election",
            100,
            "ByUser",
            json!({"subjects": leaders, "resourceRules": [leases(&["get", "create", "update"])]}),
        ),
        (
            "system-node-high",
            "node-high",
            400,
            "ByUser",
            json!({"subjects": groups(&["system:nodes"]), "resourceRules": [nodes, leases(&["*"])]}),
        ),
        ("system-nodes", "system", 500, "ByUser", everything(groups(&["system:nodes"]))),
    ]
}

/// A rule for all that somebody does.
fn everything(subjects: Vec<Value>) -> Value {
    let resources = json!({
        "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true, "namespaces": ["*"],
    });
    json!({
        "subjects": subjects,
        "resourceRules": [resources],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    })
}
