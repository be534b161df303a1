//! From the OpenAPI documents of Kubernetes API servers to the source of the kubeset clientset.
//!
//! Every stage is a pure function, and each knows only the one before it:
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`extract`] | a document as a server publishes it | the same document without prose, to be committed |
//! | [`openapi`] | a document, v2 or v3 | what both formats have in common |
//! | [`fixups`] | a document with known mistakes | a document without them |
//! | [`lower`] | the document of one Kubernetes version | a [`model::Model`], or an error that names the path |
//! | [`merge`] | the models of several versions | one model that knows what exists in which version |
//! | [`served`] | a document, again | the tables of what a test server serves |
//! | [`protobuf`] | facts of Kubernetes' Go modules, and documents | the table of protobuf messages |
//! | `emit` | a model | tokens; it cannot fail |
//! | `render` | tokens | the text of a file |
//!
//! [`generate`] runs them all but [`protobuf`], whose input is its own. Nothing here reads files, the clock, the
//! environment or the network: that is `xtask`'s part.

mod emit;
pub mod extract;
pub mod fixups;
mod generate;
pub mod lower;
pub mod merge;
pub mod model;
pub mod names;
pub mod nicknames;
pub mod openapi;
pub mod options;
pub mod protobuf;
mod render;
pub mod route;
pub mod served;
pub mod skipped;
mod version;

pub use generate::{Error, Files, Generated, generate, merged_model, model_of_v2, model_of_v3};
pub use render::HEADER;
pub use version::{InvalidVersion, Version, Versions};
