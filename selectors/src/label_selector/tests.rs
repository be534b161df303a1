//! What label selectors select, how they are written, and what is refused.

use super::LabelSelector;

fn error(text: &str) -> String {
    LabelSelector::parse(text).unwrap_err().reason().to_owned()
}

fn matches(text: &str, labels: &[(&str, &str)]) -> bool {
    LabelSelector::parse(text).unwrap().matches(labels)
}

#[test]
fn every_operator_selects_as_the_server_does() {
    let web = &[("app", "web"), ("number", "12"), ("empty", "")];
    for text in [
        "",
        "app",
        "app=web",
        "app==web",
        "app!=db",
        "app in (db, web)",
        "app notin (db)",
        "!canary",
        "canary!=x",
        "canary notin (x)",
        "number>11",
        "number<13",
        "empty=",
        "empty",
        "empty in ()",
        "empty in (,a)",
        "app,!x",
        "app = web , number > 1",
    ] {
        assert!(matches(text, web), "{text}");
    }
    for text in [
        "!app",
        "app=db",
        "app!=web",
        "app notin (web)",
        "app in (db)",
        "canary",
        "canary in (x)",
        "canary>1",
        "app>1",
        "number>12",
        "number<12",
        "app=",
        "app,canary",
    ] {
        assert!(!matches(text, web), "{text}");
    }
}

#[test]
fn words_that_are_operators_can_be_keys_and_values() {
    for text in ["in", "in in (in)", "notin=in", "in notin (notin)"] {
        assert!(LabelSelector::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_selector_is_refused_in_the_servers_words() {
    for (text, wanted) in [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("(", "found '(', expected: !, identifier, or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a,", "found '', expected: identifier after ','"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a!!b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value \
             must be an integer",
        ),
        ("/b", "unable to parse requirement: <nil>: Invalid value: \"/b\": prefix part must be non-empty"),
    ] {
        assert_eq!(error(text), wanted, "{text}");
    }
}

#[test]
fn keys_and_values_must_be_valid_labels() {
    let long = "a".repeat(64);
    for (text, start) in [
        ("-a", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"),
        (
            "a/b/c",
            "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist",
        ),
        (
            "UP/b",
            "unable to parse requirement: <nil>: Invalid value: \"UP/b\": prefix part a lowercase RFC 1123",
        ),
        ("a=$", "unable to parse requirement: values[0][a]: Invalid value: \"$\": a valid label must be"),
        ("a in (b,$)", "unable to parse requirement: values[0][a]: Invalid value: \"$\": a valid label"),
        ("a in (a,é)", "unable to parse requirement: values[1][a]: Invalid value: \"é\": a valid label"),
        (
            "a>$",
            "unable to parse requirement: [values[0]: Invalid value: \"$\": for 'Gt', 'Lt' operators, the",
        ),
    ] {
        assert!(error(text).starts_with(start), "{text}: {}", error(text));
    }
    assert!(error(&long).ends_with("name part must be no more than 63 bytes"));
    assert!(error(&format!("a={long}")).ends_with("must be no more than 63 bytes"));
}

#[test]
fn all_requirements_must_hold() {
    let selector = "app=web,tier in (a,b),!canary,zone notin (x),tier";
    assert!(matches(selector, &[("app", "web"), ("tier", "b")]));
    for other in [
        [("app", "web"), ("tier", "c")].as_slice(),
        &[("app", "db"), ("tier", "b")],
        &[("app", "web"), ("tier", "b"), ("canary", "")],
        &[("app", "web"), ("tier", "b"), ("zone", "x")],
        &[("app", "web")],
        &[],
    ] {
        assert!(!matches(selector, other), "{other:?}");
    }
}

#[test]
fn everything_has_no_requirements_and_nothing_has_two_that_contradict_each_other() {
    let everything = LabelSelector::everything();
    assert!(everything.is_everything() && everything.matches(&[("a", "b")]));
    assert_eq!((LabelSelector::parse(""), everything.to_string()), (Ok(everything), String::new()));
    let nothing = LabelSelector::nothing();
    for labels in [[].as_slice(), &[("nothing", "")], &[("a", "b")]] {
        assert!(!nothing.matches(labels), "{labels:?}");
    }
    assert!(!nothing.is_everything());
    assert_eq!(LabelSelector::parse(&nothing.to_string()), Ok(nothing));
}

#[test]
fn a_selector_is_written_so_that_it_is_read_as_the_same() {
    for (text, written) in [
        ("tier in (b, a), app==web", "app=web,tier in (a,b)"),
        ("a in (x)", "a=x"),
        ("a notin (x)", "a!=x"),
        ("a in ()", "a="),
        ("a=", "a="),
        ("a!=", "a!="),
        ("a in (,x)", "a in (,x)"),
        ("a notin (x,)", "a notin (,x)"),
        ("!b,a", "a,!b"),
        ("a > 05, a < 9", "a>5,a<9"),
        ("a=1,a=1", "a=1"),
    ] {
        let selector = LabelSelector::parse(text).unwrap();
        assert_eq!(selector.to_string(), written, "{text}");
        assert_eq!(written.parse(), Ok(selector), "{text}");
    }
}

#[test]
fn any_text_is_refused_or_read_as_what_is_written_of_it() {
    const PIECES: [&str; 19] = [
        "a", "b", "in", "notin", "9", "-", "/", "é", "=", "==", "!=", "!", "(", ")", ",", ">", "<", " ", "\0",
    ];
    let mut random = fastrand::Rng::with_seed(6);
    let mut valid = 0;
    for _ in 0..100_000 {
        let text: String = (0..random.usize(..12)).map(|_| PIECES[random.usize(..PIECES.len())]).collect();
        if let Ok(selector) = LabelSelector::parse(&text) {
            valid += 1;
            assert_eq!(LabelSelector::parse(&selector.to_string()), Ok(selector), "{text}");
        }
    }
    assert!(valid > 1_000, "{valid}");
}

#[test]
fn what_is_built_is_what_is_read() {
    type Selector = LabelSelector;
    for (built, text) in [
        (Selector::equals("a", "b"), "a=b"),
        (Selector::not_equals("a", "b"), "a!=b"),
        (Selector::is_in("a", ["c", "b"]), "a in (b,c)"),
        (Selector::is_not_in("a", vec!["b".to_owned()]), "a!=b"),
        (Selector::exists("a"), "a"),
        (Selector::does_not_exist("a"), "!a"),
        (Selector::greater_than("a", 1), "a>1"),
        (Selector::less_than("a", 2), "a<2"),
        (Selector::from_labels([("b", "1"), ("a", "2")]), "a=2,b=1"),
        (Selector::from_labels([("", ""); 0]), ""),
    ] {
        assert_eq!(built, LabelSelector::parse(text), "{text}");
    }
    let both = Selector::exists("b").unwrap().and(Selector::parse("a,b").unwrap());
    assert_eq!(both.to_string(), "a,b");
}

#[test]
fn what_no_label_can_be_is_not_built() {
    type Selector = LabelSelector;
    for built in [
        Selector::equals("a b", "c"),
        Selector::equals("a", "b,c"),
        Selector::is_in("a", [""; 0]),
        Selector::exists(""),
        Selector::greater_than("a", -1),
        Selector::from_labels([("a", "1"), ("b", "-")]),
    ] {
        assert!(built.is_err(), "{built:?}");
    }
}
