//! The `Warning` headers of an answer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::warning_headers(bytes));
