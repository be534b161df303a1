//! A YAML tree that keeps what it does not know: scalars stay as they were written, keys in their order.
//!
//! A generic value would read `0123` or `1e3` as a number and write another one back. Here only a scalar that
//! can be nothing but text is taken as text. Comments and layout are lost; aliases and tags are refused,
//! because a change could not keep them.

use granit_parser::{Event, Parser, ScalarStyle};

/// A node of a YAML document.
#[derive(Clone, PartialEq)]
pub(super) enum Node {
    /// Text.
    Text(String),
    /// A scalar without quotes that may be something else than text: a number, `true`, `null`.
    Plain(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A map with these keys.
    pub(super) fn map(entries: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (Self::text(key), value)).collect())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Plain(text) if text == NULL)
    }

    /// The text of a scalar, whatever its type.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Plain(_) if self.is_null() => None,
            Self::Text(text) | Self::Plain(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(own, _)| own.as_str() == Some(key)).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter_mut().find(|(own, _)| own.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Sets a key where it is, else as the last. What is no map becomes one.
    pub(super) fn set(&mut self, key: &str, value: Self) {
        if let Some(present) = self.get_mut(key) {
            *present = value;
            return;
        }
        let new = (Self::text(key), value);
        match self {
            Self::Map(entries) => entries.push(new),
            other => *other = Self::Map(vec![new]),
        }
    }

    pub(super) fn remove(&mut self, key: &str) {
        if let Self::Map(entries) = self {
            entries.retain(|(own, _)| own.as_str() != Some(key));
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The same, to change them.
    pub(super) fn items_mut(&mut self) -> &mut [Self] {
        if let Self::List(items) = self { items } else { &mut [] }
    }
}

const NULL: &str = "null";

/// Reads all documents of a text that is known to be neither too deep nor too large.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, &'static str> {
    let mut open: Vec<Node> = Vec::new();
    let mut documents = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|_| "it is not valid YAML")?;
        let whole = match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => return Err("it has YAML aliases"),
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => return Err("it has YAML tags"),
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::SequenceStart(..) => {
                open.push(Node::List(Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Node::Map(Vec::new()));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop(),
            _ => None,
        };
        if let Some(node) = whole {
            place(node, &mut open, &mut documents)?;
        }
    }
    Ok(documents)
}

/// Puts a whole node where it belongs: in the innermost open one, or among the documents.
fn place(node: Node, open: &mut [Node], documents: &mut Vec<Node>) -> Result<(), &'static str> {
    match open.last_mut() {
        None => documents.push(node),
        Some(Node::List(items)) => items.push(node),
        Some(Node::Map(entries)) => match entries.last_mut() {
            Some((_, value)) if is_waiting(value) => *value = node,
            _ if matches!(node, Node::List(_) | Node::Map(_)) => return Err("it has a key that is not text"),
            _ => entries.push((node, waiting())),
        },
        Some(Node::Text(_) | Node::Plain(_)) => {}
    }
    Ok(())
}

/// Stands for the value of a key whose value has not come: no scalar without quotes holds a line feed.
fn waiting() -> Node {
    Node::Plain("\n".to_owned())
}

fn is_waiting(node: &Node) -> bool {
    matches!(node, Node::Plain(text) if text == "\n")
}

fn scalar(text: &str, style: ScalarStyle) -> Node {
    if style != ScalarStyle::Plain || is_plain_text(text) || text.contains('\n') {
        return Node::text(text);
    }
    Node::Plain(if matches!(text, "" | "~") { NULL.to_owned() } else { text.to_owned() })
}

/// Whether a text without quotes is text for every YAML parser, also for those that follow version 1.1.
fn is_plain_text(text: &str) -> bool {
    const OTHER_MEANINGS: [&str; 11] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./@+=:".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(harmless)
        && !text.ends_with(':')
        && !OTHER_MEANINGS.contains(&text.to_ascii_lowercase().as_str())
}

/// Writes the documents in block style, as kubectl does.
///
/// The caller reads the text again and compares: that catches every scalar which cannot stand where it is put.
pub(super) fn emit(documents: &[Node]) -> String {
    let mut out = String::new();
    for (at, document) in documents.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        match document {
            Node::Map(entries) if !entries.is_empty() => emit_map(entries, 0, false, &mut out),
            Node::List(items) if !items.is_empty() => emit_list(items, 0, false, &mut out),
            small => {
                emit_small(small, &mut out);
                out.push('\n');
            }
        }
    }
    out
}

/// Writes a map; `inline` if its first key goes on the line that is begun.
fn emit_map(entries: &[(Node, Node)], indent: usize, inline: bool, out: &mut String) {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 || !inline {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        emit_small(key, out);
        out.push(':');
        match value {
            Node::Map(entries) if !entries.is_empty() => {
                out.push('\n');
                emit_map(entries, indent + 2, false, out);
            }
            Node::List(items) if !items.is_empty() => {
                out.push('\n');
                emit_list(items, indent, false, out);
            }
            small => {
                out.push(' ');
                emit_small(small, out);
                out.push('\n');
            }
        }
    }
}

fn emit_list(items: &[Node], indent: usize, inline: bool, out: &mut String) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 || !inline {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str("- ");
        match item {
            Node::Map(entries) if !entries.is_empty() => emit_map(entries, indent + 2, true, out),
            Node::List(items) if !items.is_empty() => emit_list(items, indent + 2, true, out),
            small => {
                emit_small(small, out);
                out.push('\n');
            }
        }
    }
}

/// Writes what fits on a line: a scalar, or something empty.
fn emit_small(node: &Node, out: &mut String) {
    match node {
        Node::Text(text) if !is_plain_text(text) => emit_quoted(text, out),
        Node::Text(text) | Node::Plain(text) => out.push_str(text),
        Node::List(_) => out.push_str("[]"),
        Node::Map(_) => out.push_str("{}"),
    }
}

fn emit_quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads, writes and reads again.
    fn rewritten(text: &str) -> String {
        let documents = parse(text).expect("YAML");
        let out = emit(&documents);
        assert!(parse(&out).expect("YAML") == documents, "{out}");
        out
    }

    #[test]
    fn scalars_stay_as_they_were_written() {
        let text =
            "a: 0123\nb: 1e3\nc: yes\nd: \"yes\"\ne: null\nf: a b # c\ng: '12'\nh: 12345678901234567890123\n";
        let kept =
            "a: 0123\nb: 1e3\nc: yes\nd: \"yes\"\ne: null\nf: a b\ng: \"12\"\nh: 12345678901234567890123\n";
        assert_eq!(rewritten(text), kept);
    }

    #[test]
    fn keys_keep_their_order_and_lists_look_like_those_of_kubectl() {
        let text = "z:\n- {b: 1, a: [x, [y, z], {}]}\n- []\na: {}\n";
        assert_eq!(rewritten(text), "z:\n- b: 1\n  a:\n  - x\n  - - y\n    - z\n  - {}\n- []\na: {}\n");
    }

    #[test]
    fn text_of_every_kind_survives() {
        for text in [
            "",
            " ",
            "a: b",
            "- a",
            "#",
            "\"\\",
            "a\nb\n",
            "\t\u{7f}\u{85}\u{feff}\u{2028}",
            "größe",
            "😀",
            "y",
            "0x1",
            "a:",
            "null",
        ] {
            let document =
                Node::map([("key", Node::text(text)), ("list", Node::List(vec![Node::text(text)]))]);
            let out = emit(std::slice::from_ref(&document));
            assert!(parse(&out).expect("YAML") == [document], "{text:?}: {out}");
        }
        assert_eq!(
            rewritten("a: |\n  one\n  two\nb: >-\n  one\n  two\n"),
            "a: \"one\\ntwo\\n\"\nb: \"one two\"\n"
        );
    }

    #[test]
    fn several_documents_and_empty_ones_survive() {
        assert_eq!(rewritten("a: 1\n---\nb: 2\n"), "a: 1\n---\nb: 2\n");
        assert_eq!(rewritten(""), "");
        assert_eq!(rewritten("a:\nb: ~\n"), "a: null\nb: null\n");
    }

    #[test]
    fn what_a_change_would_lose_is_refused() {
        for (text, part) in [("a: &a 1\nb: *a", "aliases"), ("a: !!str 1", "tags"), ("? [a]\n: 1", "key")] {
            assert!(parse(text).err().expect("it is refused").contains(part), "{text}");
        }
    }
}
