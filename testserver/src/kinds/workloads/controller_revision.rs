//! ControllerRevisions.

use super::super::access::Look;
use super::super::path::Path;
use super::super::report::Report;
use super::super::strategy::Strategy;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    check: |object, report| {
        report.not_negative(Path::root("revision"), object.number("revision"));
        let path = Path::root("data");
        match &object["data"] {
            Value::Object(_) => {}
            Value::Null => report.required(path, "data is mandatory"),
            _ => report.required(path, "data must be a valid JSON object"),
        }
    },
    check_update,
    ..Strategy::PLAIN
};

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    report.not_negative(Path::root("revision"), new.number("revision"));
    report.immutable(Path::root("data"), &new["data"], &old["data"]);
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_revision_has_data() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"}, "revision": 1});
        let told: Vec<_> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["data: Required value: data is mandatory"]);
    }
}
