//! `RuntimeClasses`.

use super::access::Look;
use super::metadata;
use super::path::Path;
use super::pod_spec;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    creates_on_update: true,
    updates_unconditionally: false,
    default: |class| {
        if let Some(list) = super::access::Change::inside(class, "overhead")
            .and_then(|overhead| super::access::Change::inside(overhead, "podFixed"))
        {
            pod_spec::round_list(list);
        }
    },
    check,
    check_update: |new, old, report| {
        check(new, report);
        if new["handler"] != old["handler"] {
            report.invalid(Path::root("handler"), Value::Null, "field is immutable");
        }
    },
    ..Strategy::PLAIN
};

fn check(class: &Value, report: &mut Report) {
    pod_spec::check_resource_list(&class["overhead"]["podFixed"], Path::root("overhead.limits"), report);
    let scheduling = &class["scheduling"];
    let path = Path::root("scheduling");
    metadata::labels(&scheduling["nodeSelector"], path.child("nodeSelector"), report);
    let tolerations = scheduling.list("tolerations");
    let list = path.child("tolerations");
    pod_spec::check_tolerations(tolerations, list, report);
    let key = |toleration: &Value| {
        ["key", "operator", "value", "effect"].map(|field| toleration.text(field).to_owned())
    };
    for (index, toleration) in tolerations.iter().enumerate() {
        if tolerations[..index].iter().any(|earlier| key(earlier) == key(toleration)) {
            report.duplicate(list.index(index), toleration.clone());
        }
    }
    let handler = class.text("handler");
    if handler.is_empty() {
        report.required(Path::root("handler"), "");
    } else {
        report.broken(Path::root("handler"), handler, names::label(handler));
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_handler_is_there_and_stays() {
        let class = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "handler": "a"});
        let none = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "handler": ""});
        let told: Vec<String> = STRATEGY.validate(&none, false).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["handler: Required value"]);
        let other = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "handler": "b"});
        let told: Vec<String> =
            STRATEGY.validate_update(&other, &class).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["handler: Invalid value: null: field is immutable"]);
    }
}
