//! Numbers: limits, and how Go writes them.

use super::finding::{Finding, What};
use serde_json::{Map, Number, Value};

/// What numbers may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    least: Option<f64>,
    above: bool,
    most: Option<f64>,
    below: bool,
    multiple_of: Option<f64>,
}

/// A number, as Go reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Read {
    Whole(i64),
    Float(f64),
}

impl Read {
    pub(super) fn of(number: &Number) -> Self {
        match number.as_i64() {
            Some(whole) => Self::Whole(whole),
            None => Self::Float(number.as_f64().unwrap_or_default()),
        }
    }

    /// Whether it could be written without a fraction.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Float(float) => is_whole(float),
        }
    }

    fn float(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the server compares like this, too")]
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// Told in a message.
    pub(super) fn value(self) -> Value {
        match self {
            Self::Whole(whole) => whole.into(),
            #[expect(clippy::cast_possible_truncation, reason = "what is cut off is nothing")]
            Self::Float(float) if is_whole(float) => (float as i64).into(),
            Self::Float(float) => float.into(),
        }
    }
}

fn is_whole(float: f64) -> bool {
    /// What a float can tell apart without gaps.
    const EXACT: f64 = 9_007_199_254_740_991.0;
    float.abs() <= EXACT && float.fract() == 0.0
}

impl Limits {
    pub(super) fn read(keys: &Map<String, Value>) -> Self {
        let number = |key: &str| keys.get(key).and_then(Value::as_f64);
        Self {
            least: number("minimum"),
            above: super::truth(keys, "exclusiveMinimum"),
            most: number("maximum"),
            below: super::truth(keys, "exclusiveMaximum"),
            multiple_of: number("multipleOf"),
        }
    }

    /// What is wrong with a number.
    pub(super) fn check(&self, number: Read, format: &str, path: &str, findings: &mut Vec<Finding>) {
        match self.multiple_of {
            // A factor without its fraction can be nothing.
            Some(factor) if matches!(number, Read::Whole(_)) && factor < 1.0 => {
                let message = format!("factor MultipleOf declared for {path} must be positive: 0");
                findings.push(Finding::new(What::Invalid, path, 0.into(), message));
            }
            Some(factor) if !is_multiple(number, factor) => {
                let message = format!("{path} in body should be a multiple of {}", limit(number, factor));
                findings.push(Finding::new(What::Invalid, path, number.value(), message));
            }
            _ => {}
        }
        let mut find = |message: String| {
            findings.push(Finding::new(What::Invalid, path, number.value(), message));
        };
        if let Some(least) = self.least {
            let out = if self.above { number.float() <= least } else { number.float() < least };
            let words = if self.above { "greater than" } else { "greater than or equal to" };
            if out {
                find(format!("{path} in body should be {words} {}", limit(number, least)));
            }
        }
        if let Some(most) = self.most {
            let out = if self.below { number.float() >= most } else { number.float() > most };
            let words = if self.below { "less than" } else { "less than or equal to" };
            if out {
                find(format!("{path} in body should be {words} {}", limit(number, most)));
            }
        }
        if !fits(number, format) {
            let message = format!("Checked value must be of type integer with format {format} in {path}");
            findings.insert(0, Finding::composite(message));
        }
    }
}

/// Whether a number can be of a format, written as it is.
fn fits(number: Read, format: &str) -> bool {
    match (number, format) {
        (Read::Whole(whole), "int32") => i32::try_from(whole).is_ok(),
        (Read::Float(float), "int32") => is_whole(float) && float.abs() < 2e9,
        (Read::Float(float), "int64") => is_whole(float) && float.abs() < 9e18,
        _ => true,
    }
}

/// A limit, as it is told about a number: without a fraction if the number has none.
fn limit(number: Read, limit: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the server cuts off the fraction, too")]
    match number {
        Read::Whole(_) => (limit as i64).to_string(),
        Read::Float(_) => written(limit),
    }
}

fn is_multiple(number: Read, factor: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the server cuts off the fraction, too")]
    if let Read::Whole(whole) = number {
        let factor = factor as i64;
        return factor > 0 && whole % factor == 0;
    }
    let float = number.float();
    let quotient = if factor < 1.0 { 1.0 / factor * float } else { float / factor };
    (quotient - quotient.round()).abs() < 1e-9
}

/// A number as Go's `%v` writes it.
fn written(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{float:e}");
        // Go's exponents have a sign and two digits.
        if let Some((digits, exponent)) = text.split_once('e') {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            return format!("{digits}e{sign}{exponent:0>2}");
        }
    }
    float.to_string()
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn numbers_are_written_as_go_does() {
        for (number, text) in [
            (0.5, "0.5"),
            (10.0, "10"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (2.5e-7, "2.5e-07"),
        ] {
            assert_eq!(written(number), text);
        }
    }
}
