//! The in-memory API server against a real one: every script of `tests/differential/` runs on both, and what they
//! answer must be the same. `cargo xtask differential` starts the real one and runs this.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
#![expect(clippy::print_stdout, reason = "what differs is what this test prints")]

mod compare;
#[path = "../comparison/mod.rs"]
mod comparison;
mod normalise;
mod run;
mod script;
mod side;
mod template;
mod watch;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use comparison::accepted::Accepted;
use futures_util::StreamExt as _;
use script::Script;
use serde_json::Value;
use side::Side;

/// How many scripts run at a time. Most of a script's time is waiting.
const AT_A_TIME: usize = 4;

/// The folder of the scripts.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("differential")
}

/// A setting of whoever runs the test.
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs an API server: cargo xtask differential"]
async fn the_servers_give_the_same_answers() {
    let filter = setting("KUBESET_DIFFERENTIAL_FILTER").unwrap_or_default();
    let scripts: Vec<Script> =
        script::read(&folder()).into_iter().filter(|script| script.title().contains(&filter)).collect();
    assert!(!scripts.is_empty(), "no script has {filter:?} in its file's name or its own");
    let real = setting("KUBECONFIG").map(|path| Side::of_kubeconfig("real", &path));
    let real = real.filter(|_| setting("KUBESET_DIFFERENTIAL_SHOW").as_deref() != Some("test"));
    match (real, setting("KUBESET_DIFFERENTIAL_SHOW")) {
        (Some(real), None) => {
            compared(&scripts, &real, &Side::test_server().await, filter.is_empty()).await;
        }
        (Some(real), Some(_)) => shown(&scripts, &real).await,
        (None, _) => shown(&scripts, &Side::test_server().await).await,
    }
}

/// Runs the scripts on both servers, and fails with everything that differs.
async fn compared(scripts: &[Script], real: &Side, test: &Side, all: bool) {
    let mut outcomes: Vec<_> = futures_util::stream::iter(scripts.iter().enumerate())
        .map(|(index, script)| async move {
            let began = std::time::Instant::now();
            let (real, test) =
                tokio::join!(run::run(script, real, index, 'r'), run::run(script, test, index, 't'));
            println!("{:6.1} s  {}", began.elapsed().as_secs_f32(), script.title());
            (index, compare::script(script, &real, &test))
        })
        .buffer_unordered(AT_A_TIME)
        .collect()
        .await;
    outcomes.sort_by_key(|(index, _)| *index);
    let mut accepted = Accepted::read(&folder());
    let mut report = String::new();
    let (mut requests, mut differing, mut differences) = (0, 0, 0);
    for (index, mut left) in outcomes {
        requests += left.len();
        let title = scripts[index].title();
        for step in &mut left {
            let label = &step.label;
            step.differences.retain(|difference| !accepted.accepts(&title, label, &difference.path));
        }
        let count: usize = left.iter().map(|step| step.differences.len()).sum();
        differences += count;
        if count > 0 {
            differing += 1;
            compare::write(&mut report, &scripts[index], &left);
        }
    }
    let unused = if all { accepted.unused() } else { Vec::new() };
    let summary = format!(
        "{requests} requests in {} scripts: {differences} differences in {differing} scripts, {} accepted",
        scripts.len(),
        accepted.count(),
    );
    for entry in &unused {
        writeln!(report, "accepted.yaml: nothing differs there any more: {entry}").unwrap();
    }
    if let Some(path) = setting("KUBESET_DIFFERENTIAL_REPORT") {
        std::fs::write(path, format!("{report}\n{summary}\n")).unwrap();
    }
    println!("{report}\n{summary}");
    assert!(report.is_empty(), "the servers differ: {summary}");
}

/// Runs the scripts on one server and prints what it answers.
async fn shown(scripts: &[Script], side: &Side) {
    for (index, script) in scripts.iter().enumerate() {
        println!("\n=== {}", script.title());
        for (label, answer) in run::run(script, side, index, 'r').await {
            println!("\n--- {label}\n{}", pretty(&answer));
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}
