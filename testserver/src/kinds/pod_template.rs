//! `PodTemplates`.

use super::access::Change;
use super::path::Path;
use super::pod;
use super::pod_spec;
use super::strategy::Strategy;

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    default: |object| pod_spec::default_spec(object.inner("template").inner("spec")),
    changes: |new, old| new["template"] != old["template"],
    check: |object, report| pod_spec::check_template(&object["template"], Path::root("template"), report),
    check_update: |new, _, report| pod_spec::check_template(&new["template"], Path::root("template"), report),
    warn: |new, old| {
        if old.is_some_and(|old| old["metadata"]["generation"] == new["metadata"]["generation"]) {
            return Vec::new();
        }
        pod::warn_of_spec(&new["template"]["spec"], "template.spec")
    },
    ..Strategy::PLAIN
};

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn a_template_has_containers() {
        let mut object = json!({"metadata": {"name": "a", "namespace": "b"}, "template": {"spec": {}}});
        STRATEGY.default(&mut object);
        let told: Vec<String> = STRATEGY.validate(&object, true).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["template.spec.containers: Required value"]);
    }
}
