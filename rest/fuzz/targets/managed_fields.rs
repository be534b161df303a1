//! An object, from which `metadata.managedFields` are left out.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::managed_fields(bytes));
