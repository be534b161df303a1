//! The messages: what JSON calls their fields, and what these hold.
//!
//! Messages are known by lines of text. A line is read when its message is first used, and kept.

use std::fmt;
use std::sync::{LazyLock, OnceLock};

use crate::groups::{META, package};
use crate::wire::Content;

/// A message of Kubernetes' protobuf: the form of one kind of object, or of a part of it.
pub struct Message {
    /// With its package, as OpenAPI documents have it, without `io.k8s.`
    name: &'static str,
    form: MessageForm,
    fields: Box<[Field]>,
    /// One more than the place of a field, by its number; 0 for none.
    by_number: Box<[u8]>,
}

/// What JSON has in place of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageForm {
    /// An object with its fields.
    Object,
    /// A point in time, with this many digits after the seconds.
    Time {
        digits: u8,
    },
    /// A time span as Go writes it.
    Duration,
    /// An amount, which is a text.
    Quantity,
    IntOrString,
    /// Any JSON, which the message holds as it is.
    Json,
    /// A list, which is the message's only field.
    List,
    /// One of several fields, without its name: an object, a list or a flag.
    Either,
}

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// What JSON calls it.
    pub(crate) name: &'static str,
    pub(crate) form: FieldForm,
    pub(crate) kind: Kind,
    /// Whether a zero means that the field is not set.
    pub(crate) zero_is_unset: bool,
}

/// How often a field may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldForm {
    Once,
    List,
    /// With texts as keys.
    Map,
    /// A message whose fields are, in JSON, those of the message that it is in.
    Inline,
}

/// What a field holds, or each item of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Bytes,
    Int,
    Uint,
    Flag,
    Double,
    Message(MessageIndex),
}

impl Kind {
    /// Whether a list of them can be sent as one field.
    pub(crate) fn can_be_packed(self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Flag | Self::Double)
    }

    /// What is there when nothing is sent.
    pub(crate) fn zero(self) -> Content<'static> {
        match self {
            Self::Text | Self::Bytes | Self::Message(_) => Content::Bytes(&[]),
            Self::Int | Self::Uint | Self::Flag => Content::Varint(0),
            Self::Double => Content::Fixed64(0),
        }
    }
}

/// The place of a message among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageIndex(u16);

impl MessageIndex {
    #[inline]
    pub(crate) fn message(self) -> &'static Message {
        let row = &MESSAGES[usize::from(self.0)];
        row.message.get_or_init(|| Message::parse(row))
    }
}

/// A line of the table.
struct Row {
    name: &'static str,
    fields: &'static str,
    message: OnceLock<Message>,
}

/// All messages, in the order of their names.
static MESSAGES: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let text: &'static str = include_str!("generated/messages.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut rows: Vec<Row> = lines
        .map(|line| {
            let (name, fields) = line.split_once(' ').unwrap_or((line, ""));
            Row { name, fields, message: OnceLock::new() }
        })
        .collect();
    rows.sort_unstable_by_key(|row| row.name);
    rows
});

/// The place of the message that has this name.
fn index(name: &str) -> Option<MessageIndex> {
    let place = MESSAGES.binary_search_by_key(&name, |row| row.name).ok()?;
    u16::try_from(place).ok().map(MessageIndex)
}

/// Whether any message is in this package.
pub(crate) fn has_package(package: &str) -> bool {
    let prefix = format!("{package}.");
    let place = MESSAGES.partition_point(|row| *row.name < *prefix);
    MESSAGES.get(place).is_some_and(|row| row.name.starts_with(&prefix))
}

impl Message {
    /// The message of a kind, such as `Pod` of `v1`; none if it has no protobuf form that this crate knows.
    ///
    /// Options, `Status` and the like are of every version.
    pub fn of_kind(api_version: &str, kind: &str) -> Option<&'static Self> {
        let package = package(api_version)?;
        Self::named(&format!("{package}.{kind}")).or_else(|| Self::named(&format!("{META}.{kind}")))
    }

    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        index(name).map(MessageIndex::message)
    }

    /// What OpenAPI documents call it, without `io.k8s.`, such as `api.core.v1.Pod`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn form(&self) -> MessageForm {
        self.form
    }

    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with this number.
    #[inline]
    pub(crate) fn field(&self, number: u32) -> Option<&Field> {
        let place = self.by_number.get(usize::try_from(number).ok()?)?;
        self.fields.get(usize::from(place.checked_sub(1)?))
    }

    /// The message that a field with this name holds, for each item if it is a list.
    pub fn message_of(&self, name: &str) -> Option<&'static Self> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        match field.kind {
            Kind::Message(index) => Some(index.message()),
            _ => None,
        }
    }

    fn parse(row: &Row) -> Self {
        let package = row.name.rsplit_once('.').map_or("", |(package, _)| package);
        let fields: Box<[Field]> =
            row.fields.split(' ').filter_map(|word| Field::parse(word, package)).collect();
        let highest = fields.iter().map(|field| field.number).max().unwrap_or_default();
        let mut by_number = vec![0; usize::try_from(highest).map_or(0, |highest| highest + 1)];
        for (place, field) in (1..).zip(&fields) {
            if let Some(entry) =
                usize::try_from(field.number).ok().and_then(|number| by_number.get_mut(number))
            {
                *entry = place;
            }
        }
        Self { name: row.name, form: form(row.name, &fields), fields, by_number: by_number.into() }
    }
}

/// What JSON has in place of the message with this name and these fields.
fn form(name: &str, fields: &[Field]) -> MessageForm {
    match name {
        // Go's lists of texts that have a name of their own.
        _ if matches!(fields, [Field { name: "items", form: FieldForm::List, kind: Kind::Text, .. }]) => {
            MessageForm::List
        }
        "apimachinery.pkg.apis.meta.v1.Time" => MessageForm::Time { digits: 0 },
        "apimachinery.pkg.apis.meta.v1.MicroTime" => MessageForm::Time { digits: 6 },
        "apimachinery.pkg.apis.meta.v1.Duration" => MessageForm::Duration,
        "apimachinery.pkg.api.resource.Quantity" => MessageForm::Quantity,
        "apimachinery.pkg.util.intstr.IntOrString" => MessageForm::IntOrString,
        "apimachinery.pkg.apis.meta.v1.FieldsV1" | "apimachinery.pkg.runtime.RawExtension" => {
            MessageForm::Json
        }
        _ => match name.rsplit('.').next() {
            Some("JSON") => MessageForm::Json,
            Some(last) if last.starts_with("JSONSchemaPropsOr") => MessageForm::Either,
            _ => MessageForm::Object,
        },
    }
}

impl Field {
    /// `name=number:type`.
    fn parse(word: &'static str, package: &str) -> Option<Self> {
        let (name, rest) = word.split_once('=')?;
        let (number, kind) = rest.split_once(':')?;
        let (kind, zero_is_unset) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
        let (form, kind) = match (kind.strip_prefix("[]"), kind.strip_prefix("{}")) {
            (Some(kind), _) => (FieldForm::List, kind),
            (_, Some(kind)) => (FieldForm::Map, kind),
            _ if name == "+" => (FieldForm::Inline, kind),
            _ => (FieldForm::Once, kind),
        };
        let kind = match kind {
            "string" => Kind::Text,
            "bytes" => Kind::Bytes,
            "int" => Kind::Int,
            "uint" => Kind::Uint,
            "bool" => Kind::Flag,
            "double" => Kind::Double,
            own if own.starts_with('.') => Kind::Message(index(&format!("{package}{own}"))?),
            full => Kind::Message(index(full)?),
        };
        Some(Self { number: number.parse().ok()?, name, form, kind, zero_is_unset })
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Message").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_a_field() {
        assert!(MESSAGES.len() > 900, "{}", MESSAGES.len());
        for row in MESSAGES.iter() {
            let message = Message::named(row.name).unwrap();
            let words = row.fields.split(' ').filter(|word| !word.is_empty()).count();
            assert_eq!(message.fields.len(), words, "{}: {}", row.name, row.fields);
            // The reader remembers what has come as the bits of a number.
            assert!(message.fields.iter().all(|field| field.number < 128), "{}", row.name);
            for field in &message.fields {
                assert_eq!(message.field(field.number), Some(field), "{}", row.name);
            }
        }
    }

    #[test]
    fn fields_have_the_names_of_json() {
        let volume =
            Message::of_kind("v1", "Pod").unwrap().message_of("spec").unwrap().message_of("volumes").unwrap();
        assert_eq!(volume.name(), "api.core.v1.Volume");
        assert_eq!(volume.field(1).map(|field| (field.name, field.form)), Some(("name", FieldForm::Once)));
        assert_eq!(volume.field(2).map(|field| field.form), Some(FieldForm::Inline));
        assert_eq!(volume.field(3), None);
        assert_eq!(volume.field(u32::MAX), None);
        let schema =
            Message::named("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps").unwrap();
        assert_eq!(schema.field(3).map(|field| field.name), Some("$ref"));
    }

    #[test]
    fn options_are_of_every_version() {
        let options = Message::of_kind("apps/v1", "DeleteOptions").unwrap();
        assert_eq!(options.name(), "apimachinery.pkg.apis.meta.v1.DeleteOptions");
        assert!(Message::of_kind("apps.example.com/v1", "DeleteOptions").is_none());
        assert!(Message::of_kind("v1", "Nothing").is_none());
    }
}
