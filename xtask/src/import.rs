//! `cargo xtask import`: an OpenAPI document of a Kubernetes version to the extract that is committed.

use crate::codegen::root;
use kubeset_codegen::Version;
use kubeset_codegen::extract::{extract, extract_all};
use kubeset_rest::{Config, RestClient};
use std::error::Error;
use std::fs;
use std::path::Path;

/// Writes `codegen/openapi/v{version}.json` from `source`: a file with a v2 document, a folder of v3 documents, the
/// URL of a v2 document, or `cluster` for the inferred one.
///
/// # Errors
///
/// If the source cannot be read, or is not a document as Kubernetes publishes them.
pub(crate) fn run(version: &str, source: &str) -> Result<(), Box<dyn Error>> {
    let version: Version = version.parse()?;
    let path = Path::new(source);
    let extract = if path.is_dir() {
        let documents = folder(path)?;
        extract_all(documents.iter().map(String::as_str), version)?
    } else {
        extract(&text(source)?, version)?
    };
    let file = format!("codegen/openapi/v{version}.json");
    fs::write(root().join(&file), &extract)?;
    eprintln!("import: {file}, {} lines, {} bytes", extract.lines().count(), extract.len());
    Ok(())
}

fn text(source: &str) -> Result<String, Box<dyn Error>> {
    if source == "cluster" {
        return download(async || {
            Ok((RestClient::unversioned(&Config::infer().await?)?, "/openapi/v2".to_owned()))
        });
    }
    if let Some((host, path)) = split_url(source) {
        return download(async || Ok((RestClient::unversioned(&Config::new(host))?, path)));
    }
    fs::read_to_string(source).map_err(|error| format!("cannot read {source}: {error}").into())
}

/// The server and the path of a URL; none if the source is no URL.
fn split_url(source: &str) -> Option<(String, String)> {
    let (scheme, rest) = source.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    ["http", "https"].contains(&scheme).then(|| (format!("{scheme}://{host}"), format!("/{path}")))
}

/// Reads a path of a server with kubeset's own client.
fn download(
    target: impl AsyncFnOnce() -> Result<(RestClient, String), Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let (client, path) = target().await?;
        Ok::<_, Box<dyn Error>>(client.get().abs_path(&path).send_raw().await?)
    })?;
    Ok(String::from_utf8(answer.body.to_vec())?)
}

/// The documents in a folder, in the order of their names.
fn folder(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files.iter().map(fs::read_to_string).collect::<Result<_, _>>()?)
}
