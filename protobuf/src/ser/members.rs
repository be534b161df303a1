//! What lies in an object, a list or a map, one after the other.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct};

use super::Others;
use super::value::{Slot, Target, Value, mismatch};
use crate::message::{FieldForm, Kind, MessageForm};
use crate::wire::{Content, finish_message, put_field, start_message};
use crate::{Error, Message};

/// How deep messages lie inline in each other: a rule with operations within one with names.
const INLINE: usize = 4;

/// An object, a list or a map that is being written.
pub(super) struct Members<'a> {
    out: &'a mut Vec<u8>,
    form: Form,
    /// Where the messages begin that end with this value, and how many they are.
    opened: ([usize; 2], usize),
    /// The key whose value comes next.
    key: String,
}

enum Form {
    /// The fields of a message.
    Object(&'static Message, Others),
    /// The entries of a map.
    Entries(Slot),
    /// The items of a list.
    Items(Slot),
    /// Text in JSON, which ends with this sign.
    Json { end: u8, is_empty: bool },
}

impl<'a> Members<'a> {
    fn new(out: &'a mut Vec<u8>, form: Form) -> Self {
        Self { out, form, opened: ([0; 2], 0), key: String::new() }
    }

    pub(super) fn object(out: &'a mut Vec<u8>, message: &'static Message, others: Others) -> Self {
        Self::new(out, Form::Object(message, others))
    }

    pub(super) fn entries(out: &'a mut Vec<u8>, slot: Slot) -> Self {
        Self::new(out, Form::Entries(slot))
    }

    pub(super) fn items(out: &'a mut Vec<u8>, slot: Slot) -> Self {
        Self::new(out, Form::Items(Slot { form: FieldForm::Once, ..slot }))
    }

    pub(super) fn json(out: &'a mut Vec<u8>, begin: u8) -> Self {
        out.push(begin);
        let end = if begin == b'{' { b'}' } else { b']' };
        Self::new(out, Form::Json { end, is_empty: true })
    }

    /// The same within messages that begin at these places and end with it.
    pub(super) fn opened(mut self, starts: &[usize]) -> Self {
        for (place, start) in self.opened.0.iter_mut().zip(starts) {
            *place = *start;
        }
        self.opened.1 = starts.len();
        self
    }

    /// Writes a member of an object or an entry of a map.
    pub(super) fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        match &mut self.form {
            Form::Object(message, others) => {
                let mut inline = [0; INLINE];
                let Some((mut slot, name, depth)) = find(message, name, &mut inline, 0) else {
                    return if is_redundant(message, name, value) { Ok(()) } else { others.judge(name) };
                };
                // Of what kind the items of a list are, the list says.
                slot.others = if name == "items" { *others } else { Others::Refused };
                let before = self.out.len();
                let mut starts = [0; INLINE];
                for (start, number) in starts.iter_mut().zip(&inline[..depth]) {
                    *start = start_message(self.out, *number);
                }
                let begin = self.out.len();
                let value = value.serialize(Value { out: self.out, target: Target::Field(slot) });
                value.map_err(|error| error.within(name))?;
                if self.out.len() == begin {
                    self.out.truncate(before);
                    return Ok(());
                }
                starts[..depth].iter().rev().for_each(|start| finish_message(self.out, *start));
                Ok(())
            }
            Form::Entries(slot) => {
                let slot = Slot { number: 2, form: FieldForm::Once, ..*slot };
                let start = start_message(self.out, self.form.number());
                put_field(self.out, 1, Content::Bytes(name.as_bytes()));
                value.serialize(Value { out: self.out, target: Target::Field(slot) })?;
                finish_message(self.out, start);
                Ok(())
            }
            Form::Json { is_empty, .. } => {
                if !std::mem::take(is_empty) {
                    self.out.push(b',');
                }
                super::plain::Plain::Text(name).put_json(self.out)?;
                self.out.push(b':');
                value.serialize(Value { out: self.out, target: Target::Json })
            }
            Form::Items(_) => Err(mismatch("an object")),
        }
    }

    /// Writes an item of a list.
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        match &mut self.form {
            Form::Items(slot) => {
                let (begin, slot) = (self.out.len(), *slot);
                value.serialize(Value { out: self.out, target: Target::Field(slot) })?;
                if self.out.len() > begin {
                    return Ok(());
                }
                match slot.kind {
                    // JSON's `null` among other JSON is, as in Go, a message without content.
                    Kind::Message(index) if index.message().form() == MessageForm::Json => {
                        put_field(self.out, slot.number, Content::Bytes(&[]));
                        Ok(())
                    }
                    // An empty item would be lost.
                    _ => Err(mismatch("an empty item of a list")),
                }
            }
            Form::Json { is_empty, .. } => {
                if !std::mem::take(is_empty) {
                    self.out.push(b',');
                }
                value.serialize(Value { out: self.out, target: Target::Json })
            }
            Form::Object(..) | Form::Entries(_) => Err(mismatch("a list")),
        }
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        if let Form::Json { end, .. } = self.form {
            self.out.push(end);
        }
        let (starts, count) = self.opened;
        Self::close(self.out, &starts[..count]);
        Ok(())
    }
}

impl Form {
    fn number(&self) -> u32 {
        match self {
            Self::Entries(slot) | Self::Items(slot) => slot.number,
            Self::Object(..) | Self::Json { .. } => 0,
        }
    }
}

impl Others {
    /// What becomes of a member that the message does not have.
    fn judge(self, name: &str) -> Result<(), Error> {
        match (self, name) {
            (Self::PassedOver, _) | (Self::RefusedButTypeMeta, "apiVersion" | "kind") => Ok(()),
            _ => Err(Error::wire(format!("protobuf has no field {name:?} here"))),
        }
    }
}

/// Whether a member that the message does not have says what the message is, as objects within others do (the claims of
/// a StatefulSet).
fn is_redundant<T: Serialize + ?Sized>(message: &Message, name: &str, value: &T) -> bool {
    if !matches!(name, "apiVersion" | "kind") {
        return false;
    }
    let mut text = Vec::new();
    let written = value.serialize(Value { out: &mut text, target: Target::Text });
    let (Ok(()), Ok(text)) = (written, str::from_utf8(&text)) else { return false };
    let kind = message.name().rsplit('.').next().unwrap_or_default();
    match name {
        "kind" => text == kind,
        _ => Message::of_kind(text, kind).is_some_and(|known| known.name() == message.name()),
    }
}

/// The field with this name, in the message or in one that it holds inline; the numbers of these go to `inline`, and
/// how many they are is the last part of the answer.
fn find(
    message: &Message,
    name: &str,
    inline: &mut [u32; INLINE],
    depth: usize,
) -> Option<(Slot, &'static str, usize)> {
    let fields = message.fields();
    if let Some(field) = fields.iter().find(|field| field.form != FieldForm::Inline && field.name == name) {
        return Some((Slot::of(field), field.name, depth));
    }
    fields.iter().filter(|field| field.form == FieldForm::Inline).find_map(|field| {
        let Kind::Message(index) = field.kind else { return None };
        *inline.get_mut(depth)? = field.number;
        find(index.message(), name, inline, depth + 1)
    })
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let mut text = std::mem::take(&mut self.key).into_bytes();
        text.clear();
        key.serialize(Value { out: &mut text, target: Target::Text })?;
        self.key = String::from_utf8(text).map_err(|_| mismatch("a key that is not text"))?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        let outcome = self.member(&key, value);
        self.key = key;
        outcome
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

/// Writes each value as an item of a list.
macro_rules! items {
    ($($interface:ident::$method:ident;)*) => {
        $(impl $interface for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*
    };
}

items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn claims_of_a_stateful_set_may_say_what_they_are() {
        let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "v"}});
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"volumeClaimTemplates": [claim]},
        });
        let read: serde_json::Value = crate::from_slice(&crate::to_vec(&set).unwrap()).unwrap();
        assert_eq!(read["spec"]["volumeClaimTemplates"][0]["metadata"]["name"], "v");
        let other = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}});
        let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"volumeClaimTemplates": [other]}});
        assert!(crate::to_vec(&set).is_err());
    }

    #[test]
    fn quantities_may_be_numbers() {
        let limits = json!({"cpu": 1, "memory": 0.5, "storage": "1Gi"});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"overhead": limits}});
        let read: serde_json::Value = crate::from_slice(&crate::to_vec(&pod).unwrap()).unwrap();
        assert_eq!(read["spec"]["overhead"], json!({"cpu": "1", "memory": "0.5", "storage": "1Gi"}));
    }
}
