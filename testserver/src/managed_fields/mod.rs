//! Who owns which fields: a stand-in until the real one lands.

use crate::call::{Call, WriteOptions};
use crate::failure::Failure;
use serde_json::Value;

pub(crate) fn of_create(_call: &Call, _new: &mut Value, _options: &WriteOptions) -> Result<(), Failure> {
    Ok(())
}

pub(crate) fn of_update(
    _call: &Call,
    _old: &Value,
    _new: &mut Value,
    _options: &WriteOptions,
) -> Result<(), Failure> {
    Ok(())
}
