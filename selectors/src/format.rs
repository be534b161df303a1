//! The formats of label keys and values, as messages about what a text breaks.
//!
//! Each check gives one message for each rule that is broken, in the words of an API server.

use crate::wording;

/// What the longest label value and name part of a label key have, in bytes.
const LABEL_MAX: usize = 63;
/// What the longest DNS subdomain has, in bytes.
const SUBDOMAIN_MAX: usize = 253;

const DNS_LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const KEY_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const KEY_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// What is wrong with a label's key: a name, with a DNS subdomain and a slash before it or not. Annotations, finalizers
/// and resources have the same format.
pub fn label_key(text: &str) -> Vec<String> {
    let key_rule = || wording::rule(KEY_RULE, KEY_FORMAT, &["MyName", "my.name", "123-abc"]);
    let mut broken = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((prefix, name)) if !name.contains('/') => {
            if prefix.is_empty() {
                broken.push("prefix part must be non-empty".into());
            } else {
                broken.extend(label_key_prefix(prefix));
            }
            name
        }
        Some(_) => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                key_rule()
            )];
        }
    };
    if name.is_empty() {
        broken.push("name part must be non-empty".into());
    } else if name.len() > LABEL_MAX {
        broken.push(format!("name part {}", at_most(LABEL_MAX)));
    }
    if !is_name(name) {
        broken.push(format!("name part {}", key_rule()));
    }
    broken
}

fn label_key_prefix(prefix: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if prefix.len() > SUBDOMAIN_MAX {
        broken.push(format!("prefix part {}", at_most(SUBDOMAIN_MAX)));
    }
    if !is_subdomain(prefix) {
        broken.push(format!("prefix part {}", subdomain_rule()));
    }
    broken
}

/// What is wrong with a label's value.
pub fn label_value(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > LABEL_MAX {
        broken.push(at_most(LABEL_MAX));
    }
    if !text.is_empty() && !is_name(text) {
        let rule = format!("a valid label must be an empty string or {}", &KEY_RULE["must ".len()..]);
        broken.push(wording::rule(&rule, &format!("({KEY_FORMAT})?"), &["MyValue", "my_value", "12345"]));
    }
    broken
}

/// Whether a text has the format of a DNS subdomain of RFC 1123. Its length is another matter.
pub fn is_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.split('.').all(|label| has_edges(label, is_inner, |byte| is_inner(byte) || byte == b'-'))
}

/// What a DNS subdomain of RFC 1123 must be like.
pub fn subdomain_rule() -> String {
    let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
                start and end with an alphanumeric character";
    wording::rule(rule, &format!("{DNS_LABEL}(\\.{DNS_LABEL})*"), &["example.com"])
}

fn is_name(text: &str) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_alphanumeric();
    has_edges(text, is_edge, |byte| is_edge(byte) || matches!(byte, b'-' | b'_' | b'.'))
}

/// Whether a text begins and ends with one kind of bytes and consists of another.
fn has_edges(text: &str, is_edge: impl Fn(u8) -> bool, is_inner: impl Fn(u8) -> bool) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(&is_edge);
    edge(text.bytes().next()) && edge(text.bytes().next_back()) && text.bytes().all(is_inner)
}

fn at_most(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

#[cfg(test)]
mod tests {
    use super::{label_key, label_value};

    const NONE: [&str; 0] = [];

    #[test]
    fn a_label_key_has_at_most_one_slash() {
        assert_eq!(label_key("example.com/My_name.1"), NONE);
        assert_eq!(label_key("/a"), ["prefix part must be non-empty"]);
        let name = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
                    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
                    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
        assert_eq!(label_key("a_"), [name]);
        assert_eq!(label_key(""), ["name part must be non-empty", name]);
        assert_eq!(label_key(&"a".repeat(64)), ["name part must be no more than 63 bytes"]);
        let many = "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
                    with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for \
                    validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and \
                    '/' (e.g. 'example.com/MyName')";
        assert_eq!(label_key("a/b/c"), [many]);
    }

    #[test]
    fn the_prefix_of_a_label_key_is_a_subdomain() {
        let prefix = "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
                      or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
                      validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        for bad in ["UP/a", "a..b/a", "-a/a", "a-/a", "a_b/a"] {
            assert_eq!(label_key(bad), [prefix], "{bad}");
        }
        let long = format!("{}/a", "a".repeat(254));
        assert_eq!(label_key(&long), ["prefix part must be no more than 253 bytes"]);
    }

    #[test]
    fn a_label_value_may_be_empty() {
        assert_eq!(label_value(""), NONE);
        let rule = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
                    must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', \
                    regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
        assert_eq!(label_value("-"), [rule]);
        assert_eq!(label_value(&"a".repeat(64)), ["must be no more than 63 bytes"]);
    }
}
