//! A kubeconfig file: read, checked, resolved and written anew.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kubeset_rest::fuzzing::kubeconfig(bytes));
