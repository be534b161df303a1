//! What informers do against an API server, faults included.

mod handlers;
mod reading;
mod scene;
