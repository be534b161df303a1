//! CBOR as API servers write it, for those that have it on: texts are byte strings, and bytes are tagged to be base64.
//!
//! What the wire is made of is minicbor's business; here is what Kubernetes makes of it.

mod events;
mod list;
mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::events::Items;
pub(crate) use self::list::{ListParts, decode_item};
use self::read::{Place, Value};
use crate::codec::{Codec, Keeps};

/// What a body begins with: a tag that says that this is CBOR.
pub(crate) const SELF_DESCRIBED: [u8; 3] = [0xd9, 0xd9, 0xf7];

/// CBOR, which some API servers speak about all kinds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cbor;

impl Codec for Cbor {
    const MEDIA_TYPE: &'static str = "application/cbor";

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        Ok(write::body(&value))
    }

    fn decode<T: DeserializeOwned>(body: &[u8], keeps: Keeps) -> Result<T, String> {
        decode(body, Place::Object, keeps)
    }
}

/// Reads one event of a watch, whose object is within it.
pub(crate) fn decode_event<T: DeserializeOwned>(event: &[u8], keeps: Keeps) -> Result<T, String> {
    decode(event, Place::Event, keeps)
}

fn decode<T: DeserializeOwned>(body: &[u8], place: Place, keeps: Keeps) -> Result<T, String> {
    let mut decoder = minicbor::Decoder::new(body);
    let value = T::deserialize(Value::new(&mut decoder, place, keeps)).map_err(|error| error.to_string())?;
    if decoder.position() == body.len() { Ok(value) } else { Err("bytes follow the end".to_owned()) }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use serde_json::{Value, json};

    use super::*;

    /// What a server sends: texts are byte strings, and bytes are tagged.
    fn served() -> Vec<u8> {
        let mut body = vec![0xd9, 0xd9, 0xf7];
        let mut encoder = minicbor::Encoder::new(&mut body);
        encoder.map(4).unwrap();
        encoder.bytes(b"kind").unwrap().bytes(b"ConfigMap").unwrap();
        encoder.bytes(b"apiVersion").unwrap().str("v1").unwrap();
        encoder.bytes(b"metadata").unwrap().map(2).unwrap();
        encoder.bytes(b"name").unwrap().bytes(b"a").unwrap();
        encoder.bytes(b"managedFields").unwrap().array(1).unwrap().map(1).unwrap();
        encoder.bytes(b"manager").unwrap().bytes(b"m").unwrap();
        encoder.bytes(b"binaryData").unwrap().map(1).unwrap().bytes(b"f").unwrap();
        encoder.tag(minicbor::data::Tag::new(22)).unwrap().bytes(&[0, 255]).unwrap();
        body
    }

    #[test]
    fn what_servers_send_is_read() {
        let map: ConfigMap = Cbor::decode(&served(), Keeps::Everything).unwrap();
        assert_eq!(map.metadata.name.as_deref(), Some("a"));
        assert_eq!(map.binary_data.unwrap()["f"].0, [0, 255]);
        assert!(map.metadata.managed_fields.is_some());
    }

    #[test]
    fn short_numbers_are_read() {
        let table = [
            (0x3c00_u16, 1.0),
            (0xc500, -5.0),
            (0x3555, 0.333_251_953_125),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_477_539_063e-8),
        ];
        for (bits, number) in table {
            let [high, low] = bits.to_be_bytes();
            assert_eq!(Cbor::decode::<f64>(&[0xf9, high, low], Keeps::Everything), Ok(number));
        }
        assert!(Cbor::decode::<f64>(&[0xf9, 0x3c], Keeps::Everything).is_err());
    }

    #[test]
    fn managed_fields_can_be_left_out() {
        let map: ConfigMap = Cbor::decode(&served(), Keeps::AllButManagedFields).unwrap();
        assert_eq!((map.metadata.name.as_deref(), map.metadata.managed_fields), (Some("a"), None));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"ä": ""}},
            "spec": {
                "containers": [{"name": "a", "ports": [{"containerPort": 80}], "env": []}],
                "hostNetwork": false, "priority": -7, "terminationGracePeriodSeconds": 0,
            },
            "status": {"startTime": "2026-01-01T00:00:00Z"},
        });
        let body = Cbor::encode(&value).unwrap();
        assert_eq!(Cbor::decode::<Value>(&body, Keeps::Everything).unwrap(), value);
        let pod: Pod = Cbor::decode(&body, Keeps::Everything).unwrap();
        assert_eq!(pod, serde_json::from_value::<Pod>(value).unwrap());
        for number in [json!(0.5), json!(1.0e300), json!(u64::MAX), json!(i64::MIN), json!(null)] {
            assert_eq!(
                Cbor::decode::<Value>(&Cbor::encode(&number).unwrap(), Keeps::Everything).unwrap(),
                number
            );
        }
    }

    #[test]
    fn broken_bytes_are_errors_that_do_not_quote_them() {
        let body = served();
        for end in 0..body.len() {
            assert!(Cbor::decode::<ConfigMap>(&body[..end], Keeps::Everything).is_err(), "cut at {end}");
        }
        let deep = [vec![0x81; 10_000], vec![0]].concat();
        assert!(Cbor::decode::<Value>(&deep, Keeps::Everything).is_err());
        let endless = [0x9f, 0x00, 0xff];
        assert!(Cbor::decode::<Value>(&endless, Keeps::Everything).is_err());
        let many = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert!(Cbor::decode::<Vec<String>>(&many, Keeps::Everything).is_err());
        let error = Cbor::decode::<i32>(&Cbor::encode("hunter2").unwrap(), Keeps::Everything).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
