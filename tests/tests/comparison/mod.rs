//! What the suites that compare two API servers share: scripts in folders, and lists of accepted differences.

pub(crate) mod accepted;

use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// All scripts of a folder with the name of their file, in the order of the files.
pub(crate) fn scripts<T: DeserializeOwned>(folder: &Path) -> Vec<(String, T)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        if file == "accepted" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // Otherwise `y` is true.
        let options = serde_saphyr::options! { strict_booleans: true };
        let scripts = serde_saphyr::from_multiple_with_options(&text, options);
        let scripts: Vec<T> = scripts.map_err(|error| format!("{file}.yaml: {error}")).unwrap();
        all.extend(scripts.into_iter().map(|script| (file.clone(), script)));
    }
    all
}
