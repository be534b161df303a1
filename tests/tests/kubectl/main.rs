//! kubectl on the in-memory API server and on a real one: every script of `tests/kubectl/` runs on both, and kubectl
//! must print the same. `cargo xtask kubectl` starts the real one and runs this.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
#![expect(clippy::print_stdout, reason = "what differs is what this test prints")]

mod compare;
#[path = "../comparison/mod.rs"]
mod comparison;
mod normalise;
mod run;
mod script;
mod side;

use compare::Outcome;
use comparison::accepted::Accepted;
use kubeset_testserver::TestServer;
use script::Script;
use side::Side;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How many scripts run at a time. kubectl keeps a processor busy for longer than the servers do.
const AT_A_TIME: usize = 3;

/// The folder of the scripts.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kubectl")
}

/// A setting of whoever runs the test.
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs an API server and kubectl: cargo xtask kubectl"]
async fn kubectl_prints_the_same_on_both_servers() {
    let filter = setting("KUBESET_KUBECTL_FILTER").unwrap_or_default();
    let scripts: Vec<Script> =
        script::read(&folder()).into_iter().filter(|script| script.title().contains(&filter)).collect();
    assert!(!scripts.is_empty(), "no script has {filter:?} in its file's name or its own");
    let kubectl =
        setting("KUBESET_KUBECTL").expect("KUBESET_KUBECTL names kubectl: run `cargo xtask kubectl`");
    let real = setting("KUBECONFIG").expect("KUBECONFIG leads to a server: run `cargo xtask kubectl`");
    let real = Side::new('r', &kubectl, &std::fs::read_to_string(real).unwrap());
    if setting("KUBESET_KUBECTL_SHOW").is_some() {
        return tokio::task::block_in_place(|| show(&scripts, &real));
    }
    // Another server in place of the in-memory one: the real one, to see that scripts are fair.
    let (test, _server) = match setting("KUBESET_TESTSERVER_KUBECONFIG") {
        Some(path) => (Side::new('t', &kubectl, &std::fs::read_to_string(path).unwrap()), None),
        None => {
            // Like the real one: with TLS, and nothing that runs beside it.
            let server = TestServer::builder().tls().without_controllers().start().await.unwrap();
            (Side::new('t', &kubectl, &server.kubeconfig()), Some(server))
        }
    };
    let outcomes = tokio::task::block_in_place(|| all(&scripts, &real, &test));
    report(&scripts, outcomes, filter.is_empty());
}

/// Runs the scripts on both servers.
fn all(scripts: &[Script], real: &Side, test: &Side) -> Vec<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = scripts.get(index) else { return };
                    let began = Instant::now();
                    let (real, test) = std::thread::scope(|both| {
                        let real = both.spawn(|| run::run(script, index, real));
                        let test = run::run(script, index, test);
                        (real.join().unwrap(), test)
                    });
                    println!("{:6.1} s  {}", began.elapsed().as_secs_f32(), script.title());
                    outcomes.lock().unwrap().push((index, compare::script(script, &real, &test)));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Runs the scripts on one server and prints what kubectl prints.
fn show(scripts: &[Script], side: &Side) {
    for (index, script) in scripts.iter().enumerate() {
        println!("\n=== {}", script.title());
        for (command, printed) in script.all().iter().zip(run::run(script, index, side)) {
            println!("$ kubectl {}\n{}\n{}", command.run, printed.output, printed.errors);
        }
    }
}

/// Fails with everything that differs.
fn report(scripts: &[Script], outcomes: Vec<Vec<Outcome>>, all: bool) {
    let mut accepted = Accepted::read(&folder());
    let mut report = String::new();
    let (mut commands, mut differing) = (0, 0);
    for (script, outcomes) in scripts.iter().zip(outcomes) {
        commands += outcomes.len();
        for mut outcome in outcomes {
            let (title, command) = (script.title(), &outcome.command);
            outcome.lines.retain(|line| !accepted.accepts(&title, command, line));
            if !outcome.lines.is_empty() {
                differing += 1;
                outcome.write(&mut report, script);
            }
        }
    }
    let unused = if all { accepted.unused() } else { Vec::new() };
    for entry in &unused {
        writeln!(report, "accepted.yaml: nothing differs there any more: {entry}").unwrap();
    }
    let summary = format!(
        "{commands} commands in {} scripts: {differing} differ, {} lines accepted",
        scripts.len(),
        accepted.count()
    );
    if let Some(path) = setting("KUBESET_KUBECTL_REPORT") {
        std::fs::write(path, format!("{report}\n{summary}\n")).unwrap();
    }
    println!("{report}\n{summary}");
    assert!(report.is_empty(), "kubectl sees a difference: {summary}");
}
