//! Events, which two groups have: stored are those of the core.

use super::access::{Change, Look};
use super::metadata::Origin;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names::{self, NameRule};
use serde_json::{Value, json};

/// Those of the core, which has few rules for the sake of old clients.
pub(super) static CORE: Strategy = Strategy {
    name: NameRule::PathSegment,
    origin: Origin::Extension,
    creates_on_update: true,
    check: |event, report| check_legacy(event, "reportingComponent", report),
    check_update: |new, _, report| check_legacy(new, "reportingComponent", report),
    ..Strategy::PLAIN
};

/// Those of the group `events.k8s.io`.
pub(super) static STRATEGY: Strategy = Strategy {
    creates_on_update: true,
    check: |event, report| {
        let event = of_core(event);
        check_legacy(&event, "reportingController", report);
        check(&event, report);
    },
    check_update: |new, old, report| {
        let (new, old) = (of_core(new), of_core(old));
        check_legacy(&new, "reportingController", report);
        check_change(&new, &old, report);
    },
    ..Strategy::PLAIN
};

/// What is in a field that is missing.
type Zero = fn() -> Option<Value>;

/// Fields that have other names in the core, and what is in them if they are missing: in the group, and in the core.
const RENAMED: [(&str, &str, Zero, Zero); 7] = [
    ("regarding", "involvedObject", || Some(json!({})), || Some(json!({}))),
    ("note", "message", || None, || None),
    ("deprecatedSource", "source", || Some(json!({})), || Some(json!({}))),
    ("deprecatedFirstTimestamp", "firstTimestamp", || Some(Value::Null), || Some(Value::Null)),
    ("deprecatedLastTimestamp", "lastTimestamp", || Some(Value::Null), || Some(Value::Null)),
    ("deprecatedCount", "count", || None, || None),
    ("reportingController", "reportingComponent", || None, || Some("".into())),
];
const TEXT_MAX: usize = 128;
const NOTE_MAX: usize = 1024;

fn of_core(event: &Value) -> Value {
    let mut event = event.clone();
    to_core(&mut event);
    event
}

/// Makes an Event of the core of one of the group.
pub(crate) fn to_core(event: &mut Value) {
    for (name, of_core, _, zero) in RENAMED {
        let value = event.remove_field(name).or_else(zero);
        if let Some(value) = value {
            event.set(of_core, value);
        }
    }
    event.or_set("reportingInstance", "");
    if let Some(series) = event.inside("series")
        && series.number("count") == Some(0)
    {
        series.remove_field("count");
    }
}

/// Makes an Event of the group of one of the core.
pub(crate) fn from_core(event: &mut Value) {
    for (name, of_core, zero, _) in RENAMED {
        let value = event.remove_field(of_core).filter(|value| value != "").or_else(zero);
        if let Some(value) = value {
            event.set(name, value);
        }
    }
    if event.text("reportingInstance").is_empty() {
        event.remove_field("reportingInstance");
    }
    if let Some(series) = event.inside("series") {
        series.or_set("count", 0);
    }
}

/// What holds for Events whichever way they come. They are those of the core.
fn check_legacy(event: &Value, controller: &'static str, report: &mut Report) {
    let namespace = event["metadata"].text("namespace");
    let involved = event["involvedObject"].text("namespace");
    let is_new = event.has("eventTime");
    let matches = match involved {
        "" => namespace == "default" || (is_new && namespace == "kube-system"),
        involved => is_new || involved == namespace,
    };
    if !matches {
        let detail = "does not match event.namespace";
        report.invalid(Path::root("involvedObject.namespace"), involved, detail);
    }
    if !is_new {
        return;
    }
    let by = event.text("reportingComponent");
    let path = Path::root(controller);
    if by.is_empty() {
        report.required(path, "");
    }
    report.broken(path, by, names::label_key(by));
    for field in ["reportingInstance", "action", "reason"] {
        let text = event.text(field);
        if text.is_empty() {
            report.required(Path::root(field), "");
        }
        at_most(TEXT_MAX, text, field, report);
    }
    at_most(NOTE_MAX, event.text("message"), "message", report);
}

fn at_most(most: usize, text: &str, field: &'static str, report: &mut Report) {
    if text.len() > most {
        report.invalid(Path::root(field), "", &format!("can have at most {most} characters"));
    }
}

fn check(event: &Value, report: &mut Report) {
    check_series(event, report);
    if !event.has("eventTime") {
        report.required(Path::root("eventTime"), "");
    }
    let kind = event.text("type");
    if !["Normal", "Warning"].contains(&kind) {
        report.invalid(Path::root("type"), "", &format!("has invalid value: {kind}"));
    }
    let source = &event["source"];
    for (field, is_set) in [
        ("firstTimestamp", event.has("firstTimestamp")),
        ("lastTimestamp", event.has("lastTimestamp")),
        ("count", event.number("count").unwrap_or_default() != 0),
        ("source", !source.text("component").is_empty() || !source.text("host").is_empty()),
    ] {
        if is_set {
            report.invalid(Path::root(field), "", "needs to be unset");
        }
    }
}

fn check_series(event: &Value, report: &mut Report) {
    let series = &event["series"];
    if !series.is_object() {
        return;
    }
    if series.number("count").unwrap_or_default() < 2 {
        report.invalid(Path::root("series.count"), "", "should be at least 2");
    }
    if !series.has("lastObservedTime") {
        report.required(Path::root("series.lastObservedTime"), "");
    }
}

/// All but the series stays as it is.
fn check_change(new: &Value, old: &Value, report: &mut Report) {
    if new["series"] != old["series"] {
        check_series(new, report);
    }
    for (field, shown) in [
        ("involvedObject", "involvedObject"),
        ("reason", "reason"),
        ("message", "message"),
        ("source", "source"),
        ("firstTimestamp", "firstTimestamp"),
        ("lastTimestamp", "lastTimestamp"),
        ("count", "count"),
        ("type", "type"),
        ("eventTime", "eventTime"),
        ("action", "action"),
        ("related", "related"),
        ("reportingComponent", "reportingController"),
        ("reportingInstance", "reportingInstance"),
    ] {
        if new[field] != old[field] {
            report.invalid_as(Path::root(shown), &told(field, &new[field]), "field is immutable");
        }
    }
}

/// A value as servers quote it.
fn told(field: &str, value: &Value) -> String {
    let part = |field| Value::from(value.text(field));
    match (field, value) {
        ("involvedObject", _) | ("related", Value::Object(_)) => format!(
            r#"{{"Kind":{},"Namespace":{},"Name":{},"UID":{},"APIVersion":{},"ResourceVersion":{},"FieldPath":{}}}"#,
            part("kind"),
            part("namespace"),
            part("name"),
            part("uid"),
            part("apiVersion"),
            part("resourceVersion"),
            part("fieldPath"),
        ),
        ("source", _) => format!(r#"{{"Component":{},"Host":{}}}"#, part("component"), part("host")),
        ("count", Value::Null) => "0".into(),
        ("reason" | "message" | "type" | "action", Value::Null) => "\"\"".into(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CORE, STRATEGY, from_core, to_core};
    use crate::failure::Cause;
    use serde_json::json;

    fn told(causes: &[Cause]) -> Vec<String> {
        causes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_event_has_other_names_in_the_core() {
        let of_group = json!({
            "metadata": {"name": "a"},
            "eventTime": "2020-01-01T00:00:00.000000Z",
            "regarding": {"kind": "Pod"},
            "note": "n",
            "reportingController": "c",
            "deprecatedSource": {},
            "deprecatedFirstTimestamp": null,
            "deprecatedLastTimestamp": null,
        });
        let of_core = json!({
            "metadata": {"name": "a"},
            "eventTime": "2020-01-01T00:00:00.000000Z",
            "involvedObject": {"kind": "Pod"},
            "message": "n",
            "reportingComponent": "c",
            "reportingInstance": "",
            "source": {},
            "firstTimestamp": null,
            "lastTimestamp": null,
        });
        let mut event = of_group.clone();
        to_core(&mut event);
        assert_eq!(event, of_core);
        from_core(&mut event);
        assert_eq!(event, of_group);
    }

    #[test]
    fn an_event_of_the_core_is_about_its_namespace() {
        let mut event = json!({"metadata": {"name": "a", "namespace": "b"}, "involvedObject": {}});
        assert_eq!(
            told(&CORE.validate(&event, true)),
            ["involvedObject.namespace: Invalid value: \"\": does not match event.namespace"]
        );
        event["involvedObject"]["namespace"] = "b".into();
        assert_eq!(told(&CORE.validate(&event, true)), [""; 0]);
    }

    #[test]
    fn an_event_of_the_group_is_complete() {
        let event = json!({"metadata": {"name": "a", "namespace": "default"},
            "eventTime": "2020-01-01T00:00:00.000000Z", "reportingController": "c", "action": "x", "deprecatedCount": 1,
            "series": {"count": 1}});
        assert_eq!(
            told(&STRATEGY.validate(&event, true)),
            [
                "reportingInstance: Required value",
                "reason: Required value",
                "series.count: Invalid value: \"\": should be at least 2",
                "series.lastObservedTime: Required value",
                "type: Invalid value: \"\": has invalid value: ",
                "count: Invalid value: \"\": needs to be unset",
            ]
        );
    }

    #[test]
    fn only_the_series_of_an_event_changes() {
        let old = json!({"metadata": {"name": "a", "namespace": "default", "resourceVersion": "1"},
            "eventTime": "2020-01-01T00:00:00.000000Z", "reportingController": "c", "reportingInstance": "i",
            "action": "x", "reason": "y", "type": "Normal"});
        let mut new = old.clone();
        new["regarding"] = json!({"kind": "Pod", "namespace": "default"});
        new["series"] = json!({"count": 2, "lastObservedTime": "2020-01-01T00:00:00.000000Z"});
        assert_eq!(
            told(&STRATEGY.validate_update(&new, &old)),
            [
                "involvedObject: Invalid value: {\"Kind\":\"Pod\",\"Namespace\":\"default\",\"Name\":\"\",\"UID\":\"\",\
                 \"APIVersion\":\"\",\"ResourceVersion\":\"\",\"FieldPath\":\"\"}: field is immutable"
            ]
        );
    }
}
