//! ReplicationControllers, whose selectors are plain labels.

use super::super::access::{Change, Look};
use super::super::path::Path;
use super::super::report::Report;
use super::super::strategy::Strategy;
use super::replica_set;
use crate::names::NameRule;
use serde_json::{Value, json};

pub(in crate::kinds) static STRATEGY: Strategy = Strategy {
    name: NameRule::SubdomainWhole,
    default,
    create: |object| object.set("status", json!({"replicas": 0})),
    check: |object, report| check(&object["spec"], report),
    check_update: |new, _, report| check(&new["spec"], report),
    check_status: |new, _, report| replica_set::check_status(&new["status"], report),
    warn: super::warn_of_name_and_template,
    ..Strategy::WITH_STATUS
};

const SPEC: Path<'static> = Path::root("spec");

/// Selector and labels are those of the template.
fn default(object: &mut Value) {
    let labels = object["spec"]["template"]["metadata"]["labels"].clone();
    if labels.as_object().is_some_and(|labels| !labels.is_empty()) {
        if object["spec"].count("selector") == 0 {
            object.inner("spec").set("selector", labels.clone());
        }
        if object["metadata"].count("labels") == 0 {
            object.inner("metadata").set("labels", labels);
        }
    }
    let spec = object.inner("spec");
    super::default_template(spec);
    spec.or_set("replicas", 1);
}

fn check(spec: &Value, report: &mut Report) {
    super::counts(spec, &["minReadySeconds"], SPEC, report);
    if spec.count("selector") == 0 {
        report.required(SPEC.child("selector"), "");
    }
    report.not_negative(SPEC.child("replicas"), spec.number("replicas"));
    let path = SPEC.child("template");
    let template = &spec["template"];
    if template.is_null() {
        return report.required(path, "");
    }
    let labels = &template["metadata"]["labels"];
    if spec.entries("selector").any(|(key, value)| labels[key] != *value) {
        let detail = "`selector` does not match template `labels`";
        report.invalid(path.child("metadata.labels"), labels.clone(), detail);
    }
    super::endless_template(template, "ReplicationController", path, report);
}

#[cfg(test)]
mod tests {
    use super::super::tests::create;
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn the_selector_is_the_labels_of_the_template() {
        let spec = json!({"template": {"metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]}}});
        let (object, told) = create(&STRATEGY, spec);
        assert_eq!(told, [""; 0]);
        assert_eq!(object["spec"]["selector"], json!({"a": "b"}));
        assert_eq!(object["metadata"]["labels"], json!({"a": "b"}));
        let expected = ["spec.selector: Required value", "spec.template: Required value"];
        assert_eq!(create(&STRATEGY, json!({})).1, expected);
    }
}
