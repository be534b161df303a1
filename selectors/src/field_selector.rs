//! Field selectors: `status.phase=Running,spec.nodeName!=a`.

use crate::InvalidSelector;
use std::fmt;
use std::str::FromStr;

/// Requirements on a few fields of an object, all of which must hold.
///
/// Which fields can be selected by depends on the kind: `metadata.name` always, `metadata.namespace` if it has one, and few
/// others. Only a server knows them; here any will do.
///
/// What [`Display`](fmt::Display) writes is a text that [`parse`](Self::parse) reads as the same selector. The default is
/// [`everything`](Self::everything).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldSelector {
    /// What must hold: in the order of their texts, each once.
    requirements: Vec<FieldRequirement>,
}

/// One requirement on one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRequirement {
    field: String,
    is_equal: bool,
    value: String,
}

impl FieldRequirement {
    /// The field, such as `spec.nodeName`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Whether the field must have the value; else it must have another.
    pub fn is_equal(&self) -> bool {
        self.is_equal
    }

    /// The value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a field with this value is as required. A field that is not there has an empty one.
    pub fn matches(&self, value: &str) -> bool {
        (value == self.value) == self.is_equal
    }
}

impl FieldSelector {
    /// Reads a selector in the form that requests have: `status.phase=Running,spec.nodeName!=a`.
    ///
    /// In values, a backslash stands before `,`, `=` and `\`. An empty text selects everything.
    ///
    /// # Errors
    ///
    /// If the text is no selector, in the words of an API server.
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        let requirements = parse(text).map_err(|reason| InvalidSelector::fields(reason).in_text(text))?;
        Ok(Self::of(requirements))
    }

    /// Selects everything: no requirement has to hold.
    pub fn everything() -> Self {
        Self::default()
    }

    /// The field has this value. One that is not there has an empty value.
    ///
    /// # Errors
    ///
    /// If `field` is empty, or has what separates it from a value.
    pub fn equals(field: &str, value: &str) -> Result<Self, InvalidSelector> {
        Self::one(field, true, value)
    }

    /// The field has another value.
    ///
    /// # Errors
    ///
    /// As for [`equals`](Self::equals).
    pub fn not_equals(field: &str, value: &str) -> Result<Self, InvalidSelector> {
        Self::one(field, false, value)
    }

    /// What both select: the requirements of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.requirements.extend(other.requirements);
        Self::of(self.requirements)
    }

    /// Whether everything is selected: there are no requirements.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// What must hold, in the order of the texts of requirements.
    pub fn requirements(&self) -> impl Iterator<Item = &FieldRequirement> {
        self.requirements.iter()
    }

    /// Whether an object is selected whose fields have these values; none is as good as an empty one.
    pub fn matches<'a>(&self, value_of: impl Fn(&str) -> Option<&'a str>) -> bool {
        let holds = |one: &FieldRequirement| one.matches(value_of(&one.field).unwrap_or_default());
        self.requirements.iter().all(holds)
    }

    fn one(field: &str, is_equal: bool, value: &str) -> Result<Self, InvalidSelector> {
        if field.is_empty() || field.contains(['=', '!', ',', '\\']) {
            let reason = format!("a field is a path of names such as 'spec.nodeName', and '{field}' is none");
            return Err(InvalidSelector::fields(reason));
        }
        let requirement = FieldRequirement { field: field.to_owned(), is_equal, value: value.to_owned() };
        Ok(Self { requirements: vec![requirement] })
    }

    fn of(mut requirements: Vec<FieldRequirement>) -> Self {
        requirements.sort_by_cached_key(FieldRequirement::to_string);
        requirements.dedup();
        Self { requirements }
    }
}

impl FromStr for FieldSelector {
    type Err = InvalidSelector;

    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        Self::parse(text)
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FieldRequirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = if self.is_equal { "=" } else { "!=" };
        write!(formatter, "{}{operator}", self.field)?;
        for part in self.value.split_inclusive(['\\', ',', '=']) {
            match part.strip_suffix(['\\', ',', '=']) {
                Some(plain) => write!(formatter, "{plain}\\{}", &part[plain.len()..])?,
                None => formatter.write_str(part)?,
            }
        }
        Ok(())
    }
}

/// The requirements in the order of their texts, which decides about the error that is told.
fn parse(text: &str) -> Result<Vec<FieldRequirement>, String> {
    let mut terms = split(text);
    terms.sort_unstable();
    let mut requirements = Vec::new();
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let (before, after) = term
            .split_once('=')
            .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
        let (field, is_equal) = match before.strip_suffix('!') {
            Some(field) => (field, false),
            None => (before, true),
        };
        let value = if is_equal { after.strip_prefix('=').unwrap_or(after) } else { after };
        let value = unescaped(value)?;
        // Servers have always let `=` alone pass.
        if !(field.is_empty() && value.is_empty()) {
            requirements.push(FieldRequirement { field: field.to_owned(), is_equal, value });
        }
    }
    Ok(requirements)
}

/// The terms between commas that no backslash precedes.
fn split(text: &str) -> Vec<&str> {
    let mut escaped = false;
    text.split(|character| {
        let ends = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })
    .collect()
}

/// A value without the backslashes that keep `,`, `=` and `\` from having a meaning.
fn unescaped(value: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(next @ ('\\' | ',' | '=')) => plain.push(next),
                next => {
                    let next = next.map_or_else(String::new, String::from);
                    return Err(format!("invalid field selector: invalid escape sequence: \\{next}"));
                }
            },
            // Servers say which character by its number.
            ',' | '=' => {
                let number = u32::from(character);
                return Err(format!("invalid field selector: unescaped character in value: {number}"));
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::FieldSelector;

    fn selects(text: &str) -> bool {
        let value = |field: &str| match field {
            "metadata.name" => Some("web"),
            "status.phase" => Some("Running"),
            _ => None,
        };
        FieldSelector::parse(text).unwrap().matches(value)
    }

    #[test]
    fn every_requirement_must_hold() {
        for text in
            ["", ",,", "=", "!=", "metadata.name=web", "metadata.name==web,status.phase!=Failed", "spec.x="]
        {
            assert!(selects(text), "{text}");
        }
        for text in
            ["metadata.name=db", "metadata.name!=web", "metadata.name=web,status.phase=Failed", "spec.x!="]
        {
            assert!(!selects(text), "{text}");
        }
    }

    #[test]
    fn backslashes_escape_what_separates() {
        let selector = FieldSelector::parse(r"a=b\,c\=d\\").unwrap();
        let read: Vec<_> =
            selector.requirements().map(|one| (one.field(), one.is_equal(), one.value())).collect();
        assert_eq!(read, [("a", true, r"b,c=d\")]);
        assert_eq!(selector.to_string(), r"a=b\,c\=d\\");
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_words_of_servers() {
        for (text, message) in [
            ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
            ("b=1,a", "invalid selector: 'b=1,a'; can't understand 'a'"),
            (r"a=b\c", r"invalid field selector: invalid escape sequence: \c"),
            (r"a=b\", r"invalid field selector: invalid escape sequence: \"),
            ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        ] {
            assert_eq!(FieldSelector::parse(text).unwrap_err().reason(), message);
        }
    }

    #[test]
    fn any_text_is_refused_or_read_as_what_is_written_of_it() {
        const PIECES: [&str; 8] = ["a", "b", ".", "=", "!", ",", "\\", "é"];
        let mut random = fastrand::Rng::with_seed(6);
        let mut valid = 0;
        for _ in 0..100_000 {
            let text: String =
                (0..random.usize(..12)).map(|_| PIECES[random.usize(..PIECES.len())]).collect();
            if let Ok(selector) = FieldSelector::parse(&text) {
                valid += 1;
                assert_eq!(FieldSelector::parse(&selector.to_string()), Ok(selector), "{text}");
            }
        }
        assert!(valid > 1_000, "{valid}");
    }

    #[test]
    fn what_is_built_is_what_is_read() {
        let built =
            FieldSelector::equals("b", r"x=\").unwrap().and(FieldSelector::not_equals("a", "y").unwrap());
        assert_eq!(built, FieldSelector::parse(r"a!=y,b==x\=\\").unwrap());
        for wrong in ["", "a=b", "a!", "a,b", "\\"] {
            assert!(FieldSelector::equals(wrong, "x").is_err(), "{wrong}");
        }
    }
}
