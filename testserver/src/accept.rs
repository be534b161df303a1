//! What a client wants to read: objects, their metadata, or tables.

use crate::failure::Failure;
use http::HeaderMap;
use http::header::ACCEPT;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// As it is.
    #[default]
    Object,
    /// `PartialObjectMetadata`, or a list of it, of a version of `meta.k8s.io`.
    Metadata(&'static str),
    /// A `Table`, of a version of `meta.k8s.io`.
    Table(&'static str),
}

/// The media types that the server can write.
const SUPPORTED: &str = "application/json";

/// Picks the first form that the client accepts and the server has. Clients do not use weights.
///
/// # Errors
///
/// If there is none.
pub(crate) fn view(headers: &HeaderMap) -> Result<View, Failure> {
    let Some(accept) = headers.get(ACCEPT) else { return Ok(View::Object) };
    let accept = accept.to_str().unwrap_or_default();
    if accept.trim().is_empty() {
        return Ok(View::Object);
    }
    accept.split(',').find_map(clause).ok_or_else(|| Failure::not_acceptable(SUPPORTED))
}

/// One of the media types of the header; none if the server cannot write it.
fn clause(clause: &str) -> Option<View> {
    let mut parts = clause.split(';').map(str::trim);
    let media_type = parts.next()?;
    if !matches!(media_type, "application/json" | "*/*" | "application/*") {
        return None;
    }
    let (mut form, mut group, mut version) = ("", "", "");
    for (key, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
        match key.trim() {
            "as" => form = value.trim(),
            "g" => group = value.trim(),
            "v" => version = value.trim(),
            _ => {}
        }
    }
    if form.is_empty() {
        return Some(View::Object);
    }
    let version = match (group, version) {
        ("meta.k8s.io", "v1") => "v1",
        ("meta.k8s.io", "v1beta1") => "v1beta1",
        _ => return None,
    };
    match form {
        "Table" => Some(View::Table(version)),
        "PartialObjectMetadata" | "PartialObjectMetadataList" => Some(View::Metadata(version)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{View, view};
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    fn accepting(accept: &'static str) -> Option<View> {
        view(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))])).ok()
    }

    #[test]
    fn the_first_form_that_the_server_has_is_picked() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(accepting(table), Some(View::Table("v1")));
        assert_eq!(accepting("application/vnd.kubernetes.protobuf, application/json"), Some(View::Object));
        assert_eq!(accepting("*/*"), Some(View::Object));
        assert_eq!(accepting("application/vnd.kubernetes.protobuf"), None);
        assert_eq!(accepting("application/json;as=Table;v=v9;g=meta.k8s.io"), None);
    }
}
