//! Coverage of the API by the clientset, from the committed extracts of all versions.

use kubeset_codegen::fixups::FIXUPS;
use kubeset_codegen::model::{Call, Key, Model, Verb};
use kubeset_codegen::openapi::{self, Document};
use kubeset_codegen::{Version, merged_model, names};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn extracts() -> Vec<String> {
    files(&root().join("codegen/openapi"), "json")
}

/// The texts of all files with an extension below a folder.
fn files(folder: &Path, extension: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            texts.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            texts.push(fs::read_to_string(path).expect("the file can be read"));
        }
    }
    texts
}

fn model() -> Model {
    merged_model(extracts().iter().map(String::as_str), FIXUPS).expect("the extracts are valid")
}

fn calls(document: &Document) -> BTreeSet<Call> {
    let operations = document.paths.iter();
    operations.flat_map(|(path, methods)| methods.keys().map(move |method| Call::new(method, path))).collect()
}

#[test]
fn every_operation_of_every_version_is_exposed_or_skipped_with_a_reason() {
    let model = model();
    let mut counts: BTreeMap<Version, (usize, usize, usize, usize)> = BTreeMap::new();
    for extract in extracts() {
        let document = openapi::parse(&extract).expect("the extract is valid");
        let version = document.version.expect("an extract names its version");
        let calls = calls(&document);
        let exposed = model.exposed(version);
        let skipped = model.skipped(version);
        assert!(skipped.values().all(|reason| !reason.is_empty()), "every skip has a reason");
        let twice: Vec<_> = exposed.iter().filter(|call| skipped.contains_key(**call)).collect();
        assert!(twice.is_empty(), "{version}: exposed and skipped: {twice:?}");
        let invented: Vec<_> =
            exposed.iter().chain(skipped.keys()).filter(|call| !calls.contains(**call)).collect();
        assert!(invented.is_empty(), "{version}: not in the document: {invented:?}");
        let missing =
            calls.iter().filter(|call| !exposed.contains(call) && !skipped.contains_key(call)).count();
        counts.insert(version, (calls.len(), exposed.len(), skipped.len(), missing));
    }
    println!("version  operations  exposed  skipped  unaccounted for");
    for (version, (all, exposed, skipped, missing)) in &counts {
        println!("{:>7}{all:>12}{exposed:>9}{skipped:>9}{missing:>17}", version.to_string());
    }
    assert_eq!(counts.keys().copied().collect::<BTreeSet<_>>(), model.versions);
    assert!(counts.values().all(|(.., missing)| *missing == 0));
}

#[test]
fn the_documentation_names_exactly_the_exposed_operations() {
    let mut named = BTreeSet::new();
    for folder in ["clientset/src/generated", "clientset/src/ext"] {
        for text in files(&root().join(folder), "rs") {
            named.extend(
                text.lines().filter(|line| line.trim_start().starts_with("///")).flat_map(named_calls),
            );
        }
    }
    let model = model();
    let newest = *model.versions.last().expect("there is a version");
    let newest: BTreeSet<Call> = model.exposed(newest).into_iter().cloned().collect();
    assert_eq!(newest.difference(&named).collect::<Vec<_>>(), Vec::<&Call>::new(), "not documented");
    // What only older versions have is in the same files, behind a gate.
    let exposed: BTreeSet<Call> =
        model.versions.iter().flat_map(|version| model.exposed(*version)).cloned().collect();
    assert_eq!(
        named.difference(&exposed).collect::<Vec<_>>(),
        Vec::<&Call>::new(),
        "documented and not offered"
    );
    assert_eq!(exposed, named);
}

#[test]
fn exactly_what_can_be_listed_and_watched_has_an_informer_in_some_version() {
    let model = model();
    let methods = |group_version: &str| -> BTreeSet<String> {
        let file = root().join(format!("clientset/src/generated/{group_version}/informers.rs"));
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("pub fn "));
        lines.filter_map(|line| Some(line.split_once("(&self)")?.0.to_owned())).collect()
    };
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (group, version, _, resource) in model.resources() {
        let folder = group.split('.').next().filter(|label| !label.is_empty()).unwrap_or("core");
        let methods = wanted.entry(format!("{folder}/{version}")).or_default();
        let has = |verb| resource.methods.contains_key(&Key { subresource: None, verb });
        if has(Verb::List) && has(Verb::Watch) {
            methods.insert(names::module(&resource.object.name));
        }
    }
    assert!(wanted["core/v1"].contains("pods") && wanted["authorization/v1"].is_empty());
    for (group_version, wanted) in &wanted {
        assert_eq!(methods(group_version), *wanted, "{group_version}");
    }
}

/// Calls in backticks, such as `GET /version/`.
fn named_calls(line: &str) -> Vec<Call> {
    let quoted = line.split('`').skip(1).step_by(2);
    let calls = quoted.filter_map(|text| text.split_once(' '));
    calls.filter(|(_, path)| path.starts_with('/')).map(|(method, path)| Call::new(method, path)).collect()
}

#[test]
fn calls_are_read_from_backticks() {
    let line = "/// Reads `one` of two: `GET /a/{b}`, `PUT /c/`.";
    assert_eq!(named_calls(line), [Call::new("GET", "/a/{b}"), Call::new("PUT", "/c/")]);
}
