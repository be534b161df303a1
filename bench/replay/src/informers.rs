//! What informers ask for: any number of Pods, as a list in pages or as a streaming list, and a watch that tells of
//! changes and then stays open. The path begins with how many: `/informers/<pods>/<changes>/api/v1/pods`.

use crate::BoxError;
use crate::body::Pieces;
use crate::pods::{Format, Pods};
use crate::protobuf;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use std::sync::Arc;

/// What the path of a world begins with.
const PREFIX: &str = "/informers/";
const PODS: &str = "/api/v1/pods";

/// The version before that of the first change: more than any that was recorded.
const BEFORE_CHANGES: u64 = 1_000_000_000;

/// How many bytes go into a piece of a body, about.
const PIECE: usize = 64 << 10;

/// The Pods, in each format.
#[derive(Debug)]
pub(crate) struct Informers {
    json: Arc<Pods>,
    protobuf: Arc<Pods>,
}

/// What a request asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Question {
    pods: usize,
    changes: usize,
    watch: bool,
    initial_events: bool,
    limit: usize,
    from: usize,
    version: Option<u64>,
}

impl Question {
    fn read(path: &str, query: &str) -> Option<Self> {
        let (numbers, path) = path
            .strip_prefix(PREFIX)?
            .split_at_checked(path.len().checked_sub(PREFIX.len() + PODS.len())?)?;
        let (pods, changes) = numbers.split_once('/')?;
        let mut question =
            Self { pods: pods.parse().ok()?, changes: changes.parse().ok()?, ..Self::default() };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let yes = matches!(value, "true" | "1");
            match name {
                "watch" => question.watch = yes,
                "sendInitialEvents" => question.initial_events = yes,
                "limit" => question.limit = value.parse().ok()?,
                "continue" if !value.is_empty() => question.from = value.parse().ok()?,
                "resourceVersion" => question.version = value.parse().ok(),
                _ => {}
            }
        }
        (path == PODS).then_some(question)
    }
}

impl Informers {
    /// Takes the recorded streaming lists apart.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(crate) fn new(json: &Bytes, protobuf: &Bytes) -> Result<Self, BoxError> {
        Ok(Self {
            json: Arc::new(Pods::read(Format::Json, json)?),
            protobuf: Arc::new(Pods::read(Format::Protobuf, protobuf)?),
        })
    }

    /// The answer to a request of an informer, if it is one.
    pub(crate) fn answer<T>(&self, request: &Request<T>, protobuf: bool) -> Option<Response<Pieces>> {
        let question = Question::read(request.uri().path(), request.uri().query().unwrap_or_default())?;
        let (pods, media_type) = if protobuf {
            (&self.protobuf, "application/vnd.kubernetes.protobuf")
        } else {
            (&self.json, "application/json")
        };
        let stream = if question.watch { ";stream=watch" } else { "" };
        let body = if question.watch { watch(pods, &question) } else { list(pods, &question) };
        Response::builder().header(CONTENT_TYPE, format!("{media_type}{stream}")).body(body).ok()
    }
}

/// A watch: what there is, if that is asked for, then the changes, and then nothing, without an end.
fn watch(pods: &Arc<Pods>, question: &Question) -> Pieces {
    let initial = if question.initial_events { question.pods } else { 0 };
    let of = Arc::clone(pods);
    let initial_events = (0..initial).map(move |index| of.event("ADDED", &of.pod(index, None)));
    let bookmark = question.initial_events.then(|| pods.bookmark());
    // Who has watched before and comes again goes on where it was.
    let told = if question.initial_events {
        0
    } else {
        question.version.unwrap_or(0).saturating_sub(BEFORE_CHANGES)
    };
    let (of, count) = (Arc::clone(pods), question.pods);
    let changes = (told..question.changes as u64).map(move |change| {
        of.event("MODIFIED", &of.pod(change as usize % count, Some(BEFORE_CHANGES + 1 + change)))
    });
    Pieces::held(gathered(initial_events.chain(bookmark).chain(changes)))
}

/// A list, or a page of it.
fn list(pods: &Arc<Pods>, question: &Question) -> Pieces {
    let left = question.pods.saturating_sub(question.from);
    let count = if question.limit == 0 { left } else { left.min(question.limit) };
    let next = if count < left { (question.from + count).to_string() } else { String::new() };
    let (of, indices) = (Arc::clone(pods), question.from..question.from + count);
    match pods.format() {
        Format::Json => {
            let head = format!(
                "{{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{{\"resourceVersion\":\"{}\",\"continue\":\"{next}\"}},\"items\":[",
                pods.version()
            );
            let first = question.from;
            let items = indices.map(move |index| {
                let pod = of.pod(index, None);
                if index == first { pod } else { [b",", &pod[..]].concat() }
            });
            Pieces::all(gathered([head.into_bytes()].into_iter().chain(items).chain([b"]}\n".to_vec()])))
        }
        Format::Protobuf => {
            let (mut metadata, mut head) = (Vec::new(), Vec::new());
            protobuf::write(&mut metadata, 1, b"");
            protobuf::write(&mut metadata, 2, pods.version().to_string().as_bytes());
            protobuf::write(&mut metadata, 3, next.as_bytes());
            // The length stands in front, so each Pod is written twice: to be measured, and to be sent.
            let items: usize = indices.clone().map(|index| protobuf::size(pods.pod(index, None).len())).sum();
            protobuf::begin_object(&mut head, "PodList", protobuf::size(metadata.len()) + items);
            protobuf::write(&mut head, 1, &metadata);
            let items = indices.map(move |index| {
                let (pod, mut item) = (of.pod(index, None), Vec::new());
                protobuf::write(&mut item, 2, &pod);
                item
            });
            let end = protobuf::END_OF_OBJECT.to_vec();
            Pieces::all(gathered([head].into_iter().chain(items).chain([end])))
        }
    }
}

/// Gathers small pieces into larger ones.
fn gathered(
    mut pieces: impl Iterator<Item = Vec<u8>> + Send + 'static,
) -> impl Iterator<Item = Bytes> + Send {
    std::iter::from_fn(move || {
        let mut gathered = pieces.next()?;
        while gathered.len() < PIECE {
            let Some(piece) = pieces.next() else { break };
            gathered.extend_from_slice(&piece);
        }
        Some(gathered.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pods::tests::{json, protobuf};

    fn text(body: Pieces) -> String {
        body.map(|piece| String::from_utf8_lossy(&piece).into_owned()).collect()
    }

    fn question(path_and_query: &str) -> Option<Question> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Question::read(path, query)
    }

    #[test]
    fn the_path_tells_how_many_and_the_query_what() {
        let read = question("/informers/50/20/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersion=7")
            .unwrap();
        let wanted = Question {
            pods: 50,
            changes: 20,
            watch: true,
            initial_events: true,
            version: Some(7),
            ..Question::default()
        };
        assert_eq!(read, wanted);
        let read = question("/informers/50/0/api/v1/pods?limit=5&continue=10").unwrap();
        assert_eq!(read, Question { pods: 50, limit: 5, from: 10, ..Question::default() });
        assert_eq!(question("/informers/50/0/api/v1/nodes"), None);
        assert_eq!(question("/api/v1/pods"), None);
        assert_eq!(question("/informers/"), None);
    }

    #[test]
    fn pages_have_all_pods_once() {
        let (pods, mut seen) = (Arc::new(json()), Vec::new());
        for (from, pages) in [(0, "2"), (2, "")] {
            let page = text(list(&pods, &Question { pods: 3, limit: 2, from, ..Question::default() }));
            assert!(page.contains(&format!("\"continue\":\"{pages}\"")), "{page}");
            seen.extend(
                page.match_indices("\"namespace\":\"")
                    .map(|(at, key)| page[at + key.len()..][..3].to_owned()),
            );
        }
        assert_eq!(seen, ["n\",", "n-1", "n-2"]);
    }

    #[test]
    fn a_list_in_protobuf_is_as_long_as_it_says() {
        let body: Vec<u8> =
            list(&Arc::new(protobuf()), &Question { pods: 3, ..Question::default() }).flatten().collect();
        let list = protobuf::object(&Bytes::from(body.clone())).unwrap();
        assert!(body.ends_with(protobuf::END_OF_OBJECT));
        let (_, mut rest) = protobuf::field(&list, 1).unwrap();
        let mut pods = 0;
        while let Some((_, after)) = protobuf::field(&rest, 2) {
            (rest, pods) = (after, pods + 1);
        }
        assert_eq!((pods, rest.len()), (3, 0));
    }

    #[test]
    fn a_streaming_list_ends_with_the_bookmark_and_then_come_the_changes() {
        let asked =
            Question { pods: 2, changes: 3, watch: true, initial_events: true, ..Question::default() };
        let events = text(watch(&Arc::new(json()), &asked));
        let types: Vec<&str> = events.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
        assert_eq!(types, ["ADDED", "ADDED", "BOOKMARK", "MODIFIED", "MODIFIED", "MODIFIED"]);
        assert!(events.lines().last().unwrap().contains(r#""resourceVersion":"1000000003""#), "{events}");
    }

    #[test]
    fn changes_come_to_who_has_not_seen_them() {
        let pods = Arc::new(json());
        let asked = |version| Question { pods: 1, changes: 2, watch: true, version, ..Question::default() };
        assert_eq!(text(watch(&pods, &asked(Some(9)))).lines().count(), 2);
        assert_eq!(text(watch(&pods, &asked(Some(BEFORE_CHANGES + 1)))).lines().count(), 1);
        assert_eq!(text(watch(&pods, &asked(Some(BEFORE_CHANGES + 2)))), "");
    }
}
