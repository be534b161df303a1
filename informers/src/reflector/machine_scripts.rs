//! The state machine, played by scripts: `>` is what it must do next, `<` what comes of that.

use std::time::Duration;

use super::*;

/// Plays a script with chance at its least.
fn play(settings: Settings, script: &str) {
    let mut machine = Machine::new(settings, Jitter::Fixed(0.0));
    for (number, line) in script.lines().enumerate() {
        let line = line.trim();
        if let Some(expected) = line.strip_prefix("> ") {
            assert_eq!(words(&machine.next()), expected, "line {number}: {line}");
        } else if let Some(outcome) = line.strip_prefix("< ") {
            let (outcome, effect) = outcome.split_once(" => ").unwrap_or((outcome, "nothing"));
            let words: Vec<&str> = outcome.split(' ').collect();
            assert_eq!(effect_word(machine.on(read(&words))), effect, "line {number}: {line}");
        } else {
            assert!(line.is_empty(), "line {number} is no line of a script: {line}");
        }
    }
}

/// Plays a script without streaming lists.
fn play_lists(script: &str) {
    play(Settings { streaming_lists: false, ..Settings::default() }, script);
}

fn words(step: &Step) -> String {
    match step {
        Step::Wait(delay) => format!("wait {}", delay.as_millis()),
        Step::List(ListRequest { at_least, limit, continue_token }) => {
            let version = at_least.as_ref().map_or("latest".to_owned(), |version| format!("from {version}"));
            let limit = limit.map_or(String::new(), |limit| format!(", {limit} at most"));
            let token = continue_token.as_ref().map_or(String::new(), |token| format!(", page {token}"));
            format!("list {version}{limit}{token}")
        }
        Step::Watch(WatchRequest { resource_version, send_initial_events, .. }) => {
            let version =
                resource_version.as_ref().map_or("latest".to_owned(), |version| format!("from {version}"));
            format!("{} {version}", if *send_initial_events { "stream" } else { "watch" })
        }
    }
}

fn read<'a>(words: &[&'a str]) -> Outcome<'a> {
    let seconds = |text: &str| Duration::from_secs_f64(text.parse().unwrap());
    match *words {
        ["page", version] => Outcome::Page { version, continue_token: None },
        ["page", version, "continue", token] => Outcome::Page { version, continue_token: Some(token) },
        ["object", version] => Outcome::Object { version },
        ["bookmark", version] => Outcome::Bookmark { version, ends_initial_events: false },
        ["bookmark", version, "end"] => Outcome::Bookmark { version, ends_initial_events: true },
        ["silent"] => Outcome::InitialEventsSilent,
        ["ended", "after", time] => Outcome::WatchEnded { lasted: seconds(time) },
        ["list", problem] => Outcome::ListFailed(failure(problem)),
        ["watch", problem] => Outcome::WatchFailed { failure: failure(problem), lasted: None },
        ["watch", problem, "after", time] => {
            Outcome::WatchFailed { failure: failure(problem), lasted: Some(seconds(time)) }
        }
        _ => panic!("{words:?} is no outcome"),
    }
}

fn failure(word: &str) -> Failure {
    match word {
        "expired" => Failure::Expired,
        "too-large" => Failure::VersionTooLarge,
        "busy" => Failure::Busy(None),
        "busy-for-5" => Failure::Busy(Some(Duration::from_secs(5))),
        "unreachable" => Failure::Unreachable(None),
        "unsupported" => Failure::Unsupported,
        "forbidden" => Failure::Other,
        _ => panic!("{word} is no failure"),
    }
}

fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Nothing => "nothing",
        Effect::SetAside => "aside",
        Effect::Apply => "apply",
        Effect::Replace => "replace",
        Effect::Discard => "discard",
    }
}

#[test]
fn a_list_leads_to_a_watch_from_its_version() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < object 11 => apply",
    );
}

#[test]
fn pages_follow_each_other_and_only_the_last_completes_the_list() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 continue a
         > list from 0, 500 at most, page a
         < page 10 continue b
         > list from 0, 500 at most, page b
         < page 10 => replace
         > watch from 10",
    );
}

#[test]
fn a_server_that_pages_any_version_is_asked_for_pages_of_later_versions_too() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 continue a
         > list from 0, 500 at most, page a
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > list from 10, 500 at most",
    );
}

#[test]
fn a_version_is_asked_for_without_a_limit_so_that_the_cache_answers() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > list from 10",
    );
}

#[test]
fn a_page_size_that_was_asked_for_is_always_used() {
    play(
        Settings { streaming_lists: false, page_size: Some(50), ..Settings::default() },
        "> list from 0, 50 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > list from 10, 50 at most",
    );
}

#[test]
fn an_expired_token_makes_it_one_list_without_a_limit() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 continue a
         > list from 0, 500 at most, page a
         < list expired => discard
         > list from 0
         < page 12 => replace
         > watch from 12",
    );
}

#[test]
fn a_version_that_the_server_does_not_have_makes_it_a_list_of_the_latest_at_once_and_once() {
    for problem in ["expired", "too-large"] {
        play_lists(&format!(
            "> list from 0, 500 at most
             < page 10 => replace
             > watch from 10
             < watch expired after 9
             > list from 10
             < list {problem} => discard
             > list latest, 500 at most
             < list {problem} => discard
             > wait 1600
             > list latest, 500 at most
             < page 20 => replace
             > watch from 20
             < watch expired after 9
             > list from 20"
        ));
    }
}

#[test]
fn a_list_that_fails_is_tried_again_after_growing_delays() {
    play_lists(
        "> list from 0, 500 at most
         < list unreachable => discard
         > wait 800
         > list from 0, 500 at most
         < list forbidden => discard
         > wait 1600
         > list from 0, 500 at most
         < list busy-for-5 => discard
         > wait 5000
         > list from 0, 500 at most
         < list unsupported => discard
         > wait 6400
         > list from 0, 500 at most",
    );
}

#[test]
fn a_list_alone_does_not_make_the_delays_short_again() {
    play_lists(
        "> list from 0, 500 at most
         < list unreachable => discard
         > wait 800
         > list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch unreachable
         > wait 1600
         > watch from 10",
    );
}

#[test]
fn a_watch_that_ends_is_followed_by_one_from_the_last_version_without_a_list_or_a_delay() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < object 11 => apply
         < object 13 => apply
         < ended after 300
         > watch from 13
         < ended after 2
         > watch from 13",
    );
}

#[test]
fn a_bookmark_moves_the_version_and_tells_nothing() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < bookmark 40
         < ended after 300
         > watch from 40",
    );
}

#[test]
fn a_watch_that_ends_at_once_is_a_failure_and_the_second_in_a_row_reads_all_anew() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < ended after 0.1
         > wait 800
         > watch from 10
         < bookmark 11
         < ended after 0.9 => discard
         > wait 1600
         > list from 11
         < page 12 => replace
         > watch from 12
         < ended after 0
         > wait 3200
         > watch from 12",
    );
}

#[test]
fn a_short_watch_that_told_something_is_a_success() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < ended after 0.1
         > wait 800
         > watch from 10
         < object 11 => apply
         < ended after 0.1
         > watch from 11
         < ended after 0.1
         > wait 800",
    );
}

#[test]
fn a_watch_that_cannot_be_opened_now_is_opened_later_without_a_list() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch unreachable
         > wait 800
         > watch from 10
         < watch busy
         > wait 1600
         > watch from 10
         < watch busy-for-5
         > wait 5000
         > watch from 10
         < ended after 2
         > watch from 10
         < watch unreachable
         > wait 800",
    );
}

#[test]
fn too_many_requests_within_a_watch_open_another_one_later() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch busy after 0.2
         > wait 800
         > watch from 10
         < watch busy after 0.2
         > wait 1600
         > watch from 10",
    );
}

#[test]
fn a_forgotten_version_reads_all_anew_at_once_and_if_that_goes_on_with_growing_delays() {
    for form in ["expired", "expired after 0.1"] {
        play_lists(&format!(
            "> list from 0, 500 at most
             < page 10 => replace
             > watch from 10
             < watch {form}
             > list from 10
             < page 12 => replace
             > watch from 12
             < watch {form}
             > wait 1600
             > list from 12
             < page 13 => replace
             > watch from 13
             < watch {form}
             > wait 3200"
        ));
    }
}

#[test]
fn a_version_that_is_forgotten_after_an_outage_reads_all_anew_at_once() {
    play_lists(
        "> list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch unreachable
         > wait 800
         > watch from 10
         < watch unreachable
         > wait 1600
         > watch from 10
         < watch expired
         > list from 10
         < page 20 => replace
         > watch from 20
         < ended after 9
         > watch from 20
         < watch expired
         > list from 20",
    );
}

#[test]
fn any_other_error_of_a_watch_reads_all_anew_after_a_delay() {
    for form in ["forbidden", "forbidden after 9", "unreachable after 9", "unsupported"] {
        play_lists(&format!(
            "> list from 0, 500 at most
             < page 10 => replace
             > watch from 10
             < watch {form} => discard
             > wait 800
             > list from 10"
        ));
    }
}

#[test]
fn a_streaming_list_ends_with_its_bookmark_and_goes_on_as_the_watch() {
    play(
        Settings::default(),
        "> stream latest
         < object 9 => aside
         < object 7 => aside
         < bookmark 9
         < object 8 => aside
         < bookmark 10 end => replace
         < object 11 => apply
         < ended after 300
         > watch from 11",
    );
}

#[test]
fn a_streaming_list_that_is_cut_begins_anew_after_a_delay_and_the_second_in_a_row_becomes_a_list() {
    play(
        Settings::default(),
        "> stream latest
         < object 9 => aside
         < ended after 20 => discard
         > wait 800
         > stream latest
         < object 9 => aside
         < ended after 20 => discard
         > wait 1600
         > list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > stream from 10
         < ended after 20 => discard
         > wait 1600
         > stream from 10",
    );
}

#[test]
fn a_server_that_does_not_end_streaming_lists_gets_a_list_and_the_second_time_lists_for_good() {
    play(
        Settings::default(),
        "> stream latest
         < object 9 => aside
         < silent => discard
         > list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > stream from 10
         < silent => discard
         > list from 10
         < page 11 => replace
         > watch from 11
         < watch expired after 9
         > list from 11",
    );
}

#[test]
fn a_streaming_list_that_ends_well_makes_an_earlier_silence_forgotten() {
    play(
        Settings::default(),
        "> stream latest
         < silent => discard
         > list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > stream from 10
         < bookmark 11 end => replace
         < watch expired after 9
         > stream from 11
         < silent => discard
         > list from 11
         < page 12 => replace
         > watch from 12
         < watch expired after 9
         > stream from 12",
    );
}

#[test]
fn a_server_without_streaming_lists_gets_a_list_at_once_and_is_not_asked_again() {
    play(
        Settings::default(),
        "> stream latest
         < watch unsupported => discard
         > list from 0, 500 at most
         < page 10 => replace
         > watch from 10
         < watch expired after 9
         > list from 10",
    );
}

#[test]
fn a_streaming_list_that_fails_otherwise_is_a_list_this_time_only() {
    for form in ["forbidden", "forbidden after 1", "unreachable after 1"] {
        play(
            Settings::default(),
            &format!(
                "> stream latest
                 < watch {form} => discard
                 > list from 0, 500 at most
                 < page 10 => replace
                 > watch from 10
                 < watch expired after 9
                 > stream from 10"
            ),
        );
    }
}

#[test]
fn if_both_ways_fail_the_next_round_begins_with_a_streaming_list_after_a_delay() {
    play(
        Settings::default(),
        "> stream latest
         < watch forbidden => discard
         > list from 0, 500 at most
         < list forbidden => discard
         > wait 800
         > stream latest",
    );
}

#[test]
fn a_streaming_list_that_cannot_be_opened_now_is_opened_later() {
    play(
        Settings::default(),
        "> stream latest
         < watch unreachable => discard
         > wait 800
         > stream latest
         < watch busy => discard
         > wait 1600
         > stream latest
         < watch busy after 3 => discard
         > wait 3200
         > stream latest",
    );
}

#[test]
fn a_streaming_list_from_a_version_that_the_server_does_not_have_begins_at_the_latest() {
    for problem in ["expired", "too-large", "expired after 0.1"] {
        play(
            Settings::default(),
            &format!(
                "> stream latest
                 < bookmark 10 end => replace
                 < ended after 300
                 > watch from 10
                 < watch expired after 9
                 > stream from 10
                 < watch {problem} => discard
                 > wait 1600
                 > stream latest
                 < bookmark 20 end => replace
                 < watch expired after 9
                 > stream from 20"
            ),
        );
    }
}

#[test]
fn watches_end_at_times_of_their_own() {
    let mut timeouts = Vec::new();
    for seed in 0..200 {
        let jitter = Jitter::Random(fastrand::Rng::with_seed(seed));
        let Step::Watch(watch) = Machine::new(Settings::default(), jitter).next() else { panic!("a watch") };
        timeouts.push(watch.timeout.as_secs());
    }
    timeouts.sort_unstable();
    assert!(timeouts.iter().all(|timeout| (300..600).contains(timeout)), "{timeouts:?}");
    timeouts.dedup();
    assert!(timeouts.len() > 100, "{timeouts:?}");
}
