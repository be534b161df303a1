//! The outcome, for people and for programs.

use crate::cases::Run;
use crate::cost;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// All runs of a case.
pub(crate) struct Row {
    name: &'static str,
    /// The fastest first.
    runs: Vec<Run>,
}

impl Row {
    pub(crate) fn new(name: &'static str, mut runs: Vec<Run>) -> Self {
        runs.sort_by_key(|run| run.cost.wall);
        Self { name, runs }
    }

    fn median(&self) -> Option<&Run> {
        self.runs.get(self.runs.len() / 2)
    }

    fn json(&self) -> Value {
        let runs = self.runs.iter().map(|run| {
            json!({
                "count": run.count,
                "wallSeconds": run.cost.wall.as_secs_f64(),
                "serverCpuSeconds": run.cost.server.as_secs_f64(),
                "clientCpuSeconds": run.cost.client.as_secs_f64(),
                "perSecond": run.per_second(),
                "note": run.note,
            })
        });
        json!({"case": self.name, "runs": runs.collect::<Vec<_>>()})
    }
}

fn micros(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

/// Prints what was measured.
pub(crate) fn print(rows: &[Row], as_json: bool, out: &mut impl Write) -> io::Result<()> {
    if as_json {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        return writeln!(out, "{:#}", json!({"load": cost::load(), "cases": rows}));
    }
    writeln!(
        out,
        "{:<18} {:>7} {:>10} {:>10} {:>10} {:>10} {:>10}  load of the machine: {}",
        "case",
        "count",
        "best/s",
        "median/s",
        "median s",
        "server µs",
        "client µs",
        cost::load()
    )?;
    for row in rows {
        let (Some(best), Some(median)) = (row.runs.first(), row.median()) else { continue };
        writeln!(
            out,
            "{:<18} {:>7} {:>10.0} {:>10.0} {:>10.4} {:>10.1} {:>10.1}  {}",
            row.name,
            median.count,
            best.per_second(),
            median.per_second(),
            median.cost.wall.as_secs_f64(),
            micros(median.cost.server, median.count),
            micros(median.cost.client, median.count),
            median.note
        )?;
    }
    writeln!(out, "Times of processors are for one of the count, and of the median run.")
}
