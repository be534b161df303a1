//! References to images, as far as defaults depend on them.

/// Whether an image is the latest one, which has no other tag and no digest. What is not a reference is not.
pub(super) fn is_latest(reference: &str) -> bool {
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (reference, None),
    };
    if reference.contains('@') || !is_name(name) {
        return false;
    }
    match tag {
        None => true,
        Some(tag) => tag == "latest",
    }
}

fn is_name(name: &str) -> bool {
    let mut parts: Vec<&str> = name.split('/').collect();
    let has_domain = parts.len() > 1 && {
        let first = parts[0];
        first.contains(['.', ':'])
            || first == "localhost"
            || first.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    if has_domain {
        parts.remove(0);
    }
    let is_hash =
        name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    !is_hash && parts.iter().all(|part| is_component(part))
}

/// Lower-case letters and digits, with single separators between.
fn is_component(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let edges = bytes.first().zip(bytes.last()).is_some_and(|(first, last)| plain(*first) && plain(*last));
    edges
        && bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'.' | b'_' | b'-'))
        && !part.contains("..")
        && !part.contains("___")
}

#[cfg(test)]
mod tests {
    use super::is_latest;

    #[test]
    fn an_image_without_tag_and_digest_is_the_latest() {
        for latest in ["nginx", "nginx:latest", "registry.k8s.io:5000/a/b", "localhost/a_b-c.d", "a/b"] {
            assert!(is_latest(latest), "{latest}");
        }
        for other in ["nginx:1", "nginx@sha256:0", "", "My Image", "A", "host:5000/a:1", "a//b", "-a"] {
            assert!(!is_latest(other), "{other}");
        }
    }
}
