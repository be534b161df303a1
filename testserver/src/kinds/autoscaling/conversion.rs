//! Autoscalers of v1 and v2. What v1 has no fields for is in its annotations, in JSON whose fields servers order by
//! their types.

use super::default_metrics;
use crate::kinds::access::{Change, Look};
use serde_json::{Map, Value, json};

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";
pub(super) const STATUSES: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
pub(super) const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
const ALL: [&str; 6] = [
    METRICS,
    BEHAVIOR,
    STATUSES,
    CONDITIONS,
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
    "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
];
const CPU_TARGET: &str = "targetCPUUtilizationPercentage";
const CPU_CURRENT: &str = "currentCPUUtilizationPercentage";
/// Types of metrics with their fields, in the order of the type's fields.
const SOURCES: [&str; 5] = ["object", "pods", "resource", "containerResource", "external"];

/// Makes an autoscaler of v2 of one of v1.
pub(crate) fn to_stored(scaler: &mut Value) {
    let read = |annotation: &str| -> Option<Value> {
        let text = scaler["metadata"]["annotations"][annotation].as_str()?;
        serde_json::from_str(text).ok()
    };
    let lists = [METRICS, STATUSES, CONDITIONS].map(|annotation| read(annotation).filter(Value::is_array));
    let [metrics, statuses, conditions] = lists;
    let behavior = read(BEHAVIOR).filter(Value::is_object).map(|behavior| cased(&behavior, lower));
    let spec = scaler.inner("spec");
    let mut all: Vec<Value> = metrics.iter().flat_map(Value::as_array).flatten().map(new_metric).collect();
    if let Some(percent) = spec.remove_field(CPU_TARGET) {
        let target = json!({"type": "Utilization", "averageUtilization": percent});
        all.push(json!({"type": "Resource", "resource": {"name": "cpu", "target": target}}));
    }
    spec.set("metrics", if all.is_empty() { default_metrics() } else { all.into() });
    if let Some(behavior) =
        behavior.filter(|behavior| behavior.as_object().is_some_and(|map| !map.is_empty()))
    {
        spec.set("behavior", behavior);
    }
    let status = scaler.inner("status");
    let current = status.remove_field(CPU_CURRENT).map(|percent| {
        json!([{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent}}}])
    });
    let statuses = statuses.map(|list| list.as_array().into_iter().flatten().map(new_status).collect());
    status.set("currentMetrics", statuses.or(current).unwrap_or_default());
    status.or_set("desiredReplicas", 0);
    if status.number("currentReplicas") == Some(0) {
        status.remove_field("currentReplicas");
    }
    if let Some(conditions) = conditions {
        status.set("conditions", conditions);
    }
    forget_annotations(scaler);
}

/// Makes an autoscaler of v1 of one of v2.
pub(crate) fn from_stored(scaler: &mut Value) {
    forget_annotations(scaler);
    let mut annotations: Vec<(&str, String)> = Vec::new();
    let spec = scaler.inner("spec");
    let metrics = spec.remove_field("metrics");
    let metrics = metrics.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(cpu) = metrics.iter().find(|metric| is_cpu(metric)) {
        spec.set(CPU_TARGET, cpu["resource"]["target"]["averageUtilization"].clone());
    }
    let others: Vec<String> = metrics.iter().filter(|metric| !is_cpu(metric)).map(old_metric).collect();
    if !others.is_empty() {
        annotations.push((METRICS, format!("[{}]", others.join(","))));
    }
    if let Some(behavior) = spec.remove_field("behavior") {
        annotations.push((BEHAVIOR, old_behavior(&behavior)));
    }
    let status = scaler.inner("status");
    status.or_set("currentReplicas", 0);
    status.or_set("desiredReplicas", 0);
    let current = status.remove_field("currentMetrics");
    let current = current.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for metric in current.iter().filter(|metric| metric["resource"].text("name") == "cpu") {
        let percent = &metric["resource"]["current"]["averageUtilization"];
        if !percent.is_null() {
            status.set(CPU_CURRENT, percent.clone());
        }
    }
    if !current.is_empty() {
        let told: Vec<String> = current.iter().map(old_status).collect();
        annotations.push((STATUSES, format!("[{}]", told.join(","))));
    }
    if let Some(conditions) = status.remove_field("conditions") {
        let told = conditions.as_array().into_iter().flatten().map(|condition| {
            let fields = ["type", "status", "lastTransitionTime", "reason", "message", "observedGeneration"];
            ordered(&fields.map(|field| (field, json(&condition[field]))))
        });
        annotations.push((CONDITIONS, format!("[{}]", told.collect::<Vec<_>>().join(","))));
    }
    for (annotation, text) in annotations {
        scaler.inner("metadata").inner("annotations").set(annotation, text);
    }
}

fn forget_annotations(scaler: &mut Value) {
    let metadata = scaler.inner("metadata");
    let Some(annotations) = metadata.inside("annotations") else { return };
    for annotation in ALL {
        annotations.remove_field(annotation);
    }
    if metadata.count("annotations") == 0 {
        metadata.remove_field("annotations");
    }
}

fn is_cpu(metric: &Value) -> bool {
    let resource = &metric["resource"];
    metric.text("type") == "Resource"
        && resource.text("name") == "cpu"
        && resource["target"].has("averageUtilization")
}

/// An object of JSON texts in this order, without those that are missing.
fn ordered(fields: &[(&str, Option<String>)]) -> String {
    let told = fields.iter().filter_map(|(field, text)| Some(format!("\"{field}\":{}", text.as_ref()?)));
    format!("{{{}}}", told.collect::<Vec<_>>().join(","))
}

fn json(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

/// A quantity that is told even if it is missing.
fn amount(value: &Value) -> Option<String> {
    Some(json(value).unwrap_or_else(|| "\"0\"".into()))
}

fn text(value: &Value) -> Option<String> {
    Some(Value::from(value.as_str().unwrap_or_default()).to_string())
}

fn selector(value: &Value) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let requirement = |requirement: &Value| {
        ordered(&["key", "operator", "values"].map(|field| (field, json(&requirement[field]))))
    };
    let list = value.list("matchExpressions").iter().map(requirement).collect::<Vec<_>>();
    let expressions = (!list.is_empty()).then(|| format!("[{}]", list.join(",")));
    Some(ordered(&[("matchLabels", json(&value["matchLabels"])), ("matchExpressions", expressions)]))
}

/// What a metric says in v1; its numbers are in `numbers` and their fields begin with `prefix`.
fn old(metric: &Value, numbers: &str, prefix: &str, is_status: bool) -> String {
    let mut fields = vec![("type", text(&metric["type"]))];
    let name = |field: &str| format!("{prefix}{field}");
    let (value, average_value, utilization) =
        (name("Value"), name("AverageValue"), name("AverageUtilization"));
    for field in SOURCES {
        let source = &metric[field];
        if source.is_null() {
            continue;
        }
        let (told, identifier) = (&source[numbers], &source["metric"]);
        let described = &source["describedObject"];
        let always = |value: &Value| if is_status { amount(value) } else { json(value) };
        let parts = match field {
            "object" => {
                let kind = ["kind", "name", "apiVersion"].map(|field| (field, json(&described[field])));
                ordered(&[
                    ("target", Some(ordered(&kind))),
                    ("metricName", text(&identifier["name"])),
                    (&value, amount(&told["value"])),
                    ("selector", selector(&identifier["selector"])),
                    ("averageValue", json(&told["averageValue"])),
                ])
            }
            "pods" => ordered(&[
                ("metricName", text(&identifier["name"])),
                (&average_value, amount(&told["averageValue"])),
                ("selector", selector(&identifier["selector"])),
            ]),
            "external" => ordered(&[
                ("metricName", text(&identifier["name"])),
                ("metricSelector", selector(&identifier["selector"])),
                (&value, always(&told["value"])),
                (&average_value, json(&told["averageValue"])),
            ]),
            _ => ordered(&[
                ("name", text(&source["name"])),
                (&utilization, json(&told["averageUtilization"])),
                (&average_value, always(&told["averageValue"])),
                ("container", (field == "containerResource").then(|| text(&source["container"])).flatten()),
            ]),
        };
        fields.push((field, Some(parts)));
    }
    ordered(&fields)
}

fn old_metric(metric: &Value) -> String {
    old(metric, "target", "target", false)
}

fn old_status(metric: &Value) -> String {
    old(metric, "current", "current", true)
}

/// A metric of v2 of one of v1.
fn new(metric: &Value, numbers: &str, prefix: &str) -> Value {
    let mut made = json!({"type": metric.text("type")});
    for field in SOURCES {
        let source = &metric[field];
        if !source.is_object() {
            continue;
        }
        let average = if field == "object" { "averageValue".into() } else { format!("{prefix}AverageValue") };
        let mut told = json!({});
        for (to, from) in [
            ("value", format!("{prefix}Value")),
            ("averageValue", average),
            ("averageUtilization", format!("{prefix}AverageUtilization")),
        ] {
            // The status of v1 cannot leave out what it is not about.
            let is_nothing = numbers == "current" && source[&from] == "0";
            if source.has(&from) && !is_nothing {
                told.set(to, source[&from].clone());
            }
        }
        let mut part = json!({});
        if matches!(field, "resource" | "containerResource") {
            for name in ["name", "container"] {
                part.copy_field(name, source);
            }
        } else {
            let mut identifier = json!({"name": source.text("metricName")});
            let selector = if field == "external" { "metricSelector" } else { "selector" };
            if source.has(selector) {
                identifier.set("selector", source[selector].clone());
            }
            part.set("metric", identifier);
        }
        if field == "object" {
            part.set("describedObject", source["target"].clone());
            if numbers == "target" && told.has("averageValue") && told["value"] == "0" {
                told.remove_field("value");
            }
        }
        if numbers == "target" {
            told.set("type", target_type(field, &told));
        }
        part.set(numbers, told);
        made.set(field, part);
    }
    made
}

fn target_type(field: &str, target: &Value) -> &'static str {
    match field {
        "resource" | "containerResource" if target.has("averageUtilization") => "Utilization",
        "external" if target.has("value") => "Value",
        "object" if !target.has("averageValue") => "Value",
        _ => "AverageValue",
    }
}

fn new_metric(metric: &Value) -> Value {
    new(metric, "target", "target")
}

fn new_status(metric: &Value) -> Value {
    new(metric, "current", "current")
}

/// Behaviors are told with the names of the server's own types.
fn old_behavior(behavior: &Value) -> String {
    let rules = |rules: &Value| {
        if rules.is_null() {
            return "null".to_owned();
        }
        let policies = rules.list("policies").iter().map(|policy| {
            format!(
                r#"{{"Type":{},"Value":{},"PeriodSeconds":{}}}"#,
                policy["type"], policy["value"], policy["periodSeconds"]
            )
        });
        format!(
            r#"{{"StabilizationWindowSeconds":{},"SelectPolicy":{},"Policies":[{}],"Tolerance":{}}}"#,
            rules["stabilizationWindowSeconds"],
            rules["selectPolicy"],
            policies.collect::<Vec<_>>().join(","),
            rules["tolerance"]
        )
    };
    format!(r#"{{"ScaleUp":{},"ScaleDown":{}}}"#, rules(&behavior["scaleUp"]), rules(&behavior["scaleDown"]))
}

fn lower(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

/// A value whose fields have other names, without nulls.
fn cased(value: &Value, name: fn(&str) -> String) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.iter().filter(|(_, value)| !value.is_null());
            fields.map(|(field, value)| (name(field), cased(value, name))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| cased(item, name)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{from_stored, to_stored};
    use serde_json::json;

    #[test]
    fn what_the_old_version_lacks_is_in_annotations() {
        let stored = json!({
            "metadata": {"name": "a"},
            "spec": {"maxReplicas": 3, "minReplicas": 1, "metrics": [
                {"type": "Pods", "pods": {"metric": {"name": "hits"},
                    "target": {"type": "AverageValue", "averageValue": "10"}}},
                {"type": "Resource", "resource": {"name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 50}}},
            ], "behavior": {"scaleDown": {"selectPolicy": "Max",
                "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}}},
            "status": {"currentMetrics": null, "desiredReplicas": 0},
        });
        let mut scaler = stored.clone();
        from_stored(&mut scaler);
        let old = json!({
            "metadata": {"name": "a", "annotations": {
                "autoscaling.alpha.kubernetes.io/metrics":
                    r#"[{"type":"Pods","pods":{"metricName":"hits","targetAverageValue":"10"}}]"#,
                "autoscaling.alpha.kubernetes.io/behavior":
                    "{\"ScaleUp\":null,\"ScaleDown\":{\"StabilizationWindowSeconds\":null,\"SelectPolicy\":\"Max\",\
                     \"Policies\":[{\"Type\":\"Percent\",\"Value\":100,\"PeriodSeconds\":15}],\"Tolerance\":null}}",
            }},
            "spec": {"maxReplicas": 3, "minReplicas": 1, "targetCPUUtilizationPercentage": 50},
            "status": {"currentReplicas": 0, "desiredReplicas": 0},
        });
        assert_eq!(scaler, old);
        to_stored(&mut scaler);
        assert_eq!(scaler, stored);
    }
}
