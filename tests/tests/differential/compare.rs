//! What differs between two runs of a script, and how that is told.

use std::fmt::Write as _;

use serde_json::Value;

use crate::script::{Script, Step};

/// How much of a value is shown.
const SHOWN: usize = 400;

/// What differs in a step. Empty if nothing does.
#[derive(Debug)]
pub(crate) struct StepOutcome {
    pub(crate) number: usize,
    pub(crate) label: String,
    pub(crate) differences: Vec<Difference>,
}

/// A place in an answer where the servers differ. What is missing is `None`.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    /// A JSON pointer into the body, or `status`, `headers/…`, `events/…`, `end`.
    pub(crate) path: String,
    pub(crate) real: Option<Value>,
    pub(crate) test: Option<Value>,
}

/// Compares the answers to all steps of a script.
pub(crate) fn script(
    script: &Script,
    real: &[(String, Value)],
    test: &[(String, Value)],
) -> Vec<StepOutcome> {
    let steps = script.spelled_out();
    let mut outcomes = Vec::new();
    for (index, ((label, real), (_, test))) in real.iter().zip(test).enumerate() {
        let mut differences = answer(real, test);
        differences.retain(|difference| !ignored(&steps[index], &difference.path));
        outcomes.push(StepOutcome { number: index + 1, label: label.clone(), differences });
    }
    outcomes
}

/// Whether a step does not compare what is at a path, or around it.
fn ignored(step: &Step, path: &str) -> bool {
    step.ignore.keys().any(|ignored| {
        path.strip_prefix(ignored.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Compares two answers. If one is a failure and the other is not, their bodies are not taken apart.
fn answer(real: &Value, test: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    if real["status"] != test["status"] {
        let shown = |answer: &Value| Some(summary(answer));
        return vec![Difference { path: "status".to_owned(), real: shown(real), test: shown(test) }];
    }
    compare(String::new(), Some(real), Some(test), &mut differences);
    for difference in &mut differences {
        let path = difference.path.trim_start_matches('/');
        difference.path = match path.strip_prefix("body") {
            Some(pointer) => pointer.to_owned(),
            None => path.to_owned(),
        };
    }
    differences
}

/// The status, and what the body says about it.
fn summary(answer: &Value) -> Value {
    let status = match &answer["status"] {
        Value::String(status) => status.clone(),
        status => status.to_string(),
    };
    let body = &answer["body"];
    let told = match (body.get("message"), body) {
        (Some(Value::String(message)), _) | (None, Value::String(message)) => message.clone(),
        (_, body) => body.to_string(),
    };
    Value::String(format!("{status}: {told}"))
}

fn compare(path: String, real: Option<&Value>, test: Option<&Value>, differences: &mut Vec<Difference>) {
    match (real, test) {
        (real, test) if real == test => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut keys: Vec<_> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                compare(format!("{path}/{escaped}"), one.get(key), other.get(key), differences);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                compare(format!("{path}/{index}"), one.get(index), other.get(index), differences);
            }
        }
        (real, test) => {
            differences.push(Difference { path, real: real.cloned(), test: test.cloned() });
        }
    }
}

/// Adds what differs in a script to a report.
pub(crate) fn write(report: &mut String, script: &Script, outcomes: &[StepOutcome]) {
    writeln!(report, "\n{}", script.title()).unwrap();
    for outcome in outcomes.iter().filter(|outcome| !outcome.differences.is_empty()) {
        writeln!(report, "  {}. {}", outcome.number, outcome.label).unwrap();
        for difference in &outcome.differences {
            let path = if difference.path.is_empty() { "(the body)" } else { &difference.path };
            writeln!(report, "     {path}").unwrap();
            writeln!(report, "       real: {}", shown(difference.real.as_ref())).unwrap();
            writeln!(report, "       test: {}", shown(difference.test.as_ref())).unwrap();
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(absent)".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use serde_json::json;

    #[test]
    fn every_difference_is_found_where_it_is() {
        let real = json!({"status": 200, "headers": {"warning": "x"}, "body": {"a": [1, 2], "b/c": null}});
        let test = json!({"status": 200, "headers": {}, "body": {"a": [1, 3, 4]}});
        let paths: Vec<_> = answer(&real, &test).into_iter().map(|difference| difference.path).collect();
        assert_eq!(paths, ["/a/1", "/a/2", "/b~1c", "headers/warning"]);
    }

    #[test]
    fn another_status_is_one_difference() {
        let real = json!({"status": 409, "body": {"kind": "Status", "message": "taken"}});
        let test = json!({"status": 201, "body": {"kind": "Pod"}});
        let found = answer(&real, &test);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].real, Some(json!("409: taken")));
    }
}
