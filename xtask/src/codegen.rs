//! `cargo xtask codegen`: the committed extracts to the generated folders, written or compared.

use kubeset_codegen::fixups::FIXUPS;
use kubeset_codegen::{HEADER, generate, protobuf};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, io};

type Files = BTreeMap<String, String>;

/// What `cargo xtask import-protobuf` has written.
pub(crate) const FACTS: &str = "codegen/protobuf/messages.txt";

/// Regenerates what is stale; with `check`, only says whether anything is.
///
/// # Errors
///
/// If a document is refused, a file cannot be read or written, or `check` finds a difference.
pub(crate) fn run(check: bool) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let root = root();
    let documents = documents(&root.join("codegen/openapi"))?;
    let mut wanted = generate(documents.values().map(String::as_str), FIXUPS)?;
    let facts = text(&root.join(FACTS))?;
    let messages = protobuf::table(&facts, documents.values().map(String::as_str))?;
    // The test server reads it too, and a package cannot reach into another one.
    wanted.testserver.insert("messages.txt".to_owned(), messages.clone());
    let folders = [
        ("clientset/src/generated", wanted.clientset),
        ("protobuf/src/generated", Files::from([("messages.txt".to_owned(), messages)])),
        ("tests/generated", wanted.tests),
        ("testserver/src/generated", wanted.testserver),
    ];
    let mut stale = Vec::new();
    for (folder, wanted) in &folders {
        let present = read(&root.join(folder))?;
        let different = different(wanted, &present).into_iter();
        stale.extend(different.map(|name| (format!("{folder}/{name}"), wanted.get(name))));
    }
    let files: usize = folders.iter().map(|(_, wanted)| wanted.len()).sum();
    let lines: usize =
        folders.iter().flat_map(|(_, wanted)| wanted.values()).map(|text| text.lines().count()).sum();
    if check && !stale.is_empty() {
        let names: Vec<&str> = stale.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join("\n  ");
        return Err(format!(
            "generated files are stale: run `cargo xtask codegen` and commit the result\n  {names}"
        )
        .into());
    }
    for (name, text) in &stale {
        write(&root.join(name), *text)?;
    }
    let (documents, changed, time) = (documents.len(), stale.len(), start.elapsed());
    eprintln!(
        "codegen: {documents} documents, {files} files, {lines} lines, {changed} changed, in {time:.2?}"
    );
    Ok(())
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// The text of a file.
fn text(path: &Path) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// The committed extracts by file name.
fn documents(folder: &Path) -> Result<Files, Box<dyn Error>> {
    let mut documents = Files::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            documents.insert(path.display().to_string(), fs::read_to_string(&path)?);
        }
    }
    Ok(documents)
}

/// Names of files that are wanted and not there, there and not wanted, or not the same.
fn different<'a>(wanted: &'a Files, present: &'a Files) -> Vec<&'a String> {
    let missing = wanted.iter().filter(|(name, text)| present.get(*name) != Some(text));
    let unwanted = present.keys().filter(|name| !wanted.contains_key(*name));
    missing.map(|(name, _)| name).chain(unwanted).collect()
}

/// The generated files below a folder. Others are left alone.
fn read(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![(String::new(), folder.to_path_buf())];
    while let Some((prefix, folder)) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((format!("{name}/"), entry.path()));
                continue;
            }
            let text = fs::read_to_string(entry.path())?;
            let is_generated = |text: &str| text.starts_with(HEADER) || text.starts_with(protobuf::HEADER);
            if is_generated(&text) {
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

/// Writes a file, or deletes it and the folders that it leaves empty.
fn write(path: &Path, text: Option<&String>) -> io::Result<()> {
    if let Some(text) = text {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::write(path, text);
    }
    fs::remove_file(path)?;
    for folder in path.ancestors().skip(1).take(2) {
        // Fails as soon as a folder holds something else, and then there is nothing more to remove.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
