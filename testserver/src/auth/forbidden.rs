//! That somebody may not.

use super::Attributes;
use crate::failure::{Details, Failure, Named};
use crate::user::User;
use http::StatusCode;

/// The refusal of a request that a user has no right to.
pub(super) fn failure(user: &User, attributes: &Attributes, reason: &str) -> Failure {
    let mut why = escaped(&told(user, attributes));
    if !reason.is_empty() {
        why = format!("{why}: {reason}");
    }
    if !attributes.is_resource() {
        let failure = Failure::new(StatusCode::FORBIDDEN, "Forbidden", format!("forbidden: {why}"));
        return failure.about(Details { always: true, ..Details::default() });
    }
    let named = Named { group: &attributes.group, resource: &attributes.resource };
    let mut failure = Failure::forbidden(named, &attributes.name, &why);
    if attributes.name.is_empty() {
        failure.message = format!("{named} is forbidden: {why}");
    }
    failure
}

fn told(user: &User, attributes: &Attributes) -> String {
    let Attributes { verb, group, resource, subresource, namespace, path, .. } = attributes;
    let name = &user.name;
    if !attributes.is_resource() {
        return format!("User {name:?} cannot {verb} path {path:?}");
    }
    let slash = if subresource.is_empty() { "" } else { "/" };
    let place = match namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {namespace:?}"),
    };
    format!(
        "User {name:?} cannot {verb} resource \"{resource}{slash}{subresource}\" in API group {group:?} {place}"
    )
}

/// So that nobody takes the text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
