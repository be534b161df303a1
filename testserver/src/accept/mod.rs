//! What a client wants to read: objects, their metadata, or tables.

use crate::catalog::Resource;
use crate::failure::Failure;
use http::HeaderMap;
use http::header::ACCEPT;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// As it is.
    #[default]
    Object,
    /// `PartialObjectMetadata`, or for a list a list of it, of a version of `meta.k8s.io`.
    Metadata(&'static str),
    /// `PartialObjectMetadataList`, which only lists have.
    MetadataList(&'static str),
    /// A `Table`, of a version of `meta.k8s.io`.
    Table(&'static str),
}

/// The media types that kube-apiserver reads and writes objects in, which messages tell. Of them, this server reads all but
/// CBOR, and writes JSON, which is YAML too.
pub(crate) const REPRESENTATIONS: &str =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor";

/// The media types that kube-apiserver can write watches in. Of them, this server writes JSON.
pub(crate) const STREAMS: &str =
    "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch, application/cbor-seq";

/// Picks the first form that the client accepts and the server has. Clients do not use weights.
///
/// # Errors
///
/// If there is none.
pub(crate) fn view(headers: &HeaderMap) -> Result<View, Failure> {
    let accept = accepted(headers);
    if let Some(view) = accept.split(',').find_map(clause) {
        return Ok(view);
    }
    let names_any = accept.split(',').any(|clause| {
        let media_type = clause.split(';').next().unwrap_or_default().trim();
        REPRESENTATIONS.split(", ").any(|known| known == media_type)
    });
    Err(if names_any {
        Failure::not_acceptable(REPRESENTATIONS)
    } else {
        Failure::no_representation(REPRESENTATIONS)
    })
}

/// Checks that a form is one that the answer to a verb has.
///
/// # Errors
///
/// If a list is wanted of one object, or one object of a list.
pub(crate) fn fitting(view: View, verb: &str, resource: &Resource) -> Result<View, Failure> {
    let is_list = matches!(verb, "list" | "deletecollection");
    let (package, kind) = if resource.custom.is_some() {
        ("unstructured", "Unstructured")
    } else {
        let label = resource.group.split('.').next().filter(|label| !label.is_empty());
        (label.unwrap_or("core"), resource.kind.as_ref())
    };
    match view {
        View::Metadata(_) if is_list => Err(Failure::unfit_form(&format!(
            "you requested PartialObjectMetadata, but the requested object is a list (*{package}.{kind}List)"
        ))),
        View::MetadataList(version) if is_list => Ok(View::Metadata(version)),
        View::MetadataList(version) if verb == "watch" => Ok(View::Metadata(version)),
        View::MetadataList(_) => Err(Failure::unfit_form(&format!(
            "you requested PartialObjectMetadataList, but the requested object is not a list (*{package}.{kind})"
        ))),
        fits => Ok(fits),
    }
}

/// Whether the client takes plain text.
pub(crate) fn is_text(headers: &HeaderMap) -> bool {
    accepted(headers)
        .split(',')
        .any(|clause| clause.split(';').next().unwrap_or_default().trim() == "text/plain")
}

/// Whether the client wants YAML, and not JSON.
pub(crate) fn is_yaml(headers: &HeaderMap) -> bool {
    let accept = accepted(headers);
    let media_types = accept.split(',').map(|clause| clause.split(';').next().unwrap_or_default().trim());
    let mut written = media_types.filter(|media_type| is_written(media_type));
    written.next() == Some("application/yaml")
}

fn accepted(headers: &HeaderMap) -> &str {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.trim().is_empty() { "*/*" } else { accept }
}

fn is_written(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "application/yaml" | "*/*")
}

/// One of the media types of the header; none if the server cannot write it.
fn clause(clause: &str) -> Option<View> {
    let mut parts = clause.split(';').map(str::trim);
    if !is_written(parts.next()?) {
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
        "PartialObjectMetadata" => Some(View::Metadata(version)),
        "PartialObjectMetadataList" => Some(View::MetadataList(version)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{View, is_yaml, view};
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
        assert_eq!(accepting("application/*"), None);
        assert_eq!(accepting("application/vnd.kubernetes.protobuf"), None);
        assert_eq!(accepting("application/json;as=Table;v=v9;g=meta.k8s.io"), None);
    }

    #[test]
    fn yaml_is_written_for_those_who_name_it_first() {
        let wants_yaml =
            |accept| is_yaml(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        assert!(
            wants_yaml("application/yaml") && wants_yaml("text/plain, application/yaml, application/json")
        );
        assert!(!wants_yaml("application/json, application/yaml") && !wants_yaml("*/*"));
    }
}
