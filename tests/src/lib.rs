//! Tests that cross crates: see the files in `tests/`. `cargo xtask e2e` runs those that need an API server.
