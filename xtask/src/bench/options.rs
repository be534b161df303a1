//! The arguments of the command.

use std::error::Error;
use std::path::PathBuf;

/// How often each program does each case, unless told otherwise.
const RUNS: usize = 5;

/// What to measure, and where to write what came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Parts of the names of the cases to measure. Without any, all are.
    pub(super) filters: Vec<String>,
    /// How often each program does each case.
    pub(super) runs: usize,
    /// Where to write all that was measured.
    pub(super) json: Option<PathBuf>,
    /// Where to write a picture of the ratios.
    pub(super) plot: Option<PathBuf>,
}

impl Options {
    /// # Errors
    ///
    /// If an argument is not known, or its value is missing or wrong.
    pub(super) fn parse(arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut options = Self { filters: Vec::new(), runs: RUNS, json: None, plot: None };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match *argument {
                "--runs" => options.runs = runs(value()?)?,
                "--json" => options.json = Some(value()?.into()),
                "--plot" => options.plot = Some(value()?.into()),
                filter if !filter.starts_with('-') => options.filters.push(filter.to_owned()),
                other => return Err(format!("bench does not know the argument {other}").into()),
            }
        }
        Ok(options)
    }

    /// Whether a case with this name is to be measured.
    pub(super) fn picks(&self, id: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| id.contains(filter))
    }
}

fn runs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|runs| *runs > 0).ok_or_else(|| format!("--runs {text}: not a number of runs"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options_and_filters_come_in_any_order() {
        let options = Options::parse(&["--runs", "3", "list", "--json", "out.json", "watch"]).unwrap();
        assert_eq!((options.runs, options.json), (3, Some("out.json".into())));
        assert_eq!(options.filters, ["list", "watch"]);
        assert_eq!(Options::parse(&[]).unwrap().runs, 5);
    }

    #[test]
    fn a_filter_is_a_part_of_a_name() {
        let options = Options::parse(&["pods"]).unwrap();
        assert!(options.picks("list-1000-pods") && !options.picks("idle-watches"));
        assert!(Options::parse(&["pods", "idle"]).unwrap().picks("idle-watches"));
        assert!(Options::parse(&[]).unwrap().picks("idle-watches"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |arguments: &[&str]| Options::parse(arguments).unwrap_err().to_string();
        assert_eq!(error(&["--runs", "0"]), "--runs 0: not a number of runs");
        assert_eq!(error(&["--plot"]), "--plot needs a value");
        assert_eq!(error(&["--fast"]), "bench does not know the argument --fast");
    }
}
