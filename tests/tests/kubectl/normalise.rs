//! What no two runs have in common, replaced by what it is: identities, versions, times, ages, addresses.

use crate::script::Detailed;
use crate::side::{Place, Printed};

/// The letters of generated names.
const GENERATED: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Times before this year are of the script, and compared.
const FIRST_YEAR: u32 = 2025;

/// No run takes longer, so that longer durations are of the script, and compared.
const LONGEST_AGE: u64 = 15 * 60;

/// What is known of one server and one script.
pub(crate) struct Normaliser {
    /// Texts, and what stands for them.
    known: Vec<(String, &'static str)>,
}

impl Normaliser {
    pub(crate) fn new(place: &Place<'_>) -> Self {
        let url = place.side.url.clone();
        let address = url.split_once("://").map_or(url.clone(), |(_, address)| address.to_owned());
        let mut known = vec![(url, "<server>"), (address, "<server>"), (place.unique.clone(), "{unique}")];
        known.extend(place.folders().map(|folder| (folder.display().to_string(), "<folder>")));
        Self { known }
    }

    /// Replaces everything of its kind in what a command printed.
    pub(crate) fn printed(&self, command: &Detailed, printed: Printed) -> Printed {
        if command.silent {
            return Printed { code: printed.code, ..Printed::default() };
        }
        let text = |text: &str| {
            let lines = text.lines().filter(|line| !is_log(line)).map(|line| self.line(line));
            let wanted =
                |line: &String| command.only.as_ref().is_none_or(|only| line.contains(only.as_str()));
            let mut lines: Vec<String> = lines.filter(wanted).collect();
            if command.unordered {
                lines.sort();
            }
            lines.join("\n")
        };
        Printed { code: printed.code, output: text(&printed.output), errors: text(&printed.errors) }
    }

    fn line(&self, line: &str) -> String {
        let mut line = line.trim_end().to_owned();
        for (text, placeholder) in &self.known {
            line = line.replace(text, placeholder);
        }
        let line = without_version(&line);
        narrow(&tokens(&line))
    }
}

/// Whether a line is one of kubectl's log, which tells of its own races: `E1124 20:15:37.652024 …`.
fn is_log(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let level = words.next().and_then(|word| word.strip_prefix(['I', 'W', 'E', 'F']));
    level.is_some_and(|day| day.len() == 4 && day.bytes().all(|byte| byte.is_ascii_digit()))
        && words.next().is_some_and(is_clock)
}

/// Replaces the value of `resourceVersion`, in YAML, in JSON and in descriptions.
fn without_version(line: &str) -> String {
    if let Some((before, _)) = line.split_once("Resource Version:") {
        return format!("{before}Resource Version:  <version>");
    }
    let mut rest = line;
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once("esourceVersion") {
        text.push_str(before);
        text.push_str("esourceVersion");
        let digits = after.trim_start_matches(['"', ':', ' ', '\\', '\t']);
        let separator = &after[..after.len() - digits.len()];
        let number = digits.len() - digits.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        text.push_str(separator);
        if number > 0 && separator.contains(':') {
            text.push_str(if digits[..number] == *"0" { "0" } else { "<version>" });
            rest = &digits[number..];
        } else {
            rest = digits;
        }
    }
    text + rest
}

/// Replaces words that are times, ages, addresses and the like.
fn tokens(line: &str) -> String {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || "-_.:+".contains(letter);
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(is_inner) {
        let end = rest[start..].find(|letter| !is_inner(letter)).map_or(rest.len(), |length| start + length);
        text.push_str(&rest[..start]);
        text.push_str(&token(&rest[start..end]));
        rest = &rest[end..];
    }
    text + rest
}

fn token(token: &str) -> String {
    let plain = token.trim_end_matches([':', '.']);
    let after = &token[plain.len()..];
    if let Some(placeholder) = placeholder(plain) {
        return format!("{placeholder}{after}");
    }
    if let Some((prefix, suffix)) = plain.rsplit_once('-') {
        if suffix.len() == 5 && suffix.chars().all(|letter| GENERATED.contains(letter)) {
            return format!("{prefix}-<generated>{after}");
        }
        // Folders that `kubectl diff` makes, and files of `kubectl edit`.
        if ["LIVE", "MERGED", "kubectl-edit"].contains(&prefix) {
            return format!("{prefix}-<number>{after}");
        }
    }
    // Ports of nodes: `80:31234/TCP`.
    let parts: Vec<&str> =
        plain.split(':').map(|part| if is_node_port(part) { "<node port>" } else { part }).collect();
    format!("{}{after}", parts.join(":"))
}

fn placeholder(token: &str) -> Option<&'static str> {
    if is_uid(token) {
        return Some("<uid>");
    }
    if token.starts_with("eyJ") {
        return Some("<token>");
    }
    if is_address(token.split(':').next().unwrap_or_default()) {
        return Some("<ip>");
    }
    if is_date(token) {
        return Some(if token.contains('T') { "<time>" } else { "<date>" });
    }
    if is_clock(token) {
        return Some("<clock>");
    }
    age(token).filter(|seconds| *seconds <= LONGEST_AGE).map(|_| "<age>")
}

fn is_uid(token: &str) -> bool {
    token.len() == 36
        && token.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// An address that a server gives to a service.
fn is_address(token: &str) -> bool {
    token.starts_with("10.0.") && token.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_node_port(token: &str) -> bool {
    token.parse::<u32>().is_ok_and(|port| (30000..=32767).contains(&port))
}

/// A date since the first year, with or without the time of the day.
fn is_date(token: &str) -> bool {
    let day = token.split('T').next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    lengths == [4, 2, 2]
        && parts.iter().all(is_number)
        && parts[0].parse::<u32>().is_ok_and(|year| year >= FIRST_YEAR)
}

fn is_clock(token: &str) -> bool {
    let whole = token.split('.').next().unwrap_or_default();
    let parts: Vec<&str> = whole.split(':').collect();
    parts.len() == 3
        && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The seconds of a duration such as `5m12s`.
fn age(token: &str) -> Option<u64> {
    let mut seconds = 0;
    let mut rest = token;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match &rest[digits..=digits] {
            "s" => 1,
            "m" => 60,
            _ => return None,
        };
        seconds += number * unit;
        rest = &rest[digits + 1..];
    }
    (!token.is_empty()).then_some(seconds)
}

/// Makes the gaps between columns two blanks wide: how wide they are depends on what was replaced.
fn narrow(line: &str) -> String {
    let indentation = line.len() - line.trim_start_matches(' ').len();
    let mut text = line[..indentation].to_owned();
    let mut words = line[indentation..].split("  ").map(str::trim).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        text.push_str(word);
        if words.peek().is_some() {
            text.push_str("  ");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_log, narrow, tokens, without_version};

    #[test]
    fn what_no_two_runs_have_in_common_is_replaced() {
        for (text, wanted) in [
            ("web 1/1 Running 0 12s", "web 1/1 Running 0 <age>"),
            ("web 3m5s 9m 20m 100m", "web <age> <age> 20m 100m"),
            ("at 2026-11-24T19:08:27Z, 2001-01-01T00:00:00Z", "at <time>, 2001-01-01T00:00:00Z"),
            ("Tue, 24 Nov 2026 19:08:27 +0000", "Tue, 24 Nov 2026 <clock> +0000"),
            ("uid: d43478e3-d26b-46c2-87bd-0ddc19908f3b", "uid: <uid>"),
            ("10.0.12.3 10.0.12.3:80 10.1.0.1", "<ip> <ip> 10.1.0.1"),
            ("80:31234/TCP,443/TCP", "80:<node port>/TCP,443/TCP"),
            ("web-x7k2q web-proxy", "web-<generated> web-proxy"),
            ("LIVE-123456/v1", "LIVE-<number>/v1"),
        ] {
            assert_eq!(tokens(text), wanted);
        }
    }

    #[test]
    fn versions_are_replaced_where_they_are_named() {
        for (text, wanted) in [
            ("  resourceVersion: \"123\"", "  resourceVersion: \"<version>\""),
            ("{\"resourceVersion\":\"123\",\"x\":1}", "{\"resourceVersion\":\"<version>\",\"x\":1}"),
            ("  resourceVersion: \"\"", "  resourceVersion: \"\""),
            ("f:resourceVersion and 12", "f:resourceVersion and 12"),
        ] {
            assert_eq!(without_version(text), wanted);
        }
    }

    #[test]
    fn the_log_of_kubectl_is_not_what_it_prints() {
        assert!(is_log("E1124 20:15:37.652024   14938 reflector.go:664] \"Failed to watch\""));
        assert!(!is_log("Error from server (NotFound): x") && !is_log("I1124 is a name"));
    }

    #[test]
    fn gaps_between_columns_become_narrow_and_indentation_stays() {
        assert_eq!(narrow("  a    b c   d"), "  a  b c  d");
    }
}
