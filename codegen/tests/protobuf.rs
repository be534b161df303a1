//! The committed facts about protobuf as a whole, with the committed extracts, and what they must not say.

use kubeset_codegen::protobuf::{Error, HEADER, table};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static FACTS: LazyLock<String> = LazyLock::new(|| read(&folder().join("protobuf/messages.txt")));
static DOCUMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let entries = fs::read_dir(folder().join("openapi")).expect("the folder can be read");
    let paths: BTreeSet<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.iter().map(|path| read(path)).collect()
});

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the input can be read")
}

fn table_of(facts: &str) -> Result<String, Error> {
    table(facts, DOCUMENTS.iter().map(String::as_str))
}

/// The messages, each with its fields by what stands for their names.
fn messages(table: &str) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            (name, words.map(|word| word.split_once('=').expect("a field has a number")).collect())
        })
        .collect()
}

/// The message of the error for facts in which a message has other lines.
fn refusal(message: &str, old: &str, new: &str) -> String {
    let start = format!("\n{message}\n");
    let (before, after) = FACTS.split_once(&start).expect("the message is there");
    let (first, rest) = after.split_once(old).expect("the line is there");
    assert!(!first.contains("\napi"), "the line is one of {message}");
    let error = table_of(&format!("{before}{start}{first}{new}{rest}")).expect_err("the facts are refused");
    error.to_string()
}

#[test]
fn every_kind_of_every_version_has_a_message() {
    let table = table_of(&FACTS).unwrap();
    let messages = messages(&table);
    let mut kinds = 0;
    for document in DOCUMENTS.iter() {
        let document: Value = serde_json::from_str(document).expect("the extract is JSON");
        for (name, definition) in document["definitions"].as_object().expect("an extract has definitions") {
            if definition["x-kubernetes-group-version-kind"].is_array() {
                kinds += 1;
                assert!(messages.contains_key(name.trim_start_matches("io.k8s.")), "{name}");
            }
        }
    }
    assert!(kinds > 900, "{kinds}");
}

#[test]
fn the_table_is_sorted_and_whole() {
    let table = table_of(&FACTS).unwrap();
    assert!(table.starts_with(HEADER));
    let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let names: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let known: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(known.len(), lines.len());
    for (line, message) in lines.iter().zip(&names) {
        let package = message.rsplit_once('.').map_or("", |(package, _)| package);
        for word in line.split(' ').skip(1) {
            let (_, field) = word.split_once('=').expect("a field has a number");
            let (number, kind) = field.split_once(':').expect("a field has a type");
            assert!(number.parse::<u32>().is_ok(), "{message}: {word}");
            let kind = kind.trim_start_matches("[]").trim_start_matches("{}").trim_end_matches('?');
            let full = if kind.starts_with('.') { format!("{package}{kind}") } else { kind.to_owned() };
            let is_scalar = ["string", "bytes", "int", "bool", "double"].contains(&kind);
            assert!(is_scalar || known.contains(full.as_str()), "{message}: {word}");
        }
    }
}

#[test]
fn a_zero_reads_as_unset_where_nobody_sees_it_in_json() {
    let table = table_of(&FACTS).unwrap();
    let messages = messages(&table);
    for (message, field, kind) in [
        // Texts, numbers and flags that JSON leaves out.
        ("api.core.v1.Container", "image", "2:string?"),
        ("api.apps.v1.DeploymentSpec", "minReadySeconds", "5:int?"),
        ("api.core.v1.Container", "stdin", "16:bool?"),
        ("api.core.v1.Secret", "type", "3:string?"),
        // The same as pointers, and those that JSON always has.
        ("api.apps.v1.DeploymentSpec", "replicas", "1:int"),
        ("api.core.v1.SecurityContext", "allowPrivilegeEscalation", "7:bool"),
        ("api.core.v1.Container", "name", "1:string"),
        ("api.apps.v1.DaemonSetStatus", "numberReady", "4:int"),
        // Times, with `omitzero` or `null`, also as pointers; structs are never empty for Go's JSON.
        ("apimachinery.pkg.apis.meta.v1.ObjectMeta", "creationTimestamp", "8:.Time?"),
        ("apimachinery.pkg.apis.meta.v1.ObjectMeta", "deletionTimestamp", "9:.Time?"),
        ("api.coordination.v1.LeaseSpec", "renewTime", "4:apimachinery.pkg.apis.meta.v1.MicroTime?"),
        ("api.core.v1.Pod", "status", "3:.PodStatus"),
        ("api.core.v1.ServicePort", "targetPort", "4:apimachinery.pkg.util.intstr.IntOrString"),
        // Lists and maps that are empty are not sent at all.
        ("api.core.v1.Container", "env", "7:[].EnvVar"),
        ("api.core.v1.Secret", "data", "2:{}bytes"),
    ] {
        assert_eq!(messages[message].get(field), Some(&kind), "{message}.{field}");
    }
}

#[test]
fn names_are_those_of_json() {
    let table = table_of(&FACTS).unwrap();
    let messages = messages(&table);
    let schema = "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    for (message, field, kind) in [
        ("api.core.v1.Volume", "+", "2:.VolumeSource"),
        ("api.core.v1.SecretKeySelector", "+", "1:.LocalObjectReference"),
        (schema, "$schema", "2:string?"),
        (schema, "x-kubernetes-int-or-string", "40:bool?"),
        // What JSON has in a way of its own has the names of protobuf.
        ("apimachinery.pkg.util.intstr.IntOrString", "strVal", "3:string"),
        ("apimachinery.pkg.apis.meta.v1.Time", "nanos", "2:int"),
        ("api.authentication.v1.ExtraValue", "items", "1:[]string"),
    ] {
        assert_eq!(messages[message].get(field), Some(&kind), "{message}.{field}");
    }
}

#[test]
fn numbers_without_a_sign_are_told_apart() {
    let facts = FACTS
        .replace("  replicas 1 int32 json=replicas pointer", "  replicas 1 uint32 json=replicas pointer");
    assert!(table_of(&facts).unwrap().contains("api.apps.v1.DeploymentSpec replicas=1:uint "));
}

#[test]
fn a_kind_without_a_message_is_refused() {
    let facts = FACTS.replace("\napi.core.v1.PodList\n", "\napi.core.v1.PodLost\n");
    let error = table_of(&facts).unwrap_err().to_string();
    assert_eq!(error, "api.core.v1.PodList is a kind and has no message: import those of its version");
}

#[test]
fn a_field_that_cannot_be_accounted_for_is_refused() {
    let name = "  name 1 string json=name\n";
    for (line, problem) in [
        ("  name 1 string", "has no name in JSON, and its message is not listed"),
        ("  name 1 float json=name", "is a `float`: neither a scalar that is known nor a message"),
        ("  name 1 .Name json=name", "is a `.Name`: neither a scalar that is known nor a message"),
        ("  name 1 string inline", "is inlined and not a message"),
        ("  name 2 string json=name", "has a number that another one has"),
    ] {
        let field = if line.contains(" 2 ") { "volumeSource" } else { "name" };
        let error = refusal("api.core.v1.Volume", name, &format!("{line}\n"));
        assert_eq!(error, format!("api.core.v1.Volume: the field `{field}` {problem}"));
    }
}

#[test]
fn a_property_of_one_side_alone_is_refused() {
    let name = "  name 1 string json=name\n";
    for (lines, property, problem) in [
        ("", "name", "is in OpenAPI alone"),
        ("  name 1 string json=title\n", "name", "is in OpenAPI alone"),
        ("  name 1 string json=name\n  new 9 bool json=new\n", "new", "is in Go alone"),
        ("  name 1 []string json=name\n", "name", "is a `[]string` in Go and a `string` in OpenAPI"),
    ] {
        let error = refusal("api.core.v1.Volume", name, lines);
        assert_eq!(error, format!("api.core.v1.Volume: the property `{property}` {problem}"));
    }
    let error = refusal("api.core.v1.Volume", name, "  name 1 string json=name\n  new 9 bool json=nfs\n");
    assert_eq!(error, "api.core.v1.VolumeSource: the field `nfs` has a name in JSON that another one has");
}

#[test]
fn a_row_of_a_list_without_a_use_is_refused() {
    let facts = FACTS.replace("\napi.core.v1.List\n", "\napi.core.v1.Lost\n");
    let error = table_of(&facts).unwrap_err().to_string();
    assert_eq!(
        error,
        "api.core.v1.List is listed (a list of objects of any kind), but there is no such message"
    );
    let line = "  name 1 string json=name\n";
    let error =
        refusal("api.core.v1.Pod", "  metadata", &format!("  list 9 .List json=list\n{line}  metadata"));
    assert_eq!(error, "api.core.v1.List is listed (a list of objects of any kind), but it is sent anyway");
}
