//! What one run of a program measured, and the median of several.

use serde_json::{Map, Value};

/// What one run measured, by name: every number of the line that the program printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample(Map<String, Value>);

/// What can be measured, with the name in the programs' lines and in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// How long it took.
    Wall,
    /// What all threads used of the processors, user and system.
    Cpu,
    /// The most memory that was resident.
    PeakRss,
    /// The memory that was resident in the end.
    Rss,
    /// The memory that was resident some time after the end.
    SettledRss,
    /// And when all that was free had been given back, which only Go can be told to do.
    TrimmedRss,
    /// How many TCP connections were open in the end.
    Connections,
    /// What the replay server sent, with TLS and HTTP.
    WireBytes,
    /// How often memory was allocated.
    Allocations,
    /// How much memory was allocated, over time.
    AllocatedBytes,
    /// How many objects, events or lookups there were each second.
    Rate,
}

impl Measure {
    /// The key of the number.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Wall => "wall_seconds",
            Self::Cpu => "cpu_seconds",
            Self::PeakRss => "peak_rss_bytes",
            Self::Rss => "rss_bytes",
            Self::SettledRss => "settled_rss_bytes",
            Self::TrimmedRss => "trimmed_rss_bytes",
            Self::Connections => "connections",
            Self::WireBytes => "wire_bytes",
            Self::Allocations => "allocations",
            Self::AllocatedBytes => "allocated_bytes",
            Self::Rate => "items_per_second",
        }
    }
}

impl Sample {
    /// Reads the line that a program printed.
    ///
    /// # Errors
    ///
    /// If it is not one, or tells that the program did not do the work.
    pub(super) fn parse(line: &str, items: usize) -> Result<Self, String> {
        let numbers: Map<String, Value> = serde_json::from_str(line.trim())
            .map_err(|_| format!("printed {line:?} and not its measurements"))?;
        if let Some((name, _)) = numbers.iter().find(|(_, value)| !value.is_number()) {
            return Err(format!("printed a {name} that is no number"));
        }
        let mut sample = Self(numbers);
        let wanted = [Measure::Wall, Measure::Cpu, Measure::PeakRss, Measure::Rss, Measure::Connections];
        if let Some(missing) = wanted.iter().find(|measure| sample.get(**measure).is_none()) {
            return Err(format!("printed no {}", missing.key()));
        }
        let rate = sample.number("items").zip(sample.get(Measure::Wall)).map(|(items, wall)| items / wall);
        sample.set(Measure::Rate, rate.filter(|rate| rate.is_finite()));
        match sample.0.get("items").and_then(Value::as_u64) {
            Some(seen) if usize::try_from(seen) == Ok(items) => Ok(sample),
            Some(seen) => Err(format!("has seen {seen} items, not {items}")),
            None => Err("printed no items".to_owned()),
        }
    }

    /// One of the numbers, if it was measured.
    pub(super) fn get(&self, measure: Measure) -> Option<f64> {
        self.number(measure.key())
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    /// Adds a number that the program itself does not know.
    pub(super) fn set(&mut self, measure: Measure, number: Option<f64>) {
        if let Some(number) = number {
            self.0.insert(measure.key().to_owned(), number.into());
        }
    }

    /// For each number that all samples have, the median.
    pub(super) fn median(samples: &[Self]) -> Self {
        let Some(first) = samples.first() else { return Self::default() };
        let medians = first.0.keys().filter_map(|key| {
            let numbers: Option<Vec<f64>> =
                samples.iter().map(|sample| sample.0.get(key)?.as_f64()).collect();
            Some((key.clone(), median(numbers?)?.into()))
        });
        Self(medians.collect())
    }

    /// All numbers.
    pub(super) fn json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// The number in the middle, or the mean of the two there.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => None,
        odd if odd % 2 == 1 => numbers.get(middle).copied(),
        _ => Some(f64::midpoint(*numbers.get(middle - 1)?, *numbers.get(middle)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"items":3,"wall_seconds":1.5,"cpu_seconds":2,"peak_rss_bytes":4,"rss_bytes":4,"connections":1}"#;

    #[test]
    fn a_line_has_all_numbers() {
        let sample = Sample::parse(LINE, 3).unwrap();
        assert_eq!((sample.get(Measure::Wall), sample.get(Measure::Allocations)), (Some(1.5), None));
        assert_eq!(sample.get(Measure::Rate), Some(2.0));
    }

    #[test]
    fn a_program_that_did_not_do_the_work_is_not_measured() {
        assert_eq!(Sample::parse(LINE, 4), Err("has seen 3 items, not 4".to_owned()));
        assert_eq!(Sample::parse("", 4), Err("printed \"\" and not its measurements".to_owned()));
        assert_eq!(Sample::parse(r#"{"items":4}"#, 4), Err("printed no wall_seconds".to_owned()));
        assert_eq!(Sample::parse(r#"{"items":"4"}"#, 4), Err("printed a items that is no number".to_owned()));
    }

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 100.0, 2.0]), Some(3.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn each_number_has_a_median_of_its_own() {
        let sample = |wall: f64, cpu: f64| {
            let mut sample = Sample::default();
            sample.set(Measure::Wall, Some(wall));
            sample.set(Measure::Cpu, Some(cpu));
            sample
        };
        let median = Sample::median(&[sample(1.0, 30.0), sample(3.0, 10.0), sample(2.0, 20.0)]);
        assert_eq!(median, sample(2.0, 20.0));
    }
}
