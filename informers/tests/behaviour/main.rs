//! What informers do against an API server, faults included.

mod faults;
mod handlers;
mod lifecycle;
mod reading;
mod requests;
mod scene;
mod timing;
