//! The programs in `bench/`, built.

use super::cases::{Library, Runner};
use crate::cargo::{cargo, output, program, succeed};
use crate::codegen::root;
use serde_json::Value;
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

/// The workspace of the Rust programs, and the module of the Go ones.
pub(super) const WORKSPACE: &str = "bench/Cargo.toml";
pub(super) const GO_MODULE: &str = "bench/client-go";

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    go: PathBuf,
}

impl Programs {
    /// Builds all that is needed to measure.
    ///
    /// # Errors
    ///
    /// If a program cannot be built.
    pub(super) fn build() -> Result<Self, Box<dyn Error>> {
        // One after the other: built together, each would get the features that the others ask of what they share.
        for package in ["bench-seed", "bench-replay", "bench-kubeset", "bench-kube-rs"] {
            let build = [
                "build",
                "--quiet",
                "--locked",
                "--release",
                "--manifest-path",
                WORKSPACE,
                "--package",
                package,
            ];
            succeed(&mut cargo(build))?;
        }
        let folder = target_folder()?.join("release");
        let go = folder.join("bench-client-go");
        succeed(go_build(&[]).arg("-o").arg(&go).arg("."))?;
        Ok(Self { folder, go })
    }

    /// The program that fills the server.
    pub(super) fn seed(&self) -> PathBuf {
        self.folder.join("bench-seed")
    }

    /// The server that repeats recorded answers.
    pub(super) fn replay(&self) -> PathBuf {
        self.folder.join("bench-replay")
    }

    /// The program whose times count.
    pub(super) fn timed(&self, runner: &Runner) -> PathBuf {
        match runner.library {
            Library::Kubeset => self.folder.join("bench-kubeset"),
            Library::KubeRs => self.folder.join("bench-kube-rs"),
            Library::ClientGo => self.go.clone(),
        }
    }

    /// The program that counts allocations, if that is another one. Go always counts.
    pub(super) fn counted(&self, runner: &Runner) -> Option<PathBuf> {
        match runner.library {
            Library::Kubeset => Some(self.folder.join("bench-kubeset-counted")),
            Library::KubeRs => Some(self.folder.join("bench-kube-rs-counted")),
            Library::ClientGo => None,
        }
    }
}

/// `go build` in the module, to be told what.
pub(super) fn go_build(flags: &[&str]) -> std::process::Command {
    let mut build = program("go", ["build", "-trimpath", "-buildvcs=false"].iter().chain(flags).copied());
    build
        .current_dir(root().join(GO_MODULE))
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        .env_remove("GOFLAGS");
    build
}

/// Where cargo puts what it builds in the workspace of the programs.
///
/// # Errors
///
/// If cargo does not tell.
pub(super) fn target_folder() -> Result<PathBuf, Box<dyn Error>> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--manifest-path", WORKSPACE];
    let metadata: Value = serde_json::from_str(&output(&mut cargo(arguments))?)?;
    let folder = metadata["target_directory"].as_str().ok_or("`cargo metadata` names no target folder")?;
    Ok(OsString::from(folder).into())
}
