//! `cargo xtask import-protobuf`: what OpenAPI documents do not tell of Kubernetes' protobuf, from its Go modules.
//!
//! `.proto` files have the numbers and types of fields; Go's types have their names in JSON, and what JSON leaves out. The
//! facts of all versions are one file: numbers are never used again, so that a newer version only lacks what it has removed.

mod go;
mod proto;

use crate::Outcome;
use crate::cargo::{go_modules, output};
use crate::codegen::{FACTS, root};
use go::{GoField, Types};
use kubeset_codegen::protobuf::{Fact, Facts};
use proto::ProtoField;
use serde_json::{Deserializer, Value};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The Go modules whose messages are sent.
const MODULES: [&str; 4] =
    ["k8s.io/api", "k8s.io/apimachinery", "k8s.io/apiextensions-apiserver", "k8s.io/kube-aggregator"];

/// Versions of these modules before the pinned one, one for each other extract, the newest first: for messages and fields
/// that were removed since.
const OLDER: [&str; 4] = ["v0.36.6", "v0.35.10", "v0.34.13", "v0.33.13"];

/// The folder of a group that only Kubernetes' own unit tests have.
const OF_TESTS: &str = "testapigroup";

/// Reads the modules of all versions and writes what they tell.
///
/// # Errors
///
/// If the modules cannot be had or read, or contradict each other.
pub(crate) fn run() -> Outcome {
    let mut facts = version(&pinned()?)?;
    for older in OLDER {
        facts.add_older(version(&downloaded(older)?)?).map_err(|error| format!("{older}: {error}"))?;
    }
    let text = facts.to_string();
    fs::create_dir_all(root().join(FACTS).with_file_name(""))?;
    fs::write(root().join(FACTS), &text)?;
    eprintln!("import-protobuf: {FACTS}, {} messages, {} bytes", facts.messages.len(), text.len());
    Ok(())
}

/// The folders of the modules that the end-to-end tests' API server is built from.
fn pinned() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut list = go_modules(&root().join("tests/tools"), ["list", "-m", "-f", "{{.Dir}}"]);
    Ok(output(list.args(MODULES))?.lines().map(PathBuf::from).collect())
}

/// The folders of the modules of another version, in Go's cache.
fn downloaded(version: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    // No module is around an empty folder, so that none says which versions may be had.
    let outside = tempfile::tempdir()?;
    let mut download = go_modules(outside.path(), ["mod", "download", "-json"]);
    let answers = output(download.args(MODULES.map(|module| format!("{module}@{version}"))))?;
    let folder = |answer: Result<Value, serde_json::Error>| {
        let answer = answer?;
        let folder = answer["Dir"].as_str().ok_or_else(|| format!("Go names no folder of {answer}"))?;
        Ok(PathBuf::from(folder))
    };
    Deserializer::from_str(&answers).into_iter().map(folder).collect()
}

/// What the modules of one version tell.
fn version(folders: &[PathBuf]) -> Result<Facts, Box<dyn Error>> {
    let mut facts = Facts::default();
    let mut renamed = BTreeMap::new();
    for folder in folders {
        for path in protos(folder)? {
            let place = |error: String| format!("{}: {error}", path.display());
            let messages = proto::messages(&fs::read_to_string(&path)?).map_err(place)?;
            let types = types(path.parent().unwrap_or(folder))?;
            for (name, fields) in messages {
                let own = name.rsplit_once('.').map_or(name.as_str(), |(_, own)| own);
                let fields = joined(fields, types.structs.get(own).map_or(&[], Vec::as_slice))
                    .map_err(|error| place(format!("{name}: {error}")))?;
                if let Some((path, other)) = types.renamed.get(own) {
                    renamed
                        .insert(name.clone(), format!("{}.{other}", proto::short(&path.replace('/', "."))));
                }
                if facts.messages.insert(name.clone(), fields).is_some() {
                    return Err(place(format!("{name} is there twice")).into());
                }
            }
        }
    }
    for (name, other) in renamed {
        let go = facts.messages.get(&other).cloned().unwrap_or_default();
        for fact in facts.messages.get_mut(&name).into_iter().flatten() {
            let found = go.iter().find(|other| other.number == fact.number && other.name == fact.name);
            let found =
                found.ok_or_else(|| format!("{name} is {other} in Go, which has no such `{}`", fact.name))?;
            *fact = Fact { form: fact.form, kind: fact.kind.clone(), ..found.clone() };
        }
    }
    Ok(facts)
}

/// The files of groups below a folder, in the order of their names.
fn protos(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with(OF_TESTS) {
            continue;
        }
        if path.is_dir() {
            files.extend(protos(&path)?);
        } else if path.file_name().is_some_and(|name| name == "generated.proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The types of a package.
fn types(folder: &Path) -> Result<Types, Box<dyn Error>> {
    let mut types = Types::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_source = name.ends_with(".go")
            && !name.ends_with("_test.go")
            && !name.starts_with("zz_generated")
            && name != "generated.pb.go";
        if is_source {
            let found = go::types(&fs::read_to_string(&path)?)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            types.structs.extend(found.structs);
            types.renamed.extend(found.renamed);
        }
    }
    Ok(types)
}

/// The two accounts of a message as one. A field that no Go type has is one that JSON has in a way of its own.
fn joined(fields: Vec<ProtoField>, go: &[GoField]) -> Result<Vec<Fact>, String> {
    let unknown = go.iter().find(|go| !fields.iter().any(|field| field.number == go.number));
    if let Some(go) = unknown {
        return Err(format!("Go has a field {}, number {}, and the message has not", go.name, go.number));
    }
    let fact = |field: ProtoField| {
        let go = go.iter().find(|go| go.number == field.number);
        if let Some(go) = go.filter(|go| go.name != field.name) {
            return Err(format!(
                "number {} is {} in Go and {} in the message",
                go.number, go.name, field.name
            ));
        }
        Ok(Fact {
            name: field.name,
            number: field.number,
            form: field.form,
            kind: field.kind,
            json: go.and_then(|go| go.json.clone()),
            is_inline: go.is_some_and(|go| go.is_inline),
            is_pointer: go.is_some_and(|go| go.is_pointer),
            omit_empty: go.is_some_and(|go| go.omit_empty),
            omit_zero: go.is_some_and(|go| go.omit_zero),
        })
    };
    fields.into_iter().map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::{OLDER, go, joined, proto};
    use crate::codegen::root;
    use kubeset_codegen::Version;
    use std::collections::BTreeSet;
    use std::fs;

    const PROTO: &str = "package k8s.io.api.core.v1;\n\
        message Volume {\n  optional string name = 1;\n  optional VolumeSource volumeSource = 2;\n}\n";

    fn volume(source: &str) -> Result<String, String> {
        let (_, fields) = proto::messages(PROTO).unwrap().pop_first().unwrap();
        let facts = joined(fields, &go::types(source).unwrap().structs["Volume"])?;
        Ok(facts.iter().map(|fact| format!("{fact}\n")).collect())
    }

    #[test]
    fn both_accounts_of_a_message_become_one() {
        let source = "type Volume struct {\n\tName string `json:\"name\" protobuf:\"bytes,1,opt,name=name\"`\n\
            \tVolumeSource `json:\",inline\" protobuf:\"bytes,2,opt,name=volumeSource\"`\n}\n";
        assert_eq!(volume(source).unwrap(), "name 1 string json=name\nvolumeSource 2 .VolumeSource inline\n");
    }

    #[test]
    fn the_modules_are_of_every_version_that_has_an_extract() {
        let entries = fs::read_dir(root().join("codegen/openapi")).unwrap();
        let mut extracts: BTreeSet<Version> = entries
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().parse().unwrap())
            .collect();
        let minor = |version: &str| version.replacen("v0.", "1.", 1).parse::<Version>().unwrap();
        let pinned = fs::read_to_string(root().join("tests/tools/go.mod")).unwrap();
        let (_, pinned) = pinned.split_once("k8s.io/api => k8s.io/api ").unwrap();
        assert_eq!(extracts.pop_last(), Some(minor(pinned.split_whitespace().next().unwrap())));
        assert_eq!(extracts, OLDER.map(minor).into());
    }

    #[test]
    fn accounts_that_contradict_each_other_are_refused() {
        let field = |number, name| {
            format!(
                "type Volume struct {{\n\tName string `protobuf:\"bytes,{number},opt,name={name}\"`\n}}\n"
            )
        };
        assert_eq!(
            volume(&field(1, "title")).unwrap_err(),
            "number 1 is title in Go and name in the message"
        );
        let error = volume(&field(3, "name")).unwrap_err();
        assert_eq!(error, "Go has a field name, number 3, and the message has not");
    }
}
