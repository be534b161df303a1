//! `cargo xtask chaos`: informers on a real API server while everything goes wrong.
//!
//! What is written, broken and compared is in `tests/tests/chaos/`. That program asks for what only the parent of the API
//! server can do: a line on its standard output is a request, and a line on its standard input the answer.

use crate::Outcome;
use crate::apiserver::{ApiServer, Features, Stop};
use crate::cargo::{cargo, succeed};
use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a request begins with.
const PREFIX: &str = "chaos: ";

/// The arguments of cargo that build and run the program.
const PROGRAM: [&str; 5] = ["test", "--package", "kubeset-tests", "--test", "chaos"];

/// How often pings are sent on connections that are silent, and how long they may take, in seconds. By default it is
/// longer than a pause should be.
const PINGS: [(&str, &str); 2] =
    [("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "4"), ("HTTP2_PING_TIMEOUT_SECONDS", "4")];

/// How the run is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Options {
    /// How long faults and pauses go on.
    minutes: u32,
    /// What everything random comes from. By default another one each time.
    seed: Option<u64>,
}

/// Starts an API server, runs the program and stops the server.
///
/// # Errors
///
/// If the arguments make no sense, the server does not start, or the program finds something wrong.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let options = Options::parse(arguments)?;
    let seed = options.seed.unwrap_or_else(seed_of_now);
    succeed(cargo(PROGRAM).arg("--no-run"))?;
    let mut server = ApiServer::start_with(Features::Released)?;
    eprintln!("chaos: to repeat it: cargo xtask chaos --minutes {} --seed {seed}", options.minutes);
    let mut program = cargo(PROGRAM);
    program.args(["--", "--ignored", "--nocapture", "--test-threads=1"]);
    program.env("KUBECONFIG", server.kubeconfig()).env("KUBESET_CHAOS_ETCD", server.etcd_url());
    program.env("KUBESET_CHAOS_MINUTES", options.minutes.to_string());
    program.env("KUBESET_CHAOS_SEED", seed.to_string());
    // What is wrong is said in words.
    program.envs(PINGS).env("RUST_BACKTRACE", "0");
    let program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    serve(program, |request| carry_out(request, &mut server))
}

/// Answers the program's requests until it ends.
fn serve(mut program: Child, mut answer: impl FnMut(&str) -> Result<(), Box<dyn Error>>) -> Outcome {
    let mut answers = program.stdin.take();
    let output = program.stdout.take().map(BufReader::new);
    for line in output.into_iter().flat_map(BufReader::lines) {
        let line = line?;
        match line.strip_prefix(PREFIX) {
            Some(request) => reply(answers.as_mut(), answer(request))?,
            None if line.is_empty() => {}
            None => writeln!(io::stdout(), "{line}")?,
        }
    }
    let status = program.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the chaos run failed: {status}").into()) }
}

/// Writes an answer, which is one line.
fn reply(answers: Option<&mut ChildStdin>, outcome: Result<(), Box<dyn Error>>) -> io::Result<()> {
    let answer = match outcome {
        Ok(()) => "ok".to_owned(),
        Err(error) => crate::with_causes(error.as_ref()).replace('\n', " | "),
    };
    answers.map_or(Ok(()), |answers| writeln!(answers, "{answer}"))
}

fn carry_out(request: &str, server: &mut ApiServer) -> Result<(), Box<dyn Error>> {
    match request {
        "kill" => Ok(server.stop_apiserver(Stop::Kill)?),
        "terminate" => Ok(server.stop_apiserver(Stop::Terminate)?),
        // A port that is not in use can be taken, for a moment, by a connection that somebody opens.
        "start" => server.start_apiserver().or_else(|_| server.start_apiserver()).map(drop),
        other => Err(format!("there is no such request: {other}").into()),
    }
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self { minutes: 2, seed: None };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next().copied();
            let number = value.and_then(|value| value.parse::<u64>().ok());
            match (*name, number) {
                ("--minutes", Some(minutes @ 1..=10_000)) => {
                    options.minutes = u32::try_from(minutes).unwrap_or(u32::MAX);
                }
                ("--seed", Some(seed)) => options.seed = Some(seed),
                ("--minutes" | "--seed", _) => {
                    return Err(format!("{name} needs a number, not {:?}", value.unwrap_or_default()));
                }
                _ => return Err(format!("there is no option {name}: --minutes N and --seed N are all")),
            }
        }
        Ok(options)
    }
}

fn seed_of_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() ^ u64::from(since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::{Options, serve};
    use crate::cargo::program;
    use std::process::{Child, Stdio};

    fn script(text: &str) -> Child {
        let mut script = program("sh", ["-c", text]);
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn the_options_are_minutes_and_a_seed() {
        assert_eq!(Options::parse(&[]), Ok(Options { minutes: 2, seed: None }));
        let options = Options::parse(&["--seed", "7", "--minutes", "30"]);
        assert_eq!(options, Ok(Options { minutes: 30, seed: Some(7) }));
        assert_eq!(Options::parse(&["--minutes"]).unwrap_err(), "--minutes needs a number, not \"\"");
        assert_eq!(Options::parse(&["--minutes", "0"]).unwrap_err(), "--minutes needs a number, not \"0\"");
        assert!(Options::parse(&["--hours", "1"]).unwrap_err().contains("no option --hours"));
    }

    #[test]
    fn requests_are_carried_out_and_answered_in_a_line() {
        let text = r#"
            echo 'chaos: kill'; read -r one
            echo 'chaos: start'; read -r two
            [ "$one" = ok ] && [ "$two" = 'no | port' ]
        "#;
        let mut requests = Vec::new();
        let outcome = serve(script(text), |request| {
            requests.push(request.to_owned());
            if request == "kill" { Ok(()) } else { Err("no\nport".into()) }
        });
        assert!(outcome.is_ok());
        assert_eq!(requests, ["kill", "start"]);
    }

    #[test]
    fn a_program_that_fails_is_a_failure() {
        let error = serve(script("exit 3"), |_| Ok(())).unwrap_err().to_string();
        assert_eq!(error, "the chaos run failed: exit status: 3");
    }
}
