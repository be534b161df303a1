//! The same bytes, read by prost and by us. The messages here are the part of Kubernetes' that tells most.

use std::collections::BTreeMap;

use kubeset_protobuf::{Message as Form, Options};
use prost::Message;
use serde_json::{Map, Value, json};

#[derive(Clone, PartialEq, Message)]
struct ObjectMeta {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "3")]
    namespace: Option<String>,
    #[prost(string, optional, tag = "5")]
    uid: Option<String>,
    #[prost(int64, optional, tag = "7")]
    generation: Option<i64>,
    #[prost(int64, optional, tag = "10")]
    deletion_grace_period_seconds: Option<i64>,
    #[prost(btree_map = "string, string", tag = "11")]
    labels: BTreeMap<String, String>,
    #[prost(string, repeated, tag = "14")]
    finalizers: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct ConfigMap {
    #[prost(message, optional, tag = "1")]
    metadata: Option<ObjectMeta>,
    #[prost(btree_map = "string, string", tag = "2")]
    data: BTreeMap<String, String>,
    #[prost(bool, optional, tag = "4")]
    immutable: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
struct Quantity {
    #[prost(string, optional, tag = "1")]
    string: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Resources {
    #[prost(btree_map = "string, message", tag = "1")]
    limits: BTreeMap<String, Quantity>,
}

#[derive(Clone, PartialEq, Message)]
struct ContainerPort {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(int64, optional, tag = "3")]
    container_port: Option<i64>,
    #[prost(string, optional, tag = "4")]
    protocol: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct EnvVar {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Container {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, repeated, tag = "3")]
    command: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    ports: Vec<ContainerPort>,
    #[prost(message, repeated, tag = "7")]
    env: Vec<EnvVar>,
    #[prost(message, optional, tag = "8")]
    resources: Option<Resources>,
    #[prost(bool, optional, tag = "18")]
    tty: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
struct PodSecurityContext {
    #[prost(int64, optional, tag = "2")]
    run_as_user: Option<i64>,
    #[prost(bool, optional, tag = "3")]
    run_as_non_root: Option<bool>,
    #[prost(int64, repeated, packed = "false", tag = "4")]
    supplemental_groups: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct IntOrString {
    #[prost(int64, optional, tag = "1")]
    kind: Option<i64>,
    #[prost(int64, optional, tag = "2")]
    int: Option<i64>,
    #[prost(string, optional, tag = "3")]
    string: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct ServicePort {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(message, optional, tag = "4")]
    target_port: Option<IntOrString>,
}

/// The members of an object in JSON, as far as they are there.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// What Go leaves out of JSON when it is zero.
fn unless_zero(value: &Option<impl Clone + Default + PartialEq + Into<Value>>) -> Option<Value> {
    value.clone().filter(|value| *value != Default::default()).map(Into::into)
}

fn list<T>(items: &[T], json: impl Fn(&T) -> Value) -> Option<Value> {
    (!items.is_empty()).then(|| items.iter().map(json).collect())
}

fn map<T>(entries: &BTreeMap<String, T>, json: impl Fn(&T) -> Value) -> Option<Value> {
    let members = entries.iter().map(|(key, value)| (key.clone(), json(value)));
    (!entries.is_empty()).then(|| Value::Object(members.collect()))
}

/// What we should read.
trait Json {
    fn json(&self) -> Value;
}

impl Json for ObjectMeta {
    fn json(&self) -> Value {
        object([
            ("name", unless_zero(&self.name)),
            ("namespace", unless_zero(&self.namespace)),
            ("uid", unless_zero(&self.uid)),
            ("generation", unless_zero(&self.generation)),
            ("deletionGracePeriodSeconds", self.deletion_grace_period_seconds.map(Into::into)),
            ("labels", map(&self.labels, |text| json!(text))),
            ("finalizers", list(&self.finalizers, |text| json!(text))),
        ])
    }
}

impl Json for ConfigMap {
    fn json(&self) -> Value {
        object([
            ("metadata", self.metadata.as_ref().map(Json::json)),
            ("data", map(&self.data, |text| json!(text))),
            ("immutable", self.immutable.map(Into::into)),
        ])
    }
}

impl Json for Container {
    fn json(&self) -> Value {
        let port = |port: &ContainerPort| {
            object([
                ("name", unless_zero(&port.name)),
                ("containerPort", port.container_port.map(Into::into)),
                ("protocol", unless_zero(&port.protocol)),
            ])
        };
        let env = |env: &EnvVar| {
            object([("name", env.name.clone().map(Into::into)), ("value", unless_zero(&env.value))])
        };
        let quantity = |quantity: &Quantity| match quantity.string.as_deref().unwrap_or_default() {
            "" => json!("0"),
            text => json!(text),
        };
        let resources = |resources: &Resources| object([("limits", map(&resources.limits, quantity))]);
        object([
            ("name", self.name.clone().map(Into::into)),
            ("command", list(&self.command, |text| json!(text))),
            ("ports", list(&self.ports, port)),
            ("env", list(&self.env, env)),
            ("resources", self.resources.as_ref().map(resources)),
            ("tty", unless_zero(&self.tty)),
        ])
    }
}

impl Json for PodSecurityContext {
    fn json(&self) -> Value {
        object([
            ("runAsUser", self.run_as_user.map(Into::into)),
            ("runAsNonRoot", self.run_as_non_root.map(Into::into)),
            ("supplementalGroups", list(&self.supplemental_groups, |number| json!(number))),
        ])
    }
}

impl Json for ServicePort {
    fn json(&self) -> Value {
        let target = |port: &IntOrString| match port.kind.unwrap_or_default() {
            0 => json!(port.int.unwrap_or_default()),
            _ => json!(port.string.clone().unwrap_or_default()),
        };
        object([("name", unless_zero(&self.name)), ("targetPort", self.target_port.as_ref().map(target))])
    }
}

/// Compares a message that the first byte picks.
pub(crate) fn compare(bytes: &[u8]) {
    let [kind, message @ ..] = bytes else { return };
    let of = |kind: &str, fields: &[&str]| {
        let kind = Form::of_kind("v1", kind).expect("the kind is known");
        fields.iter().fold(kind, |form, field| form.message_of(field).expect("the field is known"))
    };
    match kind % 5 {
        0 => both::<ObjectMeta>(of("Pod", &["metadata"]), message),
        1 => both::<ConfigMap>(of("ConfigMap", &[]), message),
        2 => both::<Container>(of("Pod", &["spec", "containers"]), message),
        3 => both::<PodSecurityContext>(of("Pod", &["spec", "securityContext"]), message),
        _ => both::<ServicePort>(of("Service", &["spec", "ports"]), message),
    }
}

fn both<T: Message + Json + Default>(form: &'static Form, message: &[u8]) {
    // What neither has is passed over by both, but what only we have would not be.
    let Ok(theirs) = T::decode(message) else { return };
    let wanted = theirs.json();
    match form.decode::<Value>(message, Options::default()) {
        Ok(ours) => assert_eq!(part(&ours, &wanted), wanted, "{}", form.name()),
        Err(error) => assert!(may_fail(&error.to_string()), "{}: {error}", form.name()),
    }
}

/// What we refuse, and prost does not, or does not know.
fn may_fail(error: &str) -> bool {
    // Groups, which are obsolete; what only we know and is not as it should be; what lies deep in that.
    ["wire type", "UTF-8", "out of range", "too deep", "JSON", "ends before", "map", "64 bits"]
        .iter()
        .any(|known| error.contains(known))
}

/// The members of ours that prost's message has too.
fn part(ours: &Value, wanted: &Value) -> Value {
    const NOT_COMPARED: [&str; 47] = [
        "generateName",
        "selfLink",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "annotations",
        "ownerReferences",
        "managedFields",
        "binaryData",
        "image",
        "args",
        "workingDir",
        "envFrom",
        "resizePolicy",
        "restartPolicy",
        "restartPolicyRules",
        "volumeMounts",
        "volumeDevices",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "imagePullPolicy",
        "securityContext",
        "stdin",
        "stdinOnce",
        "hostPort",
        "hostIP",
        "valueFrom",
        "requests",
        "claims",
        "seLinuxOptions",
        "windowsOptions",
        "runAsGroup",
        "supplementalGroupsPolicy",
        "fsGroup",
        "sysctls",
        "fsGroupChangePolicy",
        "seccompProfile",
        "appArmorProfile",
        "seLinuxChangePolicy",
        "port",
        "nodePort",
        "appProtocol",
        "protocol",
    ];
    match (ours, wanted) {
        (Value::Object(ours), _) => {
            // Numbers in a row may be none, which is the same as no row.
            let counts = |name: &str, ours: &Value| {
                !NOT_COMPARED.contains(&name) && ours.as_array().is_none_or(|items| !items.is_empty())
            };
            let member = |(name, ours): (&String, &Value)| match wanted.get(name) {
                Some(wanted) => Some((name.clone(), part(ours, wanted))),
                None => counts(name, ours).then(|| (name.clone(), ours.clone())),
            };
            Value::Object(ours.iter().filter_map(member).collect())
        }
        (Value::Array(ours), Value::Array(wanted)) if ours.len() == wanted.len() => {
            ours.iter().zip(wanted).map(|(ours, wanted)| part(ours, wanted)).collect()
        }
        _ => ours.clone(),
    }
}
