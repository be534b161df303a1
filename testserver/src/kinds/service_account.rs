//! ServiceAccounts.

use super::access::{Change, Look};
use super::strategy::Strategy;
use serde_json::{Value, json};

pub(super) static STRATEGY: Strategy =
    Strategy { create: only_names, update: |new, _| only_names(new), warn, ..Strategy::PLAIN };

/// Secrets of an account are known by their names.
fn only_names(account: &mut Value) {
    for secret in account.list_mut("secrets") {
        let name = secret.text("name").to_owned();
        *secret = if name.is_empty() { json!({}) } else { json!({"name": name}) };
    }
}

fn warn(new: &Value, old: Option<&Value>) -> Vec<String> {
    const ENFORCE: &str = "kubernetes.io/enforce-mountable-secrets";
    let says = |account: &Value| account["metadata"]["annotations"].has(ENFORCE);
    if !says(new) || old.is_some_and(says) {
        return Vec::new();
    }
    vec![format!(
        "metadata.annotations[{ENFORCE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted \
         secrets"
    )]
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::json;

    #[test]
    fn secrets_are_references_by_name() {
        let mut account = json!({"metadata": {}, "secrets": [{"name": "a", "kind": "Secret", "uid": "u"}]});
        STRATEGY.prepare_create(&mut account);
        assert_eq!(account["secrets"], json!([{"name": "a"}]));
    }
}
