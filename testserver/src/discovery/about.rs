//! The version of the server, its paths, and who makes its tokens.

use super::{groups, health, json_as};
use crate::answer::Answer;
use crate::catalog::Snapshot;
use crate::server::Server;
use crate::version::MINOR;
use http::header::{CACHE_CONTROL, HeaderValue};
use serde_json::{Value, json};

/// The patch release that stands for a version.
const PATCH: u8 = 2;

/// The `Info` of the version.
pub(super) fn version() -> Value {
    let minor = MINOR.to_string();
    json!({
        "major": "1",
        "minor": minor,
        "emulationMajor": "1",
        "emulationMinor": minor,
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": (MINOR - 1).to_string(),
        "gitVersion": format!("v1.{MINOR}.{PATCH}"),
        "gitCommit": "",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": format!("{}/{}", std::env::consts::OS, architecture()),
    })
}

/// The architecture of the machine, in Go's words.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The paths that are served, without those of objects.
pub(super) fn paths(snapshot: &Snapshot) -> Value {
    const OTHERS: [&str; 10] = [
        "/.well-known/openid-configuration",
        "/api",
        "/api/v1",
        "/apis",
        "/apis/",
        "/openapi/v2",
        "/openapi/v3",
        "/openapi/v3/",
        "/openid/v1/jwks",
        "/version",
    ];
    let mut paths: Vec<String> =
        OTHERS.iter().map(|path| (*path).to_owned()).chain(health::paths()).collect();
    for (group, versions) in groups::ordered(snapshot) {
        paths.push(format!("/apis/{group}"));
        paths.extend(versions.keys().map(|version| format!("/apis/{group}/{version}")));
    }
    paths.sort_unstable();
    json!({"paths": paths})
}

/// The keys of service account tokens: none, since nobody but this server reads its tokens.
pub(super) fn keys() -> Answer {
    cached(json_as("application/jwk-set+json", &json!({"keys": []})))
}

/// Where those are found who want to check tokens.
pub(super) fn openid(server: &Server) -> Answer {
    cached(json_as(
        "application/json",
        &json!({
            "issuer": "https://kubernetes.default.svc",
            "jwks_uri": format!("https://{}/openid/v1/jwks", server.address),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }),
    ))
}

fn cached(answer: Answer) -> Answer {
    answer.header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"))
}
