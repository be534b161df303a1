//! What the builders of `kubeset-rest` send and return, held against what a document says.

use super::Problem;
use crate::model::{Answer, Call, Verb};
use crate::openapi::{Operation, Shape};
use crate::skipped::ServerAnswer;
use std::collections::BTreeSet;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
/// What a patch can be. The builders offer all but CBOR, which has the meaning of the YAML one.
const PATCHES: [&str; 5] = [
    "application/apply-patch+cbor",
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
];

fn meta(name: &str) -> Shape {
    Shape::Definition(format!("{META}{name}"))
}

/// Holds an operation on objects of `definition` against the verb.
pub(super) fn check(verb: Verb, operation: &Operation, definition: &str) -> Result<Answer, Problem> {
    let object = Shape::Definition(definition.to_owned());
    let status = meta("Status");
    let (sent, codes, answers): (Option<Shape>, &[&str], Vec<Shape>) = match verb {
        Verb::List | Verb::Watch => (None, &["200"], vec![Shape::Definition(format!("{definition}List"))]),
        Verb::Create => (Some(object.clone()), &["200", "201", "202"], vec![object, status.clone()]),
        Verb::Replace => (Some(object.clone()), &["200", "201"], vec![object]),
        Verb::Patch | Verb::Apply => (Some(meta("Patch")), &["200", "201"], vec![object]),
        Verb::Delete => (Some(meta("DeleteOptions")), &["200", "202"], vec![object, status.clone()]),
        Verb::DeleteCollection => (Some(meta("DeleteOptions")), &["200"], vec![status.clone()]),
        Verb::Get | Verb::Logs | Verb::Proxy => (None, &["200"], vec![object]),
    };
    body(operation, sent)?;
    media_types(operation, if verb == Verb::Patch { &PATCHES } else { &[] })?;
    let answer = single_answer(operation, codes)?;
    if !answers.contains(answer) {
        return Err(unexpected(operation));
    }
    Ok(if verb == Verb::Create && *answer == status { Answer::Status } else { Answer::Usual })
}

/// Holds an operation that answers with text or bytes against that.
pub(super) fn text(operation: &Operation) -> Result<(), Problem> {
    body(operation, None)?;
    match single_answer(operation, &["200"])? {
        Shape::Plain(kind) if kind == "string" => Ok(()),
        _ => Err(unexpected(operation)),
    }
}

/// Holds the call that lists a group's versions, or a version's resources, against our readers.
pub(super) fn discovery(call: &Call, operation: &Operation, versioned: bool) -> Result<(), Problem> {
    if call.method != "GET" || operation.action.is_some() {
        return Err(Problem::Action(operation.action.clone().unwrap_or_default()));
    }
    body(operation, None)?;
    let expected = meta(if versioned { "APIResourceList" } else { "APIGroup" });
    if *single_answer(operation, &["200"])? == expected { Ok(()) } else { Err(unexpected(operation)) }
}

/// Holds a call outside of the API groups against the table.
pub(super) fn plain(operation: &Operation, expected: ServerAnswer) -> Result<(), Problem> {
    body(operation, None)?;
    let fits = match expected {
        ServerAnswer::Unknown => operation.answers.is_empty(),
        ServerAnswer::Text => *single_answer(operation, &["200"])? == Shape::Plain("string".to_owned()),
        ServerAnswer::Definition(name) => {
            *single_answer(operation, &["200"])? == Shape::Definition(name.to_owned())
        }
    };
    if fits { Ok(()) } else { Err(unexpected(operation)) }
}

fn body(operation: &Operation, expected: Option<Shape>) -> Result<(), Problem> {
    if operation.body == expected {
        Ok(())
    } else {
        Err(Problem::Body { found: operation.body.clone(), expected })
    }
}

fn media_types(operation: &Operation, expected: &[&str]) -> Result<(), Problem> {
    let found: BTreeSet<&str> = operation.media_types.iter().map(String::as_str).collect();
    if found == BTreeSet::from_iter(expected.iter().copied()) {
        return Ok(());
    }
    Err(Problem::MediaTypes { found: operation.media_types.iter().cloned().collect() })
}

/// The one type that comes back with each of the status codes.
fn single_answer<'a>(operation: &'a Operation, codes: &[&str]) -> Result<&'a Shape, Problem> {
    let found: Vec<&str> = operation.answers.keys().map(String::as_str).collect();
    let shapes: BTreeSet<&Shape> = operation.answers.values().collect();
    match (found == codes, shapes.into_iter().collect::<Vec<_>>().as_slice()) {
        (true, [one]) => Ok(one),
        _ => Err(unexpected(operation)),
    }
}

fn unexpected(operation: &Operation) -> Problem {
    let found = operation.answers.iter().map(|(code, shape)| (code.clone(), shape.clone()));
    Problem::Answers { found: found.collect() }
}
