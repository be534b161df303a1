//! Configurations to apply: YAML, and mostly JSON.

use super::go;
use crate::failure::Failure;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{DuplicateKeyPolicy, Error};
use std::collections::HashSet;
use std::fmt;

/// How deep YAML may be nested: its reader needs much stack for each level. JSON may be deeper.
const MAX_YAML_DEPTH: usize = 48;

/// Reads a configuration. Of keys that are there twice, the last counts.
///
/// # Errors
///
/// 400 if it is no object.
pub(crate) fn read(body: &[u8]) -> Result<Value, Failure> {
    let document = serde_json::from_slice(body).or_else(|_| {
        let text = str::from_utf8(body).map_err(|error| error.to_string())?;
        yaml(text).map_err(|error| error.to_string())
    });
    match document {
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        Ok(document @ Value::Object(_)) => Ok(document),
        Ok(other) => Err(Failure::bad_request(format!(
            "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value \
             of type map[string]interface {{}}",
            go::json_kind(&other)
        ))),
        Err(why) => Err(Failure::bad_request(format!("error encoding patch: yaml: {why}"))),
    }
}

/// Reads YAML, if it is not nested too deeply. Of keys that are there twice, the last counts.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn yaml(text: &str) -> Result<Value, Error> {
    read_yaml(text, DuplicateKeyPolicy::LastWins)
}

fn read_yaml<'a, T: Deserialize<'a>>(text: &'a str, duplicate_keys: DuplicateKeyPolicy) -> Result<T, Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_YAML_DEPTH },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 4096 },
        duplicate_keys: duplicate_keys,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// The first key that a configuration has twice, as strict validation tells it. Servers tell all.
pub(crate) fn duplicate(body: &[u8]) -> Option<String> {
    // It takes longer to read JSON as YAML, which is what servers do.
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    if matches!(Unique.deserialize(&mut deserializer), Ok(true)) {
        return None;
    }
    match read_yaml::<IgnoredAny>(str::from_utf8(body).ok()?, DuplicateKeyPolicy::Error) {
        Err(Error::DuplicateMappingKey { key, location }) => {
            let key = go::quoted(&key.unwrap_or_default());
            Some(format!("line {}: key {key} already set in map", location.line()))
        }
        _ => None,
    }
}

/// Whether no object in a value has a key twice.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let (mut seen, mut unique) = (HashSet::new(), true);
        while let Some(key) = map.next_key::<String>()? {
            unique &= seen.insert(key);
            unique &= map.next_value_seed(Self)?;
        }
        Ok(unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut unique = true;
        while let Some(inner) = items.next_element_seed(Self)? {
            unique &= inner;
        }
        Ok(unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{duplicate, read};
    use serde_json::json;

    #[test]
    fn a_configuration_is_json_or_yaml() {
        let expected = json!({"kind": "ConfigMap", "data": {"a": "1", "b": "x\n"}, "n": 3});
        assert_eq!(read(expected.to_string().as_bytes()), Ok(expected.clone()));
        let text = "kind: ConfigMap\ndata:\n  a: '1'\n  b: |\n    x\nn: 3\n";
        assert_eq!(read(text.as_bytes()), Ok(expected));
        assert_eq!(read(b""), Ok(json!({})));
    }

    #[test]
    fn what_is_no_object_is_a_bad_request() {
        let told = |text: &str| read(text.as_bytes()).unwrap_err().message;
        let head =
            "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        assert_eq!(told("[]"), format!("{head} array into Go value of type map[string]interface {{}}"));
        assert_eq!(told("x"), format!("{head} string into Go value of type map[string]interface {{}}"));
        assert!(told("a: [").starts_with("error encoding patch: yaml: "));
        assert!(read(b"\xff").is_err());
    }

    #[test]
    fn deep_and_repetitive_documents_are_refused() {
        assert!(read(format!("{}1", "a: {".repeat(3000)).as_bytes()).is_err());
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
        let bomb = "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, \
                    *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, *d, *d, *d, *d, *d]\n";
        assert!(read(bomb.as_bytes()).is_err());
    }

    #[test]
    fn of_keys_that_are_there_twice_the_last_counts_and_the_first_is_told() {
        let text = b"apiVersion: v1\nkind: A\ndata: {a: x}\ndata: {b: z}\n";
        assert_eq!(read(text), Ok(json!({"apiVersion": "v1", "kind": "A", "data": {"b": "z"}})));
        assert_eq!(duplicate(text).as_deref(), Some("line 4: key \"data\" already set in map"));
        let text = b"{\"a\": {\"b\": 1},\n\"c\": [{\"d\": 1, \"d\": 2}]}";
        assert_eq!(duplicate(text).as_deref(), Some("line 2: key \"d\" already set in map"));
        assert_eq!(duplicate(b"{\"a\": {\"b\": 1}, \"b\": {\"a\": null}}"), None);
    }
}
