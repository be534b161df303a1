//! The `Accept` header, taken apart as kube-apiserver's library does.

use http::HeaderMap;
use http::header::ACCEPT;

/// One of the media types that a client accepts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clause<'a> {
    /// The part before the slash; `*` for any.
    main: &'a str,
    /// The part after it; `*` for any.
    sub: &'a str,
    weight: f32,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Clause<'a> {
    /// The clauses of the header, the preferred ones first. Without a header, everything is accepted.
    pub(crate) fn all(headers: &HeaderMap) -> Vec<Clause<'_>> {
        let mut clauses = Vec::new();
        for clause in accepted(headers).split(',').filter_map(Clause::parse) {
            // Which of two comes first is not always clear from both sides: so in Go's order for few.
            let mut place = clauses.len();
            clauses.push(clause);
            while place > 0 && clauses[place].is_before(&clauses[place - 1]) {
                clauses.swap(place, place - 1);
                place -= 1;
            }
        }
        clauses
    }

    /// None if it is no media type.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.trim_matches(' ').split(';');
        let media_type = parts.next()?.trim_matches(' ');
        let (main, sub) = match media_type.split_once('/') {
            Some((main, sub)) if !sub.is_empty() && !sub.contains('/') => (main, sub),
            None | Some((_, "")) if media_type.trim_end_matches('/').trim_matches(' ') == "*" => ("*", "*"),
            _ => return None,
        };
        let mut clause = Self {
            main: main.trim_matches(' '),
            sub: sub.trim_matches(' '),
            weight: 1.0,
            parameters: Vec::new(),
        };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim_matches(' ') {
                _ if value.is_empty() || value.contains('=') => {}
                "q" => clause.weight = value.parse().unwrap_or_default(),
                key => clause.parameters.push((key, value.trim_matches(' '))),
            }
        }
        Some(clause)
    }

    fn is_before(&self, other: &Self) -> bool {
        self.weight > other.weight
            || (self.main != "*" && other.main == "*")
            || (self.sub != "*" && other.sub == "*")
    }

    /// Whether it is for this media type, whatever the parameters.
    pub(crate) fn covers(&self, media_type: &str) -> bool {
        match (self.main, self.sub) {
            ("*", "*") => true,
            (main, sub) => media_type
                .split_once('/')
                .is_some_and(|(other, rest)| main == other && (sub == rest || sub == "*")),
        }
    }

    /// A parameter, of which the last counts.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// Whether a router of kube-apiserver, which has `media_types`, lets a request pass: it looks at names only.
pub(crate) fn passes_router<'a>(
    headers: &HeaderMap,
    media_types: impl Iterator<Item = &'a str> + Clone,
) -> bool {
    accepted(headers).split(',').any(|clause| {
        let name = clause.split(';').next().unwrap_or_default().trim_matches(' ');
        name == "*/*" || media_types.clone().any(|media_type| media_type == name)
    })
}

fn accepted(headers: &HeaderMap) -> &str {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.trim().is_empty() { "*/*" } else { accept }
}

#[cfg(test)]
mod tests {
    use super::Clause;
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    fn ordered(accept: &'static str) -> Vec<String> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        Clause::all(&headers).iter().map(|clause| format!("{}/{}", clause.main, clause.sub)).collect()
    }

    #[test]
    fn clauses_come_in_their_order_by_weight_and_what_stands_for_many_last() {
        assert_eq!(ordered("a/b, c/d"), ["a/b", "c/d"]);
        assert_eq!(ordered("*/*, a/*, a/b"), ["a/b", "a/*", "*/*"]);
        assert_eq!(ordered("a/b;q=0.5,c/d;q=0.9 , e/f"), ["e/f", "c/d", "a/b"]);
        assert_eq!(ordered("a/b;q=x,c/d;q=0"), ["a/b", "c/d"]);
        assert_eq!(ordered(""), ["*/*"]);
        assert_eq!(ordered("*, a, a/b/c, a/, ,b/c"), ["b/c", "*/*"]);
    }

    #[test]
    fn the_last_of_several_parameters_counts() {
        let clause = Clause::parse(" a/b; as=x;as = y ;g;v=;w=1=2").unwrap();
        assert_eq!(clause.parameter("as"), Some("y"));
        assert_eq!(["g", "v", "w"].map(|name| clause.parameter(name)), [None; 3]);
        assert!(clause.covers("a/b") && !clause.covers("a/c"));
        assert!(Clause::parse("a/*").unwrap().covers("a/c"));
    }
}
