//! JSON values in CBOR.

use minicbor::Encoder;
use serde_json::Value;

use super::SELF_DESCRIBED;

/// A body.
pub(super) fn body(value: &Value) -> Vec<u8> {
    let mut out = SELF_DESCRIBED.to_vec();
    // Writing to a vector cannot fail.
    let _ = write(&mut Encoder::new(&mut out), value);
    out
}

/// Texts are byte strings, as servers write them: they take them for bytes too, where those are wanted.
fn write(
    encoder: &mut Encoder<&mut Vec<u8>>,
    value: &Value,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    match value {
        Value::Null => encoder.null()?,
        Value::Bool(flag) => encoder.bool(*flag)?,
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => encoder.u64(number)?,
            (None, Some(number), _) => encoder.i64(number)?,
            (None, None, number) => encoder.f64(number.unwrap_or_default())?,
        },
        Value::String(text) => encoder.bytes(text.as_bytes())?,
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            return items.iter().try_for_each(|item| write(encoder, item));
        }
        Value::Object(members) => {
            encoder.map(members.len() as u64)?;
            return members.iter().try_for_each(|(name, value)| {
                encoder.bytes(name.as_bytes())?;
                write(encoder, value)
            });
        }
    };
    Ok(())
}
