//! The generator's output for tiny documents, one for each feature.

use kubeset_codegen::generate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Files = BTreeMap<String, String>;

/// After a wanted change: `BLESS=1 cargo test -p kubeset-codegen --test golden`, then review `git diff`.
fn check(case: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(case);
    let documents = read(&folder, "json");
    let generated = generate(documents.values().map(String::as_str), &[]).expect("the documents are valid");
    let mut got = Files::new();
    let parts = [
        ("clientset", generated.clientset),
        ("tests", generated.tests),
        ("testserver", generated.testserver),
    ];
    for (part, files) in parts {
        got.extend(files.into_iter().map(|(name, text)| (format!("{part}/{name}"), text)));
    }
    if env::var_os("BLESS").is_some() {
        bless(&folder, &got);
    }
    let want = read(&folder, "rs");
    assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>(), "{case}: other files");
    for (name, text) in &got {
        assert!(*text == want[name], "{case}/{name} changed: see the documentation of `check`");
    }
}

/// Files with an extension, by their path below the folder.
fn read(folder: &Path, extension: &str) -> Files {
    let mut files = Files::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.insert(name(folder, &path), fs::read_to_string(&path).expect("the file can be read"));
            }
        }
    }
    files
}

fn name(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).expect("the path is below the folder");
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn bless(folder: &Path, files: &Files) {
    for part in ["clientset", "tests", "testserver"].map(|part| folder.join(part)) {
        if part.exists() {
            fs::remove_dir_all(part).expect("the old output can be removed");
        }
    }
    for (name, text) in files {
        let path: PathBuf = folder.join(name);
        fs::create_dir_all(path.parent().expect("the path has a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
}

#[test]
fn a_namespaced_resource_has_a_client_for_each_scope() {
    check("namespaced");
}

#[test]
fn a_cluster_scoped_resource_has_one_client() {
    check("cluster_scoped");
}

#[test]
fn subresources_are_methods_of_their_resource() {
    check("subresource");
}

#[test]
fn a_resource_that_can_only_be_created_has_nothing_else() {
    check("no_list");
}

#[test]
fn a_list_without_its_deprecated_watch_path_has_no_watch() {
    check("no_watch");
}

#[test]
fn keywords_and_plural_kinds_make_valid_names() {
    check("odd_names");
}

#[test]
fn what_some_versions_lack_is_gated() {
    check("versions");
}

#[test]
fn what_can_be_listed_and_watched_has_an_informer() {
    check("informers");
}
