//! `cargo xtask bench`: kubeset, kube and client-go side by side, on the same servers, in one run.
//!
//! The programs that are measured are in `bench/`. Each run of a case is a process of its own; runs of the same case
//! alternate between the programs, so that what else the machine does is shared fairly.

mod cases;
mod footprint;
mod measure;
mod options;
mod plot;
mod programs;
mod report;
mod sample;
mod scene;
mod table;

use crate::Outcome;
use cases::CASES;
use options::Options;
use programs::Programs;
use report::Report;
use scene::Scene;
use std::fs;
use std::io::{self, Write as _};

/// Measures what the arguments pick, and prints the table.
///
/// # Errors
///
/// If an argument is wrong, something cannot be built or started, or a program fails or does not do the work.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let options = Options::parse(arguments)?;
    let cases: Vec<_> = CASES.iter().filter(|case| options.picks(case.id)).collect();
    let footprint = options.picks(footprint::ID);
    if cases.is_empty() && !footprint {
        let ids: Vec<&str> = CASES.iter().map(|case| case.id).chain([footprint::ID]).collect();
        return Err(format!("no such case: there are {}", ids.join(", ")).into());
    }
    let mut report = Report::new(options.runs);
    if !cases.is_empty() {
        let programs = Programs::build()?;
        let scene = Scene::set(&programs)?;
        for case in cases {
            eprintln!("bench: {}", case.id);
            report.add(case, measure::all(case, &programs, &scene, options.runs)?);
        }
    }
    if footprint {
        report.footprint = footprint::measure()?;
    }
    report.ends()?;
    write!(io::stdout(), "{}", table::text(&report))?;
    if let Some(path) = options.json {
        fs::write(path, format!("{:#}\n", report.json()))?;
    }
    if let Some(path) = options.plot {
        fs::write(path, plot::svg(&report))?;
    }
    Ok(())
}
