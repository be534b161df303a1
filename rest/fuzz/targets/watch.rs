//! The body of a watch: lines, and the events in them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::watch(bytes));
