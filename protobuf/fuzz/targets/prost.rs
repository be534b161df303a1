//! A byte that picks a message, and its bytes, which prost reads as we do.

#![no_main]

#[path = "../src/compare.rs"]
mod compare;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| compare::compare(bytes));
