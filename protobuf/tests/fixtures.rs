//! Objects with every field set, as Kubernetes' own tests have them: each in JSON and in protobuf.
//!
//! They are found in the Go module `k8s.io/api`, in the folder that `KUBERNETES_API_TESTDATA` names. `cargo xtask fixtures`
//! runs this with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A kind in one version of Kubernetes.
struct Fixture {
    name: String,
    json: Value,
    protobuf: Vec<u8>,
}

fn fixtures() -> Vec<Fixture> {
    let folder = std::env::var_os("KUBERNETES_API_TESTDATA").expect("KUBERNETES_API_TESTDATA names a folder");
    let served = served();
    let mut found = Vec::new();
    for version in files(Path::new(&folder)).into_iter().filter(|path| path.is_dir()) {
        for path in files(&version).into_iter().filter(|path| is_protobuf(path)) {
            let json =
                fs::read_to_string(path.with_extension("json")).expect("there is JSON beside the protobuf");
            let name = path.strip_prefix(&folder).expect("it is in the folder").display().to_string();
            let json: Value = serde_json::from_str(&json).expect("the JSON is valid");
            if !served.contains(&kind_of(&json)) {
                continue;
            }
            found.push(Fixture { name, json, protobuf: fs::read(&path).expect("the file can be read") });
        }
    }
    assert!(found.len() > 500, "there are only {} fixtures", found.len());
    found
}

/// The `apiVersion` and `kind` of all that servers of any supported version send or take.
fn served() -> BTreeSet<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/openapi");
    let mut served = BTreeSet::new();
    for path in files(&folder) {
        let document = fs::read_to_string(path).expect("the extract can be read");
        let document: Value = serde_json::from_str(&document).expect("the extract is valid");
        let definitions = document["definitions"].as_object().expect("an extract has definitions");
        for definition in definitions.values() {
            for kind in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let text = |name: &str| kind[name].as_str().unwrap_or_default().to_owned();
                let (group, version, kind) = (text("group"), text("version"), text("kind"));
                let version = if group.is_empty() { version } else { format!("{group}/{version}") };
                served.insert((version, kind));
            }
        }
    }
    assert!(served.len() > 300, "only {} kinds are served", served.len());
    // A watch's events come without an envelope, and so do their fixtures.
    served.remove(&kind_of(&serde_json::json!({"apiVersion": "v1", "kind": "WatchEvent"})));
    served
}

fn kind_of(object: &Value) -> (String, String) {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    (text("apiVersion"), text("kind"))
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
    let problems: BTreeMap<&str, String> = fixtures
        .iter()
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
