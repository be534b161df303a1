//! Namespaces.

use super::access::{Change, Look};
use super::path::Path;
use super::report::Report;
use super::strategy::{InitialStatus, Strategy};
use crate::names::{self, NameRule};
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy = Strategy {
    name: NameRule::Label,
    status: InitialStatus::Reset,
    default: label_with_name,
    create,
    update,
    check,
    check_status,
    canonicalise: label_with_name,
    ..Strategy::PLAIN
};

/// The label that selects a namespace by its name.
fn label_with_name(object: &mut Value) {
    let name = object["metadata"].text("name").to_owned();
    if !name.is_empty() {
        object.inner("metadata").inner("labels").set("kubernetes.io/metadata.name", name);
    }
}

fn create(object: &mut Value) {
    object.set("status", json!({"phase": "Active"}));
    let spec = object.inner("spec");
    if !spec.texts("finalizers").any(|finalizer| finalizer == "kubernetes") {
        let mut finalizers = spec.list("finalizers").to_vec();
        finalizers.push("kubernetes".into());
        spec.set("finalizers", finalizers);
    }
}

fn update(new: &mut Value, old: &Value) {
    new.inner("spec").copy_field("finalizers", &old["spec"]);
}

fn check(object: &Value, report: &mut Report) {
    let path = Path::root("spec.finalizers");
    for finalizer in object["spec"].texts("finalizers") {
        report.broken(path, finalizer, names::label_key(finalizer));
        if !finalizer.contains('/') && !["kubernetes", "orphan", "foregroundDeletion"].contains(&finalizer) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            report.invalid(path, finalizer, detail);
        }
    }
}

fn check_status(new: &Value, _: &Value, report: &mut Report) {
    let path = Path::root("status.Phase");
    let phase = new["status"].text("phase");
    match (new["metadata"].has("deletionTimestamp"), phase) {
        (false, "Active") | (true, "Terminating") => {}
        (false, _) => {
            report.invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty");
        }
        (true, _) => {
            report.invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_new_namespace_is_active_and_labelled_with_its_name() {
        let mut object = json!({"metadata": {"name": "prod"}, "spec": {"finalizers": ["a/b"]}, "status": {}});
        STRATEGY.default(&mut object);
        STRATEGY.prepare_create(&mut object);
        let expected = json!({
            "metadata": {"name": "prod", "labels": {"kubernetes.io/metadata.name": "prod"}},
            "spec": {"finalizers": ["a/b", "kubernetes"]},
            "status": {"phase": "Active"},
        });
        assert_eq!(object, expected);
        assert_eq!(STRATEGY.validate(&object, false), []);
    }

    #[test]
    fn an_update_leaves_the_finalizers_of_the_specification() {
        let old =
            json!({"metadata": {}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
        let mut new = json!({"metadata": {}, "spec": {}});
        STRATEGY.prepare_update(&mut new, &old);
        assert_eq!(new["spec"], old["spec"]);
        assert_eq!(new["status"], old["status"]);
    }

    #[test]
    fn the_phase_follows_from_the_deletion() {
        let object =
            json!({"metadata": {"name": "a", "resourceVersion": "1"}, "status": {"phase": "Terminating"}});
        let causes = STRATEGY.validate_status(&object, &object);
        assert_eq!(
            causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"
            ]
        );
    }
}
