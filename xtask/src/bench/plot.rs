//! The ratios as a picture: a bar for each, shorter where kubeset needs less than the peer.

use super::cases::Library;
use super::report::{Ratio, Report};
use super::sample::Measure;
use std::fmt::Write as _;

/// The two panels, side by side.
const PANELS: [(&str, Measure); 2] = [("CPU time", Measure::Cpu), ("peak memory", Measure::PeakRss)];

/// Sizes, in pixels.
const LABELS: f64 = 330.0;
const PANEL: f64 = 270.0;
const GAP: f64 = 60.0;
const BAR: f64 = 11.0;
const LINE: f64 = 15.0;
const TOP: f64 = 84.0;

/// The ratio at the right end of a panel. Longer bars end there, with an arrow beside their number.
const MOST: f64 = 1.5;

/// A picture of all ratios.
pub(super) fn svg(report: &Report) -> String {
    let mut body = String::new();
    let mut y = TOP;
    for measured in &report.cases {
        let ratios = measured.ratios();
        if ratios.is_empty() {
            continue;
        }
        y += LINE * 0.5;
        let title = format!("{} ({})", measured.case.title, measured.case.place.shown());
        label(&mut body, 0.0, y + BAR, "bold", &title);
        y += LINE;
        for ratio in &ratios {
            bars(&mut body, y, ratio);
            y += LINE;
        }
    }
    let (width, height) = (LABELS + 2.0 * (PANEL + GAP), y + LINE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    label(&mut svg, 0.0, 20.0, "bold", "What kubeset needs, as a part of what the peer needs");
    label(&mut svg, 0.0, 36.0, "normal", &format!("Medians of {} runs; shorter is better", report.runs));
    for (index, (title, _)) in PANELS.iter().enumerate() {
        axis(&mut svg, left(index), height - LINE, title);
    }
    svg + &body + "</svg>\n"
}

/// Where a panel begins.
fn left(panel: usize) -> f64 {
    if panel == 0 { LABELS } else { LABELS + PANEL + GAP }
}

/// A panel's heading and its lines at 0, 0.5 and 1.
fn axis(svg: &mut String, left: f64, bottom: f64, title: &str) {
    label(svg, left, TOP - 24.0, "bold", title);
    for (ratio, colour) in [(0.0, "#999"), (0.5, "#ddd"), (1.0, "#333")] {
        let x = left + ratio / MOST * PANEL;
        label(svg, x - 8.0, TOP - 8.0, "normal", &format!("{ratio}"));
        let _ = writeln!(svg, r#"<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="{colour}"/>"#);
    }
}

/// The bars of one ratio, one in each panel.
fn bars(svg: &mut String, y: f64, ratio: &Ratio<'_>) {
    label(svg, 12.0, y + BAR - 2.0, "normal", &format!("{} / {}", ratio.ours.name, ratio.theirs.name));
    let colour = match ratio.theirs.library {
        Library::ClientGo => "#4a90c2",
        Library::KubeRs | Library::Kubeset => "#d9822b",
    };
    for (panel, (_, measure)) in PANELS.iter().enumerate() {
        let Some((_, part)) = ratio.of.iter().find(|(of, _)| of == measure) else { continue };
        let (x, length) = (left(panel), part.min(MOST) / MOST * PANEL);
        let arrow = if *part > MOST { " →" } else { "" };
        let _ =
            writeln!(svg, r#"<rect x="{x}" y="{y}" width="{length:.1}" height="{BAR}" fill="{colour}"/>"#);
        label(svg, x + length + 4.0, y + BAR - 2.0, "normal", &format!("{part:.2}{arrow}"));
    }
}

fn label(svg: &mut String, x: f64, y: f64, weight: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, r#"<text x="{:.1}" y="{y:.1}" font-weight="{weight}">{text}</text>"#, x + 8.0);
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::report;
    use super::{PANEL, svg};

    #[test]
    fn a_bar_is_as_long_as_its_ratio() {
        let svg = svg(&report());
        let bar = format!(r#"width="{:.1}""#, 0.25 / 1.5 * PANEL);
        assert_eq!(svg.matches(&bar).count(), 2, "{svg}");
        assert!(svg.contains("kubeset json / kube-rs json") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
