//! What an ID token says about itself. Its signature is the server's to check.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

/// When the token expires, if it is one and says so.
pub(super) fn expiry(token: &str) -> Option<SystemTime> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let since_epoch = Duration::try_from_secs_f64(claims.exp).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since_epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_expiry_is_read_from_the_claims() {
        let token = |claims: &str| format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let want = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
        assert_eq!(expiry(&token(r#"{"exp":1500000000,"sub":"jane"}"#)), Some(want));
        for claims in ["{}", r#"{"exp":"soon"}"#, r#"{"exp":-1}"#, r#"{"exp":1e300}"#, "hello"] {
            assert_eq!(expiry(&token(claims)), None, "{claims}");
        }
        assert_eq!(expiry("a-token"), None);
        assert_eq!(expiry("a.???.b"), None);
    }
}
