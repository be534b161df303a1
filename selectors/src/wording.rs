//! How an API server words what is wrong: for programs that must say the same.

use std::fmt::Write;

/// A rule with examples of what follows it, and its format as a regular expression.
pub fn rule(rule: &str, format: &str, examples: &[&str]) -> String {
    let mut message = format!("{rule} (");
    for (index, example) in examples.iter().enumerate() {
        let lead = if index == 0 { "e.g. " } else { " or " };
        // Writing to a string cannot fail.
        let _ = write!(message, "{lead}'{example}', ");
    }
    let _ = write!(message, "regex used for validation is '{format}')");
    message
}

/// Text in double quotes, with escapes for what cannot be printed, as Go's `%q` has it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            printable if is_printable(printable) => quoted.push(printable),
            other => push_escaped(&mut quoted, other),
        }
    }
    quoted.push('"');
    quoted
}

fn push_escaped(quoted: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a string cannot fail.
    let _ = match code {
        0..0x80 => write!(quoted, "\\x{code:02x}"),
        0x80..0x1_0000 => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
}

/// Whether a character can be seen, or is a space.
pub fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return (' '..='~').contains(&character);
    }
    // The standard library knows, and escapes what cannot be seen; after a letter it does not escape accents.
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().eq(text.chars())
}

#[cfg(test)]
mod tests {
    use super::{is_printable, quoted};

    #[test]
    fn text_is_quoted_with_the_escapes_of_go() {
        assert_eq!(quoted("a\u{7}\"\\b"), r#""a\a\"\\b""#);
        assert_eq!(quoted("a\u{0}bé\u{2028}"), "\"a\\x00bé\\u2028\"");
        assert_eq!(quoted("\u{e0001}'"), "\"\\U000e0001'\"");
    }

    #[test]
    fn letters_and_accents_are_printable_and_controls_are_not() {
        assert!(['a', ' ', 'é', '\u{301}', '漢'].into_iter().all(is_printable));
        assert!(!['\u{7f}', '\u{a0}', '\u{200b}', '\u{2028}', '\n'].into_iter().any(is_printable));
    }
}
