//! What a server fills in where a specification says nothing.

use super::images;
use super::resources::{is_pod_level, round_list, total};
use crate::kinds::access::{Change, Look};
use crate::version::MINOR;
use serde_json::{Map, Value, json};

/// What only pods get, not templates. Comes before [`default_spec`].
pub(crate) fn default_pod(spec: &mut Value) {
    if spec.number("terminationGracePeriodSeconds").is_some_and(|seconds| seconds < 0) {
        spec.set("terminationGracePeriodSeconds", 1);
    }
    for field in ["containers", "initContainers"] {
        for container in spec.list_mut(field) {
            requests_from_limits(container.inner("resources"));
        }
    }
    spec.or_set("enableServiceLinks", true);
    if spec.is_true("hostNetwork") {
        for field in ["containers", "initContainers"] {
            for port in spec.list_mut(field).flat_map(|container| container.list_mut("ports")) {
                if port.number("hostPort").unwrap_or_default() == 0 {
                    let container_port = port.number("containerPort").unwrap_or_default();
                    port.set("hostPort", container_port);
                }
            }
        }
    }
    // The server that this one is compared with has its alpha features switched on.
    if MINOR >= 37 {
        for field in ["containers", "initContainers", "ephemeralContainers"] {
            for container in spec.list_mut(field) {
                each_handler(container, &mut |handler| {
                    if let Some(action) = handler.inside("httpGet") {
                        action.or_set("protocol", "HTTP1");
                    }
                });
            }
        }
    }
}

fn requests_from_limits(resources: &mut Value) {
    let Some(limits) = resources["limits"].as_object().cloned() else { return };
    let requests = resources.inner("requests");
    for (name, limit) in limits {
        requests.or_set(&name, limit);
    }
}

/// What a pod as a whole requests, if it says anything about its resources: what its containers do, or its limits.
pub(crate) fn default_pod_level(spec: &mut Value) {
    if spec["resources"].count("requests") + spec["resources"].count("limits") == 0 {
        return;
    }
    let of_containers = total(spec, "requests");
    let of_pod = spec["resources"]["limits"].as_object().cloned().unwrap_or_default();
    let resources = spec.inner("resources");
    for (name, quantity) in of_containers {
        if matches!(name.as_str(), "cpu" | "memory") {
            resources.inner("requests").or_set(&name, quantity.to_string());
        }
    }
    for (name, quantity) in of_pod.into_iter().filter(|(name, _)| is_pod_level(name)) {
        resources.inner("requests").or_set(&name, quantity);
    }
}

/// What specifications get, in pods and in templates.
pub(crate) fn default_spec(spec: &mut Value) {
    let deprecated = spec.text("serviceAccount").to_owned();
    if spec.text("serviceAccountName").is_empty() && !deprecated.is_empty() {
        spec.set("serviceAccountName", deprecated);
    }
    match spec.text("serviceAccountName").to_owned() {
        name if name.is_empty() => {
            spec.remove_field("serviceAccount");
        }
        name => spec.set("serviceAccount", name),
    }
    spec.or_text("dnsPolicy", "ClusterFirst");
    spec.or_text("restartPolicy", "Always");
    spec.or_set("securityContext", Map::new());
    spec.or_set("terminationGracePeriodSeconds", 30);
    spec.or_text("schedulerName", "default-scheduler");
    for volume in spec.list_mut("volumes") {
        default_volume(volume);
    }
    for field in ["initContainers", "containers", "ephemeralContainers"] {
        for container in spec.list_mut(field) {
            default_container(container);
        }
    }
    round_field(spec, "overhead");
    round_resources(spec);
}

fn round_field(value: &mut Value, field: &str) {
    if let Some(list) = value.inside(field) {
        round_list(list);
    }
}

fn round_resources(value: &mut Value) {
    if let Some(resources) = value.inside("resources") {
        round_field(resources, "limits");
        round_field(resources, "requests");
    }
}

fn default_container(container: &mut Value) {
    if container.text("imagePullPolicy").is_empty() {
        let policy = pull_policy(container.text("image"));
        container.set("imagePullPolicy", policy);
    }
    container.or_text("terminationMessagePath", "/dev/termination-log");
    container.or_text("terminationMessagePolicy", "File");
    for port in container.list_mut("ports") {
        port.or_text("protocol", "TCP");
    }
    for variable in container.list_mut("env") {
        if let Some(source) = variable.inside("valueFrom") {
            if let Some(reference) = source.inside("fieldRef") {
                reference.or_text("apiVersion", "v1");
            }
            if let Some(reference) = source.inside("fileKeyRef") {
                reference.or_set("optional", false);
            }
        }
    }
    round_resources(container);
    default_probes(container);
}

fn pull_policy(image: &str) -> &'static str {
    if images::is_latest(image) { "Always" } else { "IfNotPresent" }
}

fn default_probes(container: &mut Value) {
    for field in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.inside(field) {
            for (field, value) in [
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ] {
                if probe.number(field).unwrap_or_default() == 0 {
                    probe.set(field, value);
                }
            }
            if let Some(action) = probe.inside("grpc") {
                action.or_set("service", "");
            }
        }
    }
    each_handler(container, &mut |handler| {
        if let Some(action) = handler.inside("httpGet") {
            action.or_text("path", "/");
            action.or_text("scheme", "HTTP");
        }
    });
}

/// The probes and the hooks of a container.
fn each_handler(container: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    for field in ["livenessProbe", "readinessProbe", "startupProbe"] {
        container.inside(field).map(&mut *change);
    }
    if let Some(lifecycle) = container.inside("lifecycle") {
        for field in ["postStart", "preStop"] {
            lifecycle.inside(field).map(&mut *change);
        }
    }
}

/// Fields of volumes that are not optional to the server, with what they are then.
const VOLUME_TEXTS: [(&str, &[(&str, &str)]); 3] = [
    ("iscsi", &[("iscsiInterface", "default")]),
    ("rbd", &[("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")]),
    ("scaleIO", &[("storageMode", "ThinProvisioned"), ("fsType", "xfs")]),
];

fn default_volume(volume: &mut Value) {
    let has_source = volume.as_object().is_some_and(|fields| fields.keys().any(|field| field != "name"));
    if !has_source {
        volume.set("emptyDir", Map::new());
    }
    for (field, texts) in VOLUME_TEXTS {
        if let Some(source) = volume.inside(field) {
            for (field, text) in texts {
                source.or_text(field, text);
            }
        }
    }
    for field in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = volume.inside(field) {
            source.or_set("defaultMode", 0o644);
            default_files(source);
        }
    }
    if let Some(source) = volume.inside("hostPath") {
        source.or_set("type", "");
    }
    if let Some(source) = volume.inside("image") {
        let policy = pull_policy(source.text("reference"));
        source.or_text("pullPolicy", policy);
    }
    if let Some(source) = volume.inside("azureDisk") {
        for (field, value) in [
            ("cachingMode", json!("ReadWrite")),
            ("fsType", json!("ext4")),
            ("readOnly", json!(false)),
            ("kind", json!("Shared")),
        ] {
            source.or_set(field, value);
        }
    }
    if let Some(template) = volume.inside("ephemeral").and_then(|source| source.inside("volumeClaimTemplate"))
    {
        crate::kinds::persistent_volume_claim::default_spec(template.inner("spec"));
    }
}

/// Files of the downward API, and tokens.
fn default_files(source: &mut Value) {
    for file in source.list_mut("items") {
        if let Some(reference) = file.inside("fieldRef") {
            reference.or_text("apiVersion", "v1");
        }
    }
    for projection in source.list_mut("sources") {
        if let Some(downward) = projection.inside("downwardAPI") {
            default_files(downward);
        }
        if let Some(token) = projection.inside("serviceAccountToken") {
            token.or_set("expirationSeconds", 3600);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{default_pod, default_spec};
    use serde_json::json;

    #[test]
    fn a_specification_is_filled_in() {
        let mut spec = json!({"containers": [{"name": "a", "image": "nginx"}], "volumes": [{"name": "v"}]});
        default_spec(&mut spec);
        let expected = json!({
            "containers": [{
                "name": "a", "image": "nginx", "imagePullPolicy": "Always",
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            }],
            "volumes": [{"name": "v", "emptyDir": {}}],
            "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "securityContext": {},
            "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30,
        });
        assert_eq!(spec, expected);
    }

    #[test]
    fn a_pod_requests_what_it_is_limited_to() {
        let mut spec = json!({"containers": [{"resources": {"limits": {"cpu": "1", "memory": "1Gi"},
            "requests": {"cpu": "500m"}}}]});
        default_pod(&mut spec);
        assert_eq!(spec["containers"][0]["resources"]["requests"], json!({"cpu": "500m", "memory": "1Gi"}));
        assert_eq!(spec["enableServiceLinks"], true);
    }

    #[test]
    fn ports_of_a_pod_on_the_host_network_are_ports_of_the_host() {
        let mut spec = json!({"hostNetwork": true, "containers": [{"ports": [{"containerPort": 80}]}]});
        default_pod(&mut spec);
        assert_eq!(spec["containers"][0]["ports"][0]["hostPort"], 80);
    }

    #[test]
    fn probes_have_their_intervals() {
        let mut spec = json!({"containers": [{"image": "a:1", "livenessProbe": {"httpGet": {"port": 80}}}]});
        default_spec(&mut spec);
        let expected = json!({"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}, "timeoutSeconds": 1,
            "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3});
        assert_eq!(spec["containers"][0]["livenessProbe"], expected);
        assert_eq!(spec["containers"][0]["imagePullPolicy"], "IfNotPresent");
    }

    #[test]
    fn both_names_of_a_service_account_are_told() {
        let mut spec = json!({"serviceAccount": "a"});
        default_spec(&mut spec);
        assert_eq!(spec["serviceAccountName"], "a");
        let mut spec = json!({"serviceAccount": "a", "serviceAccountName": "b"});
        default_spec(&mut spec);
        assert_eq!(spec["serviceAccount"], "b");
    }
}
