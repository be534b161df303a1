//! The text form of label selectors: tokens, then requirements between commas.
//!
//! Its errors are the server's to the letter, so it takes the same steps: what it finds where it expects
//! something else depends on them.

use super::{Operator, Requirement, requirement};
use crate::failure::Cause;
use crate::names;
use std::collections::BTreeSet;

/// What the server says it expects between a key and its values.
const BINARY: &str = "in, notin, =, ==, !=, gt, lt";

/// Reads a selector.
pub(super) fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser { tokens: tokens(text), position: 0 };
    let mut requirements = Vec::new();
    loop {
        match parser.peek() {
            Token::Word(_) | Token::Not => {}
            Token::End => return Ok(requirements),
            other => return Err(format!("found '{other}', expected: !, identifier, or 'end of string'")),
        }
        let next = parser.requirement().map_err(|error| format!("unable to parse requirement: {error}"))?;
        requirements.push(next);
        match parser.take() {
            Token::End => return Ok(requirements),
            Token::Comma => {}
            other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
        }
        match parser.peek() {
            Token::Word(_) | Token::Not => {}
            other => return Err(format!("found '{other}', expected: identifier after ','")),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    End,
    Open,
    Close,
    Comma,
    Not,
    Equal,
    DoubleEqual,
    NotEqual,
    Greater,
    Less,
    /// A key or a value, or the operators `in` and `notin`: it depends on where it stands.
    Word(String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::End => "",
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
            Self::Not => "!",
            Self::Equal => "=",
            Self::DoubleEqual => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::Word(word) => word,
        })
    }
}

/// Cuts the text into tokens; nothing is an error yet.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else { return tokens };
        let (token, length) = match first {
            '=' if rest.starts_with("==") => (Token::DoubleEqual, 2),
            '!' if rest.starts_with("!=") => (Token::NotEqual, 2),
            '=' => (Token::Equal, 1),
            '!' => (Token::Not, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '>' => (Token::Greater, 1),
            '<' => (Token::Less, 1),
            _ => {
                let ends = |character| " \t\r\n=!(),><".contains(character);
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        self.tokens.get(self.position).cloned().unwrap_or(Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.peek();
        self.position += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Token::Not;
        if negated {
            self.take();
        }
        let key = match self.take() {
            Token::Word(word) => word,
            other => return Err(format!("found '{other}', expected: identifier")),
        };
        let faults = names::label_key(&key);
        if !faults.is_empty() {
            let cause = Cause::invalid("<nil>", &key.as_str().into(), &faults.join("; "));
            return Err(cause.to_string());
        }
        // A negated key is complete, whatever follows it: the caller says that it expected a comma.
        if negated {
            return requirement(&key, Operator::DoesNotExist, BTreeSet::new());
        }
        if matches!(self.peek(), Token::End | Token::Comma) {
            return requirement(&key, Operator::Exists, BTreeSet::new());
        }
        let operator = self.operator()?;
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?,
            _ => BTreeSet::from([self.exact_value()?]),
        };
        requirement(&key, operator, values)
    }

    fn operator(&mut self) -> Result<Operator, String> {
        match self.take() {
            Token::Equal | Token::DoubleEqual => Ok(Operator::Equals),
            Token::NotEqual => Ok(Operator::NotEquals),
            Token::Greater => Ok(Operator::Greater),
            Token::Less => Ok(Operator::Less),
            Token::Word(word) if word == "in" => Ok(Operator::In),
            Token::Word(word) if word == "notin" => Ok(Operator::NotIn),
            other => Err(format!("found '{other}', expected: {BINARY}")),
        }
    }

    /// The value after `=`, which may be left out and is empty then.
    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.take() {
            Token::Word(word) => Ok(word),
            other => Err(format!("found '{other}', expected: identifier")),
        }
    }

    /// The values after `in`. One that is left out between commas is empty.
    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        match self.take() {
            Token::Open => {}
            other => return Err(format!("found '{other}' expected: '('")),
        }
        match self.peek() {
            Token::Word(_) | Token::Comma => {}
            Token::Close => {
                self.take();
                return Ok(BTreeSet::from([String::new()]));
            }
            other => return Err(format!("found '{other}', expected: ',', ')' or identifier")),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.take() {
                Token::Word(word) => {
                    values.insert(word);
                    match self.peek() {
                        Token::Comma => {}
                        Token::Close => break,
                        other => return Err(format!("found '{other}', expected: ',' or ')'")),
                    }
                }
                Token::Comma => {
                    let next = self.peek();
                    if values.is_empty() || matches!(next, Token::Comma | Token::Close) {
                        values.insert(String::new());
                    }
                    if next == Token::Close {
                        break;
                    }
                }
                other => return Err(format!("found '{other}', expected: ',', or identifier")),
            }
        }
        self.take();
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::super::LabelSelector;
    use std::collections::BTreeMap;

    fn error(text: &str) -> String {
        super::parse(text).unwrap_err()
    }

    fn matches(text: &str, labels: &[(&str, &str)]) -> bool {
        let labels: BTreeMap<String, String> =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        LabelSelector::parse(text).unwrap().matches(&labels)
    }

    #[test]
    fn every_operator_selects_as_the_server_does() {
        let web = &[("app", "web"), ("number", "12"), ("empty", "")];
        for text in [
            "",
            "app",
            "app=web",
            "app==web",
            "app!=db",
            "app in (db, web)",
            "app notin (db)",
            "!canary",
            "canary!=x",
            "canary notin (x)",
            "number>11",
            "number<13",
            "empty=",
            "empty",
            "empty in ()",
            "empty in (,a)",
            "app,!x",
            "app = web , number > 1",
        ] {
            assert!(matches(text, web), "{text}");
        }
        for text in [
            "!app",
            "app=db",
            "app!=web",
            "app notin (web)",
            "app in (db)",
            "canary",
            "canary in (x)",
            "canary>1",
            "app>1",
            "number>12",
            "number<12",
            "app=",
            "app,canary",
        ] {
            assert!(!matches(text, web), "{text}");
        }
    }

    #[test]
    fn words_that_are_operators_can_be_keys_and_values() {
        for text in ["in", "in in (in)", "notin=in", "in notin (notin)"] {
            assert!(super::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_servers_words() {
        for (text, wanted) in [
            ("a=b=c", "found '=', expected: ',' or 'end of string'"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("!a=b", "found '=', expected: ',' or 'end of string'"),
            (",", "found ',', expected: !, identifier, or 'end of string'"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("(", "found '(', expected: !, identifier, or 'end of string'"),
            ("a,,b", "found ',', expected: identifier after ','"),
            ("a,", "found '', expected: identifier after ','"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
            ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
            ("a in (,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a!!b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
            ("a===b", "unable to parse requirement: found '=', expected: identifier"),
            (
                "a>b",
                "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value \
                 must be an integer",
            ),
            (
                "/b",
                "unable to parse requirement: <nil>: Invalid value: \"/b\": prefix part must be non-empty",
            ),
        ] {
            assert_eq!(error(text), wanted, "{text}");
        }
    }

    #[test]
    fn keys_and_values_must_be_valid_labels() {
        let long = "a".repeat(64);
        for (text, start) in [
            ("-a", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"),
            (
                "a/b/c",
                "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist",
            ),
            (
                "UP/b",
                "unable to parse requirement: <nil>: Invalid value: \"UP/b\": prefix part a lowercase RFC 1123",
            ),
            ("a=$", "unable to parse requirement: values[0][a]: Invalid value: \"$\": a valid label must be"),
            ("a in (b,$)", "unable to parse requirement: values[0][a]: Invalid value: \"$\": a valid label"),
            ("a in (a,é)", "unable to parse requirement: values[1][a]: Invalid value: \"é\": a valid label"),
            (
                "a>$",
                "unable to parse requirement: [values[0]: Invalid value: \"$\": for 'Gt', 'Lt' operators, the",
            ),
        ] {
            assert!(error(text).starts_with(start), "{text}: {}", error(text));
        }
        assert!(error(&long).ends_with("name part must be no more than 63 bytes"));
        assert!(error(&format!("a={long}")).ends_with("must be no more than 63 bytes"));
    }
}
