//! Running the programs.

use super::cases::{Case, Runner};
use super::programs::Programs;
use super::sample::{Measure, Sample};
use super::scene::Scene;
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a run may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a program measured in each of its runs of a case.
#[derive(Debug)]
pub(super) struct Series {
    /// The program.
    pub(super) runner: &'static Runner,
    /// Its runs.
    pub(super) samples: Vec<Sample>,
}

/// Lets each program do the case `runs` times, in turns, and once more to count allocations where that takes time.
///
/// # Errors
///
/// If a program fails, takes too long, or does not do the work.
pub(super) fn all(
    case: &Case,
    programs: &Programs,
    scene: &Scene,
    runs: usize,
) -> Result<Vec<Series>, Box<dyn Error>> {
    let mut series: Vec<Series> =
        case.runners().map(|runner| Series { runner, samples: Vec::with_capacity(runs) }).collect();
    for _ in 0..runs {
        for Series { runner, samples } in &mut series {
            samples.push(one(case, runner, &programs.timed(runner), scene)?);
        }
    }
    for Series { runner, samples } in &mut series {
        if let Some(program) = programs.counted(runner) {
            let counted = one(case, runner, &program, scene)?;
            for sample in samples {
                for measure in [Measure::Allocations, Measure::AllocatedBytes] {
                    sample.set(measure, counted.get(measure));
                }
            }
        }
    }
    Ok(series)
}

/// Lets one program do the case once.
fn one(case: &Case, runner: &Runner, program: &Path, scene: &Scene) -> Result<Sample, Box<dyn Error>> {
    let before = scene.sent(case.place)?;
    let mut command = Command::new(program);
    command.args(arguments(case, runner, scene.recorded()));
    command.env("KUBECONFIG", scene.kubeconfig(case.place)?);
    let line = line(&mut command).map_err(|error| format!("{} of {}: {error}", case.id, runner.name))?;
    let mut sample = Sample::parse(&line, case.items)
        .map_err(|error| format!("{} of {}: it {error}", case.id, runner.name))?;
    if let (Some(before), Some(after)) = (before, scene.sent(case.place)?) {
        // Both counts fit a f64: nobody sends 2^53 bytes here.
        #[expect(clippy::cast_precision_loss, reason = "bytes of one run are far below 2^53")]
        sample.set(Measure::WireBytes, Some(after.saturating_sub(before) as f64));
    }
    Ok(sample)
}

/// The command line of a program.
fn arguments(case: &Case, runner: &Runner, recorded: &Path) -> Vec<String> {
    let mut arguments = vec![format!("--codec={}", runner.codec), format!("--gzip={}", case.gzip)];
    arguments.extend(runner.options.iter().map(|option| (*option).to_owned()));
    let recorded = recorded.display().to_string();
    arguments.extend(
        case.work.iter().map(|word| word.replace("{recorded}", &recorded).replace("{codec}", runner.codec)),
    );
    arguments
}

/// What a program prints, which is one line. What it says of errors goes to the user.
fn line(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let start = Instant::now();
    let status = loop {
        match process.try_wait()? {
            Some(status) => break status,
            None if start.elapsed() > PATIENCE => {
                process.kill()?;
                process.wait()?;
                return Err(format!("no end after {PATIENCE:?}").into());
            }
            None => sleep(Duration::from_millis(10)),
        }
    };
    if !status.success() {
        return Err(format!("failed with {status}").into());
    }
    let mut line = String::new();
    process.stdout.take().ok_or("its output cannot be read")?.read_to_string(&mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::super::cases::{self, RUNNERS};
    use super::{arguments, line};
    use std::path::Path;
    use std::process::Command;

    #[test]
    fn a_program_is_told_its_format_and_its_file() {
        let decode = cases::all().find(|case| case.id == "decode-10000-pods").unwrap();
        let runner = RUNNERS.iter().find(|runner| runner.name == "client-go protobuf").unwrap();
        let expected = ["--codec=protobuf", "--gzip=false", "decode", "/r/api/v1/pods/list.protobuf"];
        assert_eq!(arguments(decode, runner, Path::new("/r")), expected);
    }

    #[test]
    fn a_program_that_fails_is_an_error() {
        assert_eq!(line(Command::new("sh").args(["-c", "echo {}"])).unwrap(), "{}\n");
        let error = line(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert_eq!(error, "failed with exit status: 3");
    }
}
