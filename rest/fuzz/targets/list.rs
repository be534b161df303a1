//! The body of a list, which is read in chunks, and in one piece by serde_json.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::list(bytes));
