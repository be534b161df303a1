//! Field selectors: `status.phase=Running,spec.nodeName!=a`.

use super::selectable::Target;
use super::{Fields, Selectable};
use crate::failure::Failure;

/// Requirements on a few fields, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    target: Target,
    /// Whether the field must have the value, or must not.
    equal: bool,
    value: String,
}

impl FieldSelector {
    /// Reads a selector from a query parameter. An empty text selects everything.
    ///
    /// `version` is the requested one, which an error may name.
    ///
    /// # Errors
    ///
    /// 400 with the server's words, if the text is no selector or the kind does not offer a field.
    pub(crate) fn parse(text: &str, kind: &Selectable, version: &str) -> Result<Self, Failure> {
        let parsed = parse(text).map_err(Failure::bad_request)?;
        let mut terms = Vec::with_capacity(parsed.len());
        for (field, equal, value) in parsed {
            let target = kind.target(&field, version).map_err(Failure::bad_request)?;
            terms.push(Term { target, equal, value });
        }
        Ok(Self { terms })
    }

    /// Whether everything is selected.
    pub(crate) fn is_everything(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an object is selected. The namespace is empty for one that has none.
    pub(crate) fn matches(&self, namespace: &str, name: &str, fields: &Fields) -> bool {
        self.terms.iter().all(|term| {
            let value = match term.target {
                Target::Name => name,
                Target::Namespace => namespace,
                Target::Field(index) => fields.value(index),
                Target::Empty => "",
            };
            (value == term.value) == term.equal
        })
    }
}

/// Fields, whether they must be equal, and values. In the order of the terms' texts, which decides about the
/// error that is told.
fn parse(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    let mut terms = split(text);
    terms.sort_unstable();
    let mut parsed = Vec::new();
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let (before, after) = term
            .split_once('=')
            .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
        let (field, equal) = match before.strip_suffix('!') {
            Some(field) => (field, false),
            None => (before, true),
        };
        let value = if equal { after.strip_prefix('=').unwrap_or(after) } else { after };
        let value = unescaped(value)?;
        // The server has always let `=` alone pass.
        if !(field.is_empty() && value.is_empty()) {
            parsed.push((field.to_owned(), equal, value));
        }
    }
    Ok(parsed)
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
            // The server says which character by its number.
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
    use super::{FieldSelector, parse};
    use crate::selector::Selectable;
    use serde_json::json;

    fn selects(text: &str) -> bool {
        let pods = Selectable::built_in("", "Pod");
        let fields = pods.of(&json!({"spec": {"nodeName": "n"}, "status": {"phase": "Running"}}));
        FieldSelector::parse(text, &pods, "v1").unwrap().matches("prod", "web", &fields)
    }

    #[test]
    fn every_term_must_hold() {
        for text in [
            "",
            ",,",
            "=",
            "!=",
            "metadata.name=web",
            "metadata.name==web",
            "metadata.name!=db",
            "metadata.namespace=prod,status.phase=Running",
            "spec.nodeName!=m,spec.hostNetwork=false,status.podIP=",
            "status.podIPs=",
        ] {
            assert!(selects(text), "{text}");
        }
        for text in [
            "metadata.name=db",
            "metadata.name!=web",
            "status.phase=Running,metadata.namespace=x",
            "spec.host=",
        ] {
            assert!(!selects(text), "{text}");
        }
    }

    #[test]
    fn backslashes_escape_what_separates() {
        assert_eq!(parse(r"a=b\,c\=d\\"), Ok(vec![("a".to_owned(), true, r"b,c=d\".to_owned())]));
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_servers_words() {
        for (text, message) in [
            ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
            ("b=1,a", "invalid selector: 'b=1,a'; can't understand 'a'"),
            (r"a=b\c", r"invalid field selector: invalid escape sequence: \c"),
            (r"a=b\", r"invalid field selector: invalid escape sequence: \"),
            ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()));
        }
    }
}
