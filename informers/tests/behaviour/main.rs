//! What informers do against an API server, faults included.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod faults;
mod handlers;
mod lifecycle;
mod reading;
mod requests;
mod scene;
mod timing;
