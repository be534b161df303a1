//! How much a server bears over loopback: `cargo bench -p kubeset-testserver --bench load`.
//!
//! After `--`, names of cases pick them, `--runs N` says how often each one is measured (3 times by default), and
//! `--json` prints JSON. The client and the server have threads of their own, but share the processors. Without
//! `--bench`, as `cargo test --benches` runs it, each case only shows that it works.

mod cases;
mod client;
mod cost;
mod report;

use cases::Scale;
use std::io;
use std::process::ExitCode;

/// A failure of anything: this is a program for people, who read it.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// What the command line says.
struct Options {
    json: bool,
    scale: Scale,
    runs: usize,
    /// The cases to run; empty for all.
    picked: Vec<String>,
}

impl Options {
    fn read() -> Result<Self, Error> {
        let mut options = Self { json: false, scale: Scale::Small, runs: 0, picked: Vec::new() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => options.scale = Scale::Full,
                "--json" => options.json = true,
                "--runs" => options.runs = arguments.next().unwrap_or_default().parse()?,
                // `cargo test` has options for harnesses that this is none of.
                option if option.starts_with('-') => {}
                case => options.picked.push(case.to_owned()),
            }
        }
        if options.runs == 0 {
            options.runs = if options.scale == Scale::Full { 3 } else { 1 };
        }
        Ok(options)
    }

    fn picks(&self, case: &str) -> bool {
        self.picked.is_empty() || self.picked.iter().any(|picked| case.contains(picked.as_str()))
    }
}

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told if this fails.
            let _ = io::Write::write_all(&mut io::stderr(), format!("{error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), Error> {
    let options = Options::read()?;
    let mut rows = Vec::new();
    for (name, case) in cases::ALL {
        if !options.picks(name) {
            continue;
        }
        let mut runs = Vec::new();
        for _ in 0..options.runs {
            runs.push(case(options.scale)?);
        }
        rows.push(report::Row::new(name, runs));
    }
    report::print(&rows, options.json, &mut io::stdout().lock())?;
    Ok(())
}
