//! The verbs of the Kubernetes API: one builder each, generic over the kind.
//!
//! Required things are arguments of the method that makes the builder, options are its setters, and `.await`
//! sends. Each verb is written here once; generated clients only call [`Endpoint`](crate::Endpoint).

mod create;
mod delete;
mod delete_collection;
mod get;
mod list;
mod options;
mod pages;
mod patch;
mod watch;

pub use create::{Create, Replace};
pub use delete::{Delete, Deleted, PropagationPolicy};
pub use delete_collection::DeleteCollection;
pub use get::{Get, GetOptional};
pub use list::{List, StreamList};
pub use options::FieldValidation;
pub use pages::{Page, Pages};
pub use patch::{Apply, Patch};
pub use watch::Watch;

use std::future::Future;
use std::pin::Pin;

/// The future that a builder becomes on `.await`. Dropping it cancels the call.
pub type SendFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What every builder has in common: the request within it, query parameters and headers of the caller's,
/// and `.await`.
macro_rules! builder {
    ($name:ident<$kind:ident>: $($bound:path),+ => $output:ty, |$request:ident| $send:expr) => {
        impl<$kind> $name<$kind> {
            /// Adds a query parameter that has no setter of its own.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.query(name, value);
                self
            }

            /// How often the request may be repeated when the server asks for patience, or a connection breaks;
            /// 10 unless set.
            pub fn max_retries(mut self, retries: u32) -> Self {
                self.request = self.request.max_retries(retries);
                self
            }

            /// Sets a header, in place of one of the same name.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.header(name, value);
                self
            }
        }

        $crate::verbs::sendable!(
            [<$kind>] [<$kind: $($bound +)+ 'static>] $name<$kind> => $output, |$request| $send
        );
    };
}

/// What even a builder with options of its own kind has: the request within it, and `.await`.
macro_rules! sendable {
    ($name:ident => $output:ty, |$request:ident| $send:expr) => {
        $crate::verbs::sendable!([] [] $name => $output, |$request| $send);
    };
    ([$($generics:tt)*] [$($bounded:tt)*] $name:ty => $output:ty, |$request:ident| $send:expr) => {
        impl $($generics)* AsRef<$crate::Request> for $name {
            fn as_ref(&self) -> &$crate::Request {
                &self.request
            }
        }

        impl $($generics)* std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), " "))?;
                std::fmt::Debug::fmt(&self.request, formatter)
            }
        }

        impl $($bounded)* IntoFuture for $name {
            type Output = Result<$output, $crate::Error>;
            type IntoFuture = $crate::verbs::SendFuture<Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                let $request = self.request;
                Box::pin($send)
            }
        }
    };
}

pub(crate) use {builder, sendable};
