//! The text of a path.

use super::{Comparison, Filter, JsonPath, Operand, Slice, Step};
use serde_json::Value;

/// How deep filters may lie in each other. A path of a custom resource definition has none or one.
const DEPTH: usize = 8;

/// Reads a path, or nothing if the text is none.
pub(super) fn parse(text: &str) -> Option<JsonPath> {
    path(text, 0)
}

fn path(text: &str, depth: usize) -> Option<JsonPath> {
    if depth > DEPTH {
        return None;
    }
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '@', '$']);
        if rest.is_empty() {
            return Some(JsonPath { steps });
        }
        if let Some(after) = rest.strip_prefix("..") {
            if steps.last() == Some(&Step::Descendants) {
                return None;
            }
            steps.push(Step::Descendants);
            rest = after;
            if starts_a_name(rest) {
                rest = field(rest, &mut steps)?;
            }
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = field(after, &mut steps)?;
        } else if rest.starts_with("[?(") {
            rest = filter(rest, &mut steps, depth)?;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inner, after) = after.split_once(']')?;
            steps.extend(brackets(inner, depth)?);
            rest = after;
        } else if steps.is_empty() && starts_a_name(rest) {
            rest = field(rest, &mut steps)?;
        } else {
            return None;
        }
    }
}

fn starts_a_name(text: &str) -> bool {
    text.starts_with(|character: char| character == '_' || character.is_alphanumeric())
}

/// A name up to what cannot be part of one; a backslash lets it be.
fn field<'a>(text: &'a str, steps: &mut Vec<Step>) -> Option<&'a str> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    let mut end = text.len();
    while let Some((position, character)) = characters.next() {
        match character {
            '\\' => name.push(characters.next()?.1),
            ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}' => {
                end = position;
                break;
            }
            other => name.push(other),
        }
    }
    let rest = &text[end..];
    if rest.starts_with(['{', '}', ']', ',', '\t', '\r', '\n']) {
        return None;
    }
    steps.push(if name == "*" { Step::Members } else { Step::Field(name) });
    Some(rest)
}

/// What stands in brackets: an index, a slice, `*`, a quoted name, or several of these.
fn brackets(inner: &str, depth: usize) -> Option<Vec<Step>> {
    if inner.contains(',') {
        let parts = inner.split(',').map(|part| path(&format!("[{}]", part.trim_matches(' ')), depth + 1));
        return Some(vec![Step::Union(parts.collect::<Option<_>>()?)]);
    }
    if let Some(name) = inner.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
        return Some(path(&format!(".{name}"), depth + 1)?.steps);
    }
    Some(vec![Step::Slice(slice(if inner == "*" { ":" } else { inner })?)])
}

fn slice(text: &str) -> Option<Slice> {
    let mut parts = text.split(':');
    let mut number = |fallback: Option<i64>| match parts.next() {
        None => Some((fallback, false)),
        Some("") => Some((fallback, true)),
        Some(part) => part.parse::<i32>().ok().map(|number| (Some(i64::from(number)), true)),
    };
    let (start, _) = number(None)?;
    let (end, has_end) = number(None)?;
    let (step, _) = number(Some(1))?;
    if parts.next().is_some() || text.contains('+') {
        return None;
    }
    let start = start.unwrap_or(0);
    let end = if has_end { end } else { Some(start + 1) };
    Some(Slice { start, end, single: !has_end, step: step? })
}

/// `[?(…)]`.
fn filter<'a>(text: &'a str, steps: &mut Vec<Step>, depth: usize) -> Option<&'a str> {
    let inner = text.strip_prefix("[?(")?;
    let end = end_of_filter(inner)?;
    let rest = inner.get(end + 1..)?.strip_prefix(']')?;
    let (left, test) = comparison(&inner[..end], depth)?;
    steps.push(Step::Filter(Filter { left: path(left, depth + 1)?, test }));
    Some(rest)
}

/// Where the closing parenthesis is that does not stand in quotes.
fn end_of_filter(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (position, character) in text.char_indices() {
        match character {
            _ if escaped => {}
            '"' | '\'' if quote.is_none() => quote = Some(character),
            _ if quote == Some(character) => quote = None,
            ')' if quote.is_none() => return Some(position),
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// The left side of a filter, the operator and the right side.
fn comparison(text: &str, depth: usize) -> Option<(&str, Option<(Comparison, Operand)>)> {
    let Some(start) = text.find(['!', '<', '>', '=']).filter(|start| *start > 0) else {
        return Some((text, None));
    };
    let length = text[start..].find(|character| !"!<>=".contains(character))?;
    let (left, operator, right) = (&text[..start], &text[start..start + length], &text[start + length..]);
    let comparison = match operator {
        "==" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    };
    Some((left, Some((comparison, operand(right.trim(), depth)?))))
}

/// A text in quotes, a number, `true`, `false`, or a path.
fn operand(text: &str, depth: usize) -> Option<Operand> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote)?;
            return Some(Operand::Value(inner.replace('\\', "").into()));
        }
    }
    if let Ok(value @ (Value::Bool(_) | Value::Number(_))) = serde_json::from_str(text) {
        return Some(Operand::Value(value));
    }
    if text.starts_with(['@', '.', '$', '[']) { path(text, depth + 1).map(Operand::Path) } else { None }
}
