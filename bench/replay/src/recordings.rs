//! The recorded answers: which there are, and which one a request gets.

use crate::BoxError;
use crate::body::Pieces;
use crate::informers::Informers;
use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{Request, Response};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// Answers by their path: that of the request, then `list` or `watch`, with the format and the coding as suffixes.
#[derive(Debug, Default)]
pub(crate) struct Recordings {
    bodies: BTreeMap<String, Bytes>,
    informers: Option<Informers>,
}

impl Recordings {
    /// Reads all files below a folder into memory.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or what informers are told of is not in them.
    pub(crate) fn read(folder: &Path) -> Result<Self, BoxError> {
        let mut recordings = Self::default();
        recordings.read_below(folder, "")?;
        let initial_events = |format| {
            let path = format!("/api/v1/pods/initial-events.{format}");
            recordings.bodies.get(&path).ok_or_else(|| format!("no {path} was recorded"))
        };
        let informers = Informers::new(initial_events("json")?, initial_events("protobuf")?)?;
        Ok(Self { informers: Some(informers), ..recordings })
    }

    fn read_below(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.read_below(&entry.path(), &path)?;
            } else {
                self.bodies.insert(path, fs::read(entry.path())?.into());
            }
        }
        Ok(())
    }

    /// The answer to a request for a list or a watch, in the best form that there is and the client takes.
    pub(crate) fn answer<T>(&self, request: &Request<T>) -> Option<Response<Pieces>> {
        let takes = |name: HeaderName, what: &str| {
            request
                .headers()
                .get_all(name)
                .iter()
                .any(|value| value.to_str().unwrap_or_default().contains(what))
        };
        let informers = self.informers.as_ref();
        if let Some(answer) = informers.and_then(|all| all.answer(request, takes(ACCEPT, PROTOBUF))) {
            return Some(answer);
        }
        let query = request.uri().query().unwrap_or_default();
        let watch = query.split('&').any(|pair| matches!(pair, "watch=true" | "watch=1" | "watch"));
        let (verb, stream) = if watch { ("watch", ";stream=watch") } else { ("list", "") };
        let formats: &[_] = if takes(ACCEPT, PROTOBUF) {
            &[("protobuf", PROTOBUF), ("json", "application/json")]
        } else {
            &[("json", "application/json")]
        };
        let codings: &[_] =
            if takes(ACCEPT_ENCODING, "gzip") { &[(".gz", Some("gzip")), ("", None)] } else { &[("", None)] };
        for (format, media_type) in formats {
            for (suffix, coding) in codings {
                let path = format!("{}/{verb}.{format}{suffix}", request.uri().path());
                if let Some(body) = self.bodies.get(&path) {
                    let response = Response::builder().header(CONTENT_TYPE, format!("{media_type}{stream}"));
                    let response = coding
                        .iter()
                        .fold(response, |response, coding| response.header(CONTENT_ENCODING, *coding));
                    return response.body(body.clone().into()).ok();
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recordings() -> Recordings {
        let bodies = [
            "/api/v1/pods/list.json",
            "/api/v1/pods/list.json.gz",
            "/api/v1/pods/list.protobuf",
            "/w/watch.json",
        ];
        Recordings {
            bodies: bodies
                .iter()
                .map(|path| ((*path).to_owned(), Bytes::from_static(path.as_bytes())))
                .collect(),
            informers: None,
        }
    }

    fn answer(uri: &str, accept: &str, coding: &str) -> Option<Response<Pieces>> {
        let request = Request::get(uri).header(ACCEPT, accept).header(ACCEPT_ENCODING, coding);
        recordings().answer(&request.body(()).unwrap())
    }

    #[test]
    fn a_client_gets_what_it_takes() {
        let body = |uri, accept, coding| answer(uri, accept, coding).unwrap().into_body().next().unwrap();
        assert_eq!(
            body("/api/v1/pods?resourceVersion=0", "application/json", "identity"),
            "/api/v1/pods/list.json"
        );
        assert_eq!(body("/api/v1/pods", "application/json", "gzip"), "/api/v1/pods/list.json.gz");
        let both = "application/vnd.kubernetes.protobuf,application/json";
        assert_eq!(body("/api/v1/pods", both, "gzip"), "/api/v1/pods/list.protobuf");
        assert_eq!(body("/w?watch=true", both, "gzip"), "/w/watch.json");
    }

    #[test]
    fn an_answer_says_what_it_is() {
        let answer = answer("/w?resourceVersion=0&watch=true", "application/json", "").unwrap();
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json;stream=watch");
    }

    #[test]
    fn what_was_not_recorded_is_not_there() {
        assert!(answer("/api/v1/pods?watch=true", "application/json", "").is_none());
        assert!(answer("/api/v1/nodes", "application/json", "").is_none());
    }
}
