//! Facts about Kubernetes' protobuf to the table that a codec reads.
//!
//! OpenAPI documents tell neither numbers of fields nor which zeros JSON leaves out; Go's modules do. Their facts are an
//! input of their own, and the documents are what they are checked against.

mod compare;
mod definitions;
mod error;
mod facts;
mod listed;
mod table;

pub use error::Error;
pub use facts::{Fact, Facts, Form, InvalidFacts};
pub use listed::{ALSO, Listed, NULL_IN_JSON, OWN_JSON};
pub use table::{HEADER, table};
