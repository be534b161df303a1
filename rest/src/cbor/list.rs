//! A list, taken apart before its items are read.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use minicbor::Decoder;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;

use super::read::{Error, Place, Value, text};
use crate::codec::Keeps;

/// What a list says beside its items, and where these are.
#[derive(Debug, Default)]
pub(crate) struct ListParts {
    pub(crate) api_version: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) metadata: ListMeta,
    /// Where the first item begins, and how many there are.
    pub(crate) items: (usize, u64),
}

impl ListParts {
    /// Looks through the body of a list.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        Self::parts(body).map_err(|error| error.to_string())
    }

    fn parts(body: &[u8]) -> Result<Self, Error> {
        let (mut parts, mut decoder) = (Self::default(), Decoder::new(body));
        if decoder.datatype()? == minicbor::data::Type::Tag {
            decoder.tag()?;
        }
        for _ in 0..decoder.map()?.unwrap_or_default() {
            let key = text(&mut decoder)?;
            let begin = decoder.position();
            let next = Value::new(&mut decoder, Place::Within, Keeps::Everything);
            match key {
                "apiVersion" => parts.api_version = Some(String::deserialize(next)?),
                "kind" => parts.kind = Some(String::deserialize(next)?),
                "metadata" => parts.metadata = ListMeta::deserialize(next)?,
                "items" if decoder.datatype()? == minicbor::data::Type::Array => {
                    let count = decoder.array()?.unwrap_or_default();
                    parts.items = (decoder.position(), count);
                    decoder.set_position(begin);
                    decoder.skip()?;
                }
                _ => decoder.skip()?,
            }
        }
        Ok(parts)
    }
}

/// Reads the item that begins at this place of a list, and says where it ends.
pub(crate) fn decode_item<T: DeserializeOwned>(
    body: &[u8],
    begin: usize,
    keeps: Keeps,
) -> Result<(T, usize), String> {
    let mut decoder = Decoder::new(body);
    decoder.set_position(begin);
    let item = T::deserialize(Value::new(&mut decoder, Place::Object, keeps));
    let item = item.map_err(|error| error.to_string())?;
    Ok((item, decoder.position()))
}
