//! Where etcd and kube-apiserver come from: a folder of the user's, else the cache, else a build with Go.

use crate::cargo::{program, succeed};
use crate::codegen::root;
use std::env;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::Instant;

/// The Go module that pins what is built.
const TOOLS: &str = "tests/tools";

const ETCD: Tool =
    Tool { name: "etcd", module: "go.etcd.io/etcd/server/v3", package: "go.etcd.io/etcd/server/v3" };

const APISERVER: Tool = Tool {
    name: "kube-apiserver",
    module: "k8s.io/kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
};

/// The programs, all of which exist.
#[derive(Debug)]
pub(super) struct Binaries {
    /// The path of etcd.
    pub(super) etcd: PathBuf,
    /// The path of kube-apiserver.
    pub(super) apiserver: PathBuf,
}

/// A Go program.
#[derive(Debug)]
struct Tool {
    name: &'static str,
    module: &'static str,
    package: &'static str,
}

/// Finds the programs, or builds them, which takes minutes.
///
/// # Errors
///
/// If `KUBEBUILDER_ASSETS` names a folder without them, or they cannot be built.
pub(super) fn find_or_build() -> Result<Binaries, Box<dyn Error>> {
    if let Some(folder) = env::var_os("KUBEBUILDER_ASSETS").filter(|folder| !folder.is_empty()) {
        return in_assets(Path::new(&folder));
    }
    let go_mod = root().join(TOOLS).join("go.mod");
    let go_mod =
        fs::read_to_string(&go_mod).map_err(|error| format!("cannot read {}: {error}", go_mod.display()))?;
    let kubernetes = version(&go_mod, APISERVER.module)?;
    let folder = cache()?.join(format!("kubeset/apiserver/{kubernetes}-{}", version(&go_mod, ETCD.module)?));
    fs::create_dir_all(&folder)?;
    Ok(Binaries {
        etcd: built(&ETCD, &folder, "-s -w")?,
        apiserver: built(&APISERVER, &folder, &stamps(kubernetes))?,
    })
}

fn in_assets(folder: &Path) -> Result<Binaries, Box<dyn Error>> {
    let found = |tool: &Tool| {
        let path = folder.join(tool.name);
        if path.is_file() {
            return Ok(path);
        }
        let folder = folder.display();
        Err(format!(
            "KUBEBUILDER_ASSETS names {folder}, where there is no {}: correct or unset it",
            tool.name
        ))
    };
    Ok(Binaries { etcd: found(&ETCD)?, apiserver: found(&APISERVER)? })
}

/// The version of a module in the text of a `go.mod`.
fn version<'a>(go_mod: &'a str, module: &str) -> Result<&'a str, String> {
    let words = go_mod.lines().map(|line| line.trim().trim_start_matches("require "));
    let mut versions =
        words.filter_map(|line| line.strip_prefix(module)?.strip_prefix(' ')?.split(' ').next());
    versions
        .find(|version| version.starts_with('v'))
        .ok_or_else(|| format!("{TOOLS}/go.mod does not pin {module}"))
}

/// The user's folder for what can be had again.
///
/// # Errors
///
/// If the environment does not say where it is.
pub(crate) fn cache() -> Result<PathBuf, Box<dyn Error>> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    cache.ok_or_else(|| "no place to keep programs: set HOME or XDG_CACHE_HOME".into())
}

/// Linker flags that leave out debug data and stamp the version, which Kubernetes' own build does too.
///
/// Without the stamp, `/version` and the features that depend on the version are wrong.
fn stamps(version: &str) -> String {
    let mut numbers = version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!(
        "-s -w -X {package}.gitVersion={version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    )
}

/// The program in the cache folder, built if it is not there.
fn built(tool: &Tool, folder: &Path, linker_flags: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join(tool.name);
    if path.is_file() {
        return Ok(path);
    }
    go_is_installed()?;
    let (name, start) = (tool.name, Instant::now());
    eprintln!("apiserver: builds {name} once, to be kept in {}; this takes minutes", folder.display());
    let unfinished = folder.join(format!("{name}.{}", process::id()));
    let mut build = program("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", linker_flags, "-o"]);
    build.arg(&unfinished).arg(tool.package).current_dir(root().join(TOOLS));
    build.env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOFLAGS");
    succeed(&mut build)?;
    fs::rename(&unfinished, &path)?;
    eprintln!("apiserver: built {name} in {:.0?}", start.elapsed());
    Ok(path)
}

fn go_is_installed() -> Result<(), String> {
    match Command::new("go").arg("version").stdout(Stdio::null()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => Err("`go` is not installed, and etcd and kube-apiserver \
             are not built yet: install Go (https://go.dev/doc/install), or set KUBEBUILDER_ASSETS to a folder that \
             holds both (https://book.kubebuilder.io/reference/envtest)"
            .to_owned()),
        Err(error) => Err(format!("`go version` cannot be run: {error}")),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_assets, stamps, version};
    use std::path::Path;

    #[test]
    fn versions_come_from_the_module_file() {
        let go_mod = "tool k8s.io/kubernetes/cmd/x\nrequire (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)\n\
                      require go.etcd.io/etcd/server/v3 v3.7.3\n";
        assert_eq!(version(go_mod, "k8s.io/kubernetes"), Ok("v1.37.2"));
        assert_eq!(version(go_mod, "go.etcd.io/etcd/server/v3"), Ok("v3.7.3"));
        assert_eq!(
            version(go_mod, "k8s.io/api"),
            Err("tests/tools/go.mod does not pin k8s.io/api".to_owned())
        );
    }

    #[test]
    fn the_version_is_stamped_in_three_parts() {
        let flags = stamps("v1.37.2");
        assert!(flags.contains("gitVersion=v1.37.2 "), "{flags}");
        assert!(flags.contains("gitMajor=1 ") && flags.ends_with("gitMinor=37"), "{flags}");
    }

    #[test]
    fn a_folder_without_the_programs_is_an_error_that_says_so() {
        let error = in_assets(Path::new("/nowhere")).unwrap_err().to_string();
        assert_eq!(error, "KUBEBUILDER_ASSETS names /nowhere, where there is no etcd: correct or unset it");
    }
}
