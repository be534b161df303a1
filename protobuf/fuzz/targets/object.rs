//! A byte that picks a kind, and its message.

#![no_main]

#[path = "../src/object.rs"]
mod object;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| object::object(bytes));
