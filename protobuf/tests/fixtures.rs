//! Objects with every field set, as Kubernetes' own tests have them: each in JSON and in protobuf.
//!
//! They are found in the Go module `k8s.io/api`, in the folder that `KUBERNETES_API_TESTDATA` names. `cargo xtask fixtures`
//! runs this with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Fixtures that have no protobuf, or are not objects that servers send.
const WITHOUT_PROTOBUF: [&str; 0] = [];

/// A kind in one version of Kubernetes.
struct Fixture {
    name: String,
    json: Value,
    protobuf: Vec<u8>,
}

fn fixtures() -> Vec<Fixture> {
    let folder = std::env::var_os("KUBERNETES_API_TESTDATA").expect("KUBERNETES_API_TESTDATA names a folder");
    let mut found = Vec::new();
    for version in files(Path::new(&folder)).into_iter().filter(|path| path.is_dir()) {
        for path in files(&version).into_iter().filter(|path| is_protobuf(path)) {
            let json =
                fs::read_to_string(path.with_extension("json")).expect("there is JSON beside the protobuf");
            let name = path.strip_prefix(&folder).expect("it is in the folder").display().to_string();
            let json = serde_json::from_str(&json).expect("the JSON is valid");
            found.push(Fixture { name, json, protobuf: fs::read(&path).expect("the file can be read") });
        }
    }
    assert!(found.len() > 500, "there are only {} fixtures", found.len());
    found
}

/// What an older version's object becomes in a newer one stands beside it under a longer name.
fn is_protobuf(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".pb") && !name.contains(".after_roundtrip.")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    files.sort();
    files
}

/// Runs a check on all fixtures and tells all that fail.
fn check(check: impl Fn(&Fixture) -> Result<(), String>) {
    let fixtures = fixtures();
    let fixtures =
        fixtures.iter().filter(|fixture| !WITHOUT_PROTOBUF.iter().any(|name| fixture.name.contains(name)));
    let problems: BTreeMap<&str, String> = fixtures
        .filter_map(|fixture| check(fixture).err().map(|problem| (fixture.name.as_str(), problem)))
        .collect();
    let text: Vec<String> = problems.iter().map(|(name, problem)| format!("{name}: {problem}")).collect();
    assert!(problems.is_empty(), "{} fixtures fail:\n{}", problems.len(), text.join("\n"));
}

/// Where two values differ first.
fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let names = left.keys().chain(right.keys());
            names.into_iter().find_map(|name| {
                let (left, right) =
                    (left.get(name).unwrap_or(&Value::Null), right.get(name).unwrap_or(&Value::Null));
                difference(&format!("{path}.{name}"), left, right)
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(index, (left, right))| difference(&format!("{path}[{index}]"), left, right))
        }
        _ if left == right => None,
        _ => Some(format!("{path}: {left} and {right}")),
    }
}

#[test]
#[ignore = "needs the fixtures of the Go module k8s.io/api: cargo xtask fixtures"]
fn protobuf_is_read_as_its_json() {
    check(|fixture| {
        let read: Value =
            kubeset_protobuf::from_slice(&fixture.protobuf).map_err(|error| error.to_string())?;
        difference("", &read, &fixture.json).map_or(Ok(()), Err)
    });
}

#[test]
#[ignore = "needs the fixtures of the Go module k8s.io/api: cargo xtask fixtures"]
fn what_is_written_is_read_again() {
    check(|fixture| {
        let body = kubeset_protobuf::to_vec(&fixture.json).map_err(|error| error.to_string())?;
        let read: Value = kubeset_protobuf::from_slice(&body).map_err(|error| error.to_string())?;
        difference("", &read, &fixture.json).map_or(Ok(()), Err)
    });
}
