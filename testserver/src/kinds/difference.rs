//! How two values differ, for people: a unified diff of their JSON.

use serde_json::Value;
use std::fmt::Write;

/// Lines without a change around those with one.
const CONTEXT: usize = 3;
/// Above this many lines, the quadratic search for common lines is left.
const LINES_MAX: usize = 2000;

/// The difference of two values, line by line.
pub(crate) fn unified(old: &Value, new: &Value) -> String {
    let (old, new) = (lines(old), lines(new));
    let edits = edits(&old, &new);
    let mut out = String::new();
    for hunk in hunks(&edits) {
        let part = &edits[hunk.clone()];
        let before = edits[..hunk.start].iter();
        let start = |kind: char| before.clone().filter(|(edit, _)| *edit == ' ' || *edit == kind).count() + 1;
        let count = |kind: char| part.iter().filter(|(edit, _)| *edit == ' ' || *edit == kind).count();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "@@ -{},{} +{},{} @@", start('-'), count('-'), start('+'), count('+'));
        for (edit, line) in part {
            let _ = writeln!(out, "{edit}{line}");
        }
    }
    out
}

fn lines(value: &Value) -> Vec<String> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    // A JSON value can be written, and is text.
    let _ = serde::Serialize::serialize(value, &mut serializer);
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

/// Lines that stay (` `), go (`-`) and come (`+`).
fn edits<'a>(old: &'a [String], new: &'a [String]) -> Vec<(char, &'a str)> {
    let common = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = old[common..].iter().rev().zip(new[common..].iter().rev());
    let tail = rest.take_while(|(old, new)| old == new).count();
    let (middle_old, middle_new) = (&old[common..old.len() - tail], &new[common..new.len() - tail]);
    let mut edits: Vec<(char, &str)> = old[..common].iter().map(|line| (' ', line.as_str())).collect();
    edits.extend(middle(middle_old, middle_new));
    edits.extend(old[old.len() - tail..].iter().map(|line| (' ', line.as_str())));
    edits
}

fn middle<'a>(old: &'a [String], new: &'a [String]) -> Vec<(char, &'a str)> {
    let removed = |lines: &'a [String]| lines.iter().map(|line| ('-', line.as_str()));
    let added = |lines: &'a [String]| lines.iter().map(|line| ('+', line.as_str()));
    if old.len().max(new.len()) > LINES_MAX {
        return removed(old).chain(added(new)).collect();
    }
    // lengths[i][j]: how many lines old[i..] and new[j..] have in common.
    let mut lengths = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = if old[i] == new[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut edits = Vec::new();
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            edits.push((' ', old[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            edits.push(('-', old[i].as_str()));
            i += 1;
        } else {
            edits.push(('+', new[j].as_str()));
            j += 1;
        }
    }
    edits.extend(removed(&old[i..]));
    edits.extend(added(&new[j..]));
    edits
}

/// Ranges of edits that have changes near each other.
fn hunks(edits: &[(char, &str)]) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, _) in edits.iter().enumerate().filter(|(_, (edit, _))| *edit != ' ') {
        let range = index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(edits.len());
        match hunks.last_mut() {
            Some(last) if last.end >= range.start => last.end = range.end,
            _ => hunks.push(range),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::unified;
    use serde_json::json;

    #[test]
    fn changes_are_shown_with_three_lines_around_them() {
        let old = json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6});
        let mut new = old.clone();
        new["e"] = json!([7]);
        let expected = "@@ -3,6 +3,8 @@\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4,\n- \"e\": 5,\n+ \"e\": [\n+  7\n+ ],\n  \"f\": \
                        6\n }\n";
        assert_eq!(unified(&old, &new), expected);
        assert_eq!(unified(&old, &old), "");
    }
}
