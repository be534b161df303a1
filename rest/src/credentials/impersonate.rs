//! The headers that say whom to act as.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::refuse;
use crate::config::{ConfigError, Impersonation};

/// The header without which the server ignores or refuses the others.
pub(crate) const IMPERSONATE_USER: HeaderName = HeaderName::from_static("impersonate-user");

/// What is escaped in the key of an extra value: all that a header's name cannot hold, and the escape itself.
const KEY: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The headers of `impersonation`; none if nobody is impersonated.
pub(crate) fn headers(impersonation: Option<&Impersonation>) -> Result<HeaderMap, ConfigError> {
    let mut headers = HeaderMap::new();
    let Some(who) = impersonation.filter(|who| !who.is_empty()) else {
        return Ok(headers);
    };
    if !who.is_complete() {
        return Err(refuse("impersonate has a uid, groups or extra values without a user: name the user"));
    }
    headers.append(IMPERSONATE_USER, value("user", &who.user)?);
    if let Some(uid) = who.uid.as_deref().filter(|uid| !uid.is_empty()) {
        headers.append("impersonate-uid", value("uid", uid)?);
    }
    for group in &who.groups {
        headers.append("impersonate-group", value("groups", group)?);
    }
    for (key, values) in &who.extra {
        for extra in values {
            headers.append(name(key)?, value("extra", extra)?);
        }
    }
    Ok(headers)
}

fn name(key: &str) -> Result<HeaderName, ConfigError> {
    let key = key.to_ascii_lowercase();
    let name = format!("impersonate-extra-{}", utf8_percent_encode(&key, &KEY));
    let name = HeaderName::try_from(name).ok().filter(|_| !key.is_empty());
    name.ok_or_else(|| refuse("impersonate.extra has a key that is empty or too long for a header"))
}

fn value(field: &str, text: &str) -> Result<HeaderValue, ConfigError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        refuse(&format!(
            "impersonate.{field} holds a line break or another character that no header can carry"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All headers as lines.
    fn lines(who: &Impersonation) -> Vec<String> {
        let headers = headers(Some(who)).expect("headers");
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        headers.iter().map(line).collect()
    }

    #[test]
    fn each_part_becomes_a_header_and_lists_repeat_theirs() {
        let who = Impersonation::user("jane")
            .uid("7")
            .group("developers")
            .group("admins")
            .extra("Scopes", "view")
            .extra("Scopes", "edit");
        let want = [
            "impersonate-user: jane",
            "impersonate-uid: 7",
            "impersonate-group: developers",
            "impersonate-group: admins",
            "impersonate-extra-scopes: view",
            "impersonate-extra-scopes: edit",
        ];
        assert_eq!(lines(&who), want);
    }

    #[test]
    fn what_a_header_name_cannot_hold_is_escaped_in_keys() {
        let who = Impersonation::user("jane").extra("Example.com/a%b", "x").extra("ä", "ü");
        assert_eq!(
            lines(&who)[1..],
            ["impersonate-extra-example.com%2fa%25b: x", "impersonate-extra-%c3%a4: ü"]
        );
    }

    #[test]
    fn nobody_is_impersonated_without_a_user() {
        assert!(headers(None).expect("none").is_empty());
        assert!(headers(Some(&Impersonation::default())).expect("none").is_empty());
        for who in [
            Impersonation::user("").uid("7"),
            Impersonation::user("").group("admins"),
            Impersonation::user("").extra("a", "b"),
        ] {
            let error = headers(Some(&who)).expect_err("no user").to_string();
            assert!(error.contains("without a user"), "{error}");
        }
    }

    #[test]
    fn what_no_header_can_carry_is_refused_by_field() {
        for (who, part) in [
            (Impersonation::user("a\nb"), "impersonate.user"),
            (Impersonation::user("a").group("a\rb"), "impersonate.groups"),
            (Impersonation::user("a").extra("", "x"), "impersonate.extra"),
        ] {
            let error = headers(Some(&who)).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
