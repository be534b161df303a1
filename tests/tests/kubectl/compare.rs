//! What differs between two runs of a script.

use crate::script::Script;
use crate::side::Printed;
use std::fmt::Write as _;

/// What differs between two runs of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The command line.
    pub(crate) command: String,
    /// Lines that only one side has, after `-` if it is the real one, else `+`. Lines about what was printed as
    /// errors begin with `stderr:`, the one about the exit code with `exit code:`.
    pub(crate) lines: Vec<String>,
}

/// Compares two runs, command by command.
pub(crate) fn script(script: &Script, real: &[Printed], test: &[Printed]) -> Vec<Outcome> {
    let commands = script.all().into_iter().map(|command| command.run);
    let pairs = real.iter().zip(test);
    commands.zip(pairs).map(|(command, (real, test))| outcome(command, real, test)).collect()
}

fn outcome(command: String, real: &Printed, test: &Printed) -> Outcome {
    let mut lines = Vec::new();
    if real.code != test.code {
        let told = |code: Option<i32>| code.map_or("none".to_owned(), |code| code.to_string());
        lines.push(format!("- exit code: {}", told(real.code)));
        lines.push(format!("+ exit code: {}", told(test.code)));
    }
    lines.extend(differing(&real.output, &test.output, ""));
    lines.extend(differing(&real.errors, &test.errors, "stderr: "));
    Outcome { command, lines }
}

/// The lines of two texts that are not in both, in their order.
fn differing(real: &str, test: &str, what: &str) -> Vec<String> {
    let (real, test): (Vec<&str>, Vec<&str>) = (real.lines().collect(), test.lines().collect());
    let start = real.iter().zip(&test).take_while(|(real, test)| real == test).count();
    let (real, test) = (&real[start..], &test[start..]);
    let end = real.iter().rev().zip(test.iter().rev()).take_while(|(real, test)| real == test).count();
    let (real, test) = (&real[..real.len() - end], &test[..test.len() - end]);
    // The longest common part of what begins at each pair of lines.
    let mut common = vec![vec![0_usize; test.len() + 1]; real.len() + 1];
    for (row, line) in real.iter().enumerate().rev() {
        for (column, other) in test.iter().enumerate().rev() {
            common[row][column] = if line == other {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut lines) = (0, 0, Vec::new());
    while row < real.len() || column < test.len() {
        if row < real.len() && column < test.len() && real[row] == test[column] {
            row += 1;
            column += 1;
        } else if column == test.len()
            || (row < real.len() && common[row + 1][column] >= common[row][column + 1])
        {
            lines.push(format!("- {what}{}", real[row]));
            row += 1;
        } else {
            lines.push(format!("+ {what}{}", test[column]));
            column += 1;
        }
    }
    lines
}

impl Outcome {
    /// Writes what differs.
    pub(crate) fn write(&self, report: &mut String, script: &Script) {
        const MOST: usize = 40;
        writeln!(report, "\n{}\n$ kubectl {}", script.title(), self.command).unwrap();
        for line in self.lines.iter().take(MOST) {
            writeln!(report, "    {line}").unwrap();
        }
        if self.lines.len() > MOST {
            writeln!(report, "    … and {} more lines", self.lines.len() - MOST).unwrap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::differing;

    #[test]
    fn only_lines_that_differ_are_told() {
        let lines = differing("a\nb\nc\nd", "a\nx\nc\ne\nd", "");
        assert_eq!(lines, ["- b", "+ x", "+ e"]);
        assert!(differing("a", "a", "").is_empty());
        assert_eq!(differing("", "a", "stderr: "), ["+ stderr: a"]);
    }
}
