//! Kubernetes' protobuf, as far as it is sent: client-go's typed clients do so unless they are told otherwise, and kubectl is
//! made of them. Answers are JSON all the same, which each of them takes too.

mod decode;
mod fields;
mod wire;

use serde_json::Value;

/// The media type.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// What each body begins with.
const PREFIX: &[u8] = b"k8s\0";

/// Reads a body: an object that says its version and kind.
///
/// Zeros that Go leaves out of JSON are there, and empty structures too, since they are sent.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<Value, String> {
    let envelope = body.strip_prefix(PREFIX).ok_or_else(|| {
        let prefix: Vec<String> = PREFIX.iter().map(u8::to_string).collect();
        format!(
            "provided data does not appear to be a protobuf message, expected prefix [{}]",
            prefix.join(" ")
        )
    })?;
    decode::envelope(envelope)
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::json;

    /// Fields with their numbers, as messages within messages: the length of each is counted here.
    fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
        fields.iter().fold(Vec::new(), |mut bytes, (number, content)| {
            // Numbers from 16 on take two bytes.
            let key = u16::from(*number) << 3 | 2;
            let low = u8::try_from(key & 0x7f).unwrap();
            match u8::try_from(key >> 7).unwrap() {
                0 => bytes.push(low),
                high => bytes.extend_from_slice(&[low | 0x80, high]),
            }
            bytes.push(u8::try_from(content.len()).unwrap());
            bytes.extend_from_slice(content);
            bytes
        })
    }

    fn body(version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
        let kind = message(&[(1, version.as_bytes()), (2, kind.as_bytes())]);
        [b"k8s\0".to_vec(), message(&[(1, &kind), (2, raw)])].concat()
    }

    #[test]
    fn an_object_is_read_with_its_kind() {
        let time = [8, 128, 138, 206, 160, 6];
        let metadata = message(&[(1, b"one"), (8, &time), (11, &message(&[(1, b"app"), (2, b"web")]))]);
        let data = message(&[(1, b"a"), (2, b"b")]);
        let binary = message(&[(1, b"f"), (2, &[0, 0, 0])]);
        let raw = message(&[(1, &metadata), (2, &data), (3, &binary)]);
        assert_eq!(
            read(&body("v1", "ConfigMap", &raw)).unwrap(),
            json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "one", "creationTimestamp": "2023-03-16T21:07:12Z", "labels": {"app": "web"}},
                "data": {"a": "b"},
                "binaryData": {"f": "AAAA"},
            })
        );
    }

    #[test]
    fn what_json_has_another_way_is_turned_into_it() {
        // A port by name and by number, a quantity, a source of a volume beside its name, whole numbers below zero.
        let ports = [message(&[(4, &[8, 1, 26, 1, b'x'])]), message(&[(4, &[8, 0, 16, 80])])];
        let service = message(&[(2, &message(&[(1, &ports[0]), (1, &ports[1])]))]);
        let wanted = json!([{"targetPort": "x"}, {"targetPort": 80}]);
        assert_eq!(read(&body("v1", "Service", &service)).unwrap()["spec"]["ports"], wanted);
        let limits = message(&[(1, &message(&[(1, b"cpu"), (2, &message(&[(1, b"500m")]))]))]);
        let container = message(&[(1, b"a"), (8, &limits)]);
        let volume = message(&[(1, b"v"), (2, &message(&[(2, &[])]))]);
        let toleration = [40, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        let specification = message(&[(1, &volume), (2, &container), (22, &toleration)]);
        let pod =
            read(&body("v1", "Pod", &message(&[(1, &message(&[(8, &[])])), (2, &specification)]))).unwrap();
        assert_eq!(
            pod["spec"],
            json!({
                "volumes": [{"name": "v", "emptyDir": {}}],
                "containers": [{"name": "a", "resources": {"limits": {"cpu": "500m"}}}],
                "tolerations": [{"tolerationSeconds": -1}],
            })
        );
        assert_eq!(pod["metadata"], json!({}));
    }

    #[test]
    fn options_of_any_version_are_read() {
        let raw = [8, 0, 34, 10, b'B', b'a', b'c', b'k', b'g', b'r', b'o', b'u', b'n', b'd'];
        let options = read(&body("apps/v1", "DeleteOptions", &raw)).unwrap();
        assert_eq!(
            (&options["gracePeriodSeconds"], &options["propagationPolicy"]),
            (&json!(0), &json!("Background"))
        );
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let error = read(b"{}").unwrap_err();
        assert_eq!(
            error,
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        );
        for broken in
            [&body("v1", "Pod", &[10, 9, 1])[..], &body("v1", "Nothing", &[]), b"k8s\0\x0a\x7f", b"k8s\0\xff"]
        {
            assert!(read(broken).is_err(), "{broken:?}");
        }
        // A group that does not end, a field without a number, a number that does not end.
        for raw in
            [&[0x0b][..], &[0x02, 0x00], &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]
        {
            assert!(read(&body("v1", "Pod", raw)).is_err(), "{raw:?}");
        }
    }
}
