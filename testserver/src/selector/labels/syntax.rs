//! What a label may be called, and what it may hold.

const NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
                    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation \
                    is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', \
                     and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or \
                     '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
                         '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used \
                         for validation is \
                         '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// How many bytes the name of a label, and its value, may have.
const LONGEST: usize = 63;

/// How many bytes the prefix of a label's key may have.
const LONGEST_PREFIX: usize = 253;

/// What is wrong with the key of a label, in the server's words.
pub(super) fn label_key(key: &str) -> Option<String> {
    let mut faults = Vec::new();
    let name = match key.split('/').collect::<Vec<_>>()[..] {
        [name] => name,
        [prefix, name] => {
            faults.extend(prefix_faults(prefix).into_iter().map(|fault| format!("prefix part {fault}")));
            name
        }
        _ => {
            return Some(format!(
                "a valid label key {NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ));
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > LONGEST {
        faults.push(format!("name part must be no more than {LONGEST} bytes"));
    }
    if name.is_empty() || !is_name(name) {
        faults.push(format!("name part {NAME}"));
    }
    joined(&faults)
}

/// What is wrong with the value of a label, in the server's words.
pub(super) fn label_value(value: &str) -> Option<String> {
    let mut faults = Vec::new();
    if value.len() > LONGEST {
        faults.push(format!("must be no more than {LONGEST} bytes"));
    }
    if !value.is_empty() && !is_name(value) {
        faults.push(VALUE.to_owned());
    }
    joined(&faults)
}

fn prefix_faults(prefix: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if prefix.is_empty() {
        return vec!["must be non-empty".to_owned()];
    }
    if prefix.len() > LONGEST_PREFIX {
        faults.push(format!("must be no more than {LONGEST_PREFIX} bytes"));
    }
    if !prefix.split('.').all(is_domain_label) {
        faults.push(SUBDOMAIN.to_owned());
    }
    faults
}

fn joined(faults: &[String]) -> Option<String> {
    if faults.is_empty() { None } else { Some(faults.join("; ")) }
}

/// Letters, digits, and between them also `-`, `_` and `.`.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) && has_ends(text)
}

fn is_domain_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(allowed) && has_ends(text)
}

/// Whether a letter or digit is at both ends.
fn has_ends(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    is_end(text.as_bytes().first()) && is_end(text.as_bytes().last())
}
