//! What a failed request or a broken watch means for a reflector.

use std::time::Duration;

use kubeset_rest::Error;

/// Why a list or a watch failed, sorted by what a reflector does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server has forgotten the version or the continue token.
    Expired,
    /// The server has not come to this version yet: it lags behind another one that was asked before.
    VersionTooLarge,
    /// The server has too much to do. It may say for how long.
    Busy(Option<Duration>),
    /// The server cannot be reached, or says that it cannot serve now.
    Unreachable(Option<Duration>),
    /// The server does not know this kind of request.
    Unsupported,
    /// Anything else: no rights, an answer that cannot be read, a mistake of the server's.
    Other,
}

impl Failure {
    /// What `error` means.
    pub(super) fn of(error: &Error) -> Self {
        let Some(code) = error.code() else {
            let answered =
                matches!(error, Error::Decode { .. } | Error::WatchEvent(_) | Error::TooLarge { .. });
            let sent = error.attempts() > 0;
            return if sent && !answered { Self::Unreachable(None) } else { Self::Other };
        };
        if error.is_expired() || error.is_gone() {
            Self::Expired
        } else if error.is_resource_version_too_large() {
            Self::VersionTooLarge
        } else if error.is_too_many_requests() {
            Self::Busy(error.retry_after())
        } else if matches!(code, 400 | 405 | 406 | 422 | 501) {
            Self::Unsupported
        } else if code >= 500 {
            Self::Unreachable(error.retry_after())
        } else {
            Self::Other
        }
    }

    /// How long the server wants to be left alone.
    pub(super) fn retry_after(self) -> Duration {
        match self {
            Self::Busy(patience) | Self::Unreachable(patience) => patience.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Status, StatusDetails};

    use super::*;

    fn refusal(code: i32, reason: &str, retry_after_seconds: Option<i32>) -> Failure {
        let details = StatusDetails { retry_after_seconds, ..StatusDetails::default() };
        Failure::of(&Error::Api(Box::new(Status {
            code: Some(code),
            reason: Some(reason.to_owned()),
            details: Some(details),
            ..Status::default()
        })))
    }

    #[test]
    fn refusals_are_sorted_by_what_is_done_about_them() {
        let patience = Some(Duration::from_secs(3));
        for (failure, expected) in [
            (refusal(410, "Expired", None), Failure::Expired),
            (refusal(410, "Gone", None), Failure::Expired),
            (refusal(429, "TooManyRequests", Some(3)), Failure::Busy(patience)),
            (refusal(503, "ServiceUnavailable", Some(3)), Failure::Unreachable(patience)),
            (refusal(500, "InternalError", None), Failure::Unreachable(None)),
            (refusal(422, "Invalid", None), Failure::Unsupported),
            (refusal(400, "BadRequest", None), Failure::Unsupported),
            (refusal(403, "Forbidden", None), Failure::Other),
            (refusal(404, "NotFound", None), Failure::Other),
        ] {
            assert_eq!(failure, expected);
        }
    }

    #[test]
    fn what_was_read_and_not_understood_did_reach_the_server() {
        assert_eq!(Failure::of(&Error::WatchEvent("it is no JSON".into())), Failure::Other);
        let cut = Failure::of(&Error::Decode {
            method: Default::default(),
            url: "https://k".to_owned(),
            expected: "a list",
            source: "it ends too early".into(),
        });
        assert_eq!(cut, Failure::Other);
    }
}
