//! All stages in a row.

use crate::fixups::{self, FIXUPS, Fixup, Stale};
use crate::kinds::{self, Kinds};
use crate::model::Model;
use crate::openapi::{self, Document};
use crate::served::{self, Served};
use crate::version::Version;
use crate::{emit, lower, merge, render};
use std::collections::BTreeMap;

/// Files by their path below the folder they belong in.
pub type Files = BTreeMap<String, String>;

/// What the generator writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The typed clients, for the clientset.
    pub clientset: Files,
    /// Code that calls each of them, for the tests.
    pub tests: Files,
    /// The tables of the test server.
    pub testserver: Files,
}

/// A stage that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document cannot be read.
    #[error("cannot read the document")]
    Parse(#[from] openapi::Error),
    /// A document does not say which version it is for.
    #[error("the document does not name a version of Kubernetes in `info.version`")]
    Unversioned,
    /// A fixup has nothing to do.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// A document has something that the clientset does not know what to do with.
    #[error("the document of {version} is refused")]
    Lower {
        /// The version.
        version: Version,
        /// What it is.
        source: lower::Error,
    },
    /// The versions do not fit into one tree.
    #[error(transparent)]
    Merge(#[from] merge::Error),
    /// The tokens of a file are not Rust, which is a mistake in `emit`.
    #[error("the generated file {path} is not Rust")]
    Render {
        /// The file.
        path: String,
        /// Why.
        source: syn::Error,
    },
}

/// Makes the source of the clientset, and of the tests that call all of it, from extracts of several versions.
///
/// # Errors
///
/// If any stage refuses a document; the message names the path.
pub fn generate<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    fixups: &[Fixup],
) -> Result<Generated, Error> {
    let documents: Vec<&str> = documents.into_iter().collect();
    let model = merged_model(documents.iter().copied(), fixups)?;
    let mut kinds = Kinds::new();
    let served = documents
        .into_iter()
        .map(|text| served(text, fixups, &mut kinds))
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(Generated {
        clientset: files(emit::clientset(&model))?,
        tests: files(emit::tests(&model, &kinds))?,
        testserver: files(emit::served(&served::join(served)))?,
    })
}

/// Makes one model from extracts of several versions.
///
/// # Errors
///
/// As [`generate`].
pub fn merged_model<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    fixups: &[Fixup],
) -> Result<Model, Error> {
    let models = documents.into_iter().map(|text| model(openapi::parse(text)?, fixups));
    Ok(merge::merge(models.collect::<Result<Vec<_>, _>>()?)?)
}

/// Makes the model of one server from its OpenAPI v2 document.
///
/// # Errors
///
/// If any stage refuses the document, or it does not say which version it is for.
pub fn model_of_v2(document: &str) -> Result<Model, Error> {
    model(openapi::parse(document)?, FIXUPS)
}

/// Makes the model of one server from its OpenAPI v3 documents, by their paths below `/openapi/v3/`.
///
/// # Errors
///
/// As [`model_of_v2`].
pub fn model_of_v3(documents: &BTreeMap<String, String>) -> Result<Model, Error> {
    model(openapi::parse_all(documents.values().map(String::as_str))?, FIXUPS)
}

/// What a server of one version serves; its kinds are added to those of the others.
fn served(text: &str, fixups: &[Fixup], kinds: &mut Kinds) -> Result<(Version, Served), Error> {
    let mut document = openapi::parse(text)?;
    let version = document.version.ok_or(Error::Unversioned)?;
    fixups::apply(version, &mut document, fixups)?;
    kinds::add(kinds, version, &document);
    let served = served::served(version, &document, text).map_err(|error| Error::Parse(error.into()))?;
    Ok((version, served))
}

fn model(mut document: Document, fixups: &[Fixup]) -> Result<Model, Error> {
    let version = document.version.ok_or(Error::Unversioned)?;
    fixups::apply(version, &mut document, fixups)?;
    lower::lower(version, &document).map_err(|source| Error::Lower { version, source })
}

fn files(emitted: BTreeMap<String, proc_macro2::TokenStream>) -> Result<Files, Error> {
    let render = |(path, tokens)| match render::file(tokens) {
        Ok(text) => Ok((path, text)),
        Err(source) => Err(Error::Render { path, source }),
    };
    emitted.into_iter().map(render).collect()
}
