//! A kubeconfig as users have it, through the public interface.

use std::path::{Path, PathBuf};

use kubeset_rest::{Config, ConfigError, HttpClient, KubeconfigOverrides};

/// Every secret in the fixture, as text and in base64.
const SECRETS: [&str; 9] = [
    "secret-token",
    "secret-password",
    "secret-argument",
    "secret-ca-data",
    "c2VjcmV0LWNhLWRhdGE=",
    "secret-cert-data",
    "c2VjcmV0LWNlcnQtZGF0YQ==",
    "secret-key-data",
    "c2VjcmV0LWtleS1kYXRh",
];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubeconfig/team.yaml")
}

fn load(overrides: KubeconfigOverrides) -> Result<Config, ConfigError> {
    Config::from_kubeconfig(Some(&fixture()), &overrides)
}

fn assert_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} shows in {text}");
    }
}

#[test]
fn the_current_context_becomes_a_configuration() {
    let config = load(KubeconfigOverrides::default()).expect("a configuration");
    assert_eq!(config.host, "https://staging.example:6443/k8s/clusters/c-1");
    assert_eq!(config.default_namespace, "web");
    assert_eq!(config.tls.server_name.as_deref(), Some("kubernetes.default.svc"));
    assert!(
        config.tls.ca.is_some() && config.tls.client_certificate.is_some() && config.tls.client_key.is_some()
    );
    assert!(config.bearer_token.is_some() && config.username.is_none());
}

#[test]
fn a_context_without_tls_gets_no_credentials() {
    let config = load(KubeconfigOverrides::default().context("local")).expect("a configuration");
    assert_eq!(
        (config.host.as_str(), config.default_namespace.as_str()),
        ("http://localhost:8001", "default")
    );
    assert!(config.bearer_token.is_none() && config.tls.client_certificate.is_none());
    HttpClient::new(&config).expect("a plain server needs no certificates");
}

#[test]
fn debug_shows_no_secret_whoever_is_the_user() {
    for user in ["anna", "boris", "plugin"] {
        let config = load(KubeconfigOverrides::default().user(user)).expect("a configuration");
        assert_no_secret(&format!("{config:?}\n{config:#?}\n{:?}", config.anonymous()));
        assert!(format!("{config:?}").contains("staging.example"), "what is no secret shows");
        assert!(format!("{config:?}").contains("<14 bytes>"), "the length of certificates shows");
    }
}

#[test]
fn errors_show_no_secret() {
    let config = load(KubeconfigOverrides::default()).expect("a configuration");
    let error = HttpClient::new(&config).expect_err("the fixture holds no certificate");
    assert_no_secret(&format!("{error} {error:?}"));
    assert!(error.to_string().contains("tls.ca given as data"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::from_kubeconfig(Some(Path::new("/missing/config")), &KubeconfigOverrides::default())
        .expect_err("it is missing");
    assert!(error.to_string().contains("/missing/config"), "{error}");
}
