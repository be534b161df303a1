//! Informers, listers and work queues: what Kubernetes controllers are made of.

mod factory;
mod key;
pub mod workqueue;

pub use factory::{InformerBuilder, InformerFactory};
pub use key::ObjectKey;
