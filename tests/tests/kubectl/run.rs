//! Runs a script on one server.

use crate::normalise::Normaliser;
use crate::script::{Detailed, Follow, Script, words};
use crate::side::{Place, Printed, Side, stop};
use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long is waited for lines of a command that goes on, and for something to come about.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a command that prints nothing at first is given to begin.
const START: Duration = Duration::from_secs(1);

/// What each command of a script printed, made comparable.
pub(crate) fn run(script: &Script, index: usize, side: &Side) -> Vec<Printed> {
    let place = side.place(index);
    for (name, text) in &script.files {
        std::fs::write(place.folder().join(name), filled(text, &place)).unwrap();
    }
    let normaliser = Normaliser::new(&place);
    let printed = script.all().into_iter().map(|command| {
        let printed = one(&command, &place);
        normaliser.printed(&command, printed)
    });
    let printed = printed.collect();
    let namespace = ["delete", "namespace", &place.unique, "--wait=false"].map(str::to_owned);
    place.run(&namespace, None, None);
    printed
}

fn one(command: &Detailed, place: &Place<'_>) -> Printed {
    if let Some(seconds) = command.wait {
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }
    let line = words(&filled(&command.run, place));
    if let Some(follow) = &command.follow {
        return followed(&line, follow, place);
    }
    let stdin = command.stdin.as_ref().map(|text| filled(text, place));
    let start = Instant::now();
    loop {
        let printed = place.run(&line, stdin.as_deref(), command.editor.as_deref());
        let is_awaited = command.until.as_ref().is_none_or(|text| printed.output.contains(text.as_str()));
        if is_awaited || start.elapsed() > PATIENCE {
            return printed;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Runs a command that does not end, until it has printed what it should.
fn followed(line: &[String], follow: &Follow, place: &Place<'_>) -> Printed {
    let mut child = place.start(line);
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    let mut lines = Vec::new();
    if follow.first == 0 {
        std::thread::sleep(START);
    }
    read(&receiver, &mut lines, follow.first);
    for command in &follow.commands {
        place.run(&words(&filled(command, place)), None, None);
    }
    read(&receiver, &mut lines, follow.lines);
    let errors = stop(child);
    reader.join().unwrap();
    Printed { code: None, output: lines.iter().map(|line| format!("{line}\n")).collect(), errors }
}

fn read(receiver: &mpsc::Receiver<String>, lines: &mut Vec<String>, count: usize) {
    let end = Instant::now() + PATIENCE;
    while lines.len() < count {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => lines.push(line),
            Err(_) => return,
        }
    }
}

/// A text with the name that is the script's on this server.
fn filled(text: &str, place: &Place<'_>) -> String {
    text.replace("{unique}", &place.unique)
}
