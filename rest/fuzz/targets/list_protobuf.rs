//! The body of a list in protobuf, which is read in chunks and in one piece.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::list_protobuf(bytes));
