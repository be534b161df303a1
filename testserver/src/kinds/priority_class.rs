//! `PriorityClasses`.

use super::access::{Change, Look};
use super::path::Path;
use super::report::Report;
use super::strategy::{Cluster, Strategy};
use crate::failure::{Failure, Named};
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    has_generation: true,
    changes: |_, _| false,
    default: |class| class.or_set("preemptionPolicy", "PreemptLowerPriority"),
    admit,
    check,
    check_update: |new, old, report| {
        if new["value"] != old["value"] {
            report.forbidden(Path::root("value"), "may not be changed in an update.");
        }
        let path = Path::root("preemptionPolicy");
        report.immutable(path, &new["preemptionPolicy"], &old["preemptionPolicy"]);
    },
    ..Strategy::PLAIN
};

const HIGHEST: i64 = 1_000_000_000;
const SYSTEM: [(&str, i64); 2] =
    [("system-cluster-critical", 2 * HIGHEST), ("system-node-critical", 2 * HIGHEST + 1000)];

/// Only one class can be the default.
fn admit(class: &mut Value, _: Option<&Value>, cluster: &dyn Cluster) -> Result<(), Failure> {
    if !class.is_true("globalDefault") {
        return Ok(());
    }
    let name = class["metadata"].text("name");
    let classes = cluster.objects("scheduling.k8s.io", "priorityclasses", "");
    let defaults = classes.iter().filter(|class| class.is_true("globalDefault"));
    let other =
        defaults.min_by_key(|class| class.number("value")).map(|class| class["metadata"].text("name"));
    match other.filter(|other| *other != name) {
        None => Ok(()),
        Some(other) => {
            let named = Named { group: "scheduling.k8s.io", resource: "priorityclasses" };
            let why =
                format!("PriorityClass {other} is already marked as default. Only one default can exist");
            Err(Failure::forbidden(named, name, &why))
        }
    }
}

fn check(class: &Value, report: &mut Report) {
    let name = class["metadata"].text("name");
    let value = class.number("value").unwrap_or_default();
    if name.starts_with("system-") {
        let wrong = match SYSTEM.iter().find(|(known, _)| *known == name) {
            None => Some(format!("{name} is not a known system priority class")),
            Some((_, known)) if *known != value => {
                Some(format!("value of {name} PriorityClass must be {known}"))
            }
            Some(_) if class.is_true("globalDefault") => {
                Some(format!("globalDefault of {name} PriorityClass must be false"))
            }
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {wrong}"
            );
            report.forbidden(Path::root("metadata.name"), &detail);
        }
    } else if value > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        report.forbidden(Path::root("value"), &detail);
    }
    let known = ["PreemptLowerPriority", "Never"];
    report.one_of(Path::root("preemptionPolicy"), class.text("preemptionPolicy"), &known);
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn the_highest_priorities_are_those_of_the_system() {
        for (name, value, told) in [
            ("a", 1_000_000_000_i64, None),
            (
                "a",
                1_000_000_001,
                Some("value: Forbidden: maximum allowed value of a user defined priority is 1000000000"),
            ),
            (
                "system-a",
                1,
                Some(
                    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use \
                     only. error: system-a is not a known system priority class",
                ),
            ),
            ("system-node-critical", 2_000_001_000, None),
        ] {
            let mut class = json!({"metadata": {"name": name}, "value": value});
            STRATEGY.default(&mut class);
            let causes = STRATEGY.validate(&class, false);
            let expected: Vec<String> = told.into_iter().map(str::to_owned).collect();
            assert_eq!(causes.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
    }
}
