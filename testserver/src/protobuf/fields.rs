//! The messages, by name: what their fields are called in JSON.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A message: its fields by number.
pub(super) type Message = HashMap<u32, Field>;

/// A field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// What JSON calls it; none for one whose fields are those of the message itself.
    pub(super) name: Option<&'static str>,
    pub(super) form: Form,
    pub(super) kind: Kind,
}

/// How often a field may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Once,
    List,
    /// With texts as keys.
    Map,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bytes,
    Number,
    Flag,
    Double,
    Message(MessageName),
}

/// The name of a message: its package and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MessageName {
    pub(super) package: &'static str,
    pub(super) name: &'static str,
}

/// All messages, by package and name.
static MESSAGES: LazyLock<HashMap<&str, HashMap<&str, Message>>> = LazyLock::new(|| {
    let mut packages = HashMap::<&str, HashMap<&str, Message>>::new();
    for line in include_str!("../generated/messages.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        if let Some((package, name)) = words.next().and_then(|name| name.rsplit_once('.')) {
            let fields = words.filter_map(|word| field(word, package));
            packages.entry(package).or_default().insert(name, fields.collect());
        }
    }
    packages
});

/// A message by its package and name, as OpenAPI documents have them, without `io.k8s.`.
pub(super) fn message_named(package: &str, name: &str) -> Option<&'static Message> {
    MESSAGES.get(package)?.get(name)
}

/// `name=number:type`, with or without a `?` at the end: zeros are as good as any value here.
fn field(word: &'static str, package: &'static str) -> Option<(u32, Field)> {
    let (name, rest) = word.split_once('=')?;
    let (number, kind) = rest.trim_end_matches('?').split_once(':')?;
    let (form, kind) = match (kind.strip_prefix("[]"), kind.strip_prefix("{}")) {
        (Some(kind), _) => (Form::List, kind),
        (_, Some(kind)) => (Form::Map, kind),
        _ => (Form::Once, kind),
    };
    let kind = match kind {
        "string" => Kind::Text,
        "bytes" => Kind::Bytes,
        "int" => Kind::Number,
        "bool" => Kind::Flag,
        "double" => Kind::Double,
        full => {
            let (before, name) = full.rsplit_once('.')?;
            Kind::Message(MessageName { package: if before.is_empty() { package } else { before }, name })
        }
    };
    Some((number.parse().ok()?, Field { name: Some(name).filter(|name| *name != "+"), form, kind }))
}

#[cfg(test)]
mod tests {
    use super::{Form, Kind, MESSAGES, message_named};

    /// What is not in the file because it is read in a way of its own.
    const SPECIAL: [&str; 6] = ["Quantity", "IntOrString", "RawExtension", "Time", "MicroTime", "Unknown"];

    #[test]
    fn every_message_that_a_field_holds_is_known() {
        let messages: Vec<_> = MESSAGES.values().flatten().collect();
        assert!(messages.len() > 800, "{}", messages.len());
        for (message, fields) in messages {
            for field in fields.values() {
                if let Kind::Message(kind) = field.kind {
                    let known =
                        message_named(kind.package, kind.name).is_some() || SPECIAL.contains(&kind.name);
                    assert!(known, "{message:?} has a {kind:?}");
                }
            }
        }
    }

    #[test]
    fn fields_have_the_names_of_json() {
        let volume = message_named("api.core.v1", "Volume").unwrap();
        assert_eq!((volume[&1].name, volume[&2].name), (Some("name"), None));
        let metadata = message_named("apimachinery.pkg.apis.meta.v1", "ObjectMeta").unwrap();
        assert_eq!((metadata[&11].name, metadata[&11].form), (Some("labels"), Form::Map));
        let definition =
            message_named("apiextensions-apiserver.pkg.apis.apiextensions.v1", "JSONSchemaProps").unwrap();
        assert_eq!(definition[&3].name, Some("$ref"));
    }
}
