//! A Kubernetes clientset for Rust: every call that an API server publishes, typed and checked when the
//! program is compiled.
//!
//! ```no_run
//! # #[cfg(feature = "latest")]
//! # async fn example() -> Result<(), kubeset::Error> {
//! use kubeset::{Clientset, api::core::v1::Pod};
//!
//! let clientset = Clientset::infer().await?; // kubeconfig, else in-cluster
//! let pods = clientset.core_v1().pods().namespace("prod");
//!
//! let web: Pod = pods.get("web-0").await?;
//! let page = pods.list().labels("app=web").limit(500).await?;
//! pods.delete("web-0").grace_period(std::time::Duration::ZERO).await?;
//! # drop((web, page));
//! # Ok(())
//! # }
//! ```
//!
//! # From a clientset to a call
//!
//! [`Clientset`] has a client for each group version (`core_v1()`, `apps_v1()`), which has one for each
//! resource (`pods()`), which offers the verbs that the server has for it, and no others: a namespaced
//! resource without a namespace can be listed and watched, and `.namespace(…)` gives the rest. Required things
//! are arguments, options are setters, and `.await` sends.
//!
//! # The Kubernetes version
//!
//! Exactly one feature says for which version of Kubernetes the types and calls are: `v1_33` … `v1_37`,
//! `earliest` or `latest`. A server of another version works too, as far as both know a call.
//!
//! # Informers
//!
//! With the feature `informers`, [`Clientset`] has `informers()`, which keeps objects in memory and up to date, resource by
//! resource: `clientset.informers().core_v1().pods()`.
//!
//! # Types
//!
//! The types are those of the `k8s-openapi` crate, which [`api`] and [`apimachinery`] re-export. A type of the
//! program's own (a custom resource, or a slimmer `Pod`) that implements its traits works like a built-in one,
//! through [`Clientset::endpoint`].

#[cfg(not(feature = "_versioned"))]
compile_error!(
    "kubeset: no Kubernetes version is picked. Write one feature in the Cargo.toml of your program, \
     such as kubeset = { version = \"0.1\", features = [\"latest\"] }. The choices are v1_33, v1_34, v1_35, \
     v1_36, v1_37, earliest and latest. A library leaves the choice to the program that uses it, and picks one \
     only among its dev-dependencies."
);

#[cfg(feature = "_versioned")]
#[rustfmt::skip]
#[path = "generated/mod.rs"]
pub mod clients;
#[cfg(feature = "_versioned")]
mod clientset;
#[cfg(feature = "_versioned")]
mod ext;
#[cfg(all(feature = "_versioned", feature = "informers"))]
pub mod informers;
#[cfg(feature = "_versioned")]
mod slim;

#[cfg(feature = "_versioned")]
pub use clientset::Clientset;
#[cfg(all(feature = "_versioned", feature = "informers"))]
pub use informers::Informers;
#[cfg(feature = "_versioned")]
pub use k8s_openapi::{self, api, apiextensions_apiserver, apimachinery, kube_aggregator};
#[cfg(feature = "_versioned")]
pub use kubeset_rest::{
    self as rest, Bookmark, Compression, Config, Deleted, Error, FieldValidation, JsonPatch, Kubeconfig,
    KubeconfigOverrides, ListStream, LogStream, MergePatch, PatchDocument, PropagationPolicy, RateLimit,
    StrategicMergePatch, WatchEvent, WatchStream,
};
