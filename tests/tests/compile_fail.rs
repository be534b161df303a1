//! What the API server would refuse for its shape does not compile.
//!
//! After a wanted change: `TRYBUILD=overwrite cargo test -p kubeset-tests --test compile_fail`, then review the
//! messages: they are what users see.

#[test]
fn calls_that_the_server_would_refuse_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
