//! What the smallest program that lists Pods costs to build with each library: time, crates, size.

use super::programs::{GO_MODULE, WORKSPACE, go_build, target_folder};
use crate::cargo::{cargo, output, succeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The name that filters match.
pub(super) const ID: &str = "build";

/// The programs: the library's name, and the package.
const PACKAGES: [(&str, &str); 2] = [("kubeset", "list-pods-kubeset"), ("kube-rs", "list-pods-kube-rs")];

/// What the program costs with one library.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Footprint {
    /// The library.
    pub(super) library: &'static str,
    /// A debug build with nothing built before, but all downloaded.
    pub(super) debug_build: Option<BuildTime>,
    /// How many crates are built, this program's own among them.
    pub(super) crates: Option<usize>,
    /// The size of the program, optimised and without symbols, in bytes.
    pub(super) size: u64,
}

/// How long a build took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BuildTime {
    /// By the clock, in seconds.
    pub(super) wall: f64,
    /// Of all processors, in seconds.
    pub(super) cpu: f64,
}

impl Footprint {
    /// The numbers, for programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "library": self.library,
            "debug_build_wall_seconds": self.debug_build.map(|time| time.wall),
            "debug_build_cpu_seconds": self.debug_build.map(|time| time.cpu),
            "crates": self.crates,
            "size_bytes": self.size,
        })
    }
}

/// Builds the programs.
///
/// # Errors
///
/// If one cannot be built.
pub(super) fn measure() -> Result<Vec<Footprint>, Box<dyn Error>> {
    succeed(&mut cargo(["fetch", "--quiet", "--locked", "--manifest-path", WORKSPACE]))?;
    let mut footprints = Vec::new();
    for (library, package) in PACKAGES {
        footprints.push(Footprint {
            library,
            debug_build: Some(debug_build(package)?),
            crates: Some(crates(package)?),
            size: stripped_size(package)?,
        });
    }
    footprints.push(Footprint { library: "client-go", debug_build: None, crates: None, size: go_size()? });
    Ok(footprints)
}

/// Builds a package in an empty folder.
fn debug_build(package: &str) -> Result<BuildTime, Box<dyn Error>> {
    let folder = TempDir::with_prefix("kubeset-bench-build-")?;
    let build =
        ["build", "--quiet", "--locked", "--offline", "--manifest-path", WORKSPACE, "--package", package];
    let (start, cpu) = (Instant::now(), children_time()?);
    succeed(cargo(build).env("CARGO_TARGET_DIR", folder.path()))?;
    let (wall, cpu) = (start.elapsed(), children_time()?.saturating_sub(cpu));
    Ok(BuildTime { wall: wall.as_secs_f64(), cpu: cpu.as_secs_f64() })
}

/// What all ended children of this process have used of the processors, and their children.
fn children_time() -> Result<Duration, Box<dyn Error>> {
    Ok(children_ticks(&fs::read_to_string("/proc/self/stat")?)
        .map(|ticks| Duration::from_millis(ticks * 10))
        .ok_or("/proc/self/stat does not tell the time of children")?)
}

/// The sum of `cutime` and `cstime` in the text of a `stat` file, in hundredths of a second.
fn children_ticks(stat: &str) -> Option<u64> {
    // The name of the program, which is in brackets, may hold anything.
    let mut columns = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    Some(columns.next()?.parse::<u64>().ok()? + columns.next()?.parse::<u64>().ok()?)
}

fn crates(package: &str) -> Result<usize, Box<dyn Error>> {
    let tree = ["tree", "--locked", "--manifest-path", WORKSPACE, "--package", package];
    let flat = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let crates = output(&mut cargo(tree.into_iter().chain(flat)))?;
    Ok(unique(&crates))
}

/// How many different crates are in what `cargo tree` prints.
fn unique(tree: &str) -> usize {
    let names = tree.lines().map(|line| line.trim_end_matches(" (*)").trim_end_matches(" (proc-macro)"));
    names.filter(|name| !name.is_empty()).collect::<BTreeSet<_>>().len()
}

fn stripped_size(package: &str) -> Result<u64, Box<dyn Error>> {
    let build = ["build", "--quiet", "--locked", "--manifest-path", WORKSPACE, "--package", package];
    succeed(&mut cargo(build.into_iter().chain(["--profile", "stripped"])))?;
    Ok(fs::metadata(target_folder()?.join("stripped").join(package))?.len())
}

fn go_size() -> Result<u64, Box<dyn Error>> {
    let folder = TempDir::with_prefix("kubeset-bench-build-")?;
    let program = folder.path().join("list-pods");
    succeed(go_build(&["-ldflags", "-s -w"]).arg("-o").arg(&program).arg("./list-pods"))
        .map_err(|error| format!("in {GO_MODULE}: {error}"))?;
    Ok(fs::metadata(program)?.len())
}

#[cfg(test)]
mod tests {
    use super::{children_ticks, unique};

    #[test]
    fn a_crate_that_is_needed_twice_counts_once() {
        assert_eq!(unique("a v1.0.0\nb v1.0.0 (proc-macro)\nb v1.0.0 (proc-macro) (*)\na v2.0.0\n\n"), 3);
    }

    #[test]
    fn the_time_of_children_comes_after_the_program_s_own() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 1 2 3 4 50 60 700 80 20 0 1 0 100 0";
        assert_eq!(children_ticks(stat), Some(780));
        assert_eq!(children_ticks("42 (a) S 1"), None);
    }
}
