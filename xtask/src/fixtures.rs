//! `cargo xtask fixtures` and `cargo xtask kinds`: protobuf against what Kubernetes' own tests have of it, and the types of
//! the older versions.

use crate::Outcome;
use crate::cargo::{cargo, go_modules, output, succeed};
use crate::codegen::root;
use crate::test::OLDER_VERSIONS;
use serde_json::Value;
use std::error::Error;
use std::path::PathBuf;

/// What the tests read.
const FOLDER: &str = "KUBERNETES_API_TESTDATA";

/// Reads and writes the fixtures, without types and with those of the newest version.
///
/// # Errors
///
/// If Go has no such module, or a test fails.
pub(crate) fn run() -> Outcome {
    let folder = folder()?;
    for (package, test, filter) in
        [("kubeset-protobuf", "fixtures", ""), ("kubeset-wire-tests", "kinds", "fixtures::")]
    {
        let arguments = ["test", "--package", package, "--test", test, "--", "--ignored", filter];
        succeed(cargo(arguments).env(FOLDER, &folder))?;
    }
    Ok(())
}

/// Runs every kind of each older version through protobuf, and its fixtures.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn kinds() -> Outcome {
    let folder = folder()?;
    for version in OLDER_VERSIONS {
        let test =
            ["test", "--package", "kubeset-wire-tests", "--no-default-features", "--features", version];
        succeed(cargo(test.into_iter().chain(["--", "--include-ignored"])).env(FOLDER, &folder))?;
    }
    Ok(())
}

/// The fixtures of the module that the end-to-end tests' API server is built from.
fn folder() -> Result<PathBuf, Box<dyn Error>> {
    let mut download = go_modules(&root().join("tests/tools"), ["mod", "download", "-json", "k8s.io/api"]);
    let answer: Value = serde_json::from_str(&output(&mut download)?)?;
    let module = answer["Dir"].as_str().ok_or_else(|| format!("Go names no folder of {answer}"))?;
    Ok(PathBuf::from(module).join("testdata"))
}
