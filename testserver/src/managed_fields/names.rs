//! What managers are called.

use crate::failure::Cause;
use crate::patch::go;
use serde_json::Value;

/// How many bytes a name may have.
const MAX_BYTES: usize = 128;

/// The name of the manager of a request: what it says, else the user agent up to its first slash, without what cannot
/// be printed.
pub(super) fn manager_name(field_manager: Option<&str>, user_agent: &str) -> String {
    if let Some(name) = field_manager.filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let program = user_agent.split('/').next().unwrap_or_default();
    let mut name = String::with_capacity(program.len().min(MAX_BYTES));
    for character in program.chars().filter(|character| go::is_printable(*character)) {
        if name.len() + character.len_utf8() > MAX_BYTES {
            break;
        }
        name.push(character);
    }
    name
}

/// What is wrong with a name that a request gives; `field` is where.
pub(crate) fn validate_manager(name: &str, field: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if name.len() > MAX_BYTES {
        causes.push(Cause::too_long(field, MAX_BYTES));
    }
    for (at, character) in name.char_indices().filter(|(_, character)| !go::is_printable(*character)) {
        let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(character));
        causes.push(Cause::invalid(field, &Value::from(name), &detail));
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::{manager_name, validate_manager};

    #[test]
    fn a_manager_is_called_as_it_says_or_as_its_program() {
        assert_eq!(manager_name(Some("me"), "kubectl/v1.32 (linux)"), "me");
        assert_eq!(manager_name(None, "kubectl/v1.32 (linux)"), "kubectl");
        assert_eq!(manager_name(Some(""), "a\u{7}b c"), "ab c");
        assert_eq!(manager_name(None, ""), "");
    }

    #[test]
    fn a_long_program_is_cut_at_a_character() {
        let name = manager_name(None, &format!("a{}", "é".repeat(100)));
        assert_eq!(name, format!("a{}", "é".repeat(63)));
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(validate_manager(&"x".repeat(128), "fieldManager"), []);
        let told = |name: &str| -> Vec<String> {
            validate_manager(name, "fieldManager").iter().map(ToString::to_string).collect()
        };
        assert_eq!(told(&"x".repeat(129)), ["fieldManager: Too long: may not be more than 128 bytes"]);
        assert_eq!(
            told("a\u{0}bé\u{2028}"),
            [
                "fieldManager: Invalid value: \"a\\x00bé\\u2028\": invalid character U+0000 (at position 1)",
                "fieldManager: Invalid value: \"a\\x00bé\\u2028\": invalid character U+2028 (at position 5)",
            ]
        );
    }
}
