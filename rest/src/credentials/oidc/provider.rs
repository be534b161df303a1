//! The exchange with the identity provider: where its token endpoint is, and a new token for the refresh token.

use std::error::Error;
use std::fmt::Write as _;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Deserializer};

use super::super::sensitive;
use crate::config::OidcConfig;

/// The most that is read of an answer.
const MAX_BYTES: usize = 1 << 20;

/// The part of the provider's description that is needed.
#[derive(Deserialize)]
struct Description {
    token_endpoint: String,
}

/// The tokens that the provider gave.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    #[serde(deserialize_with = "secret")]
    pub(super) id_token: Option<SecretString>,
    #[serde(deserialize_with = "secret")]
    pub(super) refresh_token: Option<SecretString>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
}

/// Fetches new tokens. The reason of a failure holds no token.
pub(super) async fn refresh(
    client: &Client,
    config: &OidcConfig,
    refresh_token: &SecretString,
) -> Result<Tokens, String> {
    let about = format!("{}/.well-known/openid-configuration", config.issuer_url.trim_end_matches('/'));
    let (status, body) = send(client.get(address(&about)?)).await?;
    let description = serde_json::from_slice::<Description>(body.expose_secret()).ok();
    let description = description.filter(|_| status.is_success());
    let description = description.ok_or_else(|| {
        format!("its description at {about} has no token_endpoint (the answer was {status})")
    })?;
    let endpoint = address(&description.token_endpoint)?;

    let (mut status, mut body) = ask(client, config, &endpoint, refresh_token, true).await?;
    if config.client_secret.is_some() && wants_the_secret_elsewhere(status, &body) {
        (status, body) = ask(client, config, &endpoint, refresh_token, false).await?;
    }
    if !status.is_success() {
        return Err(refusal(status, &body));
    }
    let tokens = serde_json::from_slice(body.expose_secret());
    tokens.map_err(|_| "it answered with something else than tokens".to_owned())
}

/// Tokens travel over TLS only, or do not leave this machine.
pub(super) fn address(address: &str) -> Result<Url, String> {
    let refuse = |reason: &str| format!("its address {} {reason}", shown(address));
    let url: Url = address.parse().map_err(|_| refuse("is not a URL"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(refuse("is not https, and tokens are sent to no other")),
    }
}

/// An address without what may be secret in it.
fn shown(address: &str) -> String {
    let start = address.split(['?', '#']).next().unwrap_or_default();
    start.rsplit_once('@').map_or(start, |(_, host)| host).to_owned()
}

/// Sends the refresh token. The standard wants a client's secret in a header, and some providers do not.
async fn ask(
    client: &Client,
    config: &OidcConfig,
    endpoint: &Url,
    refresh_token: &SecretString,
    secret_in_header: bool,
) -> Result<(StatusCode, SecretSlice<u8>), String> {
    let mut form =
        format!("grant_type=refresh_token&refresh_token={}", escaped(refresh_token.expose_secret()));
    let mut request = client.post(endpoint.clone());
    let id = escaped(&config.client_id);
    match config.client_secret.as_ref().map(|secret| escaped(secret.expose_secret())) {
        Some(secret) if secret_in_header => {
            let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
            let header = sensitive(&basic).ok_or("its client secret cannot be sent")?;
            request = request.header(AUTHORIZATION, header);
        }
        Some(secret) => form.push_str(&format!("&client_id={id}&client_secret={secret}")),
        None => form.push_str(&format!("&client_id={id}")),
    }
    send(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)).await
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

async fn send(request: RequestBuilder) -> Result<(StatusCode, SecretSlice<u8>), String> {
    let mut response = request.header(ACCEPT, "application/json").send().await.map_err(failure)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(format!("its answer is larger than {} MiB", MAX_BYTES >> 20));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), SecretSlice::from(body)))
}

fn failure(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Writing to a text cannot fail.
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}

fn wants_the_secret_elsewhere(status: StatusCode, body: &SecretSlice<u8>) -> bool {
    status == StatusCode::UNAUTHORIZED || code(body) == "invalid_client"
}

fn refusal(status: StatusCode, body: &SecretSlice<u8>) -> String {
    match code(body).as_str() {
        "" => format!("it refuses to renew the token ({status})"),
        "invalid_grant" => "it no longer accepts the refresh token (invalid_grant): log in again".to_owned(),
        code => format!("it refuses to renew the token ({status}, {code})"),
    }
}

/// The provider's code for a failure, unless it is something else than a code.
fn code(body: &SecretSlice<u8>) -> String {
    let refusal: Refusal = serde_json::from_slice(body.expose_secret()).unwrap_or_default();
    let is_code =
        refusal.error.len() <= 64 && refusal.error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_code { refusal.error } else { String::new() }
}

/// An empty text counts as absent.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()).map(SecretString::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_sent_over_tls_or_stay_on_this_machine() {
        for good in ["https://id.example/x", "http://127.0.0.1:8080", "http://[::1]/", "http://localhost/"] {
            address(good).expect(good);
        }
        for bad in ["http://id.example", "http://127.0.0.1.example", "ftp://localhost", "id.example", ""] {
            address(bad).expect_err(bad);
        }
        let error = address("http://anna:hunter2@id.example/?hunter2").expect_err("not https");
        assert!(error.contains("id.example/ is not https") && !error.contains("hunter2"), "{error}");
    }
}
