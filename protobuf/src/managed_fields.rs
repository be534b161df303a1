//! Leaving `managedFields` out of the bytes of an object.

use crate::wire::{Content, Wire, finish_message, put_field, start_message};
use crate::{Error, Message};

impl Message {
    /// The bytes of an object without its `metadata.managedFields`, which are often half of it.
    ///
    /// # Errors
    ///
    /// If the bytes are not such a message.
    pub fn without_managed_fields(&'static self, object: &[u8]) -> Result<Vec<u8>, Error> {
        let metadata = self.fields().iter().find(|field| field.name == "metadata").map(|field| field.number);
        let entries = self.message_of("metadata").and_then(|metadata| {
            metadata.fields().iter().find(|field| field.name == "managedFields").map(|field| field.number)
        });
        let mut out = Vec::with_capacity(object.len());
        let mut wire = Wire::new(object);
        while let Some((number, content)) = wire.field()? {
            match content {
                Content::Bytes(bytes) if Some(number) == metadata => {
                    let start = start_message(&mut out, number);
                    copy_without(entries, bytes, &mut out)?;
                    finish_message(&mut out, start);
                }
                content => put_field(&mut out, number, content),
            }
        }
        Ok(out)
    }
}

/// Copies all fields but those with a number.
fn copy_without(left_out: Option<u32>, message: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    let mut wire = Wire::new(message);
    while let Some((number, content)) = wire.field()? {
        if Some(number) != left_out {
            put_field(out, number, content);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    use crate::{Envelope, Options, to_vec};

    #[test]
    fn the_bytes_without_them_are_those_of_an_object_that_never_had_them() {
        let object = |managed_fields: bool| {
            let mut object = json!({
                "metadata": {"name": "a", "namespace": "b", "labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "image": "x".repeat(300)}]},
                "status": {"phase": "Running"},
            });
            if managed_fields {
                let entry = json!({"manager": "m", "operation": "Update", "fieldsV1": {"f:spec": {}}});
                object["metadata"]["managedFields"] = json!([entry, entry]);
            }
            let pod: Pod = serde_json::from_value(object).unwrap();
            to_vec(&pod).unwrap()
        };
        let (with, without) = (object(true), object(false));
        let with = Envelope::read(&with).unwrap();
        let message = with.message().unwrap();
        let cut = message.without_managed_fields(with.raw).unwrap();
        assert_eq!(cut, Envelope::read(&without).unwrap().raw);
        assert!(cut.len() < with.raw.len());
        let pod: Pod = message.decode(&cut, Options::default()).unwrap();
        assert_eq!(pod.metadata.managed_fields, None);
    }

    #[test]
    fn broken_bytes_are_an_error() {
        let message = crate::Message::of_kind("v1", "Pod").unwrap();
        for bytes in [&b"\x0a\x05a"[..], b"\x0a\x01\x80", b"\xff"] {
            assert!(message.without_managed_fields(bytes).is_err());
        }
    }
}
