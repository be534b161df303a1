//! Secrets.

use super::access::{Change, Look};
use super::config_map::{SIZE_MAX, decoded_length, frozen};
use super::path::Path;
use super::report::Report;
use super::strategy::Strategy;
use crate::names;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub(super) static STRATEGY: Strategy = Strategy { default, update, check, check_update, ..Strategy::PLAIN };

const DATA: Path<'static> = Path::root("data");
const REDACTED: &str = "<secret contents redacted>";

/// Also turns `stringData`, which is only ever written, into `data`.
fn default(object: &mut Value) {
    if let Some(Value::Object(strings)) = object.remove_field("stringData") {
        let data = object.inner("data");
        for (key, value) in strings {
            data.set(&key, STANDARD.encode(value.as_str().unwrap_or_default()));
        }
    }
    object.or_text("type", "Opaque");
}

fn update(new: &mut Value, old: &Value) {
    new.or_text("type", old.text("type"));
}

fn check(object: &Value, report: &mut Report) {
    let mut size = 0;
    for (key, value) in object.entries("data") {
        report.broken(DATA.key(key), key, names::config_key(key));
        size += decoded_length(value);
    }
    if size > SIZE_MAX {
        report.too_long(DATA, SIZE_MAX);
    }
    check_type(object, report);
}

/// What each type of secret must hold.
fn check_type(object: &Value, report: &mut Report) {
    let data = &object["data"];
    let mut require = |key: &str, missing: bool| {
        if missing {
            report.required(DATA.key(key), "");
        }
    };
    match object.text("type") {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if object["metadata"]["annotations"].text(NAME).is_empty() {
                report.required(Path::root("metadata.annotations").key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => check_json(data, ".dockercfg", report),
        "kubernetes.io/dockerconfigjson" => check_json(data, ".dockerconfigjson", report),
        "kubernetes.io/basic-auth" => {
            let none = !data.has("username") && !data.has("password");
            require("username", none);
            require("password", none);
        }
        "kubernetes.io/ssh-auth" => require("ssh-privatekey", data.text("ssh-privatekey").is_empty()),
        "kubernetes.io/tls" => {
            require("tls.crt", !data.has("tls.crt"));
            require("tls.key", !data.has("tls.key"));
        }
        _ => {}
    }
}

fn check_json(data: &Value, key: &str, report: &mut Report) {
    if !data.has(key) {
        return report.required(DATA.key(key), "");
    }
    let bytes = STANDARD.decode(data.text(key)).unwrap_or_default();
    if let Some(problem) = json_problem(&bytes) {
        report.invalid(DATA.key(key), REDACTED, &problem);
    }
}

/// What Go says about a text that is not a JSON object, for the usual mistakes.
fn json_problem(bytes: &[u8]) -> Option<String> {
    let error = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(_) | Value::Null) => return None,
        Ok(other) => {
            let kind = match other {
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Bool(_) => "bool",
                _ => "number",
            };
            return Some(format!(
                "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            ));
        }
        Err(error) => error,
    };
    Some(super::fields::syntax_error(&error, bytes))
}

fn check_update(new: &Value, old: &Value, report: &mut Report) {
    report.immutable(Path::root("type"), &new["type"], &old["type"]);
    frozen(new, old, &["data"], report);
    check(new, report);
}

#[cfg(test)]
mod tests {
    use super::STRATEGY;
    use serde_json::{Value, json};

    fn told(causes: &[crate::failure::Cause]) -> Vec<String> {
        causes.iter().map(ToString::to_string).collect()
    }

    fn secret(kind: &str, data: Value) -> Value {
        json!({"metadata": {"name": "a", "namespace": "b", "resourceVersion": "1"}, "type": kind, "data": data})
    }

    #[test]
    fn text_is_stored_as_data_and_wins_over_it() {
        let mut object = json!({"data": {"a": "MQ==", "b": "Mg=="}, "stringData": {"b": "3"}});
        STRATEGY.default(&mut object);
        assert_eq!(object, json!({"data": {"a": "MQ==", "b": "Mw=="}, "type": "Opaque"}));
    }

    #[test]
    fn each_type_has_its_keys() {
        let check = |kind, data| told(&STRATEGY.validate(&secret(kind, data), true));
        let none = json!({});
        assert_eq!(
            check("kubernetes.io/tls", none.clone()),
            ["data[tls.crt]: Required value", "data[tls.key]: Required value"]
        );
        assert_eq!(check("kubernetes.io/ssh-auth", none.clone()), ["data[ssh-privatekey]: Required value"]);
        assert_eq!(check("kubernetes.io/basic-auth", none.clone()).len(), 2);
        assert_eq!(check("kubernetes.io/basic-auth", json!({"username": ""})), [""; 0]);
        assert_eq!(
            check("kubernetes.io/dockerconfigjson", none.clone()),
            ["data[.dockerconfigjson]: Required value"]
        );
        assert_eq!(check("mine", none), [""; 0]);
        assert_eq!(
            check("kubernetes.io/dockerconfigjson", json!({".dockerconfigjson": "eA=="})),
            [
                "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for \
              beginning of value"
            ]
        );
    }

    #[test]
    fn the_type_does_not_change() {
        let (old, new) = (secret("a", json!({})), secret("b", json!({})));
        assert_eq!(
            told(&STRATEGY.validate_update(&new, &old)),
            ["type: Invalid value: \"b\": field is immutable"]
        );
        let mut new = secret("", json!({}));
        STRATEGY.prepare_update(&mut new, &old);
        assert_eq!(new["type"], "a");
    }
}
