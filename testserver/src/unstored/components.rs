//! The parts of a cluster, of which there is only the API server.

use crate::accept::View;
use crate::answer::{Answer, partial_metadata};
use crate::call::Call;
use crate::failure::{Failure, Named};
use crate::selector::FieldSelector;
use crate::table::table;
use http::StatusCode;
use kubeset_selectors::LabelSelector;
use serde_json::{Value, json};

/// The parts, in the order in which kube-apiserver mostly tells of them, and the ports at which it asks for them.
const PARTS: [(&str, Option<u16>); 3] =
    [("controller-manager", Some(10257)), ("scheduler", Some(10259)), ("etcd-0", None)];

pub(super) fn read(call: &Call) -> Result<Answer, Failure> {
    if call.verb == "list" {
        return list(call);
    }
    let name = call.route.name.as_str();
    let Some((_, port)) = PARTS.iter().find(|(part, _)| *part == name) else {
        return Err(Failure::not_found(Named { group: "", resource: "componentstatus" }, name));
    };
    let mut object = part(name, *port);
    object["kind"] = "ComponentStatus".into();
    object["apiVersion"] = "v1".into();
    Ok(call.answer_object(StatusCode::OK, &object))
}

fn part(name: &str, port: Option<u16>) -> Value {
    let (status, message) = match port {
        Some(port) => (
            "False",
            format!(
                "Get \"https://127.0.0.1:{port}/healthz\": dial tcp 127.0.0.1:{port}: connect: connection refused"
            ),
        ),
        None => ("True", "ok".to_owned()),
    };
    json!({
        "metadata": {"name": name},
        "conditions": [{"type": "Healthy", "status": status, "message": message}],
    })
}

fn list(call: &Call) -> Result<Answer, Failure> {
    let labels = LabelSelector::parse(call.query.get("labelSelector").unwrap_or_default())?;
    let fields = call.query.get("fieldSelector").unwrap_or_default();
    let resource = &call.resource;
    let fields = FieldSelector::parse(fields, &resource.selectable, &resource.api_version())?;
    let mut items = Vec::new();
    for (name, port) in PARTS {
        let object = part(name, port);
        let no_labels: &[(String, String)] = &[];
        if labels.matches(no_labels) && fields.matches("", name, &resource.selectable.of(&object)) {
            items.push(object);
        }
    }
    Ok(match call.view {
        View::Object => Answer::value(
            StatusCode::OK,
            &json!({"kind": "ComponentStatusList", "apiVersion": "v1", "metadata": {}, "items": items}),
        ),
        View::Metadata(version) | View::MetadataList(version) => {
            let items: Vec<Value> = items.iter().map(|item| partial_metadata(item, version)).collect();
            let version = format!("meta.k8s.io/{version}");
            let list = json!({
                "kind": "PartialObjectMetadataList", "apiVersion": version, "metadata": {}, "items": items,
            });
            Answer::value(StatusCode::OK, &list)
        }
        View::Table(version) => {
            let form = call.form(version, true)?;
            Answer::value(StatusCode::OK, &table(&resource.table, &items, form, json!({})))
        }
    })
}
