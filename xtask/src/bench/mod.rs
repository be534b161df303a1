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
use options::Options;
use programs::Programs;
use report::{Measured, Report};
use scene::Scene;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Measures what the arguments pick, and prints a table of each case.
///
/// # Errors
///
/// If an argument is wrong, something cannot be built or started, or a program fails or does not do the work.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let options = Options::parse(arguments)?;
    let cases: Vec<_> = cases::all().filter(|case| options.picks(case.id)).collect();
    let footprint = options.picks(footprint::ID);
    if cases.is_empty() && !footprint {
        let ids: Vec<&str> = cases::all().map(|case| case.id).chain([footprint::ID]).collect();
        return Err(format!("no such case: there are {}", ids.join(", ")).into());
    }
    let mut report = Report::new(options.runs)?;
    // What is measured is shown at once: the whole takes long, and may fail in the end.
    let mut output = io::stdout();
    writeln!(output, "{}", table::beginning(&report))?;
    if !cases.is_empty() {
        let programs = Programs::build()?;
        let scene = Scene::set(&programs)?;
        for case in cases {
            eprintln!("bench: {}", case.id);
            let measured = Measured::new(case, measure::all(case, &programs, &scene, options.runs)?);
            writeln!(output, "{}", table::case(&measured))?;
            report.cases.push(measured);
        }
    }
    if footprint {
        report.footprint = footprint::measure()?;
        writeln!(output, "{}", table::footprints(&report.footprint))?;
    }
    report.ends()?;
    writeln!(output, "{}", table::end(&report))?;
    if let Some(path) = options.json {
        write(&path, &format!("{:#}\n", report.json()))?;
    }
    if let Some(path) = options.plot {
        write(&path, &plot::svg(&report))?;
    }
    Ok(())
}

/// Writes a file, in a folder that is made if it is not there.
fn write(path: &Path, text: &str) -> Outcome {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}
