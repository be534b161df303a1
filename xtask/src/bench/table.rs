//! The report as text.

use super::footprint::Footprint;
use super::report::{Measured, Ratio, Report};
use super::sample::{Measure, Sample};
use std::fmt::Write as _;

/// The columns: heading, what is in it.
const COLUMNS: [(&str, Measure); 8] = [
    ("wall", Measure::Wall),
    ("CPU", Measure::Cpu),
    ("peak RSS", Measure::PeakRss),
    ("RSS at end", Measure::Rss),
    ("connections", Measure::Connections),
    ("on the wire", Measure::WireBytes),
    ("allocations", Measure::Allocations),
    ("allocated", Measure::AllocatedBytes),
];

/// How wide names and columns are.
const NAME: usize = 36;
const WIDTH: usize = 12;

/// The whole report.
pub(super) fn text(report: &Report) -> String {
    let [before, after] = &report.load;
    let mut text = format!(
        "Medians of {} runs; load of the machine over 1, 5 and 15 minutes {before} before and {after} after.\n",
        report.runs
    );
    for measured in &report.cases {
        case(&mut text, measured);
    }
    if !report.footprint.is_empty() {
        footprints(&mut text, &report.footprint);
    }
    text
}

fn case(text: &mut String, measured: &Measured) {
    let title = format!("{} ({})", measured.case.title, measured.case.place.shown());
    let headings: Vec<&str> = COLUMNS.iter().map(|(heading, _)| *heading).collect();
    let _ = write!(text, "\n{title}\n");
    line(text, "", &headings);
    for row in &measured.rows {
        let cells = COLUMNS.map(|(_, measure)| cell(&row.median, measure));
        line(text, &format!("  {}", row.runner.name), &cells);
    }
    for ratio in measured.ratios() {
        let cells = COLUMNS.map(|(_, measure)| ratio_cell(&ratio, measure));
        line(text, &format!("  {} / {}", ratio.ours.name, ratio.theirs.name), &cells);
    }
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
        Measure::PeakRss | Measure::Rss | Measure::WireBytes | Measure::AllocatedBytes => bytes(number),
        Measure::Connections | Measure::Allocations => format!("{number:.0}"),
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

fn footprints(text: &mut String, footprints: &[Footprint]) {
    let _ = writeln!(text, "\nbuild the smallest program that lists Pods");
    line(text, "", &["debug wall", "debug CPU", "crates", "stripped"]);
    for footprint in footprints {
        line(text, &format!("  {}", footprint.library), &footprint_cells(footprint, "-", seconds, bytes));
    }
    let Some((ours, peers)) = footprints.split_first() else { return };
    for peer in peers {
        let part = |ours: Option<f64>, theirs: Option<f64>| {
            ours.zip(theirs).map_or_else(String::new, |(ours, theirs)| format!("{:.2}", ours / theirs))
        };
        let cells: Vec<String> =
            numbers(ours).into_iter().zip(numbers(peer)).map(|(ours, theirs)| part(ours, theirs)).collect();
        line(text, &format!("  {} / {}", ours.library, peer.library), &cells);
    }
}

fn footprint_cells(
    footprint: &Footprint,
    none: &str,
    seconds: fn(f64) -> String,
    bytes: fn(f64) -> String,
) -> [String; 4] {
    let [wall, cpu, crates, size] = numbers(footprint);
    let shown = |number: Option<f64>, shown: fn(f64) -> String| number.map_or_else(|| none.to_owned(), shown);
    [
        shown(wall, seconds),
        shown(cpu, seconds),
        shown(crates, |crates| format!("{crates:.0}")),
        shown(size, bytes),
    ]
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
    use super::{bytes, seconds, text};

    #[test]
    fn a_case_has_a_line_for_each_program_and_each_ratio() {
        let text = text(&report());
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert!(text.contains("\nlist 1,000 Pods (kube-apiserver)\n"), "{text}");
        assert!(
            lines.contains(&vec!["kubeset", "json", "-", "1.00", "s", "1.0", "MB", "-", "-", "-", "-", "-"]),
            "{text}"
        );
        assert!(lines.contains(&vec!["kubeset", "json", "/", "kube-rs", "json", "0.25", "0.25"]), "{text}");
    }

    #[test]
    fn the_small_program_is_compared_in_what_both_have() {
        let mut report = report();
        let time = BuildTime { wall: 10.0, cpu: 20.0 };
        report.footprint = vec![
            Footprint { library: "kubeset", debug_build: Some(time), crates: Some(100), size: 4_000_000 },
            Footprint { library: "client-go", debug_build: None, crates: None, size: 16_000_000 },
        ];
        let text = text(&report);
        let last: Vec<&str> = text.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(last, ["kubeset", "/", "client-go", "0.25"], "{text}");
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!([seconds(0.0123), seconds(1.234)], ["12 ms", "1.23 s"]);
        assert_eq!([bytes(1_234.0), bytes(117_200_000.0)], ["1.2 kB", "117.2 MB"]);
    }
}
