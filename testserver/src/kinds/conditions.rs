//! Conditions in the status of objects, as newer kinds have them.

use super::access::Look;
use super::path::Path;
use super::report::Report;
use crate::names;
use serde_json::Value;

const REASON_MAX: usize = 1024;
const MESSAGE_MAX: usize = 32 * 1024;
const REASON_FORMAT: &str = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const REASON_RULE: &str = "a condition reason must start with alphabetic character, optionally followed by a string of \
                           alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";

/// What is wrong with conditions.
pub(super) fn check(conditions: &[Value], list: Path<'_>, report: &mut Report) {
    for (index, condition) in conditions.iter().enumerate() {
        let path = list.index(index);
        let kind = condition.text("type");
        if conditions[..index].iter().any(|earlier| earlier.text("type") == kind) {
            report.duplicate(path, kind);
        }
        if kind.is_empty() {
            report.required(path.child("type"), "is required");
        } else {
            report.broken(path.child("type"), kind, names::label_key(kind));
        }
        report.one_of(path.child("status"), condition.text("status"), &["False", "True", "Unknown"]);
        if let Some(generation) = condition.number("observedGeneration").filter(|number| *number < 0) {
            let detail = "must be greater than or equal to zero";
            report.invalid(path.child("observedGeneration"), generation, detail);
        }
        if !condition.has("lastTransitionTime") {
            report.required(path.child("lastTransitionTime"), "");
        }
        check_reason(condition.text("reason"), path.child("reason"), report);
        if condition.text("message").len() > MESSAGE_MAX {
            report.too_long(path.child("message"), MESSAGE_MAX);
        }
    }
}

fn check_reason(reason: &str, path: Path<'_>, report: &mut Report) {
    if reason.is_empty() {
        return report.required(path, "");
    }
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_,:".contains(&byte);
    let fits = reason.bytes().all(inner)
        && reason.starts_with(|first: char| first.is_ascii_alphabetic())
        && !reason.ends_with([',', ':']);
    if !fits {
        let told = names::told(
            REASON_RULE,
            REASON_FORMAT,
            &["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"],
        );
        report.invalid(path, reason, &told);
    }
    if reason.len() > REASON_MAX {
        report.too_long(path, REASON_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::kinds::path::Path;
    use crate::kinds::report::Report;
    use serde_json::json;

    #[test]
    fn a_condition_says_what_holds_since_when_and_why() {
        let conditions = [
            json!({"type": "Ready", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z", "reason": "Ok"}),
            json!({"type": "Ready", "status": "yes"}),
        ];
        let mut report = Report::default();
        check(&conditions, Path::root("conditions"), &mut report);
        let told: Vec<String> = report.into_causes().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "conditions[1]: Duplicate value: \"Ready\"",
                "conditions[1].status: Unsupported value: \"yes\": supported values: \"False\", \"True\", \"Unknown\"",
                "conditions[1].lastTransitionTime: Required value",
                "conditions[1].reason: Required value",
            ]
        );
    }
}
