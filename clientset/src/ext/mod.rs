//! What is written by hand beside the generated clients: shorter ways to say what they offer, and the
//! server's own paths, which belong to no resource.

mod pods;
mod server;
