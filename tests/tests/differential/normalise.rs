//! What no two servers have in common, replaced by what it is: identities, versions, times, and what the server draws
//! by lot.
//!
//! Whether something is there stays visible, and whether a version or an identity is one that was seen before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The letters of generated names.
const GENERATED: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Times before this year are of the script, and compared.
const FIRST_YEAR: u32 = 2025;

/// What is known of one server in one script.
pub(crate) struct Normaliser {
    unique: String,
    /// The beginnings of names that the server makes up.
    prefixes: BTreeSet<String>,
    uids: BTreeSet<String>,
    /// The last version of each object, by its uid.
    versions: BTreeMap<String, u64>,
}

impl Normaliser {
    pub(crate) fn new(unique: String) -> Self {
        Self { unique, prefixes: BTreeSet::new(), uids: BTreeSet::new(), versions: BTreeMap::new() }
    }

    /// Replaces everything of its kind in an answer. Answers must come in the order of the steps.
    pub(crate) fn answer(&mut self, answer: &mut Value) {
        self.value("", answer);
    }

    /// Names that begin like this and go on with five letters by lot are made up by the server.
    pub(crate) fn generated(&mut self, prefix: &str) {
        self.prefixes.insert(prefix.to_owned());
    }

    fn value(&mut self, key: &str, value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.value(key, item));
                if key == "managedFields" {
                    items.sort_by_key(manager);
                }
            }
            Value::Object(fields) => self.fields(fields),
            Value::String(text) => *text = self.string(key, text),
            Value::Number(number) => {
                let port = matches!(key, "nodePort" | "healthCheckNodePort");
                if port && number.as_u64().is_some_and(|port| (30000..=32767).contains(&port)) {
                    *value = Value::String("<port>".to_owned());
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn fields(&mut self, fields: &mut Map<String, Value>) {
        let uid = fields.get("uid").and_then(Value::as_str).map(str::to_owned);
        let old = std::mem::take(fields);
        for (key, mut value) in old {
            match (&mut value, key.as_str()) {
                (Value::String(version), "resourceVersion") => {
                    *version = self.version(version, uid.as_deref());
                }
                (value, key) => self.value(key, value),
            }
            fields.insert(self.text(&key), value);
        }
    }

    /// A version, compared with the one before of the same object.
    fn version(&mut self, version: &str, uid: Option<&str>) -> String {
        let number = match version.parse::<u64>() {
            Ok(number) if number > 0 => number,
            _ => return version.to_owned(),
        };
        let Some(uid) = uid else { return "<version>".to_owned() };
        match self.versions.insert(uid.to_owned(), number) {
            None => "<first version>",
            Some(last) if last == number => "<same version>",
            Some(last) if last < number => "<later version>",
            Some(_) => "<earlier version>",
        }
        .to_owned()
    }

    fn string(&mut self, key: &str, text: &str) -> String {
        let placeholder = match key {
            "uid" if is_uid(text) => {
                if self.uids.insert(text.to_owned()) {
                    "<new uid>"
                } else {
                    "<known uid>"
                }
            }
            "continue" if !text.is_empty() => "<continue>",
            "storageVersionHash" if !text.is_empty() => "<hash>",
            "token" if text.starts_with("eyJ") => "<token>",
            "serverAddress" if !text.is_empty() => "<address>",
            "clusterIP" | "clusterIPs" | "cells" if is_ip(text) => "<ip>",
            "cells" if is_age(text) => "<age>",
            "message"
                if ["resource version", "ResourceVersion in"].iter().any(|about| text.contains(about)) =>
            {
                return without_numbers(&self.text(text));
            }
            _ => match time(text) {
                Some(time) => time,
                None => return self.text(text),
            },
        };
        placeholder.to_owned()
    }

    /// Replaces what can be within a text.
    fn text(&self, text: &str) -> String {
        let mut text = text.replace(&self.unique, "{unique}");
        for prefix in &self.prefixes {
            text = without_generated(&text, prefix);
        }
        without_versions(without_times(without_hashes(&without_uids(&text))))
    }
}

fn is_uid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The addresses that services are given.
fn is_ip(text: &str) -> bool {
    text.starts_with("10.") && text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// A time span as tables have it, such as `5d3h`.
fn is_age(text: &str) -> bool {
    let mut digits = 0;
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits += 1,
            'y' | 'd' | 'h' | 'm' | 's' if digits > 0 => digits = 0,
            _ => return false,
        }
    }
    digits == 0 && !text.is_empty()
}

/// What tells managers apart. Servers order them by their times, so that it matters whether a second has passed.
fn manager(entry: &Value) -> [String; 4] {
    ["operation", "manager", "subresource", "apiVersion"].map(|key| entry[key].to_string())
}

/// What stands for a time that a server has set, by how exact it is.
fn time(text: &str) -> Option<&'static str> {
    let year: u32 = text.get(..4)?.parse().ok()?;
    let shape: String =
        text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    match shape.as_str() {
        _ if year < FIRST_YEAR => None,
        "0000-00-00T00:00:00Z" => Some("<time>"),
        "0000-00-00T00:00:00.000000Z" => Some("<time in microseconds>"),
        _ => None,
    }
}

/// Replaces the end of names that begin with a prefix, if it can be by lot.
fn without_generated(text: &str, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        replaced.push_str(prefix);
        match part.get(..5) {
            Some(end) if end.chars().all(|letter| GENERATED.contains(letter)) => {
                replaced.push_str("<generated>");
                replaced.push_str(&part[5..]);
            }
            _ => replaced.push_str(part),
        }
    }
    replaced
}

/// Replaces uids.
fn without_uids(text: &str) -> String {
    let mut rest = text;
    let mut replaced = String::new();
    while let Some(first) = rest.chars().next() {
        match rest.get(..36) {
            Some(uid) if is_uid(uid) => {
                replaced.push_str("<uid>");
                rest = &rest[36..];
            }
            _ => {
                replaced.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    replaced
}

/// Replaces the hashes in the addresses of OpenAPI documents.
fn without_hashes(text: &str) -> String {
    match text.split_once("?hash=") {
        Some((before, hash)) if hash.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("{before}?hash=<hash>")
        }
        _ => text.to_owned(),
    }
}

/// Replaces times within a text, as in an object that a message quotes.
fn without_times(text: String) -> String {
    let quoted: Vec<&str> = text.split('"').collect();
    if quoted.len() < 3 {
        return text;
    }
    let without = |part: &str| match time(part.trim_end_matches('\\')) {
        Some(placeholder) => format!("{placeholder}{}", if part.ends_with('\\') { "\\" } else { "" }),
        None => part.to_owned(),
    };
    quoted.into_iter().map(without).collect::<Vec<_>>().join("\"")
}

/// Replaces the versions of objects that a message quotes.
fn without_versions(text: String) -> String {
    let mut rest = text.as_str();
    let mut replaced = String::new();
    while let Some(at) = rest.find("resourceVersion") {
        let (before, version) = rest.split_at(at + "resourceVersion".len());
        let number = version.trim_start_matches(['"', '\\', ':']);
        let end = number.trim_start_matches(|letter: char| letter.is_ascii_digit());
        replaced.push_str(before);
        replaced.push_str(&version[..version.len() - number.len()]);
        if end.len() < number.len() && number.len() < version.len() {
            replaced.push_str("<version>");
            rest = end;
        } else {
            rest = number;
        }
    }
    replaced + rest
}

/// Replaces numbers, which are versions in some messages.
fn without_numbers(text: &str) -> String {
    let mut replaced = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' if replaced.ends_with("<n>") => {}
            '0'..='9' => replaced.push_str("<n>"),
            letter => replaced.push(letter),
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::Normaliser;
    use serde_json::json;

    const UID: &str = "8a1d6ad4-3b9c-4e0e-9a4a-6e4d5c3b2a10";

    #[test]
    fn versions_and_identities_are_told_by_what_they_were_before() {
        let mut normaliser = Normaliser::new("u1".to_owned());
        let mut seen = |version: &str| {
            let mut value = json!({"metadata": {"uid": UID, "resourceVersion": version}});
            normaliser.answer(&mut value);
            value["metadata"].clone()
        };
        assert_eq!(seen("9"), json!({"uid": "<new uid>", "resourceVersion": "<first version>"}));
        assert_eq!(seen("9"), json!({"uid": "<known uid>", "resourceVersion": "<same version>"}));
        assert_eq!(seen("10"), json!({"uid": "<known uid>", "resourceVersion": "<later version>"}));
        assert_eq!(seen("9"), json!({"uid": "<known uid>", "resourceVersion": "<earlier version>"}));
    }

    #[test]
    fn what_a_server_draws_by_lot_is_replaced_where_it_is_repeated_too() {
        let mut value = json!({
            "metadata": {"generateName": "a-", "name": "a-x7k2b", "creationTimestamp": "2026-01-02T03:04:05Z"},
            "message": format!("pods \"a-x7k2b\" of u1 and {UID}"),
            "quoted": r#"the \"resourceVersion\":\"12\",\"time\":\"2026-01-02T03:04:05Z\""#,
            "spec": {"clusterIP": "10.0.3.4", "renewTime": "2020-01-02T03:04:05.000000Z"},
            "cells": ["5d3h", "x", "3"],
        });
        let mut normaliser = Normaliser::new("u1".to_owned());
        normaliser.generated("a-");
        normaliser.answer(&mut value);
        let wanted = json!({
            "metadata": {"generateName": "a-", "name": "a-<generated>", "creationTimestamp": "<time>"},
            "message": "pods \"a-<generated>\" of {unique} and <uid>",
            "quoted": r#"the \"resourceVersion\":\"<version>\",\"time\":\"<time>\""#,
            "spec": {"clusterIP": "<ip>", "renewTime": "2020-01-02T03:04:05.000000Z"},
            "cells": ["<age>", "x", "3"],
        });
        assert_eq!(value, wanted);
    }
}
