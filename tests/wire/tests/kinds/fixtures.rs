//! Objects with every field set, as Kubernetes' own tests have them: what Go writes, our types read; and what our types
//! write is, in order, byte for byte what Go writes.
//!
//! They are found in the Go module `k8s.io/api`, in the folder that `KUBERNETES_API_TESTDATA` names. `cargo xtask fixtures`
//! and `cargo xtask kinds` run this with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use kubeset_protobuf::Envelope;
use kubeset_protobuf::fuzzing::ordered_object;
use serde_json::Value;

use crate::document::{Document, MINOR};
use crate::generated::KINDS;
use crate::{Typed, assert_none, difference};

/// What k8s-openapi's types cannot read: a map of times, where Go's JSON has a `null`.
const UNREADABLE: [&str; 1] = ["policy.v1.PodDisruptionBudget"];

/// What k8s-openapi's types write otherwise than Go: claims in a StatefulSet say what they are.
const CHANGED: [&str; 1] = ["apps.v1.StatefulSet"];

/// The fixtures of this version: those of older ones have its name.
fn folder() -> PathBuf {
    let folder = std::env::var_os("KUBERNETES_API_TESTDATA").expect("KUBERNETES_API_TESTDATA names a folder");
    let older = PathBuf::from(&folder).join(format!("v1.{MINOR}.0"));
    if older.is_dir() { older } else { PathBuf::from(folder).join("HEAD") }
}

/// The fixtures that have a type here: their names, and the paths of their files without what follows the last dot.
fn typed_fixtures() -> BTreeMap<String, (Typed, PathBuf)> {
    let (document, mut found) = (Document::read(), BTreeMap::new());
    for (definition, typed) in KINDS {
        for (version, kind) in document.type_meta(definition) {
            let (group, version) = version.split_once('/').unwrap_or(("core", &version));
            let name = format!("{group}.{version}.{kind}");
            let path = folder().join(format!("{name}.json"));
            if path.exists() {
                found.insert(name, (*typed, path));
            }
        }
    }
    found
}

/// Checks a fixture: its type, its JSON and its protobuf.
fn check(typed: Typed, path: &PathBuf) -> Result<(), String> {
    let json: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let protobuf = fs::read(path.with_extension("pb")).unwrap();
    let name = path.file_stem().unwrap().to_str().unwrap();
    let Ok(of_json) = typed.normalise(&json) else {
        let is_known = UNREADABLE.contains(&name) && typed.read(&protobuf).is_err();
        return if is_known { Ok(()) } else { Err("its JSON cannot be read".to_owned()) };
    };
    let same = |way: &str, one: &Value, other: &Value| {
        difference("", one, other).map_or(Ok(()), |difference| Err(format!("{way}: {difference}")))
    };
    if !CHANGED.contains(&name) {
        same("JSON", &of_json, &json)?;
    }
    same("read", &typed.read(&protobuf)?, &of_json)?;
    let go = Envelope::read(&protobuf).map_err(|error| error.to_string())?.raw;
    let untyped = kubeset_protobuf::to_vec(&json).map_err(|error| format!("untyped: {error}"))?;
    for (way, written) in [("typed", typed.write(&json)?), ("untyped", untyped)] {
        let ours = ordered_object(&written).map_err(|error| error.to_string())?;
        let same = ours.iter().zip(go).take_while(|(ours, go)| ours == go).count();
        if ours != go {
            let around = |bytes: &[u8]| {
                let around = bytes.get(same.saturating_sub(20)..(same + 20).min(bytes.len()));
                around.unwrap_or_default().escape_ascii().to_string()
            };
            return Err(format!("{way}: at {same}, ours is {} and Go's {}", around(&ours), around(go)));
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs the fixtures of the Go module k8s.io/api: cargo xtask fixtures"]
fn types_read_what_go_writes_and_write_the_same_bytes() {
    let fixtures = typed_fixtures();
    // So many kinds, and more, are in that module and sent or taken by servers.
    assert!(fixtures.len() > 70, "{:?}", fixtures.keys());
    let problems: Vec<String> = fixtures
        .iter()
        .filter_map(|(name, (typed, path))| {
            check(*typed, path).err().map(|problem| format!("{name}: {problem}"))
        })
        .collect();
    println!("{} fixtures", fixtures.len());
    assert_none(&problems, fixtures.len());
}
