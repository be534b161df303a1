//! Recording what the server answers: a file for each answer, at the answer's path.

use crate::{objects, pods};
use bench_harness::{BoxError, CONFIG_MAPS_NAMESPACE, NAMESPACE};
use futures_util::StreamExt as _;
use kubeset::Clientset;
use std::fs;
use std::path::Path;

/// The formats, by the end of a file's name.
const JSON: (&str, &str) = ("json", "application/json");
const PROTOBUF: (&str, &str) = ("protobuf", "application/vnd.kubernetes.protobuf");

const PODS: &str = "/api/v1/pods";

/// Records, in each format, a watch that begins with all `pods` Pods as they are. What comes is recorded twice over, so
/// that a client sees each Pod twice.
pub(crate) async fn watches(clientset: &Clientset, folder: &Path, pods: usize) -> Result<(), BoxError> {
    for format in STREAMS {
        let mut body = events(clientset, format, &[("resourceVersion", "0")], pods).await?;
        body.extend_from_within(..);
        write(folder, PODS, &format!("watch.{}", format.suffix), &body)?;
    }
    Ok(())
}

/// Records, in each format, a streaming list: all `pods` Pods, and the bookmark that says that these were all.
pub(crate) async fn initial_events(
    clientset: &Clientset,
    folder: &Path,
    pods: usize,
) -> Result<(), BoxError> {
    let options = [
        ("sendInitialEvents", "true"),
        ("resourceVersionMatch", "NotOlderThan"),
        ("allowWatchBookmarks", "true"),
    ];
    for format in STREAMS {
        let body = events(clientset, format, &options, pods + 1).await?;
        write(folder, PODS, &format!("initial-events.{}", format.suffix), &body)?;
    }
    Ok(())
}

/// The first events of a watch of all Pods, of which the server has no more at first.
async fn events(
    clientset: &Clientset,
    format: Stream,
    options: &[(&str, &str)],
    count: usize,
) -> Result<Vec<u8>, BoxError> {
    let request = clientset.server().get().abs_path(PODS).query("watch", "true");
    let request = options.iter().fold(request, |request, (name, value)| request.query(*name, *value));
    let accept = format!("{};stream=watch", format.media_type);
    let mut chunks = request.header("accept", accept).send_for_bytes().await?;
    let (mut body, mut read, mut seen) = (Vec::new(), 0, 0);
    while seen < count {
        let chunk = chunks.next().await.ok_or_else(|| format!("a watch ended after {seen} events"))??;
        body.extend_from_slice(&chunk);
        let (whole, bytes) = (format.ends)(&body[read..]);
        seen += whole;
        read += bytes;
    }
    if (seen, read) != (count, body.len()) {
        return Err(format!("a watch has told of something else than {count} events").into());
    }
    Ok(body)
}

/// A format of watches.
#[derive(Clone, Copy)]
struct Stream {
    suffix: &'static str,
    media_type: &'static str,
    ends: Ends,
}

const STREAMS: [Stream; 2] = [
    Stream { suffix: JSON.0, media_type: JSON.1, ends: json_ends },
    Stream { suffix: PROTOBUF.0, media_type: PROTOBUF.1, ends: protobuf_ends },
];

/// How many whole events some bytes begin with, and how many bytes those are.
type Ends = fn(&[u8]) -> (usize, usize);

/// In JSON, each event is a line.
fn json_ends(bytes: &[u8]) -> (usize, usize) {
    let whole = bytes.iter().filter(|byte| **byte == b'\n').count();
    (whole, bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1))
}

/// In protobuf, each event comes after its length.
fn protobuf_ends(bytes: &[u8]) -> (usize, usize) {
    let (mut whole, mut end) = (0, 0);
    while let Some((length, rest)) = bytes[end..].split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        if rest.len() < length {
            break;
        }
        whole += 1;
        end += 4 + length;
    }
    (whole, end)
}

/// Records each list that the benchmark reads, in each format that the server has for it, plain and compressed.
pub(crate) async fn lists(clientset: &Clientset, folder: &Path) -> Result<(), BoxError> {
    let paths = [
        (PODS.to_owned(), &[JSON, PROTOBUF][..]),
        (format!("/api/v1/namespaces/{NAMESPACE}/pods"), &[JSON, PROTOBUF]),
        (format!("/api/v1/namespaces/{CONFIG_MAPS_NAMESPACE}/configmaps"), &[JSON, PROTOBUF]),
        (format!("/apis/{}/v1/widgets", objects::GROUP), &[JSON]),
    ];
    for (path, formats) in paths {
        for (suffix, media_type) in formats {
            for (encoding, end) in [("identity", ""), ("gzip", ".gz")] {
                let request = clientset.server().get().abs_path(&path).query("resourceVersion", "0");
                let request = request.header("accept", *media_type).header("accept-encoding", encoding);
                let answer = request.send_raw().await?;
                let coded = answer
                    .headers
                    .get("content-encoding")
                    .map_or("identity".as_bytes(), |coding| coding.as_bytes());
                if coded != encoding.as_bytes() {
                    return Err(format!("{path} does not come as {encoding}").into());
                }
                write(folder, &path, &format!("list.{suffix}{end}"), &answer.body)?;
            }
        }
    }
    Ok(())
}

/// Writes the Pod that programs make, change and delete.
pub(crate) fn template(folder: &Path) -> Result<(), BoxError> {
    Ok(fs::write(folder.join("pod.json"), pods::unscheduled().to_string())?)
}

fn write(folder: &Path, path: &str, name: &str, body: &[u8]) -> Result<(), BoxError> {
    let folder = folder.join(path.trim_start_matches('/'));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), body)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{json_ends, protobuf_ends};

    #[test]
    fn only_whole_events_count() {
        assert_eq!(json_ends(b"{}\n{}\n{"), (2, 6));
        assert_eq!(json_ends(b"{"), (0, 0));
        assert_eq!(protobuf_ends(b"\0\0\0\x01a\0\0\0\x02b"), (1, 5));
        assert_eq!(protobuf_ends(b"\0\0\0\x01a\0\0\0\x02bc"), (2, 11));
        assert_eq!(protobuf_ends(b"\0\0"), (0, 0));
    }
}
