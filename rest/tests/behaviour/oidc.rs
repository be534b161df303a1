//! ID tokens: when they are renewed, what the provider is sent for it, and where new ones go.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kubeset_rest::{BoxError, Config, Endpoint, OidcConfig, TokenSink};
use secrecy::{ExposeSecret as _, SecretString};

use crate::fault_server::{FaultServer, Reply, json};
use crate::{client, config, config_map, status};

/// An identity provider: one server that describes it, and one that gives tokens.
struct Provider {
    description: FaultServer,
    tokens: FaultServer,
}

impl Provider {
    async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let tokens = FaultServer::start(replies).await;
        let description = format!(r#"{{"token_endpoint":"{}/token"}}"#, tokens.url());
        Self { description: FaultServer::start([json(200, description)]).await, tokens }
    }

    /// The configuration of an API server whose user has this token of the provider, and may renew it.
    fn config(&self, server: &FaultServer, id_token: &str) -> Config {
        let mut oidc = OidcConfig::new(self.description.url(), "a client");
        oidc.id_token = Some(id_token.into());
        oidc.refresh_token = Some("refresh-1".into());
        let mut config = config(server);
        config.oidc = Some(oidc);
        config
    }

    /// The bodies of the requests for tokens.
    fn asked(&self) -> Vec<String> {
        self.tokens.seen().into_iter().map(|seen| String::from_utf8(seen.body).unwrap()).collect()
    }
}

/// An ID token that is good for this many seconds.
fn id_token(name: &str, seconds: u64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let exp = (now + Duration::from_secs(seconds)).as_secs();
    let claims = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{name}","exp":{exp}}}"#));
    format!("e30.{claims}.{name}")
}

fn tokens(id_token: &str, refresh_token: &str) -> Reply {
    json(200, format!(r#"{{"id_token":"{id_token}","refresh_token":"{refresh_token}"}}"#))
}

async fn get(config: &Config) -> Result<(), kubeset_rest::Error> {
    let maps: Endpoint<k8s_openapi::api::core::v1::ConfigMap> =
        Endpoint::new(&client(config), "configmaps").namespace("prod");
    let results = futures_util::future::join_all((0..5).map(|_| maps.get("a").into_future())).await;
    results.into_iter().try_for_each(|result| result.map(drop))
}

/// The names of the tokens that the API server got.
fn sent(server: &FaultServer) -> Vec<String> {
    let name = |seen: &crate::fault_server::Seen| {
        seen.header("authorization").unwrap().rsplit('.').next().unwrap().to_owned()
    };
    server.seen().iter().map(name).collect()
}

async fn api_server() -> FaultServer {
    FaultServer::start([json(200, config_map("a"))]).await
}

#[tokio::test]
async fn a_token_is_sent_until_shortly_before_it_expires_and_then_renewed_once_for_all() {
    let server = api_server().await;
    let provider = Provider::start([tokens(&id_token("new", 60), "refresh-2")]).await;
    get(&provider.config(&server, &id_token("old", 60))).await.unwrap();
    assert_eq!(sent(&server), ["old"; 5]);
    assert!(provider.description.seen().is_empty());

    let server = api_server().await;
    get(&provider.config(&server, &id_token("old", 9))).await.unwrap();
    assert_eq!(sent(&server), ["new"; 5]);
    assert_eq!(provider.description.only().target, "/.well-known/openid-configuration");
    assert_eq!(provider.tokens.only().target, "/token");
    assert_eq!(provider.asked(), ["grant_type=refresh_token&refresh_token=refresh%2D1&client_id=a%20client"]);
}

#[tokio::test]
async fn a_clients_secret_goes_into_the_header_or_else_into_the_form() {
    let server = api_server().await;
    let refusal = json(401, r#"{"error":"invalid_client"}"#);
    let provider = Provider::start([refusal, tokens(&id_token("new", 60), "refresh-2")]).await;
    let mut config = provider.config(&server, "");
    config.oidc.as_mut().unwrap().client_secret = Some("hunter2".into());
    get(&config).await.unwrap();
    let asked = provider.tokens.seen();
    assert_eq!(asked[0].header("authorization"), Some("Basic YSUyMGNsaWVudDpodW50ZXIy"));
    assert_eq!(asked[1].header("authorization"), None);
    assert!(provider.asked()[1].ends_with("&client_id=a%20client&client_secret=hunter2"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_request_sent_once_more() {
    let refusal = json(401, status(401, "Unauthorized"));
    let server = FaultServer::start([refusal, json(200, config_map("a"))]).await;
    let provider = Provider::start([tokens(&id_token("new", 60), "refresh-2")]).await;
    let config = provider.config(&server, &id_token("old", 60));
    client(&config).read_raw("/version").await.unwrap();
    assert_eq!(sent(&server), ["old", "new"]);
}

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<(String, String)>>);

impl TokenSink for Kept {
    fn save(&self, id_token: &SecretString, refresh_token: &SecretString) -> Result<(), BoxError> {
        let pair = (id_token.expose_secret().to_owned(), refresh_token.expose_secret().to_owned());
        self.0.lock().unwrap().push(pair);
        Err("the disk is full".into())
    }
}

#[tokio::test]
async fn new_tokens_are_saved_and_used_even_if_that_fails_and_the_newest_one_renews() {
    let server = api_server().await;
    let (first, second) = (id_token("first", 0), id_token("second", 60));
    let provider = Provider::start([tokens(&first, "refresh-2"), tokens(&second, "")]).await;
    let mut config = provider.config(&server, "");
    let kept = Arc::new(Kept::default());
    config.oidc.as_mut().unwrap().token_sink = Some(kept.clone());
    let client = client(&config);
    client.read_raw("/version").await.unwrap();
    client.read_raw("/version").await.unwrap();
    assert_eq!(sent(&server), ["first", "second"]);
    let want = [(first, "refresh-2".to_owned()), (second, "refresh-2".to_owned())];
    assert_eq!(*kept.0.lock().unwrap(), want);
    assert!(provider.asked()[1].contains("refresh_token=refresh%2D2"));
}

#[tokio::test]
async fn a_failure_to_renew_says_what_to_do_and_shows_no_token() {
    let server = api_server().await;
    for (reply, part) in [
        (json(400, r#"{"error":"invalid_grant","error_description":"refresh-1"}"#), "log in again"),
        (json(400, r#"{"error":"refresh-1"}"#), "refuses to renew the token (400"),
        (json(200, "refresh-1"), "something else than tokens"),
        (json(200, r#"{"access_token":"refresh-1"}"#), "with the scope openid"),
    ] {
        let provider = Provider::start([reply]).await;
        let error = get(&provider.config(&server, "")).await.unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains(part) && text.contains(provider.description.url()), "{part}: {text}");
        assert!(!text.contains("refresh-1"), "{text}");
    }
    let provider = Provider::start([json(503, "{}")]).await;
    get(&provider.config(&server, "")).await.unwrap_err();
    assert_eq!(provider.asked().len(), 1, "all who waited share the failure");
    let mut config = provider.config(&server, &id_token("old", 0));
    config.oidc.as_mut().unwrap().refresh_token = None;
    let text = format!("{:?}", get(&config).await.unwrap_err());
    assert!(text.contains("no refresh token: log in again"), "{text}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_any_more_is_kept() {
    let server = api_server().await;
    let provider = Provider::start([tokens(&id_token("new", 60), "refresh-2"), json(400, "{}")]).await;
    let client = client(&provider.config(&server, ""));
    let request = client.read_raw("/version").into_future();
    tokio::select! {
        biased;
        _ = request => panic!("the provider cannot be that fast"),
        () = tokio::task::yield_now() => {}
    }
    client.read_raw("/version").await.unwrap();
    assert_eq!((sent(&server), provider.asked().len()), (vec!["new".to_owned()], 1));
}

#[test]
fn a_provider_on_another_machine_needs_https_and_a_plugin_beside_it_is_refused() {
    let mut config = Config::new("https://cluster.example");
    config.oidc = Some(OidcConfig::new("http://id.example", "me"));
    let error = kubeset_rest::HttpClient::new(&config).unwrap_err().to_string();
    assert!(error.contains("id.example is not https"), "{error}");
    config.exec = Some(kubeset_rest::ExecConfig::new("get-token"));
    let error = kubeset_rest::HttpClient::new(&config).unwrap_err().to_string();
    assert!(error.contains("not both"), "{error}");
    assert!(kubeset_rest::HttpClient::new(&config.anonymous()).is_ok());
}
