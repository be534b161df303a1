//! Which fields of a kind a field selector may name, and what an object has in them.
//!
//! The name and the namespace are not among them: who keeps objects knows both anyway.

use super::JsonPath;
use serde_json::Value;

/// What an object has in its kind's selectable fields, in the order of [`Selectable`].
///
/// Kept beside each object, so that a watch can be filtered without reading the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Box<[Box<str>]>);

impl Fields {
    /// The value of the field with this number. One that an object does not have is empty.
    pub(super) fn value(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |value| value)
    }
}

/// The selectable fields of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Selectable(Source);

#[derive(Clone, Debug)]
enum Source {
    BuiltIn(&'static Kind),
    Custom { fields: Vec<(String, JsonPath)>, namespaced: bool },
}

/// What a selector's field stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Name,
    Namespace,
    /// A field by its number in [`Fields`].
    Field(usize),
    /// A field that may be named but that no object has: it is always empty.
    Empty,
}

/// A built-in kind, or one version of it.
#[derive(Debug)]
struct Kind {
    group: &'static str,
    kind: &'static str,
    /// Whether a selector may name the namespace. The name it always may.
    namespace: bool,
    fields: &'static [Field],
    /// Further names: of a field, or of nothing that an object has.
    aliases: &'static [(&'static str, Option<&'static str>)],
    refusal: Refusal,
}

/// How the server refuses to select by a field.
#[derive(Debug)]
enum Refusal {
    /// As it does for kinds without selectable fields of their own.
    Default,
    /// As it does for most other kinds.
    Plain,
    Job,
    ResourceSlice,
}

/// A field: what a selector calls it, and how it is read.
#[derive(Debug)]
struct Field {
    name: &'static str,
    read: Read,
}

#[derive(Debug)]
enum Read {
    /// The text where the name says.
    Text,
    /// The first text that is not empty.
    TextAt(&'static [&'static str]),
    /// Whether the value is true.
    Flag,
    /// The number at the path, or 0.
    CountAt(&'static str),
    /// The first of a Pod's addresses.
    PodIp,
}

impl Field {
    const fn new(name: &'static str, read: Read) -> Self {
        Self { name, read }
    }

    fn value(&self, object: &Value) -> String {
        match self.read {
            Read::Text => text(object, self.name).to_owned(),
            Read::TextAt(paths) => {
                let texts = paths.iter().map(|path| text(object, path));
                texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
            }
            Read::Flag => at(object, self.name).and_then(Value::as_bool).unwrap_or_default().to_string(),
            Read::CountAt(path) => at(object, path).and_then(Value::as_i64).unwrap_or_default().to_string(),
            Read::PodIp => {
                let addresses = at(object, "status.podIPs");
                addresses.and_then(|list| list.get(0)).map_or("", |address| text(address, "ip")).to_owned()
            }
        }
    }
}

/// The value at a path of names with dots between them.
fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(object, |value, name| value.get(name))
}

fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    at(object, path).and_then(Value::as_str).unwrap_or_default()
}

impl Selectable {
    /// The fields of a built-in kind.
    pub(crate) fn built_in(group: &str, kind: &str) -> Self {
        let is = |known: &&Kind| known.group == group && known.kind == kind;
        Self(Source::BuiltIn(KINDS.iter().find(is).unwrap_or(&OTHER)))
    }

    /// The fields of a custom kind: `selectableFields` of its version. Paths that cannot be read are left out.
    pub(crate) fn custom<'a>(paths: impl IntoIterator<Item = &'a str>, namespaced: bool) -> Self {
        let field = |path: &'a str| {
            let name = path.strip_prefix('.').unwrap_or(path).to_owned();
            JsonPath::parse(path).map(|path| (name, path))
        };
        Self(Source::Custom { fields: paths.into_iter().filter_map(field).collect(), namespaced })
    }

    /// The names of the fields that a definition of a custom kind makes selectable.
    pub(crate) fn defined(&self) -> impl Iterator<Item = &str> {
        let fields = match &self.0 {
            Source::BuiltIn(_) => [].as_slice(),
            Source::Custom { fields, .. } => fields,
        };
        fields.iter().map(|(name, _)| name.as_str())
    }

    /// What an object of this kind has in its fields.
    pub(crate) fn of(&self, object: &Value) -> Fields {
        Fields(match &self.0 {
            Source::BuiltIn(kind) => {
                kind.fields.iter().map(|field| field.value(object).into_boxed_str()).collect()
            }
            Source::Custom { fields, .. } => {
                fields.iter().map(|(_, path)| first(path, object).into_boxed_str()).collect()
            }
        })
    }

    /// What a selector's field stands for.
    ///
    /// # Errors
    ///
    /// The server's words, if it stands for nothing.
    pub(super) fn target(&self, name: &str, version: &str) -> Result<Target, String> {
        if name == "metadata.name" {
            return Ok(Target::Name);
        }
        match &self.0 {
            Source::BuiltIn(kind) => kind.target(name).ok_or_else(|| kind.refusal(name, version)),
            Source::Custom { namespaced: true, .. } if name == "metadata.namespace" => Ok(Target::Namespace),
            Source::Custom { fields, .. } => {
                let position = fields.iter().position(|(field, _)| field == name);
                position.map(Target::Field).ok_or_else(|| format!("field label not supported: {name}"))
            }
        }
    }
}

/// The first value at the path, as text.
fn first(path: &JsonPath, object: &Value) -> String {
    match path.find(object).as_deref() {
        Some([Value::String(text), ..]) => text.clone(),
        Some([Value::Null, ..] | []) | None => String::new(),
        Some([value, ..]) => value.to_string(),
    }
}

impl Kind {
    fn target(&self, name: &str) -> Option<Target> {
        if self.namespace && name == "metadata.namespace" {
            return Some(Target::Namespace);
        }
        match self.aliases.iter().find(|(alias, _)| *alias == name) {
            Some((_, None)) => Some(Target::Empty),
            Some((_, Some(field))) => self.position(field),
            None => self.position(name),
        }
    }

    fn position(&self, name: &str) -> Option<Target> {
        self.fields.iter().position(|field| field.name == name).map(Target::Field)
    }

    fn refusal(&self, name: &str, version: &str) -> String {
        match self.refusal {
            Refusal::Default => {
                let known = "only \"metadata.name\", \"metadata.namespace\"";
                format!("{} is not a known field selector: {known}", Value::from(name))
            }
            Refusal::Plain => format!("field label not supported: {name}"),
            Refusal::Job => format!("field label {} not supported for Job", Value::from(name)),
            Refusal::ResourceSlice => {
                format!("field label not supported for resource.k8s.io/{version}, Kind=ResourceSlice: {name}")
            }
        }
    }
}

/// A kind that is not in [`KINDS`].
static OTHER: Kind =
    Kind { group: "", kind: "", namespace: true, fields: &[], aliases: &[], refusal: Refusal::Default };

const fn plain(group: &'static str, kind: &'static str, namespace: bool, fields: &'static [Field]) -> Kind {
    Kind { group, kind, namespace, fields, aliases: &[], refusal: Refusal::Plain }
}

/// The kinds that offer more, or less, than name and namespace.
static KINDS: [Kind; 13] = [
    Kind {
        // `spec.host` is from before Kubernetes 1.0. The list of addresses may be named, and is never there.
        aliases: &[("spec.host", Some("spec.nodeName")), ("status.podIPs", None)],
        ..plain("", "Pod", true, POD)
    },
    plain("", "Node", false, &[Field::new("spec.unschedulable", Read::Flag)]),
    plain("", "Namespace", false, &[Field::new("status.phase", Read::Text)]),
    plain("", "Secret", true, &[Field::new("type", Read::Text)]),
    plain("", "Service", true, SERVICE),
    plain(
        "",
        "ReplicationController",
        true,
        &[Field::new("status.replicas", Read::CountAt("status.replicas"))],
    ),
    plain("", "Event", true, CORE_EVENT),
    plain("events.k8s.io", "Event", true, EVENT),
    plain("certificates.k8s.io", "CertificateSigningRequest", false, SIGNER),
    plain("certificates.k8s.io", "ClusterTrustBundle", false, SIGNER),
    plain("certificates.k8s.io", "PodCertificateRequest", false, POD_CERTIFICATE),
    Kind {
        fields: &[Field::new("status.successful", Read::CountAt("status.succeeded"))],
        refusal: Refusal::Job,
        ..plain("batch", "Job", true, &[])
    },
    Kind { refusal: Refusal::ResourceSlice, ..plain("resource.k8s.io", "ResourceSlice", false, SLICE) },
];

const POD: &[Field] = &[
    Field::new("spec.nodeName", Read::Text),
    Field::new("spec.restartPolicy", Read::Text),
    Field::new("spec.schedulerName", Read::Text),
    Field::new("spec.serviceAccountName", Read::Text),
    Field::new("spec.hostNetwork", Read::Flag),
    Field::new("status.phase", Read::Text),
    Field::new("status.podIP", Read::PodIp),
    Field::new("status.nominatedNodeName", Read::Text),
];

const SERVICE: &[Field] = &[Field::new("spec.clusterIP", Read::Text), Field::new("spec.type", Read::Text)];

const SIGNER: &[Field] = &[Field::new("spec.signerName", Read::Text)];

const POD_CERTIFICATE: &[Field] = &[
    Field::new("spec.signerName", Read::Text),
    Field::new("spec.podName", Read::Text),
    Field::new("spec.nodeName", Read::Text),
];

const SLICE: &[Field] = &[
    Field::new("spec.nodeName", Read::Text),
    Field::new("spec.driver", Read::Text),
    Field::new("spec.pool.name", Read::Text),
];

/// Events are the same objects in two groups, which call their fields differently. Whichever way an object is
/// kept, the same number is the same field.
const CORE_EVENT: &[Field] = &[
    Field::new("involvedObject.kind", Read::TextAt(&["involvedObject.kind", "regarding.kind"])),
    Field::new(
        "involvedObject.namespace",
        Read::TextAt(&["involvedObject.namespace", "regarding.namespace"]),
    ),
    Field::new("involvedObject.name", Read::TextAt(&["involvedObject.name", "regarding.name"])),
    Field::new("involvedObject.uid", Read::TextAt(&["involvedObject.uid", "regarding.uid"])),
    Field::new(
        "involvedObject.apiVersion",
        Read::TextAt(&["involvedObject.apiVersion", "regarding.apiVersion"]),
    ),
    Field::new(
        "involvedObject.resourceVersion",
        Read::TextAt(&["involvedObject.resourceVersion", "regarding.resourceVersion"]),
    ),
    Field::new(
        "involvedObject.fieldPath",
        Read::TextAt(&["involvedObject.fieldPath", "regarding.fieldPath"]),
    ),
    Field::new("reason", Read::Text),
    Field::new("reportingComponent", Read::TextAt(&["reportingComponent", "reportingController"])),
    Field::new("type", Read::Text),
    Field::new(
        "source",
        Read::TextAt(&[
            "source.component",
            "deprecatedSource.component",
            "reportingComponent",
            "reportingController",
        ]),
    ),
];

/// As [`CORE_EVENT`], in the same order.
const EVENT: &[Field] = &[
    Field::new("regarding.kind", Read::TextAt(&["regarding.kind", "involvedObject.kind"])),
    Field::new("regarding.namespace", Read::TextAt(&["regarding.namespace", "involvedObject.namespace"])),
    Field::new("regarding.name", Read::TextAt(&["regarding.name", "involvedObject.name"])),
    Field::new("regarding.uid", Read::TextAt(&["regarding.uid", "involvedObject.uid"])),
    Field::new("regarding.apiVersion", Read::TextAt(&["regarding.apiVersion", "involvedObject.apiVersion"])),
    Field::new(
        "regarding.resourceVersion",
        Read::TextAt(&["regarding.resourceVersion", "involvedObject.resourceVersion"]),
    ),
    Field::new("regarding.fieldPath", Read::TextAt(&["regarding.fieldPath", "involvedObject.fieldPath"])),
    Field::new("reason", Read::Text),
    Field::new("reportingController", Read::TextAt(&["reportingController", "reportingComponent"])),
    Field::new("type", Read::Text),
];

#[cfg(test)]
mod tests {
    use super::{CORE_EVENT, EVENT, Selectable, Target};
    use serde_json::json;

    #[test]
    fn a_pod_has_its_fields_with_their_defaults() {
        let pods = Selectable::built_in("", "Pod");
        let pod = json!({
            "spec": {"nodeName": "n", "restartPolicy": "Always"},
            "status": {"phase": "Running", "podIP": "10.0.0.9", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "::1"}]},
        });
        let value = |name: &str| match pods.target(name, "v1").unwrap() {
            Target::Field(index) => pods.of(&pod).value(index).to_owned(),
            target => format!("{target:?}"),
        };
        assert_eq!(value("spec.nodeName"), "n");
        assert_eq!(value("spec.host"), "n");
        assert_eq!(value("spec.hostNetwork"), "false");
        assert_eq!(value("status.podIP"), "10.0.0.1");
        assert_eq!(value("status.podIPs"), "Empty");
        assert_eq!(value("status.nominatedNodeName"), "");
        assert_eq!(value("metadata.name"), "Name");
        assert_eq!(value("metadata.namespace"), "Namespace");
    }

    #[test]
    fn events_have_the_same_fields_under_two_names() {
        for (core, event) in CORE_EVENT.iter().zip(EVENT) {
            let renamed = core.name.replace("involvedObject", "regarding").replace("Component", "Controller");
            assert_eq!(renamed, event.name);
        }
        let core = json!({"involvedObject": {"name": "a"}, "reportingComponent": "c"});
        let event = json!({"regarding": {"name": "a"}, "reportingController": "c"});
        let kind = Selectable::built_in("", "Event");
        assert_eq!(kind.of(&core), kind.of(&event));
        assert_eq!(kind.target("source", "v1"), Ok(Target::Field(10)));
        assert_eq!(kind.of(&core).value(10), "c");
    }

    #[test]
    fn a_custom_kind_has_the_fields_of_its_definition() {
        let kind = Selectable::custom([".spec.color", ".spec.count", ".spec.on"], true);
        let fields = kind.of(&json!({"spec": {"color": "red", "count": 3, "on": true}}));
        let fields: Vec<&str> = (0..4).map(|index| fields.value(index)).collect();
        assert_eq!(fields, ["red", "3", "true", ""]);
        assert_eq!(kind.target("spec.count", "v1"), Ok(Target::Field(1)));
        assert_eq!(kind.target("spec.x", "v1"), Err("field label not supported: spec.x".to_owned()));
        let cluster = Selectable::custom([], false);
        assert!(cluster.target("metadata.namespace", "v1").is_err());
    }

    #[test]
    fn a_field_that_a_kind_does_not_offer_is_refused_in_the_servers_words() {
        for (group, kind, field, message) in [
            ("", "Pod", "spec.foo", "field label not supported: spec.foo"),
            ("", "Node", "metadata.namespace", "field label not supported: metadata.namespace"),
            (
                "",
                "ConfigMap",
                "a.b",
                "\"a.b\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
            ),
            ("batch", "Job", "a.b", "field label \"a.b\" not supported for Job"),
            (
                "resource.k8s.io",
                "ResourceSlice",
                "a.b",
                "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: a.b",
            ),
        ] {
            assert_eq!(Selectable::built_in(group, kind).target(field, "v1"), Err(message.to_owned()));
        }
    }
}
