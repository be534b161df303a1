//! The formats of names, label keys and values, as messages about what a text breaks; and names that the server makes.
//!
//! Each check gives one message for each rule that is broken, in the words of a Kubernetes API server.

pub(crate) use kubeset_selectors::format::{label_key, label_value};
pub(crate) use kubeset_selectors::wording::rule as told;

use kubeset_selectors::format::{is_subdomain, subdomain_rule};

/// What the longest DNS label, label value and name part of a label key have, in bytes.
pub(crate) const LABEL_MAX: usize = 63;
/// What the longest DNS subdomain has, in bytes.
pub(crate) const SUBDOMAIN_MAX: usize = 253;
/// How many characters the server adds to a `generateName`.
const SUFFIX_LENGTH: usize = 5;
/// Neither vowels nor digits that look like letters, so that no word comes out.
const SUFFIX_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

const LABEL_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_1035_FORMAT: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const UNDERSCORE_LABEL_FORMAT: &str = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

/// A rule for the names of a kind's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// A DNS subdomain of RFC 1123: the usual one.
    Subdomain,
    /// As before, but the text before the random end of a generated name is not checked by itself.
    SubdomainWhole,
    /// A DNS label of RFC 1123.
    Label,
    /// A DNS label of RFC 1035.
    Label1035,
    /// Anything that can be one segment of a URL's path.
    PathSegment,
    /// An IP address in its canonical form.
    IpAddress,
}

impl NameRule {
    /// What is wrong with a name, or with the text that a generated name begins with (`prefix`).
    pub(crate) fn broken_by(self, name: &str, prefix: bool) -> Vec<String> {
        let masked = if prefix { mask_trailing_dash(name) } else { name.to_owned() };
        match self {
            Self::Subdomain => subdomain(&masked),
            Self::SubdomainWhole if prefix => Vec::new(),
            Self::SubdomainWhole => subdomain(name),
            Self::Label => label(&masked),
            Self::Label1035 => label_1035(&masked),
            Self::PathSegment => path_segment(name, prefix),
            Self::IpAddress => ip_address_name(name),
        }
    }
}

/// A name which is new with great probability: what is given, cut to fit, and five random characters.
pub(crate) fn generate(base: &str) -> String {
    let mut end = base.len().min(LABEL_MAX - SUFFIX_LENGTH);
    while !base.is_char_boundary(end) {
        end -= 1;
    }
    let mut name = base[..end].to_owned();
    for _ in 0..SUFFIX_LENGTH {
        let at = fastrand::usize(..SUFFIX_ALPHABET.len());
        name.push(char::from(SUFFIX_ALPHABET[at]));
    }
    name
}

/// A dash at the end is allowed when more follows. The server replaces the last two characters to check the rest.
fn mask_trailing_dash(name: &str) -> String {
    match name.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let mut rest = rest.to_owned();
            rest.pop();
            rest.push('a');
            rest
        }
        _ => name.to_owned(),
    }
}

fn at_most_characters(most: usize) -> String {
    format!("must be no more than {most} characters")
}

/// A number outside of a range.
pub(crate) fn between(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

fn is_label(text: &str, first: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(|byte| first(*byte))
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|byte| edge(byte) || *byte == b'-')
}

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// A DNS label of RFC 1123.
pub(crate) fn label(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > LABEL_MAX {
        broken.push(at_most_characters(LABEL_MAX));
    }
    if !is_label(text, lower_or_digit) {
        broken.push(if is_subdomain(text) {
            "must not contain dots".into()
        } else {
            let rule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and \
                        must start and end with an alphanumeric character";
            told(rule, LABEL_FORMAT, &["my-name", "123-abc"])
        });
    }
    broken
}

/// A DNS label of RFC 1035, which begins with a letter.
pub(crate) fn label_1035(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > LABEL_MAX {
        broken.push(at_most_characters(LABEL_MAX));
    }
    if !is_label(text, |byte| byte.is_ascii_lowercase()) {
        let rule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
                    alphabetic character, and end with an alphanumeric character";
        broken.push(told(rule, LABEL_1035_FORMAT, &["my-name", "abc-123"]));
    }
    broken
}

/// A DNS subdomain of RFC 1123.
pub(crate) fn subdomain(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > SUBDOMAIN_MAX {
        broken.push(at_most_characters(SUBDOMAIN_MAX));
    }
    if !is_subdomain(text) {
        broken.push(subdomain_rule());
    }
    broken
}

/// A DNS subdomain, with underscores.
pub(crate) fn subdomain_with_underscores(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > SUBDOMAIN_MAX {
        broken.push(at_most_characters(SUBDOMAIN_MAX));
    }
    let is_part = |part: &str| {
        let rest = part.strip_prefix('_').unwrap_or(part);
        let bytes = rest.as_bytes();
        bytes.first().is_some_and(|byte| lower_or_digit(*byte))
            && bytes.last().is_some_and(|byte| lower_or_digit(*byte))
            && bytes.iter().all(|byte| lower_or_digit(*byte) || matches!(byte, b'-' | b'_'))
    };
    if !text.split('.').all(is_part) {
        let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or \
                    '.', and must start and end with an alphanumeric character";
        let format = format!("{UNDERSCORE_LABEL_FORMAT}(\\.{UNDERSCORE_LABEL_FORMAT})*");
        broken.push(told(rule, &format, &["example.com"]));
    }
    broken
}

/// A DNS subdomain whose first label is a star.
pub(crate) fn wildcard_subdomain(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > SUBDOMAIN_MAX {
        broken.push(at_most_characters(SUBDOMAIN_MAX));
    }
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        let rule = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
                    consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
        broken.push(told(rule, &format!("\\*\\.{LABEL_FORMAT}(\\.{LABEL_FORMAT})*"), &["*.example.com"]));
    }
    broken
}

/// What can be one segment of a URL's path, or begin one (`prefix`).
pub(crate) fn path_segment(text: &str, prefix: bool) -> Vec<String> {
    if !prefix && matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let forbidden = ['/', '%'].into_iter().filter(|character| text.contains(*character));
    forbidden.map(|character| format!("may not contain '{character}'")).collect()
}

fn ip_address_name(text: &str) -> Vec<String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(address) if address.to_string() == text => Vec::new(),
        Ok(address) => vec![format!("must be in canonical form (\"{address}\")")],
        Err(_) => vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()],
    }
}

/// A key of a ConfigMap or Secret.
pub(crate) fn config_key(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.len() > SUBDOMAIN_MAX {
        broken.push(at_most_characters(SUBDOMAIN_MAX));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.is_empty() || !text.bytes().all(allowed) {
        let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        broken.push(told(rule, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    match text {
        "." | ".." => broken.push(format!("must not be '{text}'")),
        _ if text.starts_with("..") => broken.push("must not start with '..'".into()),
        _ => {}
    }
    broken
}

/// A name of an environment variable.
pub(crate) fn environment_variable(text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if text.is_empty() {
        broken.push("environment variable name must be non-empty".into());
    }
    if text.bytes().any(|byte| !matches!(byte, b' '..=b'~') || byte == b'=') {
        let rule = "a valid environment variable name must consist only of printable ASCII characters other than '='";
        broken.push(rule.into());
    }
    broken
}

/// A name of a port.
pub(crate) fn port_name(text: &str) -> Vec<String> {
    const MAX: usize = 15;
    let mut broken = Vec::new();
    if text.len() > MAX {
        broken.push(at_most_characters(MAX));
    }
    if text.is_empty() || !text.bytes().all(|byte| lower_or_digit(byte) || byte == b'-') {
        broken.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        broken.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        broken.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        broken.push("must not begin or end with a hyphen".into());
    }
    broken
}

/// A number of a port.
pub(crate) fn port_number(port: i64) -> Vec<String> {
    if (1..=65535).contains(&port) { Vec::new() } else { vec![between(1, 65535)] }
}

/// A number with a percent sign.
pub(crate) fn percent(text: &str) -> Vec<String> {
    let number = text.strip_suffix('%').unwrap_or_default();
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let rule = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![told(rule, "[0-9]+%", &["1%", "93%"])]
}

/// A name of an HTTP header.
pub(crate) fn http_header(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Vec::new();
    }
    let rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![told(rule, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

#[cfg(test)]
mod tests {
    use super::{NameRule, config_key, generate, label, label_1035, path_segment, port_name, subdomain};

    const NONE: [&str; 0] = [];

    #[test]
    fn a_subdomain_is_lower_case_labels_between_dots() {
        assert_eq!(subdomain("web-0.prod"), NONE);
        let told = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
                    must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation \
                    is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        for bad in ["a_", "", "A", "a..b", "-a", "a-", ".a"] {
            assert_eq!(subdomain(bad), [told], "{bad}");
        }
        assert_eq!(subdomain(&"a".repeat(254)), ["must be no more than 253 characters"]);
    }

    #[test]
    fn a_label_has_no_dots() {
        assert_eq!(label("9a"), NONE);
        assert_eq!(label("a.b"), ["must not contain dots"]);
        assert_eq!(label(&"a".repeat(64)), ["must be no more than 63 characters"]);
        let told = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
                    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', \
                    regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
        assert_eq!(label_1035("9a"), [told]);
    }

    #[test]
    fn a_generated_name_may_begin_with_what_ends_in_a_dash() {
        assert_eq!(NameRule::Subdomain.broken_by("web-", true), NONE);
        assert_eq!(NameRule::Subdomain.broken_by("web-", false).len(), 1);
        assert_eq!(NameRule::Label.broken_by("-", true).len(), 1);
        assert_eq!(NameRule::PathSegment.broken_by("..", true), NONE);
        assert_eq!(NameRule::PathSegment.broken_by("..", false), ["may not be '..'"]);
    }

    #[test]
    fn a_generated_name_fits_and_differs() {
        let name = generate(&"a".repeat(70));
        assert_eq!(name.len(), 63);
        assert!(name.starts_with(&"a".repeat(58)));
        let ends: std::collections::BTreeSet<String> = (0..50).map(|_| generate("web-")).collect();
        assert!(ends.len() > 40, "{ends:?}");
        assert_eq!(generate("é".repeat(40).as_str()).chars().count(), 29 + 5);
    }

    #[test]
    fn a_path_segment_cannot_leave_its_place() {
        assert_eq!(path_segment("system:node:1", false), NONE);
        assert_eq!(path_segment("a/b%", false), ["may not contain '/'", "may not contain '%'"]);
    }

    #[test]
    fn a_config_key_is_a_file_name() {
        assert_eq!(config_key("a.B_c-1"), NONE);
        assert_eq!(config_key(".."), ["must not be '..'"]);
        assert_eq!(config_key("..a"), ["must not start with '..'"]);
    }

    #[test]
    fn a_port_name_has_a_letter_and_few_hyphens() {
        assert_eq!(port_name("http-80"), NONE);
        assert_eq!(port_name("80"), ["must contain at least one letter (a-z)"]);
        assert_eq!(port_name("a--b"), ["must not contain consecutive hyphens"]);
        assert_eq!(port_name("a-"), ["must not begin or end with a hyphen"]);
    }
}
