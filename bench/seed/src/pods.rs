//! Pods as a busy cluster has them: two containers, and all that an administrator, an admission plugin, a controller
//! and a kubelet write. The same index always gives the same Pod.

use crate::objects::text;
use bench_harness::{NODES, PODS_PER_NAMESPACE, node_name, pod_name};
use fastrand::Rng;
use serde_json::{Value, json};

/// How many applications the Pods are of.
const APPLICATIONS: usize = 40;

/// The name of a Pod.
pub(crate) fn name(index: usize) -> String {
    pod_name(index % PODS_PER_NAMESPACE)
}

/// A Pod that is to run on a node, without its status.
pub(crate) fn pod(index: usize) -> Value {
    let mut random = Rng::with_seed(index as u64);
    let application = format!("application-{}", index % APPLICATIONS);
    let hash = text(&mut random, 10);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name(index),
            "labels": {
                "app.kubernetes.io/name": application,
                "app.kubernetes.io/instance": format!("{application}-production"),
                "app.kubernetes.io/version": format!("1.{}.{}", random.u8(0..30), random.u8(0..10)),
                "pod-template-hash": hash,
                "team": format!("team-{}", index % 12),
            },
            "annotations": {
                "checksum/config": text(&mut random, 64),
                "kubectl.kubernetes.io/restartedAt": "2026-03-04T05:06:07Z",
                "prometheus.io/port": "9090",
                "prometheus.io/scrape": "true",
            },
            "ownerReferences": [{
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": format!("{application}-{hash}"),
                "uid": uid(&mut random),
                "controller": true,
                "blockOwnerDeletion": true,
            }],
        },
        "spec": spec(&mut random, &application, Some(index % NODES)),
    })
}

/// A Pod that no node has, so that it is gone at once when it is deleted.
pub(crate) fn unscheduled() -> Value {
    let mut random = Rng::with_seed(0);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "scratch", "labels": { "app.kubernetes.io/name": "scratch" } },
        "spec": spec(&mut random, "scratch", None),
    })
}

fn spec(random: &mut Rng, application: &str, node: Option<usize>) -> Value {
    let mut spec = json!({
        "serviceAccountName": application,
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "securityContext": { "runAsNonRoot": true, "runAsUser": 1000, "fsGroup": 2000 },
        "tolerations": [{ "key": "dedicated", "operator": "Equal", "value": "batch", "effect": "NoSchedule" }],
        "nodeSelector": { "kubernetes.io/os": "linux" },
        "containers": [main_container(random, application), sidecar(random)],
        "volumes": [
            { "name": "config", "configMap": { "name": format!("{application}-config") } },
            { "name": "credentials", "secret": { "secretName": format!("{application}-credentials") } },
            { "name": "cache", "emptyDir": { "sizeLimit": "256Mi" } },
            {
                "name": format!("kube-api-access-{}", text(random, 5)),
                "projected": {
                    "defaultMode": 420,
                    "sources": [
                        { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                        {
                            "configMap": {
                                "name": "kube-root-ca.crt",
                                "items": [{ "key": "ca.crt", "path": "ca.crt" }],
                            },
                        },
                    ],
                },
            },
        ],
    });
    if let Some(node) = node {
        spec["nodeName"] = node_name(node).into();
    }
    spec
}

fn main_container(random: &mut Rng, application: &str) -> Value {
    let of_the_pod = |path: &str| json!({ "fieldRef": { "fieldPath": path } });
    let secret =
        |key: &str| json!({ "secretKeyRef": { "name": format!("{application}-credentials"), "key": key } });
    json!({
        "name": "main",
        "image": image(random, application),
        "args": ["serve", "--config=/etc/config/application.yaml", format!("--shard={}", random.u8(..))],
        "ports": [
            { "name": "http", "containerPort": 8080, "protocol": "TCP" },
            { "name": "metrics", "containerPort": 9090, "protocol": "TCP" },
        ],
        "env": [
            { "name": "LOG_LEVEL", "value": "info" },
            { "name": "REGION", "value": format!("region-{}", random.u8(0..4)) },
            { "name": "DATABASE_HOST", "value": format!("{}.databases.svc.cluster.local", text(random, 12)) },
            { "name": "DATABASE_PASSWORD", "valueFrom": secret("password") },
            { "name": "API_KEY", "valueFrom": secret("api-key") },
            { "name": "FEATURES", "valueFrom": { "configMapKeyRef": {
                "name": format!("{application}-config"), "key": "features", "optional": true,
            } } },
            { "name": "MEMORY_LIMIT", "valueFrom": { "resourceFieldRef": {
                "resource": "limits.memory", "divisor": "1Mi",
            } } },
            { "name": "POD_NAME", "valueFrom": of_the_pod("metadata.name") },
            { "name": "POD_IP", "valueFrom": of_the_pod("status.podIP") },
        ],
        "resources": {
            "requests": { "cpu": "250m", "memory": "256Mi" },
            "limits": { "cpu": "1", "memory": "512Mi" },
        },
        "lifecycle": { "preStop": { "exec": { "command": ["/bin/sleep", "5"] } } },
        "livenessProbe": {
            "httpGet": { "path": "/healthz", "port": "http" },
            "initialDelaySeconds": 15,
            "periodSeconds": 20,
        },
        "readinessProbe": {
            "httpGet": { "path": "/readyz", "port": "http" },
            "periodSeconds": 5,
            "failureThreshold": 2,
        },
        "securityContext": { "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true },
        "volumeMounts": [
            { "name": "config", "mountPath": "/etc/config", "readOnly": true },
            { "name": "credentials", "mountPath": "/etc/credentials", "readOnly": true },
            { "name": "cache", "mountPath": "/var/cache" },
        ],
    })
}

fn sidecar(random: &mut Rng) -> Value {
    json!({
        "name": "proxy",
        "image": image(random, "proxy"),
        "args": ["--upstream=127.0.0.1:8080", "--drain=10s"],
        "ports": [{ "name": "https", "containerPort": 8443, "protocol": "TCP" }],
        "env": [
            { "name": "MODE", "value": "sidecar" },
            { "name": "POD_NAMESPACE", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } },
        ],
        "resources": {
            "requests": { "cpu": "50m", "memory": "64Mi" },
            "limits": { "memory": "128Mi" },
        },
        "readinessProbe": { "tcpSocket": { "port": 8443 }, "periodSeconds": 5 },
        "volumeMounts": [{ "name": "cache", "mountPath": "/var/cache" }],
    })
}

/// What the kubelet says of a Pod that runs.
pub(crate) fn status(index: usize) -> Value {
    let mut random = Rng::with_seed(index as u64);
    let application = format!("application-{}", index % APPLICATIONS);
    let ip = format!("10.{}.{}.{}", random.u8(..), random.u8(..), random.u8(1..));
    let host = format!("192.168.{}.{}", index % NODES / 250, index % NODES + 1);
    let conditions: Vec<Value> = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ]
    .iter()
    .map(|condition| json!({ "type": condition, "status": "True", "lastTransitionTime": time(&mut random) }))
    .collect();
    let containers: Vec<Value> = [("main", application.as_str()), ("proxy", "proxy")]
        .iter()
        .map(|(name, repository)| container_status(&mut random, name, repository))
        .collect();
    json!({
        "phase": "Running",
        "qosClass": "Burstable",
        "startTime": time(&mut random),
        "podIP": ip,
        "podIPs": [{ "ip": ip }],
        "hostIP": host,
        "hostIPs": [{ "ip": host }],
        "conditions": conditions,
        "containerStatuses": containers,
    })
}

fn container_status(random: &mut Rng, name: &str, repository: &str) -> Value {
    json!({
        "name": name,
        "image": image(random, repository),
        "imageID": format!("registry.example.com/{repository}@sha256:{}", hex(random, 64)),
        "containerID": format!("containerd://{}", hex(random, 64)),
        "ready": true,
        "started": true,
        "restartCount": random.u8(0..3),
        "state": { "running": { "startedAt": time(random) } },
        "lastState": {},
    })
}

fn image(random: &mut Rng, repository: &str) -> String {
    format!("registry.example.com/{repository}:1.{}.{}", random.u8(0..30), random.u8(0..10))
}

fn time(random: &mut Rng) -> String {
    format!(
        "2026-03-0{}T{:02}:{:02}:{:02}Z",
        random.u8(1..10),
        random.u8(..24),
        random.u8(..60),
        random.u8(..60)
    )
}

fn uid(random: &mut Rng) -> String {
    [8, 4, 4, 4, 12].map(|length| hex(random, length)).join("-")
}

fn hex(random: &mut Rng, length: usize) -> String {
    std::iter::repeat_with(|| random.digit(16)).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::{pod, status};

    #[test]
    fn the_same_index_gives_the_same_pod() {
        assert_eq!((pod(7), status(7)), (pod(7), status(7)));
        assert_ne!(pod(7), pod(8));
    }
}
