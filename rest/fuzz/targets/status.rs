//! The body of an answer that tells of a failure.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::status(bytes));
