//! Steps of a path to a field: `.spec`, `[name="web"]`, `[="x"]`, `[3]`.

use super::value;
use crate::patch::go;
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) enum Element {
    /// A key of an object.
    Field(Box<str>),
    /// The item of a list that has these properties, sorted by name.
    Key(Box<[(Box<str>, Value)]>),
    /// The item of a set.
    Value(Value),
    /// The item of a list by its place.
    Index(i64),
}

impl Element {
    /// A key of an object.
    pub(super) fn field(name: &str) -> Self {
        Self::Field(name.into())
    }

    /// Reads what [`Element::to_key`] wrote. None for a kind of element that is not known.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        let Some((kind, content)) = text.split_at_checked(2).filter(|(kind, _)| kind.ends_with(':')) else {
            return Err(format!("missing colon: {text}"));
        };
        let read = |error: serde_json::Error| error.to_string();
        Ok(Some(match kind {
            "f:" => Self::field(content),
            "v:" => Self::Value(serde_json::from_str(content).map_err(read)?),
            "k:" => {
                let keys: Map<String, Value> = serde_json::from_str(content).map_err(read)?;
                Self::Key(keys.into_iter().map(|(name, value)| (name.into_boxed_str(), value)).collect())
            }
            "i:" => Self::Index(content.parse().map_err(|_| format!("not an index: {content}"))?),
            _ => return Ok(None),
        }))
    }

    /// As a key of FieldsV1.
    pub(super) fn to_key(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Value(value) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
            Self::Key(keys) => {
                let mut text = "k:{".to_owned();
                for (at, (name, value)) in keys.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    text.push_str(&format!("{comma}{}:{value}", Value::from(&**name)));
                }
                text.push('}');
                text
            }
        }
    }
}

impl Ord for Element {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(left), Self::Field(right)) => left.cmp(right),
            (Self::Key(left), Self::Key(right)) => {
                let pairs = left.iter().zip(right);
                let mut orders = pairs.map(|(left, right)| {
                    left.0.cmp(&right.0).then_with(|| value::compare(&left.1, &right.1))
                });
                let order = orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
                order.then(left.len().cmp(&right.len()))
            }
            (Self::Value(left), Self::Value(right)) => value::compare(left, right),
            (Self::Index(left), Self::Index(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Element {
    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

impl PartialOrd for Element {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Element {}

impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(formatter, ".{name}"),
            Self::Value(value) => write!(formatter, "[={}]", shown(value)),
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Key(keys) => {
                let keys: Vec<String> =
                    keys.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
                write!(formatter, "[{}]", keys.join(","))
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => go::quoted(text),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Element;
    use serde_json::json;

    fn port(number: u16) -> Element {
        Element::Key([("containerPort".into(), json!(number)), ("protocol".into(), json!("TCP"))].into())
    }

    #[test]
    fn an_element_is_written_as_it_is_read() {
        for text in
            ["f:spec", "f:a:b", r#"k:{"name":"web"}"#, r#"k:{"a":1,"b":true}"#, r#"v:"x""#, "v:3", "i:4"]
        {
            assert_eq!(Element::parse(text).unwrap().unwrap().to_key(), text);
        }
    }

    #[test]
    fn an_element_of_an_unknown_kind_is_none() {
        assert_eq!(Element::parse("x:1"), Ok(None));
        assert!(Element::parse("spec").is_err());
        assert!(Element::parse("v:{").is_err());
    }

    #[test]
    fn keys_are_ordered_by_their_values() {
        assert!(port(80) < port(443));
        assert!(Element::field("z") < port(80));
    }

    #[test]
    fn elements_are_shown_as_conflicts_show_them() {
        assert_eq!(port(80).to_string(), r#"[containerPort=80,protocol="TCP"]"#);
        assert_eq!(Element::Value(json!("a/b")).to_string(), r#"[="a/b"]"#);
        assert_eq!(Element::field("data").to_string(), ".data");
    }
}
