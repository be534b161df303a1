//! The Pods of a recorded streaming list, taken apart, so that any number of Pods like them can be sent.

use crate::BoxError;
use crate::protobuf;
use bytes::Bytes;

/// How objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Protobuf,
}

/// The recorded Pods in one format.
#[derive(Debug)]
pub(crate) struct Pods {
    format: Format,
    pods: Vec<Pod>,
    /// The version of the list.
    version: u64,
}

/// A Pod in pieces.
#[derive(Debug)]
struct Pod {
    /// What stands before, between and behind the namespace, the uid and the version. In protobuf, of the metadata.
    pieces: [Bytes; 4],
    /// In protobuf, what comes after the metadata.
    rest: Bytes,
    namespace: String,
    uid: String,
    version: String,
}

impl Pods {
    /// Takes a recorded streaming list apart, whose last event is the bookmark.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub(crate) fn read(format: Format, body: &Bytes) -> Result<Self, BoxError> {
        let mut objects = match format {
            Format::Json => json_objects(body),
            Format::Protobuf => protobuf_objects(body),
        }
        .ok_or("a recorded streaming list cannot be read")?;
        let bookmark = objects.pop().ok_or("a recorded streaming list is empty")?;
        let version = match format {
            Format::Json => {
                between(&bookmark, "\"resourceVersion\":\"", 0).map(|(start, end)| bookmark.slice(start..end))
            }
            Format::Protobuf => Pod::of_protobuf(&bookmark).map(|pod| pod.version.into()),
        };
        let version = std::str::from_utf8(&version.ok_or("a recorded bookmark has no version")?)?.parse()?;
        let pods: Option<Vec<Pod>> = objects
            .iter()
            .map(|object| match format {
                Format::Json => Pod::of_json(object),
                Format::Protobuf => Pod::of_protobuf(object),
            })
            .collect();
        let pods = pods.filter(|pods| !pods.is_empty()).ok_or("a recorded Pod cannot be read")?;
        Ok(Self { format, pods, version })
    }

    /// The format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The version of the list, which all Pods in it have at most.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The bytes of a Pod. Behind the last that was recorded, all come again in other namespaces.
    pub(crate) fn pod(&self, index: usize, version: Option<u64>) -> Vec<u8> {
        let (copy, pod) = (index / self.pods.len(), &self.pods[index % self.pods.len()]);
        let (namespace, uid) = if copy == 0 {
            (pod.namespace.clone(), pod.uid.clone())
        } else {
            (
                format!("{}-{copy}", pod.namespace),
                format!("{copy:08x}{}", pod.uid.get(8..).unwrap_or_default()),
            )
        };
        let version = version.map_or_else(|| pod.version.clone(), |version| version.to_string());
        match self.format {
            Format::Json => pod.json(&namespace, &uid, &version),
            Format::Protobuf => pod.protobuf(&namespace, &uid, &version),
        }
    }

    /// The bytes of an event. In JSON, its object needs to tell its kind.
    pub(crate) fn event(&self, kind: &str, pod: &[u8]) -> Vec<u8> {
        match self.format {
            Format::Json => {
                let fields = pod.strip_prefix(b"{").unwrap_or(pod);
                let head =
                    format!("{{\"type\":\"{kind}\",\"object\":{{\"kind\":\"Pod\",\"apiVersion\":\"v1\",");
                [head.as_bytes(), fields, b"}\n"].concat()
            }
            Format::Protobuf => {
                let mut object = Vec::with_capacity(pod.len() + 64);
                protobuf::begin_object(&mut object, "Pod", pod.len());
                object.extend_from_slice(pod);
                object.extend_from_slice(protobuf::END_OF_OBJECT);
                let mut event = vec![0; 4];
                protobuf::write(&mut event, 1, kind.as_bytes());
                protobuf::begin(&mut event, 2, protobuf::size(object.len()));
                protobuf::write(&mut event, 1, &object);
                let length = u32::try_from(event.len() - 4).unwrap_or(u32::MAX);
                event[..4].copy_from_slice(&length.to_be_bytes());
                event
            }
        }
    }

    /// The bytes of the event that ends a streaming list.
    pub(crate) fn bookmark(&self) -> Vec<u8> {
        let version = self.version.to_string();
        let pod = match self.format {
            Format::Json => format!(
                "{{\"metadata\":{{\"resourceVersion\":\"{version}\",\"annotations\":{{\"k8s.io/initial-events-end\":\"true\"}}}},\
                 \"spec\":{{\"containers\":null}},\"status\":{{}}}}"
            )
            .into_bytes(),
            Format::Protobuf => {
                let (mut annotation, mut metadata, mut pod) = (Vec::new(), Vec::new(), Vec::new());
                protobuf::write(&mut annotation, 1, b"k8s.io/initial-events-end");
                protobuf::write(&mut annotation, 2, b"true");
                protobuf::write(&mut metadata, 6, version.as_bytes());
                protobuf::write(&mut metadata, 12, &annotation);
                protobuf::write(&mut pod, 1, &metadata);
                pod
            }
        };
        self.event("BOOKMARK", &pod)
    }
}

impl Pod {
    fn of_json(object: &Bytes) -> Option<Self> {
        const KIND: &str = "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",";
        let start = object.starts_with(KIND.as_bytes()).then_some(KIND.len())?;
        let namespace = between(object, "\"namespace\":\"", start)?;
        let uid = between(object, "\"uid\":\"", namespace.1)?;
        let version = between(object, "\"resourceVersion\":\"", uid.1)?;
        let text =
            |(start, end): (usize, usize)| std::str::from_utf8(&object[start..end]).ok().map(str::to_owned);
        Some(Self {
            pieces: [
                object.slice(start..namespace.0),
                object.slice(namespace.1..uid.0),
                object.slice(uid.1..version.0),
                object.slice(version.1..),
            ],
            rest: Bytes::new(),
            namespace: text(namespace)?,
            uid: text(uid)?,
            version: text(version)?,
        })
    }

    fn json(&self, namespace: &str, uid: &str, version: &str) -> Vec<u8> {
        let [first, second, third, fourth] = &self.pieces;
        [b"{", &first[..], namespace.as_bytes(), second, uid.as_bytes(), third, version.as_bytes(), fourth]
            .concat()
    }

    fn of_protobuf(object: &Bytes) -> Option<Self> {
        let (metadata, rest) = protobuf::field(object, 1)?;
        let text = |bytes: Bytes| String::from_utf8(bytes.into()).ok();
        let before_namespace = {
            let (_, rest) = protobuf::field(&metadata, 1)?;
            protobuf::field(&rest, 2)?.1
        };
        let (namespace, after_namespace) = protobuf::field(&before_namespace, 3)?;
        let (_, before_uid) = protobuf::field(&after_namespace, 4)?;
        let (uid, before_version) = protobuf::field(&before_uid, 5)?;
        let (version, last) = protobuf::field(&before_version, 6)?;
        Some(Self {
            pieces: [
                metadata.slice(..metadata.len() - before_namespace.len()),
                after_namespace.slice(..after_namespace.len() - before_uid.len()),
                Bytes::new(),
                last,
            ],
            rest,
            namespace: text(namespace)?,
            uid: text(uid)?,
            version: text(version)?,
        })
    }

    fn protobuf(&self, namespace: &str, uid: &str, version: &str) -> Vec<u8> {
        let [first, second, third, fourth] = &self.pieces;
        let pieces: usize = self.pieces.iter().map(Bytes::len).sum();
        let fields: usize = [namespace, uid, version].iter().map(|text| protobuf::size(text.len())).sum();
        let mut pod = Vec::with_capacity(pieces + fields + self.rest.len() + 16);
        protobuf::begin(&mut pod, 1, pieces + fields);
        pod.extend_from_slice(first);
        protobuf::write(&mut pod, 3, namespace.as_bytes());
        pod.extend_from_slice(second);
        protobuf::write(&mut pod, 5, uid.as_bytes());
        pod.extend_from_slice(third);
        protobuf::write(&mut pod, 6, version.as_bytes());
        pod.extend_from_slice(fourth);
        pod.extend_from_slice(&self.rest);
        pod
    }
}

/// The objects of events in JSON, each a line.
fn json_objects(body: &Bytes) -> Option<Vec<Bytes>> {
    const OBJECT: &[u8] = b"\"object\":";
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let start = line.windows(OBJECT.len()).position(|window| window == OBJECT)? + OBJECT.len();
            Some(body.slice_ref(line.get(start..line.len() - 1)?))
        })
        .collect()
}

/// The objects of events in protobuf, each behind its length.
fn protobuf_objects(body: &Bytes) -> Option<Vec<Bytes>> {
    let (mut objects, mut rest) = (Vec::new(), body.clone());
    while let Some((length, _)) = rest.split_first_chunk() {
        let end = 4 + u32::from_be_bytes(*length) as usize;
        let event = (end <= rest.len()).then(|| rest.slice(4..end))?;
        let (_, event) = protobuf::field(&event, 1)?;
        let (extension, _) = protobuf::field(&event, 2)?;
        objects.push(protobuf::object(&protobuf::field(&extension, 1)?.0)?);
        rest = rest.slice(end..);
    }
    Some(objects)
}

/// Where the text behind `key` starts and where it ends, at its quote.
fn between(json: &[u8], key: &str, from: usize) -> Option<(usize, usize)> {
    let behind = json.get(from..)?;
    let start = behind.windows(key.len()).position(|window| window == key.as_bytes())? + key.len();
    let length = behind.get(start..)?.iter().position(|byte| *byte == b'"')?;
    Some((from + start, from + start + length))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const JSON: &str = concat!(
        r#"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"n","#,
        r#""uid":"01234567-89","resourceVersion":"5","labels":{}},"spec":{"containers":[]}}}"#,
        "\n",
        r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9","#,
        r#""annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},"status":{}}}"#,
        "\n",
    );

    pub(crate) fn json() -> Pods {
        Pods::read(Format::Json, &Bytes::from_static(JSON.as_bytes())).unwrap()
    }

    /// The same Pod in protobuf, written as a server does: with all texts, even empty ones.
    pub(crate) fn protobuf() -> Pods {
        let (mut metadata, mut pod) = (Vec::new(), Vec::new());
        for (number, text) in [(1, "a"), (2, ""), (3, "n"), (4, ""), (5, "01234567-89"), (6, "5"), (15, "x")]
        {
            protobuf::write(&mut metadata, number, text.as_bytes());
        }
        protobuf::write(&mut pod, 1, &metadata);
        protobuf::write(&mut pod, 2, b"spec");
        let (mut metadata, mut bookmark) = (Vec::new(), Vec::new());
        for (number, text) in [(1, ""), (2, ""), (3, ""), (4, ""), (5, ""), (6, "9")] {
            protobuf::write(&mut metadata, number, text.as_bytes());
        }
        protobuf::write(&mut bookmark, 1, &metadata);
        let writer = Pods { format: Format::Protobuf, pods: Vec::new(), version: 0 };
        let body = [writer.event("ADDED", &pod), writer.event("BOOKMARK", &bookmark)].concat();
        Pods::read(Format::Protobuf, &body.into()).unwrap()
    }

    #[test]
    fn an_event_in_json_is_written_as_it_was_read() {
        let pods = json();
        let written = [pods.event("ADDED", &pods.pod(0, None)), pods.bookmark()].concat();
        assert_eq!(String::from_utf8(written).unwrap(), JSON);
    }

    #[test]
    fn a_copy_is_another_object_in_another_namespace() {
        let text = String::from_utf8(json().pod(2, Some(77))).unwrap();
        for part in
            [r#""namespace":"n-2""#, r#""uid":"00000002-89""#, r#""resourceVersion":"77""#, r#""name":"a""#]
        {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn protobuf_tells_the_same_as_json() {
        let pods = protobuf();
        assert_eq!(pods.version(), json().version());
        let event = Bytes::from(pods.event("ADDED", &pods.pod(2, Some(77))));
        let pod = Pod::of_protobuf(&protobuf_objects(&event).unwrap()[0]).unwrap();
        assert_eq!(
            (pod.namespace.as_str(), pod.uid.as_str(), pod.version.as_str()),
            ("n-2", "00000002-89", "77")
        );
        assert_eq!(pod.rest, pods.pods[0].rest);
        assert_eq!(pod.pieces, pods.pods[0].pieces);
    }

    #[test]
    fn what_is_no_streaming_list_is_refused() {
        for format in [Format::Json, Format::Protobuf] {
            assert!(Pods::read(format, &Bytes::from_static(b"{}\n")).is_err());
            assert!(Pods::read(format, &Bytes::new()).is_err());
        }
    }
}
