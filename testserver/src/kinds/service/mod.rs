//! Services.

mod allocation;
mod check;
mod families;
mod ports;

use super::access::{Change, Look};
use super::strategy::{InitialStatus, Strategy};
use crate::names::NameRule;
use crate::version::MINOR;
use serde_json::{Map, Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    // Since Kubernetes 1.34 behind a feature gate, before that a label of RFC 1035.
    name: if MINOR >= 35 { NameRule::Label } else { NameRule::Label1035 },
    status: InitialStatus::Reset,
    creates_on_update: true,
    default,
    admit: allocation::allocate,
    create: |service| service.set("status", json!({"loadBalancer": {}})),
    update: drop_what_another_type_needs,
    check: |service, report| check::service(service, report),
    check_update: check::update,
    check_status: check::status,
    warn,
    ..Strategy::PLAIN
};

const SESSION_SECONDS: i64 = 10800;

/// Types whose ports are ports of nodes, too.
fn has_node_ports(spec: &Value) -> bool {
    matches!(spec.text("type"), "NodePort" | "LoadBalancer")
}

fn has_cluster_ip(spec: &Value) -> bool {
    spec.text("type") != "ExternalName"
}

fn is_headless(spec: &Value) -> bool {
    spec.count("clusterIPs") == 1 && spec["clusterIPs"][0] == "None"
}

/// Whether load balancers ask a port of the nodes how the service is.
fn has_health_port(spec: &Value) -> bool {
    spec.text("type") == "LoadBalancer" && spec.text("externalTrafficPolicy") == "Local"
}

fn is_reachable_from_outside(spec: &Value) -> bool {
    has_node_ports(spec) || spec.text("type") == "ClusterIP" && spec.count("externalIPs") > 0
}

fn default(service: &mut Value) {
    let spec = service.inner("spec");
    spec.or_text("sessionAffinity", "None");
    match spec.text("sessionAffinity") {
        "None" => {
            spec.remove_field("sessionAffinityConfig");
        }
        "ClientIP" if !spec["sessionAffinityConfig"]["clientIP"].has("timeoutSeconds") => {
            spec.set("sessionAffinityConfig", json!({"clientIP": {"timeoutSeconds": SESSION_SECONDS}}));
        }
        _ => {}
    }
    spec.or_text("type", "ClusterIP");
    for port in spec.list_mut("ports") {
        port.or_text("protocol", "TCP");
        if matches!(&port["targetPort"], Value::Null) || port["targetPort"] == 0 || port["targetPort"] == "" {
            let number = port["port"].clone();
            port.set("targetPort", number);
        }
    }
    if is_reachable_from_outside(spec) {
        spec.or_text("externalTrafficPolicy", "Cluster");
    }
    if has_node_ports(spec) || spec.text("type") == "ClusterIP" {
        spec.or_set("internalTrafficPolicy", "Cluster");
    }
    if spec.text("type") == "LoadBalancer" {
        spec.or_set("allocateLoadBalancerNodePorts", true);
        let balancer = service.inside("status").and_then(|status| status.inside("loadBalancer"));
        for ingress in balancer.into_iter().flat_map(|balancer| balancer.list_mut("ingress")) {
            if !ingress.text("ip").is_empty() {
                ingress.or_set("ipMode", "VIP");
            }
        }
    }
}

/// Users who change the type need not remove what only the old type has.
fn drop_what_another_type_needs(new: &mut Value, old: &Value) {
    let old = &old["spec"];
    let spec = new.inner("spec");
    let same = |spec: &Value, field: &str| spec[field] == old[field];
    if has_cluster_ip(old) && !has_cluster_ip(spec) {
        if same(spec, "clusterIP") && same(spec, "clusterIPs") {
            spec.remove_field("clusterIP");
            spec.remove_field("clusterIPs");
        }
        for field in ["ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            if same(spec, field) {
                spec.remove_field(field);
            }
        }
    }
    if has_node_ports(old) && !has_node_ports(spec) && ports::are_all_of(spec, old) {
        for port in spec.list_mut("ports") {
            port.remove_field("nodePort");
        }
    }
    if has_health_port(old) && !has_health_port(spec) && same(spec, "healthCheckNodePort") {
        spec.remove_field("healthCheckNodePort");
    }
    if old.text("type") == "LoadBalancer" && spec.text("type") != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if same(spec, field) {
                spec.remove_field(field);
            }
        }
    }
    if is_reachable_from_outside(old)
        && !is_reachable_from_outside(spec)
        && same(spec, "externalTrafficPolicy")
    {
        spec.remove_field("externalTrafficPolicy");
    }
    if spec.text("type") != "LoadBalancer" {
        new.inner("status").set("loadBalancer", Map::new());
    }
}

fn warn(new: &Value, _: Option<&Value>) -> Vec<String> {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    let spec = &new["spec"];
    let mut warnings = Vec::new();
    if new["metadata"]["annotations"].has(HINTS) {
        warnings.push(format!(
            "metadata.annotations[{HINTS}]: deprecated in v1.27, use service.kubernetes.io/topology-mode instead"
        ));
    }
    if spec.count("externalIPs") > 0 && MINOR >= 36 {
        warnings
            .push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".into());
    }
    if spec.text("trafficDistribution") == "PreferClose" && MINOR >= 35 {
        warnings
            .push("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"".into());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use crate::kinds::strategy::Cluster;
    use serde_json::{Value, json};

    struct Services(Vec<Value>);

    impl Cluster for Services {
        fn object(&self, _: &str, _: &str, _: &str, _: &str) -> Option<Value> {
            None
        }

        fn objects(&self, _: &str, plural: &str, _: &str) -> Vec<Value> {
            if plural == "services" { self.0.clone() } else { Vec::new() }
        }
    }

    fn create(spec: Value, others: Vec<Value>) -> Result<(Value, Vec<String>), String> {
        let mut service =
            json!({"metadata": {"name": "s", "namespace": "b", "resourceVersion": "1"}, "spec": spec});
        STRATEGY.default(&mut service);
        STRATEGY.admit(&mut service, None, &Services(others)).map_err(|failure| failure.message)?;
        STRATEGY.prepare_create(&mut service);
        let told = STRATEGY.validate(&service, true).iter().map(ToString::to_string).collect();
        Ok((service, told))
    }

    #[test]
    fn a_service_gets_an_address_of_the_cluster() {
        let (service, told) = create(json!({"ports": [{"port": 80}]}), Vec::new()).unwrap();
        assert_eq!(told, [""; 0]);
        let spec = &service["spec"];
        assert!(spec["clusterIP"].as_str().unwrap().starts_with("10.0."), "{spec}");
        assert_eq!(spec["clusterIPs"], json!([spec["clusterIP"]]));
        assert_eq!(spec["ports"], json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]));
        assert_eq!(spec["ipFamilyPolicy"], "SingleStack");
        assert_eq!(service["status"], json!({"loadBalancer": {}}));
    }

    #[test]
    fn an_address_is_given_once() {
        let other = json!({"metadata": {}, "spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"]}});
        let spec = json!({"clusterIP": "10.0.0.7", "ports": [{"port": 80}]});
        let message = create(spec, vec![other]).unwrap_err();
        let expected = "Service \"s\" is invalid: spec.clusterIPs: Invalid value: [\"10.0.0.7\"]: failed to allocate IP \
                        10.0.0.7: provided IP is already allocated";
        assert_eq!(message, expected);
    }

    #[test]
    fn ports_of_nodes_are_given_once() {
        let spec = json!({"type": "NodePort", "ports": [{"port": 80}]});
        let (service, told) = create(spec, Vec::new()).unwrap();
        assert_eq!(told, [""; 0]);
        let port = service["spec"]["ports"][0]["nodePort"].as_i64().unwrap();
        assert!((30000..32768).contains(&port), "{port}");
        let spec = json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]});
        let expected = format!(
            "Service \"s\" is invalid: spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated"
        );
        assert_eq!(create(spec, vec![service]).unwrap_err(), expected);
    }

    #[test]
    fn a_service_keeps_its_address_and_loses_what_its_new_type_has_not() {
        let spec = json!({"type": "NodePort", "ports": [{"port": 80}]});
        let (old, _) = create(spec, Vec::new()).unwrap();
        let mut new = json!({"metadata": {"name": "s", "namespace": "b", "resourceVersion": "1"},
            "spec": {"ports": [{"port": 80}]}});
        STRATEGY.default(&mut new);
        STRATEGY.admit(&mut new, Some(&old), &Services(vec![old.clone()])).unwrap();
        STRATEGY.prepare_update(&mut new, &old);
        assert_eq!(STRATEGY.validate_update(&new, &old), []);
        assert_eq!(new["spec"]["clusterIP"], old["spec"]["clusterIP"]);
        assert_eq!(new["spec"]["ports"], json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]));
        new["spec"]["clusterIP"] = "10.0.0.9".into();
        new["spec"]["clusterIPs"] = json!(["10.0.0.9"]);
        let told: Vec<_> = STRATEGY.validate_update(&new, &old).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["spec.clusterIPs[0]: Invalid value: [\"10.0.0.9\"]: may not change once set"]);
    }
}
