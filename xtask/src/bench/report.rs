//! All that was measured, and the ratios in it.

use super::cases::{Case, Library, Runner};
use super::footprint::Footprint;
use super::measure::Series;
use super::sample::{Measure, Sample};
use serde_json::{Value, json};
use std::{fs, io};

/// Everything that one call of the command has measured.
#[derive(Debug)]
pub(super) struct Report {
    /// How often each program did each case.
    pub(super) runs: usize,
    /// What each case came to.
    pub(super) cases: Vec<Measured>,
    /// What the small program costs to build with each library.
    pub(super) footprint: Vec<Footprint>,
    /// The machine's load averages, in the beginning and the end.
    pub(super) load: [String; 2],
}

/// What one case came to.
#[derive(Debug)]
pub(super) struct Measured {
    /// The case.
    pub(super) case: &'static Case,
    /// Each program that did it, in the order of the table.
    pub(super) rows: Vec<Row>,
}

/// What one program came to in one case.
#[derive(Debug)]
pub(super) struct Row {
    /// The program.
    pub(super) runner: &'static Runner,
    /// The medians of its runs.
    pub(super) median: Sample,
    /// Its runs.
    pub(super) samples: Vec<Sample>,
}

/// kubeset's cost as a part of a peer's.
#[derive(Debug)]
pub(super) struct Ratio<'a> {
    /// kubeset.
    pub(super) ours: &'a Runner,
    /// The peer.
    pub(super) theirs: &'a Runner,
    /// The parts, of what both have measured.
    pub(super) of: Vec<(Measure, f64)>,
}

impl Report {
    /// An empty one, which notes how busy the machine is.
    ///
    /// # Errors
    ///
    /// If the machine does not tell.
    pub(super) fn new(runs: usize) -> io::Result<Self> {
        Ok(Self { runs, cases: Vec::new(), footprint: Vec::new(), load: [load()?, String::new()] })
    }

    /// Notes how busy the machine is when all is measured.
    ///
    /// # Errors
    ///
    /// If the machine does not tell.
    pub(super) fn ends(&mut self) -> io::Result<()> {
        self.load[1] = load()?;
        Ok(())
    }

    /// Everything, for programs.
    pub(super) fn json(&self) -> Value {
        let cases: Vec<Value> = self.cases.iter().map(Measured::json).collect();
        let footprint: Vec<Value> = self.footprint.iter().map(Footprint::json).collect();
        json!({ "runs": self.runs, "load": self.load, "cases": cases, "footprint": footprint })
    }
}

impl Measured {
    /// What a case came to, from the runs of each program.
    pub(super) fn new(case: &'static Case, series: Vec<Series>) -> Self {
        let rows = series.into_iter().map(|Series { runner, samples }| Row {
            runner,
            median: Sample::median(&samples),
            samples,
        });
        Self { case, rows: rows.collect() }
    }

    /// Each use of kubeset against each peer.
    pub(super) fn ratios(&self) -> Vec<Ratio<'_>> {
        let (ours, theirs): (Vec<&Row>, Vec<&Row>) =
            self.rows.iter().partition(|row| row.runner.library == Library::Kubeset);
        let pairs = ours.iter().flat_map(|ours| theirs.iter().map(move |theirs| (*ours, *theirs)));
        pairs.map(|(ours, theirs)| ratio(ours, theirs)).collect()
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|Row { runner, median, samples }| {
                let samples: Vec<Value> = samples.iter().map(Sample::json).collect();
                json!({ "name": runner.name, "median": median.json(), "samples": samples })
            })
            .collect();
        let ratios: Vec<Value> = self
            .ratios()
            .iter()
            .map(|Ratio { ours, theirs, of }| {
                let of = of.iter().map(|(measure, ratio)| (measure.key().to_owned(), (*ratio).into()));
                json!({ "of": ours.name, "to": theirs.name, "ratios": Value::Object(of.collect()) })
            })
            .collect();
        let Case { id, title, place, .. } = self.case;
        json!({ "id": id, "title": title, "place": place.shown(), "programs": rows, "ratios": ratios })
    }
}

fn ratio<'a>(ours: &'a Row, theirs: &'a Row) -> Ratio<'a> {
    let measures = [
        Measure::Wall,
        Measure::Cpu,
        Measure::PeakRss,
        Measure::SettledRss,
        Measure::WireBytes,
        Measure::Allocations,
    ];
    let of = measures.into_iter().filter_map(|measure| {
        let theirs = theirs.median.get(measure).filter(|theirs| *theirs > 0.0)?;
        Some((measure, ours.median.get(measure)? / theirs))
    });
    Ratio { ours: ours.runner, theirs: theirs.runner, of: of.collect() }
}

/// How many threads of the whole machine have wanted to run, on average over 1, 5 and 15 minutes.
fn load() -> io::Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::cases::{self, RUNNERS};
    use super::super::measure::Series;
    use super::super::sample::{Measure, Sample};
    use super::{Measured, Report};

    /// A report in which a case was done by kubeset in 1 s, and by kube in 4 s.
    pub(in super::super) fn report() -> Report {
        let mut report = Report::new(1).unwrap();
        let case = cases::all().find(|case| case.id == "list-1000-pods").unwrap();
        let series = [("kubeset json", 1.0), ("kube-rs json", 4.0)].map(|(name, seconds)| {
            let mut sample = Sample::default();
            sample.set(Measure::Cpu, Some(seconds));
            sample.set(Measure::PeakRss, Some(seconds * 1e6));
            let runner = RUNNERS.iter().find(|runner| runner.name == name).unwrap();
            Series { runner, samples: vec![sample] }
        });
        report.cases.push(Measured::new(case, series.into()));
        report
    }

    #[test]
    fn a_ratio_is_the_part_of_what_the_peer_needs() {
        let report = report();
        let ratios = report.cases[0].ratios();
        assert_eq!(ratios.len(), 1);
        assert_eq!(ratios[0].theirs.name, "kube-rs json");
        assert_eq!(ratios[0].of, [(Measure::Cpu, 0.25), (Measure::PeakRss, 0.25)]);
    }

    #[test]
    fn the_report_for_programs_has_medians_and_ratios() {
        let json = report().json();
        let case = &json["cases"][0];
        assert_eq!(case["programs"][1]["median"]["cpu_seconds"], 4.0);
        assert_eq!(case["ratios"][0]["ratios"]["cpu_seconds"], 0.25);
    }
}
