//! `cargo xtask test`: everything that must hold before a commit, cheapest first.

use crate::apiserver::ApiServer;
use crate::cargo::{cargo, output, program, succeed};
use crate::{Outcome, codegen, differential, e2e, fixtures, kubectl, quickstart};
use serde_json::Value;
use std::error::Error;
use std::time::{Duration, Instant};

/// The features of `kubeset` that `latest`, which the rest of the workspace uses, does not cover.
pub(crate) const OLDER_VERSIONS: [&str; 4] = ["v1_33", "v1_34", "v1_35", "v1_36"];

/// What checks `deny.toml`, if it must be installed first.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

/// Runs every step, up to the first that fails.
///
/// # Errors
///
/// If a step fails; the message names it.
pub(crate) fn run() -> Outcome {
    let mut steps = Steps::default();
    steps.run("format", |_| {
        succeed(&mut cargo(["fmt", "--all", "--check"]))?;
        succeed(&mut cargo(["fmt", "--all", "--check", "--manifest-path", "bench/Cargo.toml"]))
    })?;
    steps.run("lints", |_| lints(&["--workspace", "--all-targets"]))?;
    // The newest version with informers is part of the workspace's lints.
    for version in OLDER_VERSIONS {
        let name = format!("lints of kubeset for Kubernetes {version}");
        steps.run(&name, |_| lints_of_kubeset(&format!("{version},ring,informers")))?;
    }
    for version in ["earliest", "latest"] {
        let name = format!("lints of kubeset without informers ({version})");
        steps.run(&name, |_| lints_of_kubeset(&format!("{version},ring")))?;
    }
    steps.run("lints of kubeset-rest with aws-lc-rs", |_| {
        let features = "aws-lc-rs,k8s-openapi/latest";
        lints(&["--package", "kubeset-rest", "--no-default-features", "--features", features])
    })?;
    steps.run("lints of the test server by itself", |_| {
        lints(&["--package", "kubeset-testserver", "--all-targets"])
    })?;
    steps.run("the choice of a Kubernetes version", |_| version_choice())?;
    steps.run("tests", |_| succeed(&mut cargo(["test", "--workspace"])))?;
    steps.run("examples without a cluster", |_| quickstart::run_without_cluster())?;
    steps.run("docs", |_| {
        succeed(cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-Dwarnings"))
    })?;
    steps.run("generated files", |_| codegen::run(true))?;
    steps.run("dependencies", dependencies)?;
    steps.run("oldest Rust", |_| oldest_rust())?;
    steps.run("fixtures of protobuf", |_| fixtures::run())?;
    steps.run("kinds of older versions in protobuf", |_| fixtures::kinds())?;
    let mut server = None;
    steps.run("API server", |_| {
        server = Some(ApiServer::start()?);
        Ok(())
    })?;
    let server = server.ok_or("the API server did not start")?;
    steps.run("end-to-end tests", |_| e2e::run_on(&server, None))?;
    steps.run("differential suite", |_| differential::run_on(&server, None))?;
    steps.run("kubectl", |_| kubectl::run_on(&server, None))?;
    steps.run("quickstart", |_| quickstart::run_on(&server))?;
    drop(server);
    steps.summary();
    Ok(())
}

/// What has been run so far.
#[derive(Debug, Default)]
struct Steps {
    times: Vec<(String, Duration)>,
    /// What could not be checked. Said again at the end, where it is seen.
    warnings: Vec<String>,
}

impl Steps {
    fn run(&mut self, name: &str, step: impl FnOnce(&mut Vec<String>) -> Outcome) -> Outcome {
        eprintln!("\n== {name}");
        let start = Instant::now();
        step(&mut self.warnings)
            .map_err(|error| format!("{name}: {}", crate::with_causes(error.as_ref())))?;
        let time = start.elapsed();
        eprintln!("== {name}: {time:.1?}");
        self.times.push((name.to_owned(), time));
        Ok(())
    }

    fn summary(&self) {
        eprintln!();
        for (name, time) in &self.times {
            eprintln!("{:>8.1} s  {name}", time.as_secs_f32());
        }
        let total: Duration = self.times.iter().map(|(_, time)| *time).sum();
        eprintln!("{:>8.1} s  in all", total.as_secs_f32());
        for warning in &self.warnings {
            eprintln!("WARNING: {warning}");
        }
    }
}

/// A program that picks no version, or two, must be told what to write.
fn version_choice() -> Outcome {
    let choices = [
        (&[][..], "kubeset: no Kubernetes version is picked"),
        (&["--features", "v1_33,v1_34"][..], "Both v1_33 and v1_34 features are enabled"),
    ];
    for (features, message) in choices {
        let check = ["check", "--package", "kubeset", "--no-default-features"].iter().chain(features);
        let outcome = cargo(check.copied()).output()?;
        let told = String::from_utf8_lossy(&outcome.stderr);
        if outcome.status.success() || !told.contains(message) {
            return Err(format!("with {features:?}, cargo should say {message:?}, but says: {told}").into());
        }
    }
    Ok(())
}

fn lints_of_kubeset(features: &str) -> Outcome {
    lints(&["--package", "kubeset", "--no-default-features", "--features", features])
}

fn lints(what: &[&str]) -> Outcome {
    let arguments = ["clippy"].iter().chain(what).chain(&["--", "-D", "warnings"]);
    succeed(&mut cargo(arguments.copied()))
}

/// `deny.toml`. The database of advisories is a git repository on the internet, which not every machine reaches.
fn dependencies(warnings: &mut Vec<String>) -> Outcome {
    if output(&mut cargo(["deny", "--version"])).is_err() {
        succeed(&mut cargo(["install", "--locked", CARGO_DENY]))?;
    }
    succeed(&mut cargo(["deny", "check", "bans", "licenses", "sources"]))?;
    match succeed(&mut cargo(["deny", "fetch", "db"])) {
        Ok(()) => succeed(&mut cargo(["deny", "--offline", "check", "advisories"])),
        Err(error) => {
            let warning =
                format!("SECURITY ADVISORIES WERE NOT CHECKED: the database cannot be had ({error})");
            eprintln!("WARNING: {warning}");
            warnings.push(warning);
            Ok(())
        }
    }
}

/// Checks that the workspace builds with the Rust version that it promises.
///
/// If that is the version that runs here, the steps before have shown it.
fn oldest_rust() -> Outcome {
    let promised = promised()?;
    let used = output(&mut program("rustc", ["--version"]))?;
    if is(&used, &promised) {
        eprintln!("every package promises Rust {promised}, which is what this run uses: {}", used.trim_end());
        return Ok(());
    }
    let toolchain = if promised.split('.').count() == 2 { format!("{promised}.0") } else { promised };
    if output(&mut program("rustup", ["run", &toolchain, "cargo", "--version"])).is_err() {
        let install = format!("rustup toolchain install {toolchain} --profile minimal");
        return Err(
            format!("every package promises Rust {toolchain}, which is not installed: `{install}`").into()
        );
    }
    let check = ["run", &toolchain, "cargo", "check", "--workspace", "--all-targets"];
    succeed(program("rustup", check).env_remove("CARGO").env_remove("RUSTC"))
}

/// The `rust-version` of every package in the workspace, which must be the same.
fn promised() -> Result<String, Box<dyn Error>> {
    let metadata = output(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().ok_or("`cargo metadata` lists no packages")?;
    let mut promised: Vec<&str> =
        packages.iter().filter_map(|package| package["rust_version"].as_str()).collect();
    if promised.len() != packages.len() {
        return Err("not every package has a rust-version: write `rust-version.workspace = true`".into());
    }
    promised.dedup();
    match promised[..] {
        [version] => Ok(version.to_owned()),
        _ => Err(format!("packages promise different Rust versions: {}", promised.join(", ")).into()),
    }
}

/// Whether the answer of `rustc --version` is about the version `promised`, which may leave out the patch number.
fn is(used: &str, promised: &str) -> bool {
    let version = used.split(' ').nth(1).unwrap_or_default();
    version == promised || version.strip_prefix(promised).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn a_patch_release_is_the_promised_version() {
        assert!(is("rustc 1.95.0 (f2d3ce0bd 2026-03-21)", "1.95"));
        assert!(is("rustc 1.95.0", "1.95.0"));
        assert!(!is("rustc 1.96.0", "1.95"));
        assert!(!is("rustc 1.9.0", "1.95") && !is("rustc 1.95.0", "1.9"));
        assert!(!is("rustc 1.95.1-nightly", "1.95.0"));
    }
}
