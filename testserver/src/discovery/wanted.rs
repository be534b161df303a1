//! What a client of discovery wants to read.

use crate::failure::Failure;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

/// What writers of objects can write, as kube-apiserver tells it.
const OBJECTS: &str =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor";

/// How something is written that has one form.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// As objects are.
    Object,
    /// In JSON and nothing else.
    Json,
}

/// How groups are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListForm {
    /// By their names and versions.
    Plain,
    /// With everything that is in them.
    Aggregated,
}

/// One of the media types that a client accepts.
enum Clause {
    Json,
    Aggregated,
    /// JSON in a form that is not for this.
    Unknown,
    Other,
}

fn clauses(headers: &HeaderMap) -> Vec<Clause> {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.trim().is_empty() {
        return vec![Clause::Json];
    }
    accept.split(',').map(clause).collect()
}

fn clause(text: &str) -> Clause {
    let mut parts = text.split(';').map(str::trim);
    if !matches!(parts.next(), Some("application/json" | "application/*" | "*/*")) {
        return Clause::Other;
    }
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let parameter = |name| parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    match (parameter("g"), parameter("v"), parameter("as")) {
        (_, _, None) => Clause::Json,
        (Some("apidiscovery.k8s.io"), Some("v2"), Some("APIGroupDiscoveryList")) => Clause::Aggregated,
        _ => Clause::Unknown,
    }
}

/// Checks that a client accepts something that has one form.
///
/// # Errors
///
/// If it does not.
pub(super) fn form(headers: &HeaderMap, form: Form) -> Result<(), Failure> {
    let clauses = clauses(headers);
    let json_alone = matches!(form, Form::Json);
    if clauses
        .iter()
        .any(|clause| matches!(clause, Clause::Json) || json_alone && !matches!(clause, Clause::Other))
    {
        return Ok(());
    }
    Err(refused(&clauses, form))
}

/// Picks how to tell of groups: the first way that the client accepts.
///
/// # Errors
///
/// If it accepts none.
pub(super) fn list(headers: &HeaderMap) -> Result<ListForm, Failure> {
    let clauses = clauses(headers);
    let known = clauses.iter().find_map(|clause| match clause {
        Clause::Json => Some(ListForm::Plain),
        Clause::Aggregated => Some(ListForm::Aggregated),
        Clause::Unknown | Clause::Other => None,
    });
    known.ok_or_else(|| refused(&clauses, Form::Object))
}

/// kube-apiserver has two words for this: its router looks at media types, its writers at forms.
fn refused(clauses: &[Clause], form: Form) -> Failure {
    if !clauses.iter().all(|clause| matches!(clause, Clause::Other)) {
        return Failure::not_acceptable(OBJECTS);
    }
    let available = match form {
        Form::Object => OBJECTS,
        Form::Json => "application/json",
    };
    let message = format!("406: Not Acceptable\n\nAvailable representations: {available}");
    Failure::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message).of_router()
}

#[cfg(test)]
mod tests {
    use super::{Form, ListForm, form, list};
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    fn accepting(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn groups_are_told_of_in_the_first_form_that_the_client_accepts() {
        let kubectl = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;\
                       g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        assert_eq!(list(&accepting(kubectl)), Ok(ListForm::Aggregated));
        assert_eq!(list(&accepting("application/vnd.kubernetes.protobuf, */*")), Ok(ListForm::Plain));
        assert_eq!(list(&HeaderMap::new()), Ok(ListForm::Plain));
        let old = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        assert!(list(&accepting(old)).is_err());
    }

    #[test]
    fn what_a_client_does_not_accept_is_refused_in_words_of_the_router_or_of_the_writer() {
        let table = accepting("application/json;as=Table;v=v1;g=meta.k8s.io");
        assert!(form(&table, Form::Object).unwrap_err().message.starts_with("only the following"));
        assert!(form(&table, Form::Json).is_ok());
        let html = accepting("text/html");
        assert!(form(&html, Form::Json).unwrap_err().message.ends_with("representations: application/json"));
    }
}
