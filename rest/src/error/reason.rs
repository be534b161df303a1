//! Predicates for the reasons of Kubernetes' `Status`.
//!
//! A reason that Kubernetes defines decides alone. With an unknown or missing reason (a proxy answered,
//! say) the HTTP status code decides.

use super::Error;

/// The HTTP status codes of the reasons that Kubernetes defines.
const REASONS: &[(&str, u16)] = &[
    ("AlreadyExists", 409),
    ("BadRequest", 400),
    ("Conflict", 409),
    ("Expired", 410),
    ("Forbidden", 403),
    ("Gone", 410),
    ("InternalError", 500),
    ("Invalid", 422),
    ("MethodNotAllowed", 405),
    ("NotAcceptable", 406),
    ("NotFound", 404),
    ("RequestEntityTooLarge", 413),
    ("ServerTimeout", 500),
    ("ServiceUnavailable", 503),
    ("StoreReadError", 500),
    ("Timeout", 504),
    ("TooManyRequests", 429),
    ("Unauthorized", 401),
    ("UnsupportedMediaType", 415),
];

/// The type of the cause in a refusal of a resource version that the server has not reached yet.
const RESOURCE_VERSION_TOO_LARGE: &str = "ResourceVersionTooLarge";
/// The type of the cause in an answer that was not the API server's own.
const UNEXPECTED_SERVER_RESPONSE: &str = "UnexpectedServerResponse";

impl Error {
    /// The object (or the resource, or the path) does not exist.
    pub fn is_not_found(&self) -> bool {
        self.is(&["NotFound"], 404)
    }

    /// An object of that name exists already.
    pub fn is_already_exists(&self) -> bool {
        self.reason() == Some("AlreadyExists")
    }

    /// Somebody else changed the object, or applied the same fields: read it again and repeat the change.
    pub fn is_conflict(&self) -> bool {
        self.is(&["Conflict"], 409)
    }

    /// What was asked for existed and will not come back. See also [`is_expired`](Error::is_expired).
    pub fn is_gone(&self) -> bool {
        self.is(&["Gone"], 410)
    }

    /// The resource version or the continue token is too old: list again from the start.
    pub fn is_expired(&self) -> bool {
        self.reason() == Some("Expired")
    }

    /// The object breaks a rule of its kind. [`causes`](Error::causes) names the fields.
    pub fn is_invalid(&self) -> bool {
        self.is(&["Invalid"], 422)
    }

    /// The caller is known and may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.is(&["Forbidden"], 403)
    }

    /// The server does not know who calls: the credentials are missing, wrong or too old.
    pub fn is_unauthorized(&self) -> bool {
        self.is(&["Unauthorized"], 401)
    }

    /// The request is malformed.
    pub fn is_bad_request(&self) -> bool {
        self.is(&["BadRequest"], 400)
    }

    /// The resource does not have this verb.
    pub fn is_method_not_allowed(&self) -> bool {
        self.is(&["MethodNotAllowed"], 405)
    }

    /// The server has no answer in a media type that the client accepts.
    pub fn is_not_acceptable(&self) -> bool {
        self.is(&["NotAcceptable"], 406)
    }

    /// The server does not read the media type of the body.
    pub fn is_unsupported_media_type(&self) -> bool {
        self.is(&["UnsupportedMediaType"], 415)
    }

    /// The request is too large for the server.
    pub fn is_request_entity_too_large(&self) -> bool {
        self.reason() == Some("RequestEntityTooLarge") || self.code() == Some(413)
    }

    /// The server asks the client to slow down. [`retry_after`](Error::retry_after) says for how long.
    pub fn is_too_many_requests(&self) -> bool {
        self.reason() == Some("TooManyRequests") || self.code() == Some(429)
    }

    /// The server could not finish in time; the call may be repeated after
    /// [`retry_after`](Error::retry_after), and may have done its work.
    pub fn is_server_timeout(&self) -> bool {
        self.reason() == Some("ServerTimeout")
    }

    /// The request was cut off by a timeout on the server's side; it may have done its work.
    pub fn is_timeout(&self) -> bool {
        self.is(&["Timeout"], 504)
    }

    /// The server failed inside.
    pub fn is_internal_error(&self) -> bool {
        self.is(&["InternalError"], 500)
    }

    /// The server, or one that it depends on, cannot answer now.
    pub fn is_service_unavailable(&self) -> bool {
        self.is(&["ServiceUnavailable"], 503)
    }

    /// The object's data in the server's store cannot be read.
    pub fn is_store_read_error(&self) -> bool {
        self.reason() == Some("StoreReadError")
    }

    /// The server has not reached the resource version that was asked for.
    pub fn is_resource_version_too_large(&self) -> bool {
        self.is_timeout() && self.has_cause(RESOURCE_VERSION_TOO_LARGE)
    }

    /// Something other than the API server answered (a proxy, a load balancer), or in an unknown form.
    pub fn is_unexpected_server_error(&self) -> bool {
        self.has_cause(UNEXPECTED_SERVER_RESPONSE)
    }

    /// Whether one of the [`causes`](Error::causes) has the type `cause`.
    pub fn has_cause(&self, cause: &str) -> bool {
        self.causes().iter().any(|other| other.reason.as_deref() == Some(cause))
    }

    /// The reason is one of `reasons`; or it is unknown, and the code is `code`.
    fn is(&self, reasons: &[&str], code: u16) -> bool {
        match self.reason() {
            Some(reason) if reasons.contains(&reason) => true,
            Some(reason) if REASONS.iter().any(|(known, _)| *known == reason) => false,
            _ => self.code() == Some(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;

    use super::*;

    type Predicate = (&'static str, fn(&Error) -> bool);

    const PREDICATES: &[Predicate] = &[
        ("AlreadyExists", Error::is_already_exists),
        ("BadRequest", Error::is_bad_request),
        ("Conflict", Error::is_conflict),
        ("Expired", Error::is_expired),
        ("Forbidden", Error::is_forbidden),
        ("Gone", Error::is_gone),
        ("InternalError", Error::is_internal_error),
        ("Invalid", Error::is_invalid),
        ("MethodNotAllowed", Error::is_method_not_allowed),
        ("NotAcceptable", Error::is_not_acceptable),
        ("NotFound", Error::is_not_found),
        ("RequestEntityTooLarge", Error::is_request_entity_too_large),
        ("ServerTimeout", Error::is_server_timeout),
        ("ServiceUnavailable", Error::is_service_unavailable),
        ("StoreReadError", Error::is_store_read_error),
        ("Timeout", Error::is_timeout),
        ("TooManyRequests", Error::is_too_many_requests),
        ("Unauthorized", Error::is_unauthorized),
        ("UnsupportedMediaType", Error::is_unsupported_media_type),
    ];

    fn refused(reason: Option<&str>, code: u16) -> Error {
        let reason = reason.map(str::to_owned);
        Error::Api(Box::new(Status { code: Some(code.into()), reason, ..Status::default() }))
    }

    #[test]
    fn every_reason_has_its_predicate_and_no_other_answers_to_it() {
        assert_eq!(PREDICATES.len(), REASONS.len());
        for (reason, code) in REASONS {
            let error = refused(Some(reason), *code);
            for (name, predicate) in PREDICATES {
                assert_eq!(predicate(&error), name == reason, "{name} for a {reason}");
            }
        }
    }

    #[test]
    fn the_code_decides_when_the_reason_is_unknown_or_missing() {
        for reason in [None, Some("MadeUp")] {
            assert!(refused(reason, 404).is_not_found());
            assert!(refused(reason, 409).is_conflict());
            assert!(!refused(reason, 409).is_already_exists());
            assert!(refused(reason, 410).is_gone());
            assert!(!refused(reason, 410).is_expired());
        }
        assert_eq!(refused(Some("MadeUp"), 404).reason(), Some("MadeUp"));
    }

    #[test]
    fn a_known_reason_wins_over_the_code() {
        assert!(!refused(Some("AlreadyExists"), 409).is_conflict());
        assert!(!refused(Some("Expired"), 410).is_gone());
    }

    #[test]
    fn too_many_requests_and_too_large_are_known_by_their_codes_alone() {
        assert!(refused(Some("Conflict"), 429).is_too_many_requests());
        assert!(refused(Some("Invalid"), 413).is_request_entity_too_large());
    }
}
