//! OpenAPI v2 and v3 documents of one server say the same.

use kubeset_codegen::extract::{extract, extract_all};
use kubeset_codegen::lower::lower;
use kubeset_codegen::model::Model;
use kubeset_codegen::openapi::{parse, parse_all};
use kubeset_codegen::{Version, generate};
use std::fs;
use std::path::Path;

const VERSION: Version = Version::new(33);

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(name);
    fs::read_to_string(path).expect("the document can be read")
}

fn v3() -> [String; 3] {
    ["version.json", "apis__apps.json", "apis__apps__v1.json"].map(|name| file(&format!("v3/{name}")))
}

fn model(document: &str) -> Model {
    lower(VERSION, &parse(document).expect("it is a document")).expect("nothing is unknown")
}

#[test]
fn both_formats_give_the_same_model() {
    let v3 = parse_all(v3().iter().map(String::as_str)).expect("they are documents");
    let v3 = lower(VERSION, &v3).expect("nothing is unknown");
    assert_eq!(model(&file("v2.json")), v3);
    assert!(v3.resources().next().is_some());
}

#[test]
fn an_extract_gives_the_same_model_as_its_source() {
    let v2 = extract(&file("v2.json"), VERSION).expect("nothing is unknown");
    assert_eq!(model(&v2), model(&file("v2.json")));
    let v3 = extract_all(v3().iter().map(String::as_str), VERSION).expect("nothing is unknown");
    assert_eq!(model(&v3), model(&v2));
}

#[test]
fn an_extract_of_an_extract_is_the_same_text() {
    let once = extract(&file("v2.json"), VERSION).expect("nothing is unknown");
    assert_eq!(extract(&once, VERSION).expect("nothing is unknown"), once);
}

#[test]
fn a_document_that_names_no_version_is_refused() {
    let document = file("v2.json").replace("v1.33", "unversioned");
    let error = generate([document.as_str()], &[]).expect_err("no version is named");
    assert!(error.to_string().contains("info.version"), "{error}");
}
