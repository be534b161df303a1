//! Kubernetes' selectors: which objects a list, a watch or an object of a cluster is about.
//!
//! A [`LabelSelector`] is read from a text, built, or taken from an object, and asked about labels. It does what an API
//! server does, to the letter of its errors, so that a cache and the server select the same objects.
//!
//! ```
//! use kubeset_selectors::LabelSelector;
//! use std::collections::BTreeMap;
//!
//! let selector = LabelSelector::parse("app=web,tier in (a, b),!canary")?;
//! let labels = BTreeMap::from([("app".to_owned(), "web".to_owned()), ("tier".to_owned(), "b".to_owned())]);
//! assert!(selector.matches(&labels));
//! assert_eq!(selector.to_string(), "app=web,!canary,tier in (a,b)");
//!
//! let built = LabelSelector::equals("app", "web")?.and(LabelSelector::exists("tier")?);
//! assert!(built.matches(&labels));
//! # Ok::<(), kubeset_selectors::InvalidSelector>(())
//! ```
//!
//! A [`FieldSelector`] is the same for a few fields of an object, such as `spec.nodeName=node-1`.
//!
//! With the feature `k8s-openapi`, a `LabelSelector` of `apimachinery::pkg::apis::meta::v1` converts into ours, and an
//! `ObjectMeta` has labels.
//!
//! This crate does no I/O.

mod error;
mod field_selector;
pub mod format;
mod label_selector;
mod labels;
pub mod wording;

pub use error::InvalidSelector;
pub use field_selector::{FieldRequirement, FieldSelector};
pub use label_selector::LabelSelector;
pub use labels::Labels;
