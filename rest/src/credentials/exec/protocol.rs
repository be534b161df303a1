//! What is told to a plugin, and what it answers: the two halves of an `ExecCredential`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::config::ExecVersion;

const KIND: &str = "ExecCredential";

/// The server, as a plugin is told about it. The proxy's URL may hold a password, so it is not shown.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Cluster {
    pub(super) server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls_server_name: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) insecure_skip_tls_verify: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_authority_data: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) disable_compression: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proxy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) config: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    kind: &'static str,
    api_version: &'static str,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a Cluster>,
    interactive: bool,
}

/// The value of `KUBERNETES_EXEC_INFO`.
pub(super) fn question(
    version: ExecVersion,
    interactive: bool,
    cluster: Option<&Cluster>,
) -> Result<String, String> {
    let api_version = version.as_str();
    let question = Question { kind: KIND, api_version, spec: Spec { cluster, interactive } };
    serde_json::to_string(&question).map_err(|error| format!("cannot be told about the cluster: {error}"))
}

/// PEM text as a plugin is told it.
pub(super) fn encoded(pem: &[u8]) -> String {
    BASE64_STANDARD.encode(pem)
}

/// What a plugin gave. `Debug` shows no secret, as headers and keys do not.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) header: Option<HeaderValue>,
    pub(super) certificate: Option<Arc<CertifiedKey>>,
    pub(super) expires: Option<SystemTime>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Printed {
    api_version: String,
    kind: String,
    status: Option<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<Time>,
    #[serde(deserialize_with = "secret")]
    token: Option<SecretString>,
    client_certificate_data: Option<String>,
    #[serde(deserialize_with = "secret")]
    client_key_data: Option<SecretString>,
}

/// Reads what a plugin printed. The reason of a failure never quotes it.
pub(super) fn answer(version: ExecVersion, printed: &[u8]) -> Result<Answer, String> {
    let printed: Printed = serde_json::from_slice(printed).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("printed no {KIND}: line {line}, column {column} is not what is expected there")
    })?;
    if printed.kind != KIND {
        return Err(format!("printed an object whose kind is not {KIND}"));
    }
    let wanted = version.as_str();
    if printed.api_version != wanted {
        return Err(format!("printed another apiVersion than {wanted}, which the configuration asks for"));
    }
    let status = printed.status.ok_or("printed no status, which holds the credentials")?;
    let header = status.token.as_ref().map(super::super::bearer);
    if header == Some(None) {
        return Err("gave a token with a line break or another character that no header can carry".to_owned());
    }
    let certificate = certificate(&status)?;
    if header.is_none() && certificate.is_none() {
        return Err("gave neither a token nor a client certificate".to_owned());
    }
    let expires = status.expiration_timestamp.map(|Time(time)| {
        let since_epoch = u64::try_from(time.as_millisecond()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_millis(since_epoch)
    });
    Ok(Answer { header: header.flatten(), certificate, expires })
}

fn certificate(status: &Status) -> Result<Option<Arc<CertifiedKey>>, String> {
    let certificate = status.client_certificate_data.as_deref().filter(|pem| !pem.is_empty());
    let (certificate, key) = match (certificate, &status.client_key_data) {
        (Some(certificate), Some(key)) => (certificate, key.expose_secret()),
        (None, None) => return Ok(None),
        (Some(_), None) => return Err("gave a client certificate without its key".to_owned()),
        (None, Some(_)) => return Err("gave a client key without its certificate".to_owned()),
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or("gave a client certificate that is not PEM")?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|_| "gave a client key that is not PEM of the kinds PKCS#8, PKCS#1 or SEC1")?;
    let provider = crate::transport::crypto_provider();
    let pair = CertifiedKey::from_der(chain, key, &provider)
        .map_err(|error| format!("gave a client certificate and key that do not go together: {error}"))?;
    Ok(Some(Arc::new(pair)))
}

/// An empty text counts as absent, as it does for client-go.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()).map(SecretString::from))
}
