//! Kubernetes' protobuf as a serde format.
//!
//! API servers send and take built-in objects as protobuf, which is smaller than JSON and quicker to read. This crate reads
//! those bytes straight into any type that serde can read from the object's JSON, k8s-openapi's or the user's own partial
//! struct, and writes them from any such type. Nothing stands between: no tree of values, and no second set of types.
//!
//! What JSON calls a field, and what a zero means, is in tables that are made from Kubernetes' own sources
//! (`src/generated/messages.txt`). A line of it is read when its message is first used.
//!
//! ```
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
//!
//! let metadata = ObjectMeta { name: Some("settings".to_owned()), ..ObjectMeta::default() };
//! let map = ConfigMap { metadata, ..ConfigMap::default() };
//! let body = kubeset_protobuf::to_vec(&map)?;
//! assert_eq!(kubeset_protobuf::from_slice::<ConfigMap>(&body)?, map);
//! # Ok::<(), kubeset_protobuf::Error>(())
//! ```
//!
//! It does no I/O. Custom resources have no protobuf, and servers send them as JSON.

mod canonical;
mod de;
mod envelope;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod groups;
mod managed_fields;
mod message;
mod ser;
mod wire;

pub use de::Options;
pub use envelope::{Envelope, MAGIC};
pub use error::Error;
pub use groups::is_built_in;
pub use message::Message;
pub use ser::to_vec;

use serde::de::DeserializeOwned;

/// The media type of a body.
pub const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// Reads a body: an object, a list or a `Status`, in the envelope that says what it is.
///
/// # Errors
///
/// If the bytes are not such a body, the kind has no protobuf, or it is not a `T`.
pub fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    from_slice_with(body, Options::default())
}

/// Reads a body as [`from_slice`] does, with options.
///
/// # Errors
///
/// As for [`from_slice`].
pub fn from_slice_with<T: DeserializeOwned>(body: &[u8], options: Options) -> Result<T, Error> {
    Envelope::read(body)?.decode(options)
}
