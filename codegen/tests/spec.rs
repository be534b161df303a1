//! The committed extracts as a whole: every name, every skip and every exception is needed and right.

use kubeset_codegen::fixups::FIXUPS;
use kubeset_codegen::model::{Model, Verb};
use kubeset_codegen::names::{SUBRESOURCES, is_exception, module};
use kubeset_codegen::openapi::Operation;
use kubeset_codegen::skipped::{Rule, SERVER, SKIPPED, SKIPPED_PARAMETERS};
use kubeset_codegen::{Version, generate, merged_model, openapi};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn documents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi");
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths: BTreeSet<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.iter().map(|path| fs::read_to_string(path).expect("the extract can be read")).collect()
}

fn model() -> Model {
    merged_model(documents().iter().map(String::as_str), FIXUPS).expect("the extracts are valid")
}

#[test]
fn rust_names_are_the_wire_names_but_for_the_exceptions() {
    let mut exceptions = 0;
    for (group, version, plural, resource) in model().resources() {
        let kind = &resource.object.name;
        if is_exception(kind) {
            exceptions += 1;
            continue;
        }
        assert_eq!(module(kind).replace('_', ""), plural, "{kind} of {group}/{version}");
    }
    assert!(exceptions > 0, "every exception has a use");
}

#[test]
fn every_version_is_read() {
    let versions: Vec<Version> = model().versions.into_iter().collect();
    assert_eq!(versions, [33, 34, 35, 36, 37].map(Version::new));
}

#[test]
fn the_extracts_hold_no_prose() {
    for text in documents() {
        for key in ["description", "summary", "title"] {
            assert!(!text.contains(&format!("\"{key}\":\"")), "{key}");
        }
    }
}

#[test]
fn every_skip_and_every_table_entry_is_needed() {
    let model = model();
    let documents: Vec<_> =
        documents().iter().map(|text| openapi::parse(text).expect("the extract can be read")).collect();
    let operations = || {
        documents
            .iter()
            .flat_map(|document| document.paths.values().flat_map(|operations| operations.values()))
    };
    for skip in SKIPPED {
        let used = match skip.rule {
            Rule::Action(action) => operations().any(|operation| operation.action.as_deref() == Some(action)),
            Rule::Subresource(name) => {
                model.skipped.keys().any(|call| call.path.ends_with(&format!("/{name}")))
            }
            _ => false,
        };
        assert!(used, "{skip:?} skips nothing");
    }
    for skipped in SKIPPED_PARAMETERS {
        let has = |operation: &Operation| {
            operation.parameters.iter().any(|parameter| parameter.name == skipped.name)
        };
        assert!(operations().any(has), "no operation has the parameter {}", skipped.name);
    }
    assert_eq!(model.server.len(), SERVER.len(), "every server call exists");
    let methods = model.resources().flat_map(|(_, _, _, resource)| {
        resource.methods.keys().chain(resource.in_namespace.keys()).cloned().collect::<Vec<_>>()
    });
    let used: BTreeSet<String> = methods.filter_map(|key| key.subresource).collect();
    assert_eq!(used, SUBRESOURCES.iter().map(|subresource| subresource.wire.to_owned()).collect());
}

#[test]
fn the_output_does_not_depend_on_the_order_of_the_documents() {
    let documents = documents();
    let forwards = generate(documents.iter().map(String::as_str), FIXUPS).expect("the extracts are valid");
    let backwards =
        generate(documents.iter().rev().map(String::as_str), FIXUPS).expect("the extracts are valid");
    assert!(forwards == backwards);
}

#[test]
fn generated_clients_only_delegate() {
    let generated = generate(documents().iter().map(String::as_str), FIXUPS).expect("the extracts are valid");
    for (name, text) in &generated.clientset {
        for forbidden in ["if ", "match ", "format!", ".await", "unwrap", "#[allow"] {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert_eq!(code.filter(|line| line.contains(forbidden)).count(), 0, "{name} has `{forbidden}`");
        }
    }
}

#[test]
fn every_list_but_that_of_component_statuses_can_be_watched() {
    let model = model();
    let unwatched: BTreeSet<&str> = model
        .resources()
        .filter(|(_, _, _, resource)| {
            let verbs = resource.methods.keys().map(|key| key.verb).collect::<BTreeSet<_>>();
            verbs.contains(&Verb::List) && !verbs.contains(&Verb::Watch)
        })
        .map(|(_, _, plural, _)| plural)
        .collect();
    assert_eq!(unwatched, BTreeSet::from(["componentstatuses"]));
}
