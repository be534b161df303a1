//! What it costs to decode a list of 10,000 pods in JSON whose bytes are in memory, in chunks as HTTP/2 brings them.
//!
//! `cargo bench -p kubeset-rest`. Each row is a process of its own, so that its peak memory is its own too.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be taken ends the program")]

use std::alloc::System;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;
use std::{env, fs, io};

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};
use http_body_util::StreamBody;
use k8s_openapi::api::core::v1::Pod;
use kubeset_rest::{BoxError, Config, Endpoint, Error, HttpClient, ResponseBody, RestClient};
use serde_json::{Value, json};
use stats_alloc::{Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: StatsAlloc<System> = StatsAlloc::system();

const PODS: usize = 10_000;
/// The pods that are in memory as text, again and again.
const BLOCK: usize = 100;
/// The frames of an HTTP/2 connection have 16 KiB with servers that send no larger ones.
const CHUNK: usize = 16 << 10;

/// The ways to read the list.
const CASES: [&str; 5] = [
    "whole body, then decoded",
    "list",
    "list, without managedFields",
    "stream",
    "stream, without managedFields",
];

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, case] = &arguments[..]
        && flag == "--case"
    {
        let row = runtime.block_on(measure(case)).unwrap();
        return writeln!(io::stdout(), "{row}");
    }
    let size = pod(0).len();
    writeln!(io::stdout(), "{PODS} pods of {size} bytes, the middle of three runs\n")?;
    writeln!(
        io::stdout(),
        "{:32} {:>8} {:>10} {:>12} {:>12}",
        "",
        "CPU s",
        "peak MiB",
        "bytes/pod",
        "allocs/pod"
    )?;
    for case in CASES {
        let run = || Command::new(env::current_exe()?).args(["--case", case]).output();
        let mut rows = [run()?, run()?, run()?].map(|output| String::from_utf8(output.stdout).unwrap());
        rows.sort();
        write!(io::stdout(), "{case:32} {}", rows[1])?;
    }
    Ok(())
}

/// Reads the list once and tells what it took.
async fn measure(case: &str) -> Result<String, Error> {
    let pods = endpoint();
    let list = || {
        if case.ends_with("without managedFields") {
            pods.list().without_managed_fields()
        } else {
            pods.list()
        }
    };
    let before = resident("VmRSS");
    let (region, begin) = (Region::new(&ALLOCATOR), cpu_seconds());
    let took: f64;
    let count;
    let held;
    match case.split(',').next().unwrap_or_default() {
        "whole body" => {
            let list: k8s_openapi::List<Pod> = pods.list().as_ref().clone().send().await?;
            (took, count, held) = (cpu_seconds() - begin, list.items.len(), region.change());
        }
        "list" => {
            let list = list().await?;
            (took, count, held) = (cpu_seconds() - begin, list.items.len(), region.change());
        }
        _ => {
            let stream = list().stream().await?;
            let found = stream.try_fold(0, |count, _| async move { Ok(count + 1) }).await?;
            (took, count, held) = (cpu_seconds() - begin, found, region.change());
        }
    }
    assert_eq!(count, PODS);
    let peak = (resident("VmHWM") - before) / 1024;
    let per_pod = |number: usize| number / PODS;
    let held_bytes = per_pod(held.bytes_allocated - held.bytes_deallocated);
    let mut row = String::new();
    let _ = write!(row, "{:>8.3} {peak:>10} {held_bytes:>12} {:>12}", took, per_pod(held.allocations));
    Ok(row)
}

/// A client that gets the list from memory.
fn endpoint() -> Endpoint<Pod> {
    let block: String = (0..BLOCK).map(|number| pod(number) + ",").collect();
    let block = Bytes::from(block);
    let layer = tower::layer::layer_fn(move |_| {
        let block = block.clone();
        tower::service_fn(move |_: http::Request<Bytes>| {
            let body = ResponseBody::new(StreamBody::new(stream::iter(chunks(&block))));
            async move { Ok::<_, BoxError>(http::Response::new(body)) }
        })
    });
    let config = Config::new("http://127.0.0.1:1");
    let http = HttpClient::new(&config).unwrap().layer(layer);
    Endpoint::new(&RestClient::with_http_client(&config, "", "v1", http).unwrap(), "pods")
}

/// The body of the list, of which only the block is in memory.
fn chunks(
    block: &Bytes,
) -> impl Iterator<Item = Result<http_body::Frame<Bytes>, BoxError>> + Send + Sync + 'static {
    let head = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":["#;
    let (whole, last) = (block.clone(), block.slice(..block.len() - 1));
    let blocks = (1..PODS / BLOCK).map(move |_| whole.clone()).chain([last]);
    let chunks = blocks.flat_map(|block| {
        let starts = (0..block.len()).step_by(CHUNK);
        starts.map(move |start| block.slice(start..block.len().min(start + CHUNK)))
    });
    let parts = [Bytes::from_static(head.as_bytes())].into_iter().chain(chunks);
    parts.chain([Bytes::from_static(b"]}")]).map(|part| Ok(http_body::Frame::data(part)))
}

/// How long this thread, which is the only one, has run.
fn cpu_seconds() -> f64 {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    statistics.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// A line of what the kernel knows of this process, in KiB.
fn resident(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A pod as a Deployment makes it and a kubelet runs it. Half of it is `managedFields`.
fn pod(number: usize) -> String {
    let (mut metadata, spec, status) = (metadata(number), spec(number), status());
    let owners = [
        ("kube-controller-manager", json!({"metadata": metadata, "spec": spec})),
        ("kubelet", json!({"status": status})),
    ];
    let managers = owners.map(|(manager, part)| {
        json!({"manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-01-02T03:04:07Z",
            "fieldsType": "FieldsV1", "fieldsV1": owned(&part)})
    });
    metadata["managedFields"] = managers.into();
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
        .to_string()
}

fn metadata(number: usize) -> Value {
    json!({
        "name": format!("web-7d4b9c6f58-{number:05}"),
        "generateName": "web-7d4b9c6f58-",
        "namespace": "production",
        "uid": format!("6f1c2d3e-4b5a-4c6d-8e7f-{number:012}"),
        "resourceVersion": format!("{}", 4_000_000 + number),
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "labels": {"app": "web", "tier": "frontend", "pod-template-hash": "7d4b9c6f58", "team": "payments"},
        "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090",
            "checksum/config": "4d5e6f".repeat(10)},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d4b9c6f58",
            "uid": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "controller": true, "blockOwnerDeletion": true}],
    })
}

fn spec(number: usize) -> Value {
    json!({
        "containers": [container("web", 8080), container("proxy", 15001)],
        "volumes": [
            {"name": "config", "configMap": {"name": "web-config", "defaultMode": 420}},
            {"name": "secret", "secret": {"secretName": "web-tls", "defaultMode": 420}},
            {"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "kube-api-access", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}},
        ],
        "nodeName": format!("node-{:03}", number % 100),
        "serviceAccountName": "web",
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "priority": 0,
        "enableServiceLinks": true,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {"runAsNonRoot": true, "fsGroup": 2000},
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
            "tolerationSeconds": 300}],
    })
}

fn status() -> Value {
    let condition = |kind| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": "2026-01-02T03:04:07Z"});
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    let container = |name| {
        json!({"name": name, "ready": true, "started": true, "restartCount": 0,
            "image": format!("registry.example/{name}:1.2.3"),
            "imageID": format!("registry.example/{name}@sha256:{}", "0f".repeat(32)),
            "containerID": format!("containerd://{}", "a1".repeat(32)),
            "state": {"running": {"startedAt": "2026-01-02T03:04:06Z"}}})
    };
    let statuses = ["web", "proxy"].map(container);
    json!({
        "phase": "Running",
        "hostIP": "10.0.0.1",
        "podIP": "10.1.2.3",
        "podIPs": [{"ip": "10.1.2.3"}],
        "qosClass": "Burstable",
        "startTime": "2026-01-02T03:04:05Z",
        "conditions": conditions,
        "containerStatuses": statuses,
    })
}

fn container(name: &str, port: u16) -> Value {
    let probe = json!({"httpGet": {"path": "/healthz", "port": port, "scheme": "HTTP"}, "initialDelaySeconds": 5,
        "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3});
    json!({
        "name": name,
        "image": format!("registry.example/{name}:1.2.3"),
        "args": ["--listen", format!(":{port}"), "--verbose"],
        "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
        "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            {"name": "REGION", "value": "eu-central-1"}, {"name": "LOG_LEVEL", "value": "info"},
            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "web", "key": "password"}}}],
        "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/web", "readOnly": true}, {"name": "cache", "mountPath": "/var/cache"},
            {"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}],
        "livenessProbe": probe,
        "readinessProbe": probe,
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true},
    })
}

/// The fields of a value as `managedFields` list them.
fn owned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (format!("f:{key}"), owned(value)));
            members.chain([(".".to_owned(), json!({}))]).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(elements) if elements.iter().all(|element| element.get("name").is_some()) => {
            let key = |element: &Value| format!("k:{}", json!({"name": element["name"]}));
            elements
                .iter()
                .map(|element| (key(element), owned(element)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        _ => json!({}),
    }
}
