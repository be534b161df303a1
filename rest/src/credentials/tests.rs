//! Which header is sent, and when a token file is read again.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::*;

fn config(token: Option<&str>, username: Option<&str>, password: Option<&str>) -> Config {
    let mut config = Config::new("https://cluster.example");
    config.bearer_token = token.map(SecretString::from);
    config.username = username.map(str::to_owned);
    config.password = password.map(SecretString::from);
    config
}

fn new(config: &Config) -> Result<Credentials, ConfigError> {
    Credentials::new(config, |_| {})
}

async fn header(credentials: &Credentials) -> Option<String> {
    let header = credentials.proof().await.expect("credentials").header?;
    assert!(header.is_sensitive());
    Some(header.to_str().expect("text").to_owned())
}

#[tokio::test]
async fn a_token_or_a_user_name_becomes_the_header() {
    let table = [
        (config(None, None, None), None),
        (config(Some(""), Some(""), None), None),
        (config(Some("a-token"), None, None), Some("Bearer a-token")),
        (config(None, Some("anna"), Some("pass:word")), Some("Basic YW5uYTpwYXNzOndvcmQ=")),
        (config(None, Some("anna"), None), Some("Basic YW5uYTo=")),
    ];
    for (config, want) in table {
        let credentials = new(&config).expect("credentials");
        assert_eq!(header(&credentials).await.as_deref(), want, "{config:?}");
    }
}

#[test]
fn contradictory_or_unsendable_credentials_are_refused_without_showing_them() {
    let mut file_and_user = config(None, Some("anna"), Some("hunter2"));
    file_and_user.bearer_token_file = Some(PathBuf::from("/run/token"));
    let table = [
        (config(Some("hunter2"), Some("anna"), Some("hunter2")), "but not both"),
        (file_and_user, "but not both"),
        (config(None, None, Some("hunter2")), "without a username"),
        (config(Some("hunter2\n"), None, None), "line break"),
        (config(None, Some("an:na"), Some("hunter2")), "colon"),
    ];
    for (config, part) in table {
        let error = new(&config).expect_err(part);
        assert!(error.to_string().contains(part), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let mut with_file = config(Some("hunter2"), None, None);
    with_file.bearer_token_file = Some(PathBuf::from("/run/token"));
    for config in [config(Some("hunter2"), None, None), config(None, Some("a"), Some("hunter2")), with_file] {
        let shown = format!("{:?}", new(&config).expect("credentials"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

/// A token file on disk and the credentials that read it.
struct Rotated {
    folder: tempfile::TempDir,
    credentials: Credentials,
}

impl Rotated {
    fn new(content: Option<&str>, until_read: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = config(until_read, None, None);
        config.bearer_token_file = Some(folder.path().join("token"));
        let rotated = Self { folder, credentials: new(&config).expect("credentials") };
        if let Some(content) = content {
            rotated.write(content);
        }
        rotated
    }

    fn write(&self, content: &str) {
        fs::write(self.folder.path().join("token"), content).expect("a file");
    }

    async fn header(&self) -> Option<String> {
        header(&self.credentials).await
    }
}

async fn seconds(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_trimmed_and_wins_over_the_token() {
    let file = Rotated::new(Some("  from-file\r\n"), Some("fixed"));
    assert_eq!(file.header().await.as_deref(), Some("Bearer from-file"));
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_read_again_after_fifty_seconds_and_not_before() {
    let file = Rotated::new(Some("one"), None);
    assert_eq!(file.header().await.as_deref(), Some("Bearer one"));
    file.write("two");
    seconds(49).await;
    assert_eq!(file.header().await.as_deref(), Some("Bearer one"));
    seconds(1).await;
    assert_eq!(file.header().await.as_deref(), Some("Bearer two"));
    file.write("three");
    seconds(49).await;
    assert_eq!(file.header().await.as_deref(), Some("Bearer two"));
    seconds(1).await;
    assert_eq!(file.header().await.as_deref(), Some("Bearer three"));
}

#[tokio::test(start_paused = true)]
async fn the_last_good_token_stays_while_the_file_is_gone_empty_or_garbage() {
    let file = Rotated::new(Some("good"), None);
    assert_eq!(file.header().await.as_deref(), Some("Bearer good"));
    for content in ["", " \n", "two\nlines"] {
        file.write(content);
        seconds(60).await;
        assert_eq!(file.header().await.as_deref(), Some("Bearer good"));
    }
    fs::remove_file(file.folder.path().join("token")).expect("it was there");
    assert_eq!(file.header().await.as_deref(), Some("Bearer good"));
    file.write("new");
    assert_eq!(file.header().await.as_deref(), Some("Bearer new"), "every request tries again");
}

#[tokio::test(start_paused = true)]
async fn the_fixed_token_serves_until_the_file_was_first_read() {
    let file = Rotated::new(None, Some("fixed"));
    assert_eq!(file.header().await.as_deref(), Some("Bearer fixed"));
    file.write("from-file");
    assert_eq!(file.header().await.as_deref(), Some("Bearer from-file"));
}

#[tokio::test(start_paused = true)]
async fn without_any_token_the_error_names_the_file_and_not_its_content() {
    let file = Rotated::new(None, None);
    for content in [None, Some(""), Some("hunter2\nhunter2")] {
        if let Some(content) = content {
            file.write(content);
        }
        let error = file.credentials.proof().await.expect_err("there is no token").to_string();
        assert!(error.contains(&file.folder.path().join("token").display().to_string()), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn many_requests_at_once_share_one_reading() {
    let file = Rotated::new(Some("one"), None);
    let all = futures_util::future::join_all((0..100).map(|_| file.header())).await;
    assert!(all.iter().all(|header| header.as_deref() == Some("Bearer one")));
}
