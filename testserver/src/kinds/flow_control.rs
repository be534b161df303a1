//! `FlowSchemas` and `PriorityLevelConfigurations`.

use super::access::{Change, Look};
use super::strategy::Strategy;
use serde_json::Value;

pub(super) static FLOW_SCHEMA: Strategy = Strategy {
    status_resets: &["metadata", "spec"],
    default: |schema| or_number(schema.inner("spec"), "matchingPrecedence", 1000),
    ..Strategy::WITH_STATUS
};

pub(super) static PRIORITY_LEVEL: Strategy = Strategy {
    status_resets: &["metadata", "spec"],
    default: |level| {
        let spec = level.inner("spec");
        if let Some(exempt) = spec.inside("exempt") {
            exempt.or_set("nominalConcurrencyShares", 0);
            exempt.or_set("lendablePercent", 0);
        }
        if let Some(limited) = spec.inside("limited") {
            limited.or_set("nominalConcurrencyShares", 30);
            limited.or_set("lendablePercent", 0);
            if let Some(queuing) = limited.inside("limitResponse").and_then(|part| part.inside("queuing")) {
                or_number(queuing, "handSize", 8);
                or_number(queuing, "queues", 64);
                or_number(queuing, "queueLengthLimit", 50);
            }
        }
    },
    ..Strategy::WITH_STATUS
};

/// Sets a number that is missing or zero.
fn or_number(value: &mut Value, field: &str, number: i64) {
    if value.number(field).unwrap_or_default() == 0 {
        value.set(field, number);
    }
}

#[cfg(test)]
mod tests {
    use super::PRIORITY_LEVEL;
    use serde_json::json;

    #[test]
    fn a_level_queues_what_is_too_much() {
        let mut level =
            json!({"spec": {"limited": {"limitResponse": {"queuing": {"handSize": 0, "queues": 16}}}}});
        PRIORITY_LEVEL.default(&mut level);
        let queuing = json!({"handSize": 8, "queues": 16, "queueLengthLimit": 50});
        let limited = json!({"limitResponse": {"queuing": queuing}, "nominalConcurrencyShares": 30, "lendablePercent": 0});
        assert_eq!(level, json!({"spec": {"limited": limited}}));
    }
}
