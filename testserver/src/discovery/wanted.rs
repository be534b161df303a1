//! What a client of discovery wants to read.

use crate::accept::{self, Encoding, REPRESENTATIONS, passes_router};
use crate::failure::Failure;
use http::{HeaderMap, StatusCode};

/// The only media type of what is told in JSON and nothing else.
const JSON: &str = "application/json";

/// The media type of sets of keys.
const KEYS: &str = "application/jwk-set+json";

/// How something is written that has one form.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// As objects are.
    Object,
    /// As objects are, and no router looks at it before.
    Aggregator,
    /// In JSON and nothing else.
    Json,
    /// As a set of keys in JSON.
    Keys,
}

/// How groups are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListForm {
    /// By their names and versions.
    Plain(Encoding),
    /// With everything that is in them.
    Aggregated(Encoding),
}

/// Picks how something is written that has one form.
///
/// # Errors
///
/// If the client does not accept it.
pub(super) fn form(headers: &HeaderMap, form: Form) -> Result<Encoding, Failure> {
    let router = match form {
        Form::Object => REPRESENTATIONS,
        Form::Aggregator => "",
        Form::Json => JSON,
        Form::Keys => KEYS,
    };
    if !router.is_empty() && !passes_router(headers, router.split(", ")) {
        let message = format!("406: Not Acceptable\n\nAvailable representations: {router}");
        return Err(Failure::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message).of_router());
    }
    match form {
        Form::Json | Form::Keys => Ok(Encoding::Json),
        Form::Object | Form::Aggregator => {
            accept::plain(headers).ok_or_else(|| Failure::not_acceptable(REPRESENTATIONS))
        }
    }
}

/// Picks how to tell of groups: with everything, if the client accepts that at all.
///
/// # Errors
///
/// If it accepts nothing that there is.
pub(super) fn list(headers: &HeaderMap, plain: Form) -> Result<ListForm, Failure> {
    let aggregated = accept::first(headers, |clause, encoding| {
        let form = ["g", "v", "as"].map(|name| clause.parameter(name));
        let is_it = form == [Some("apidiscovery.k8s.io"), Some("v2"), Some("APIGroupDiscoveryList")];
        (is_it && clause.parameter("sv").is_none()).then_some(encoding)
    });
    match aggregated {
        Some(encoding) => Ok(ListForm::Aggregated(encoding)),
        None => form(headers, plain).map(ListForm::Plain),
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, ListForm, form, list};
    use crate::accept::Encoding;
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    fn accepting(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn groups_are_told_of_with_everything_to_those_who_accept_that() {
        let kubectl = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;\
                       g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        assert_eq!(list(&accepting(kubectl), Form::Object), Ok(ListForm::Aggregated(Encoding::Json)));
        let protobuf = "application/json, application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;\
                        as=APIGroupDiscoveryList";
        assert_eq!(list(&accepting(protobuf), Form::Object), Ok(ListForm::Aggregated(Encoding::Protobuf)));
        let preferring = "application/vnd.kubernetes.protobuf, */*";
        assert_eq!(list(&accepting(preferring), Form::Object), Ok(ListForm::Plain(Encoding::Protobuf)));
        assert_eq!(list(&HeaderMap::new(), Form::Object), Ok(ListForm::Plain(Encoding::Json)));
        let old = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        assert!(list(&accepting(old), Form::Object).is_err());
    }

    #[test]
    fn what_a_client_does_not_accept_is_refused_in_words_of_the_router_or_of_the_writer() {
        let table = accepting("application/json;as=Table;v=v1;g=meta.k8s.io");
        assert!(form(&table, Form::Object).unwrap_err().message.starts_with("only the following"));
        assert!(form(&table, Form::Json).is_ok());
        let html = accepting("text/html");
        assert!(form(&html, Form::Json).unwrap_err().message.ends_with("representations: application/json"));
        assert!(form(&html, Form::Aggregator).unwrap_err().message.starts_with("only the following"));
        assert!(form(&accepting("application/json"), Form::Keys).is_err());
        assert!(form(&accepting("*/*"), Form::Keys).is_ok());
    }
}
