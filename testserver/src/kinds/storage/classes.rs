//! `StorageClasses` and `VolumeAttributesClasses`.

use crate::kinds::access::{Change, Look};
use crate::kinds::path::Path;
use crate::kinds::persistent_volume_claim::protect;
use crate::kinds::report::Report;
use crate::kinds::strategy::Strategy;
use crate::names;
use serde_json::Value;

pub(super) static STORAGE_CLASS: Strategy = Strategy {
    default: |class| {
        class.or_set("reclaimPolicy", "Delete");
        class.or_set("volumeBindingMode", "Immediate");
    },
    check,
    check_update: |new, old, report| {
        check(new, report);
        for field in ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] {
            if new[field] != old[field] {
                report.invalid(Path::root(field), Value::Null, "field is immutable");
            }
        }
    },
    ..Strategy::PLAIN
};

pub(super) static VOLUME_ATTRIBUTES_CLASS: Strategy = Strategy {
    admit: |class, old, _| {
        if old.is_none() {
            protect(class, "kubernetes.io/vac-protection");
        }
        Ok(())
    },
    check: check_attributes,
    check_update: |new, old, report| {
        for field in ["driverName", "parameters"] {
            if new[field] != old[field] {
                report.forbidden(Path::root(field), &format!("updates to {field} are forbidden."));
            }
        }
        check_attributes(new, report);
    },
    ..Strategy::PLAIN
};

const PARAMETERS_MAX: usize = 512;
const PARAMETERS_SIZE_MAX: usize = 256 * 1024;

fn check(class: &Value, report: &mut Report) {
    const POLICIES: [&str; 2] = ["Delete", "Retain"];
    const MODES: [&str; 2] = ["Immediate", "WaitForFirstConsumer"];
    qualified(class, "provisioner", report);
    parameters(class, report);
    let policy = class.text("reclaimPolicy");
    if !policy.is_empty() && !POLICIES.contains(&policy) {
        report.not_supported(Path::root("reclaimPolicy"), policy, &POLICIES);
    }
    let mode = class.text("volumeBindingMode");
    if !MODES.contains(&mode) {
        report.not_supported(Path::root("volumeBindingMode"), mode, &MODES);
    }
    topologies(class.list("allowedTopologies"), report);
    // What is missing is told last.
    missing(class, "provisioner", report);
}

fn check_attributes(class: &Value, report: &mut Report) {
    missing(class, "driverName", report);
    qualified(class, "driverName", report);
    parameters(class, report);
    if class.count("parameters") == 0 {
        report.required(Path::root("parameters"), "must contain at least one key/value pair");
    }
}

fn qualified(class: &Value, field: &'static str, report: &mut Report) {
    let name = class.text(field).to_lowercase();
    if !name.is_empty() {
        report.broken(Path::root(field), &name, names::label_key(&name));
    }
}

fn missing(class: &Value, field: &'static str, report: &mut Report) {
    if class.text(field).is_empty() {
        report.required(Path::root(field), "");
    }
}

fn parameters(class: &Value, report: &mut Report) {
    let path = Path::root("parameters");
    if class.count("parameters") > PARAMETERS_MAX {
        return report.too_long(path, PARAMETERS_MAX);
    }
    let mut size = 0;
    for (key, value) in class.entries("parameters") {
        if key.is_empty() {
            report.invalid(path, key, "field can not be empty.");
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > PARAMETERS_SIZE_MAX {
        report.too_long(path, PARAMETERS_SIZE_MAX);
    }
}

fn topologies(terms: &[Value], report: &mut Report) {
    let list = Path::root("allowedTopologies");
    for (index, term) in terms.iter().enumerate() {
        let path = list.index(index);
        let list = path.child("matchLabelExpressions");
        let expressions = term.list("matchLabelExpressions");
        for (index, expression) in expressions.iter().enumerate() {
            let path = list.index(index);
            let values_path = path.child("values");
            let values = expression.list("values");
            if values.is_empty() {
                report.required(values_path, "");
            }
            for (index, value) in values.iter().enumerate() {
                if values[..index].contains(value) {
                    report.duplicate(values_path.index(index), value.clone());
                }
            }
            let key = expression.text("key");
            report.broken(path.child("key"), key, names::label_key(key));
            if expressions[..index].iter().any(|earlier| earlier.text("key") == key) {
                report.duplicate(path.child("key"), key);
            }
        }
        if terms[..index].contains(term) {
            report.duplicate(list, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STORAGE_CLASS;
    use serde_json::json;

    #[test]
    fn a_class_deletes_volumes_and_binds_them_at_once_if_nothing_is_said() {
        let mut class = json!({"metadata": {"name": "a"}, "provisioner": "example.com/p"});
        STORAGE_CLASS.default(&mut class);
        let expected = json!({"metadata": {"name": "a"}, "provisioner": "example.com/p",
            "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"});
        assert_eq!(class, expected);
        assert_eq!(STORAGE_CLASS.validate(&class, false), []);
    }

    #[test]
    fn what_a_class_does_stays() {
        let old = json!({"metadata": {"name": "a", "resourceVersion": "1"}, "provisioner": "a",
            "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"});
        let mut new = old.clone();
        new["reclaimPolicy"] = "Recycle".into();
        let told: Vec<String> =
            STORAGE_CLASS.validate_update(&new, &old).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"",
                "reclaimPolicy: Invalid value: null: field is immutable",
            ]
        );
    }
}
