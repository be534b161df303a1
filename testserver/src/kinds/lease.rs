//! Leases.

use super::access::Look;
use super::metadata::Origin;
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy {
    creates_on_update: true,
    updates_unconditionally: false,
    origin: Origin::Extension,
    check,
    check_update: |new, _, report| check(new, report),
    ..Strategy::PLAIN
};

fn check(object: &Value, report: &mut Report) {
    let path = Path::root("spec");
    let spec = &object["spec"];
    if let Some(seconds) = spec.number("leaseDurationSeconds").filter(|seconds| *seconds <= 0) {
        report.invalid(path.child("leaseDurationSeconds"), seconds, "must be greater than 0");
    }
    report.not_negative(path.child("leaseTransitions"), spec.number("leaseTransitions"));
    if spec.has("strategy") {
        // Servers name the field twice.
        check_strategy(spec.text("strategy"), path.child("strategy.strategy"), report);
    }
    if !spec.text("preferredHolder").is_empty() && spec.text("strategy").is_empty() {
        report.forbidden(path.child("preferredHolder"), "may only be specified if `strategy` is defined");
    }
}

/// How the holder of a lease is chosen among candidates.
fn check_strategy(strategy: &str, path: Path<'_>, report: &mut Report) {
    const KNOWN: &str = "OldestEmulationVersion";
    if strategy == KNOWN {
        return;
    }
    if strategy.contains('/') {
        report.broken(path, strategy, crate::names::label_key(strategy));
    } else {
        report.not_supported(path, strategy, &[KNOWN]);
    }
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn numbers_of_a_lease_are_positive() {
        let object = json!({"metadata": {"name": "a", "namespace": "b"},
            "spec": {"leaseDurationSeconds": 0, "leaseTransitions": -1, "preferredHolder": "x"}});
        let causes = STRATEGY.validate(&object, true);
        assert_eq!(
            causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
                "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
                "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined",
            ]
        );
    }
}
