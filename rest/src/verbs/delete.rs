//! Deleting one object.

use std::marker::PhantomData;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, Preconditions, Status};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::builder;
use super::options::options;
use crate::error::Error;
use crate::request::Request;
use crate::response::{check, decode};
use crate::send;

/// Whether the objects that an object owns go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PropagationPolicy {
    /// They stay, without an owner.
    Orphan,
    /// They are deleted afterwards, by the garbage collector.
    Background,
    /// They are deleted first; until then the object stays, with a deletion timestamp.
    Foreground,
}

impl PropagationPolicy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Orphan => "Orphan",
            Self::Background => "Background",
            Self::Foreground => "Foreground",
        }
    }
}

/// What the server answers to a deletion.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the API has these two answers, and users match on them")]
pub enum Deleted<T> {
    /// The object, or the list of objects. If finalizers or a grace period hold it, it still exists.
    Object(T),
    /// Only that it was done.
    Status(Box<Status>),
}

impl<T> Deleted<T> {
    /// The object or list, if that is the answer.
    pub fn object(self) -> Option<T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Status(_) => None,
        }
    }
}

/// Gives a builder the setters of `DeleteOptions`, which go in the body.
macro_rules! delete_options {
    ($name:ident) => {
        impl<K> $name<K> {
            /// How long the object may take to end, in whole seconds, rounded up; zero ends it at once.
            ///
            /// By default the kind (for pods, the pod itself) says.
            pub fn grace_period(self, period: Duration) -> Self {
                let seconds = period.as_secs() + u64::from(period.subsec_nanos() > 0);
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                self.with_options(|options| options.grace_period_seconds = Some(seconds))
            }

            /// Whether what the object owns goes with it. By default the kind says; for most, in the background.
            pub fn propagation_policy(self, policy: $crate::PropagationPolicy) -> Self {
                self.with_options(|options| options.propagation_policy = Some(policy.as_str().to_owned()))
            }

            /// Goes through all checks and deletes nothing.
            pub fn dry_run(self) -> Self {
                self.with_options(|options| options.dry_run = Some(vec!["All".to_owned()]))
            }

            /// Deletes even what the server cannot read from its store, **without** finalizers and checks.
            ///
            /// This can break the cluster: it is for objects that are lost anyway (their encryption key is gone).
            /// Needs the server's feature `AllowUnsafeMalformedObjectDeletion` and a permission of its own.
            pub fn ignore_store_read_error_with_cluster_breaking_potential(self) -> Self {
                self.with_options(|options| {
                    options.ignore_store_read_error_with_cluster_breaking_potential = Some(true);
                })
            }

            fn with_options(mut self, change: impl FnOnce(&mut DeleteOptions)) -> Self {
                change(&mut self.options);
                self.request = self.request.object(&self.options);
                self
            }
        }
    };
}

pub(super) use delete_options;

/// Deletes one object. Made by the `delete` method of a typed client.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Delete<K> {
    request: Request,
    options: DeleteOptions,
    kind: PhantomData<fn() -> K>,
}

builder!(Delete<K>: DeserializeOwned => Deleted<K>, |request| send_deletion(request));
options!(Delete: timeout);
delete_options!(Delete);

impl<K> Delete<K> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, options: no_delete_options(), kind: PhantomData }.with_options(|_| {})
    }

    /// Only the object with this uid, not a later one of the same name: else a conflict.
    pub fn uid(self, uid: &str) -> Self {
        self.with_preconditions(|preconditions| preconditions.uid = Some(uid.to_owned()))
    }

    /// Only if the object is still at this version: else a conflict.
    pub fn resource_version(self, version: &str) -> Self {
        self.with_preconditions(|preconditions| preconditions.resource_version = Some(version.to_owned()))
    }

    fn with_preconditions(self, change: impl FnOnce(&mut Preconditions)) -> Self {
        self.with_options(|options| change(options.preconditions.get_or_insert_default()))
    }
}

/// `DeleteOptions` that say nothing but what they are.
pub(super) fn no_delete_options() -> DeleteOptions {
    DeleteOptions {
        api_version: Some("v1".to_owned()),
        kind: Some("DeleteOptions".to_owned()),
        ..DeleteOptions::default()
    }
}

/// Sends a deletion, whose answer is a `Status` or what was deleted.
pub(super) async fn send_deletion<T: DeserializeOwned>(request: Request) -> Result<Deleted<T>, Error> {
    #[derive(Deserialize)]
    struct Kind {
        kind: Option<String>,
    }
    let answer = send::exchange(&request).await?;
    check(&request, &answer)?;
    let kind = decode::<Kind>(&request, &answer).ok().and_then(|answer| answer.kind);
    if kind.as_deref() == Some("Status") {
        return decode(&request, &answer).map(|status| Deleted::Status(Box::new(status)));
    }
    decode(&request, &answer).map(Deleted::Object)
}
