//! Quantities (`500m`, `1Gi`, `1e3`): reading, comparing, and the form in which a server gives them back.

use std::cmp::Ordering;

/// Parts of one unit that values are counted in.
const NANO: i128 = 1_000_000_000;
/// Digits that a server keeps in a machine word; a text with more goes through its slower, always canonical path.
const FAST_DIGITS: usize = 18;

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// With the suffixes of powers of 1024.
    Binary,
    /// With the suffixes of powers of 1000.
    Decimal,
    /// With `e` and a power of ten.
    Exponent,
}

/// An amount of a resource, in billionths.
///
/// Values beyond 10^29 are taken to be that large: nothing that is measured comes near it.
#[derive(Clone, Debug)]
pub(crate) struct Quantity {
    nanos: i128,
    format: Format,
    /// The text, if a server would give it back as it is.
    kept: Option<String>,
}

/// A text that is no quantity, with the server's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAQuantity(pub(crate) &'static str);

const FORMAT_WRONG: NotAQuantity = NotAQuantity(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
);
const SUFFIX_WRONG: NotAQuantity = NotAQuantity("unable to parse quantity's suffix");

const DECIMAL_SUFFIXES: [(i32, &str); 10] =
    [(-9, "n"), (-6, "u"), (-3, "m"), (0, ""), (3, "k"), (6, "M"), (9, "G"), (12, "T"), (15, "P"), (18, "E")];
const BINARY_SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// A text in its parts.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, NotAQuantity> {
        if text.is_empty() {
            return Err(FORMAT_WRONG);
        }
        let parts = split(text)?;
        let (base, exponent, format) = suffix(parts.suffix).ok_or(SUFFIX_WRONG)?;
        let mut nanos = magnitude(&parts, base, exponent);
        let mut format = format;
        if format == Format::Binary {
            nanos = nanos.min(i128::from(i64::MAX) * NANO);
            if nanos > 0 && nanos < NANO {
                format = Format::Decimal;
            }
        }
        if parts.negative {
            nanos = -nanos;
        }
        let kept = is_kept(&parts, base, exponent).then(|| text.to_owned());
        Ok(Self { nanos, format, kept })
    }

    /// A whole number.
    pub(crate) fn whole(value: i64) -> Self {
        Self { nanos: i128::from(value) * NANO, format: Format::Decimal, kept: None }
    }

    /// Whether it is more than, less than or equal to nothing.
    pub(crate) fn sign(&self) -> Ordering {
        self.nanos.cmp(&0)
    }

    /// Whether there is a part of less than one.
    pub(crate) fn has_fraction(&self) -> bool {
        self.nanos % NANO != 0
    }

    /// Whether there is a part of less than a thousandth.
    pub(crate) fn is_finer_than_milli(&self) -> bool {
        self.nanos % (NANO / 1000) != 0
    }

    /// The next whole number away from zero.
    pub(crate) fn rounded_up(&self) -> i128 {
        away_from_zero(self.nanos, NANO)
    }

    /// The value in thousandths, rounded away from zero.
    pub(crate) fn millis(&self) -> i128 {
        away_from_zero(self.nanos, NANO / 1000)
    }

    /// Rounds to thousandths, away from zero.
    pub(crate) fn round_to_milli(&mut self) {
        if self.is_finer_than_milli() {
            self.nanos = self.millis().saturating_mul(NANO / 1000);
            self.kept = None;
        }
    }

    /// The sum, in the format of the first that is not zero.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Self { nanos: self.nanos.saturating_add(other.nanos), format, kept: None }
    }

    fn write_decimal(&self, exponential: bool) -> String {
        let mut mantissa = self.nanos;
        let mut exponent = -9;
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        while exponent % 3 != 0 {
            mantissa = mantissa.saturating_mul(10);
            exponent -= 1;
        }
        let suffix = DECIMAL_SUFFIXES.iter().find(|(power, _)| *power == exponent);
        match suffix {
            _ if exponential && exponent == 0 => mantissa.to_string(),
            _ if exponential => format!("{mantissa}e{exponent}"),
            Some((_, suffix)) => format!("{mantissa}{suffix}"),
            None => mantissa.to_string(),
        }
    }

    fn write_binary(&self) -> String {
        let mut mantissa = self.nanos / NANO;
        let mut power = 0;
        while mantissa % 1024 == 0 && power < BINARY_SUFFIXES.len() - 1 {
            mantissa /= 1024;
            power += 1;
        }
        format!("{mantissa}{}", BINARY_SUFFIXES[power])
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(kept) = &self.kept {
            return formatter.write_str(kept);
        }
        if self.nanos == 0 {
            return formatter.write_str("0");
        }
        let small = self.nanos.abs() < 1024 * NANO;
        let text = match self.format {
            Format::Exponent => self.write_decimal(true),
            Format::Binary if !small && !self.has_fraction() => self.write_binary(),
            Format::Binary | Format::Decimal => self.write_decimal(false),
        };
        formatter.write_str(&text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

fn away_from_zero(value: i128, unit: i128) -> i128 {
    value / unit + if value % unit == 0 { 0 } else { value.signum() }
}

fn split(text: &str) -> Result<Parts<'_>, NotAQuantity> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = unsigned.split_at(digits(unsigned));
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    let letters = suffix.bytes().take_while(|byte| b"eEinumkKMGTP".contains(byte)).count();
    let power = suffix[letters..].strip_prefix(['-', '+']).unwrap_or(&suffix[letters..]);
    if digits(power) != power.len() {
        return Err(FORMAT_WRONG);
    }
    Ok(Parts { negative, whole: whole.trim_start_matches('0'), fraction, suffix })
}

/// Base, exponent and format.
fn suffix(suffix: &str) -> Option<(u32, i32, Format)> {
    if let Some((exponent, _)) = DECIMAL_SUFFIXES.iter().find(|(_, known)| *known == suffix) {
        return Some((10, *exponent, Format::Decimal));
    }
    if let Some(power) = BINARY_SUFFIXES.iter().position(|known| *known == suffix) {
        return Some((2, i32::try_from(power * 10).ok()?, Format::Binary));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((10, exponent, Format::Exponent))
}

/// The value without its sign, rounded up to billionths.
fn magnitude(parts: &Parts<'_>, base: u32, exponent: i32) -> i128 {
    let mut value: i128 = 0;
    let mut scale: i32 = if base == 10 { exponent } else { 0 };
    let mut lost = false;
    for digit in parts.whole.bytes().chain(parts.fraction.bytes()) {
        match value.checked_mul(10).and_then(|value| value.checked_add(i128::from(digit - b'0'))) {
            Some(more) if more < i128::MAX / NANO => value = more,
            // What does not fit is too small to matter, or the value too large to tell.
            _ => {
                lost |= digit != b'0';
                scale = scale.saturating_add(1);
            }
        }
    }
    scale = scale.saturating_sub(i32::try_from(parts.fraction.len()).unwrap_or(i32::MAX)).saturating_add(9);
    if base == 2 {
        let shift = u32::try_from(exponent).unwrap_or_default();
        value = value.saturating_mul(1_i128 << shift);
    }
    while scale > 0 && value != 0 && value < i128::MAX / 10 {
        value *= 10;
        scale -= 1;
    }
    if scale > 0 && value != 0 {
        return i128::MAX / 10;
    }
    while scale < 0 && value != 0 {
        lost |= value % 10 != 0;
        value /= 10;
        scale += 1;
    }
    value + i128::from(lost)
}

/// Whether a server keeps the text: those that its quick path takes for canonical, though `+1` and `1.500` are not.
fn is_kept(parts: &Parts<'_>, base: u32, exponent: i32) -> bool {
    let whole = if parts.whole.is_empty() { "0" } else { parts.whole };
    let digits = whole.len() + parts.fraction.len();
    if parts.whole.is_empty() && parts.fraction.is_empty() {
        return false;
    }
    if base == 2 {
        let room = 15 - i64::try_from(digits).unwrap_or(i64::MAX) - i64::from(exponent * 3 / 10) - 1;
        let odd = whole.parse::<i64>().is_ok_and(|value| value & 7 != 0);
        return parts.fraction.is_empty() && room >= 0 && odd;
    }
    let scale = exponent.saturating_sub(i32::try_from(parts.fraction.len()).unwrap_or(i32::MAX));
    let shifted = format!("{whole}{}", parts.fraction);
    digits <= FAST_DIGITS
        && scale >= -9
        && scale % 3 == 0
        && !shifted.ends_with("000")
        && !shifted.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::{FORMAT_WRONG, Quantity, SUFFIX_WRONG};
    use std::cmp::Ordering;

    #[track_caller]
    fn check(text: &str, canonical: &str) {
        assert_eq!(Quantity::parse(text).unwrap().to_string(), canonical, "{text}");
    }

    #[test]
    fn a_quantity_is_written_with_the_largest_suffix_that_keeps_it_whole() {
        for (text, canonical) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("1", "1"),
            ("100m", "100m"),
            ("1500m", "1500m"),
            ("1.5Gi", "1536Mi"),
            ("1000", "1k"),
            ("1100", "1100"),
            ("0", "0"),
            ("0Gi", "0"),
            ("0.000", "0"),
            ("-1000m", "-1"),
            ("1e3", "1e3"),
            ("1000e3", "1e6"),
            ("0.1e3", "100"),
            ("1E", "1E"),
            ("100e1", "1e3"),
            (".", "0"),
            ("0.0000000001", "1n"),
            ("128Mi", "128Mi"),
            ("1025Mi", "1025Mi"),
            ("100Ki", "100Ki"),
            ("1000Ki", "1000Ki"),
            ("1023", "1023"),
            ("0.1Ki", "102400m"),
            ("8Ei", "9223372036854775807"),
        ] {
            check(text, canonical);
        }
    }

    #[test]
    fn what_a_server_takes_for_canonical_stays_as_it_is_written() {
        for text in ["+1", "1.500", "5.", "01", "1e0", "100e-3"] {
            check(text, text);
        }
        check("1.5", "1500m");
    }

    #[test]
    fn what_is_no_quantity_is_told_apart() {
        assert_eq!(Quantity::parse(""), Err(FORMAT_WRONG));
        assert_eq!(Quantity::parse("1 Gi"), Err(FORMAT_WRONG));
        assert_eq!(Quantity::parse("1Gb"), Err(FORMAT_WRONG));
        assert_eq!(Quantity::parse("1K"), Err(SUFFIX_WRONG));
    }

    #[test]
    fn quantities_compare_by_value() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert!(quantity("1G") < quantity("1Gi"));
        assert_eq!(quantity("-1m").sign(), Ordering::Less);
        assert_eq!(quantity("1").plus(&quantity("500m")).to_string(), "1500m");
        assert_eq!(quantity("1e100").cmp(&quantity("1")), Ordering::Greater);
    }

    #[test]
    fn thousandths_are_the_finest_that_pods_have() {
        let mut fine = Quantity::parse("0.0001").unwrap();
        fine.round_to_milli();
        assert_eq!(fine.to_string(), "1m");
        assert_eq!(Quantity::parse("1.1").unwrap().rounded_up(), 2);
    }
}
