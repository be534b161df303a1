//! What the fuzz targets in `fuzz/`, and tests of other packages, call of what is inside. Not for users.

use crate::de::DEPTH;
use crate::{Envelope, Error, canonical};

/// The object of a body, with the fields of its messages in the order of their numbers, as servers write them.
///
/// # Errors
///
/// If the body cannot be read.
pub fn ordered_object(body: &[u8]) -> Result<Vec<u8>, Error> {
    let envelope = Envelope::read(body)?;
    canonical::ordered(envelope.message()?, envelope.raw, DEPTH)
}
