//! Refusals, as the `Status` that a Kubernetes API server answers with.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// Why a request is refused: a `Status` to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// The HTTP status code.
    pub(crate) code: StatusCode,
    /// The machine's word for it; empty if there is none.
    pub(crate) reason: &'static str,
    /// The person's.
    pub(crate) message: String,
    /// What it is about.
    pub(crate) details: Box<Details>,
    /// A token with which a list can go on all the same.
    pub(crate) continues: Option<String>,
}

/// What a refusal is about. Empty parts are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    /// The object.
    pub(crate) name: String,
    /// The API group.
    pub(crate) group: String,
    /// The resource, or for an invalid object the kind.
    pub(crate) kind: String,
    /// The object that is there.
    pub(crate) uid: String,
    /// One for each thing that is wrong.
    pub(crate) causes: Vec<Cause>,
    /// When to try again, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// For people, in headers.
    pub(crate) warnings: Vec<String>,
    /// Whether the part is there even if it says nothing.
    pub(crate) always: bool,
}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// Such as `FieldValueInvalid`.
    pub(crate) reason: &'static str,
    /// Such as `spec.containers[0].image`.
    pub(crate) field: String,
    /// Without the field.
    pub(crate) message: String,
}

/// A resource of a group, as messages call it: `deployments.apps`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// The API group; empty for core.
    pub(crate) group: &'a str,
    /// The plural, or the kind.
    pub(crate) resource: &'a str,
}

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.group {
            "" => formatter.write_str(self.resource),
            group => write!(formatter, "{}.{group}", self.resource),
        }
    }
}

impl Details {
    fn of(named: Named<'_>, name: &str) -> Self {
        Self { name: name.into(), group: named.group.into(), kind: named.resource.into(), ..Self::default() }
    }
}

impl Failure {
    /// A refusal without details.
    pub(crate) fn new(code: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: Box::default(), continues: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn not_found(named: Named<'_>, name: &str) -> Self {
        let failure = Self::new(StatusCode::NOT_FOUND, "NotFound", format!("{named} \"{name}\" not found"));
        failure.about(Details::of(named, name))
    }

    /// No such path.
    pub(crate) fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "the server could not find the requested resource")
            .of_router()
    }

    pub(crate) fn already_exists(named: Named<'_>, name: &str) -> Self {
        let message = format!("{named} \"{name}\" already exists");
        Self::new(StatusCode::CONFLICT, "AlreadyExists", message).about(Details::of(named, name))
    }

    pub(crate) fn conflict(named: Named<'_>, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {named} \"{name}\": {why}");
        Self::new(StatusCode::CONFLICT, "Conflict", message).about(Details::of(named, name))
    }

    /// An object that breaks rules; `named` is its group and kind.
    pub(crate) fn invalid(named: Named<'_>, name: &str, causes: Vec<Cause>) -> Self {
        let told: Vec<String> = causes.iter().map(Cause::to_string).collect();
        let told = match told.as_slice() {
            [one] => one.clone(),
            several => {
                let mut unique: Vec<&str> = Vec::with_capacity(several.len());
                for text in several {
                    if !unique.contains(&text.as_str()) {
                        unique.push(text);
                    }
                }
                match unique.as_slice() {
                    [one] => (*one).to_owned(),
                    _ => format!("[{}]", unique.join(", ")),
                }
            }
        };
        let message = format!("{named} \"{name}\" is invalid: {told}");
        let failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message);
        failure.about(Details { causes, ..Details::of(named, name) })
    }

    /// A document that could be read but not carried out, such as a JSON patch whose test fails.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message)
    }

    /// A version that is no longer remembered.
    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "Expired", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized")
    }

    /// `why` follows the object in the message.
    pub(crate) fn forbidden(named: Named<'_>, name: &str, why: &str) -> Self {
        let message = format!("{named} \"{name}\" is forbidden: {why}");
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message).about(Details::of(named, name))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .of_router()
    }

    /// A verb that a custom resource does not have.
    pub(crate) fn verb_not_allowed(named: Named<'_>, verb: &str) -> Self {
        let message = format!("{verb} is not supported on resources of kind \"{named}\"");
        let failure = Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        failure.about(Details::of(named, ""))
    }

    /// Of the router of kube-apiserver, which gives details even if there are none.
    pub(crate) fn of_router(self) -> Self {
        self.about(Details { always: true, ..Details::default() })
    }

    /// A resource that can be read, but not followed.
    pub(crate) fn watch_not_supported(plural: &str) -> Self {
        let message = format!("watch is not supported on resources of kind {plural:?}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
            .about(Details { kind: plural.to_owned(), ..Details::default() })
    }

    pub(crate) fn unsupported_media_type(supported: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {supported}"
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// The answer cannot take the form that the client wants.
    pub(crate) fn unfit_form(message: &str) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
    }

    /// Nothing that the client accepts is among the representations.
    pub(crate) fn no_representation(available: &str) -> Self {
        let message = format!("406: Not Acceptable\n\nAvailable representations: {available}");
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
            .about(Details { always: true, ..Details::default() })
    }

    /// A patch of a kind that no resource takes.
    pub(crate) fn unsupported_patch() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", "415: Unsupported Media Type")
            .about(Details { always: true, ..Details::default() })
    }

    pub(crate) fn not_acceptable(supported: &str) -> Self {
        let message = format!("only the following media types are accepted: {supported}");
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
    }

    pub(crate) fn internal(message: impl std::fmt::Display) -> Self {
        let message = format!("Internal error occurred: {message}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    /// A custom object in protobuf. kube-apiserver breaks off at it, and has these words for it.
    pub(crate) fn no_protobuf() -> Self {
        let message = "object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot \
                       be encoded to a protobuf message";
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
    }

    /// An object that protobuf cannot hold: a test has stored it, or made it up.
    pub(crate) fn unwritable(why: &str) -> Self {
        Self::internal(format!("the answer cannot be written in protobuf, ask for JSON: {why}"))
    }

    pub(crate) fn too_many_requests(message: impl Into<String>, retry_after: u32) -> Self {
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
        failure.about(Details { retry_after: Some(retry_after), ..Details::default() })
    }

    /// A version that has not come to be in time.
    pub(crate) fn too_large_resource_version(wanted: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {current}");
        let cause = Cause {
            reason: "ResourceVersionTooLarge",
            field: String::new(),
            message: "Too large resource version".into(),
        };
        let failure = Self::new(StatusCode::GATEWAY_TIMEOUT, "Timeout", message);
        failure.about(Details { causes: vec![cause], retry_after: Some(1), ..Details::default() })
    }

    /// Says what a refusal is about.
    pub(crate) fn about(mut self, details: Details) -> Self {
        *self.details = details;
        self
    }

    /// The `Status`.
    pub(crate) fn to_status(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code.as_u16(),
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        // An invalid object has details even if there is nothing to say.
        if *self.details != Details::default() || self.reason == "Invalid" {
            status["details"] = self.details.to_value();
        }
        if let Some(token) = &self.continues {
            status["metadata"]["continue"] = Value::from(token.as_str());
        }
        status
    }
}

impl Details {
    fn to_value(&self) -> Value {
        let mut details = Map::new();
        let texts = [("name", &self.name), ("group", &self.group), ("kind", &self.kind), ("uid", &self.uid)];
        for (key, text) in texts {
            if !text.is_empty() {
                details.insert(key.into(), Value::from(text.as_str()));
            }
        }
        if !self.causes.is_empty() {
            details.insert("causes".into(), self.causes.iter().map(Cause::to_value).collect());
        }
        if let Some(seconds) = self.retry_after {
            details.insert("retryAfterSeconds".into(), seconds.into());
        }
        Value::Object(details)
    }
}

/// A selector that is none is told in its own words alone.
impl From<kubeset_selectors::InvalidSelector> for Failure {
    fn from(error: kubeset_selectors::InvalidSelector) -> Self {
        Self::bad_request(error.reason())
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.field, self.message)
    }
}

/// A value as messages show it: text in quotes, else JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => crate::patch::go::quoted(text),
        Value::Null => "null".into(),
        other => other.to_string(),
    }
}

impl Cause {
    fn new(reason: &'static str, field: impl Into<String>, message: String) -> Self {
        Self { reason, field: field.into(), message }
    }

    /// `head` alone, or with what more there is to say.
    fn detailed(reason: &'static str, field: impl Into<String>, head: String, detail: &str) -> Self {
        let message = if detail.is_empty() { head } else { format!("{head}: {detail}") };
        Self::new(reason, field, message)
    }

    pub(crate) fn required(field: impl Into<String>, detail: &str) -> Self {
        Self::detailed("FieldValueRequired", field, "Required value".into(), detail)
    }

    pub(crate) fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self::detailed("FieldValueInvalid", field, format!("Invalid value: {}", shown(value)), detail)
    }

    pub(crate) fn type_invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self::detailed("FieldValueTypeInvalid", field, format!("Invalid value: {}", shown(value)), detail)
    }

    pub(crate) fn not_supported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|text| format!("{text:?}")).collect();
        let detail = match supported.as_slice() {
            [] => String::new(),
            _ => format!("supported values: {}", supported.join(", ")),
        };
        Self::detailed(
            "FieldValueNotSupported",
            field,
            format!("Unsupported value: {}", shown(value)),
            &detail,
        )
    }

    pub(crate) fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self::new("FieldValueDuplicate", field, format!("Duplicate value: {}", shown(value)))
    }

    pub(crate) fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self::detailed("FieldValueForbidden", field, "Forbidden".into(), detail)
    }

    pub(crate) fn not_found(field: impl Into<String>, value: &Value) -> Self {
        Self::new("FieldValueNotFound", field, format!("Not found: {}", shown(value)))
    }

    pub(crate) fn too_long(field: impl Into<String>, most: usize) -> Self {
        Self::new("FieldValueTooLong", field, format!("Too long: may not be more than {most} bytes"))
    }

    pub(crate) fn too_many(field: impl Into<String>, found: usize, most: usize) -> Self {
        Self::new("FieldValueTooMany", field, format!("Too many: {found}: must have at most {most} items"))
    }

    fn to_value(&self) -> Value {
        let mut cause = Map::new();
        for (key, text) in [("reason", self.reason), ("message", &self.message), ("field", &self.field)] {
            if !text.is_empty() {
                cause.insert(key.into(), Value::from(text));
            }
        }
        Value::Object(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Failure, Named};
    use serde_json::json;

    #[test]
    fn several_causes_are_told_in_brackets_and_listed() {
        let named = Named { group: "", resource: "Pod" };
        let causes =
            vec![Cause::required("spec.a", ""), Cause::not_supported("spec.b", &json!("x"), &["y", "z"])];
        let status = Failure::invalid(named, "web", causes).to_status();
        let message = "Pod \"web\" is invalid: [spec.a: Required value, spec.b: Unsupported value: \"x\": supported \
                       values: \"y\", \"z\"]";
        assert_eq!(status["message"], message);
        assert_eq!(status["details"]["causes"][1]["field"], "spec.b");
        assert_eq!(status["code"], 422);
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_words_of_kube_apiserver() {
        let of_labels = kubeset_selectors::LabelSelector::parse("a=b=c").unwrap_err();
        let wanted = Failure::bad_request("found '=', expected: ',' or 'end of string'");
        assert_eq!(Failure::from(of_labels), wanted);
        let of_fields = kubeset_selectors::FieldSelector::parse("b=1,a").unwrap_err();
        let wanted = Failure::bad_request("invalid selector: 'b=1,a'; can't understand 'a'");
        assert_eq!(Failure::from(of_fields), wanted);
    }

    #[test]
    fn a_resource_of_a_group_is_told_with_it() {
        let failure = Failure::not_found(Named { group: "apps", resource: "deployments" }, "web");
        assert_eq!(failure.message, "deployments.apps \"web\" not found");
    }
}
