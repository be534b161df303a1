//! A configuration made by hand, through the public interface.

use std::time::Duration;

use kubeset_rest::{Compression, Config, ConfigError, HttpClient};

#[test]
fn a_new_configuration_has_defaults_and_no_credentials() {
    let config = Config::new("cluster.example");
    assert_eq!(config.default_namespace, "default");
    assert!(config.bearer_token.is_none() && config.username.is_none() && config.tls.client_key.is_none());
    assert!(
        config.timeout.is_none() && config.user_agent.is_none() && config.compression == Compression::Auto
    );
}

#[test]
fn anonymous_drops_the_credentials_and_keeps_the_rest() {
    let mut config = Config::new("https://cluster.example");
    config.bearer_token = Some("secret".into());
    config.bearer_token_file = Some("/run/token".into());
    config.username = Some("anna".to_owned());
    config.password = Some("secret".into());
    config.tls.server_name = Some("api.example".to_owned());
    config.tls.insecure = true;
    config.timeout = Some(Duration::from_secs(7));
    config.default_namespace = "web".to_owned();
    let anonymous = config.anonymous();
    assert!(anonymous.bearer_token.is_none() && anonymous.bearer_token_file.is_none());
    assert!(anonymous.username.is_none() && anonymous.password.is_none());
    assert_eq!(anonymous.tls.server_name.as_deref(), Some("api.example"));
    assert!(anonymous.tls.insecure);
    assert_eq!((anonymous.timeout, anonymous.default_namespace.as_str()), (config.timeout, "web"));
    assert_eq!(anonymous.host, config.host);
}

#[test]
fn a_user_agent_grows_by_a_slash_and_a_name() {
    let mut config = Config::new("cluster.example");
    config.user_agent = Some("mine/1".to_owned());
    config.add_user_agent("part");
    assert_eq!(config.user_agent.as_deref(), Some("mine/1/part"));
    let mut config = Config::new("cluster.example");
    config.add_user_agent("part");
    let agent = config.user_agent.expect("it was set");
    assert!(agent.contains(" kubeset/") && agent.ends_with("/part"), "{agent}");
}

#[test]
fn a_password_in_the_address_is_neither_shown_nor_taken() {
    let config = Config::new("https://anna:secret@cluster.example");
    let error = HttpClient::new(&config).expect_err("it is refused");
    assert!(matches!(error, ConfigError::Host { .. }));
    for text in [format!("{config:?}"), format!("{error} {error:?}")] {
        assert!(!text.contains("secret") && text.contains("cluster.example"), "{text}");
    }
}

#[test]
fn a_token_and_a_user_name_together_are_refused() {
    let mut config = Config::new("http://cluster.example");
    config.bearer_token = Some("secret".into());
    config.username = Some("anna".to_owned());
    let error = HttpClient::new(&config).expect_err("only one may be set");
    assert_eq!(
        error.to_string(),
        "the credentials cannot be used: username and password or a bearer token may be set, but not both"
    );
}

#[test]
fn outside_a_pod_in_cluster_says_so() {
    // CI may itself run in a pod; then there is nothing to see here.
    if std::env::var_os("KUBERNETES_SERVICE_HOST").is_none() {
        let error = Config::in_cluster().expect_err("not in a pod");
        assert!(
            matches!(error, ConfigError::NotInCluster { variable: "KUBERNETES_SERVICE_HOST" }),
            "{error}"
        );
    }
}
