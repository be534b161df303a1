//! Events of watches that a test makes up.

use crate::protobuf;
use bytes::Bytes;

/// An event that has not happened.
#[derive(Clone, Debug)]
pub(crate) struct MadeUp {
    kind: String,
    /// What should be JSON, and is whatever the test wants.
    object: Bytes,
}

impl MadeUp {
    pub(crate) fn new(kind: &str, object: impl Into<Bytes>) -> Self {
        Self { kind: kind.to_owned(), object: object.into() }
    }

    /// As a watch sends it: a frame of protobuf, or a line of JSON.
    ///
    /// An object that protobuf cannot hold is in the frame as it is.
    pub(crate) fn encoded(&self, is_framed: bool) -> Bytes {
        if is_framed {
            let object = protobuf::write(&self.object);
            return protobuf::frame(&self.kind, object.as_ref().unwrap_or(&self.object));
        }
        let kind = serde_json::Value::from(self.kind.as_str()).to_string();
        let parts = [&b"{\"type\":"[..], kind.as_bytes(), b",\"object\":", &self.object, b"}\n"];
        Bytes::from(parts.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::MadeUp;
    use crate::protobuf;

    #[test]
    fn an_event_is_a_line_or_a_frame() {
        let object = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#;
        let event = MadeUp::new("ADDED", object);
        assert_eq!(event.encoded(false), format!("{{\"type\":\"ADDED\",\"object\":{object}}}\n"));
        let body = protobuf::write(object.as_bytes()).unwrap();
        assert_eq!(event.encoded(true), protobuf::frame("ADDED", &body));
        assert_eq!(MadeUp::new("ERROR", "nonsense").encoded(true), protobuf::frame("ERROR", b"nonsense"));
    }
}
