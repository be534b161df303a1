//! The report as text.

use super::footprint::Footprint;
use super::report::{Measured, Ratio, Report, Row};
use super::sample::{Measure, Sample};
use std::fmt::Write as _;

/// The columns: heading, what is in it.
const COLUMNS: [(&str, Measure); 11] = [
    ("wall", Measure::Wall),
    ("CPU", Measure::Cpu),
    ("each second", Measure::Rate),
    ("peak RSS", Measure::PeakRss),
    ("RSS at end", Measure::Rss),
    ("RSS settled", Measure::SettledRss),
    ("RSS trimmed", Measure::TrimmedRss),
    ("connections", Measure::Connections),
    ("on the wire", Measure::WireBytes),
    ("allocations", Measure::Allocations),
    ("allocated", Measure::AllocatedBytes),
];

/// How wide names and columns are.
const NAME: usize = 66;
const WIDTH: usize = 12;

/// What is said before anything is measured.
pub(super) fn beginning(report: &Report) -> String {
    let [before, _] = &report.load;
    format!(
        "Medians of {} runs. Load of the machine, over 1, 5 and 15 minutes, before: {before}",
        report.runs
    )
}

/// What is said when all is measured.
pub(super) fn end(report: &Report) -> String {
    let [_, after] = &report.load;
    format!("\nLoad of the machine after: {after}")
}

/// What a case came to.
pub(super) fn case(measured: &Measured) -> String {
    let title = format!("{} ({})", measured.case.title, measured.case.place.shown());
    // Not every column has something in every case.
    let has = |measure| measured.rows.iter().any(|row| row.median.get(measure).is_some());
    let columns: Vec<(&str, Measure)> = COLUMNS.into_iter().filter(|(_, measure)| has(*measure)).collect();
    let cells = |cell: &dyn Fn(Measure) -> String| -> Vec<String> {
        columns.iter().map(|(_, measure)| cell(*measure)).collect()
    };
    let mut text = format!("\n{title}\n");
    line(&mut text, "", &columns.iter().map(|(heading, _)| *heading).collect::<Vec<_>>());
    for Row { runner, median, .. } in &measured.rows {
        line(&mut text, &format!("  {}", runner.name), &cells(&|measure| cell(median, measure)));
    }
    for ratio in measured.ratios() {
        let name = format!("  {} / {}", ratio.ours.name, ratio.theirs.name);
        line(&mut text, &name, &cells(&|measure| ratio_cell(&ratio, measure)));
    }
    text.truncate(text.trim_end().len());
    text
}

/// A name and its cells, each at the right of its column.
fn line(text: &mut String, name: &str, cells: &[impl AsRef<str>]) {
    let mut line = format!("{name:NAME$}");
    for cell in cells {
        let _ = write!(line, " {:>WIDTH$}", cell.as_ref());
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

fn cell(median: &Sample, measure: Measure) -> String {
    let Some(number) = median.get(measure) else { return "-".to_owned() };
    match measure {
        Measure::Wall | Measure::Cpu => seconds(number),
        Measure::PeakRss | Measure::Rss | Measure::SettledRss | Measure::TrimmedRss => bytes(number),
        Measure::WireBytes | Measure::AllocatedBytes => bytes(number),
        Measure::Connections | Measure::Allocations | Measure::Rate => format!("{number:.0}"),
    }
}

fn ratio_cell(ratio: &Ratio<'_>, measure: Measure) -> String {
    let part = ratio.of.iter().find(|(of, _)| *of == measure);
    part.map_or_else(String::new, |(_, part)| format!("{part:.2}"))
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn bytes(bytes: f64) -> String {
    if bytes < 1e6 { format!("{:.1} kB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}

/// What the small program costs with each library.
pub(super) fn footprints(footprints: &[Footprint]) -> String {
    let mut text = "\nbuild the smallest program that lists Pods\n".to_owned();
    line(&mut text, "", &["debug wall", "debug CPU", "crates", "stripped"]);
    for footprint in footprints {
        let [wall, cpu, crates, size] = numbers(footprint);
        let shown =
            |number: Option<f64>, shown: fn(f64) -> String| number.map_or_else(|| "-".to_owned(), shown);
        let crates = shown(crates, |crates| format!("{crates:.0}"));
        line(
            &mut text,
            &format!("  {}", footprint.library),
            &[shown(wall, seconds), shown(cpu, seconds), crates, shown(size, bytes)],
        );
    }
    if let Some((ours, peers)) = footprints.split_first() {
        for peer in peers {
            let parts = numbers(ours).into_iter().zip(numbers(peer)).map(|(ours, theirs)| {
                ours.zip(theirs).map_or_else(String::new, |(ours, theirs)| format!("{:.2}", ours / theirs))
            });
            line(&mut text, &format!("  {} / {}", ours.library, peer.library), &parts.collect::<Vec<_>>());
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// The numbers of a footprint, in the order of the columns.
#[expect(clippy::cast_precision_loss, reason = "no program has 2^53 crates or bytes")]
fn numbers(footprint: &Footprint) -> [Option<f64>; 4] {
    let Footprint { debug_build, crates, size, .. } = footprint;
    [
        debug_build.map(|time| time.wall),
        debug_build.map(|time| time.cpu),
        crates.map(|crates| crates as f64),
        Some(*size as f64),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::footprint::{BuildTime, Footprint};
    use super::super::report::tests::report;
    use super::{bytes, case, footprints, seconds};

    #[test]
    fn a_case_has_a_line_for_each_program_and_each_ratio() {
        let text = case(&report().cases[0]);
        let lines: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines[1], "list 1,000 Pods (kube-apiserver)", "{text}");
        assert_eq!(lines[2], "CPU peak RSS", "{text}");
        assert!(lines.contains(&"kubeset json 1.00 s 1.0 MB".to_owned()), "{text}");
        assert_eq!(lines[lines.len() - 1], "kubeset json / kube-rs json 0.25 0.25", "{text}");
    }

    #[test]
    fn the_small_program_is_compared_in_what_both_have() {
        let time = BuildTime { wall: 10.0, cpu: 20.0 };
        let text = footprints(&[
            Footprint { library: "kubeset", debug_build: Some(time), crates: Some(100), size: 4_000_000 },
            Footprint { library: "client-go", debug_build: None, crates: None, size: 16_000_000 },
        ]);
        let last: Vec<&str> = text.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(last, ["kubeset", "/", "client-go", "0.25"], "{text}");
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!([seconds(0.0123), seconds(1.234)], ["12 ms", "1.23 s"]);
        assert_eq!([bytes(1_234.0), bytes(117_200_000.0)], ["1.2 kB", "117.2 MB"]);
    }
}
