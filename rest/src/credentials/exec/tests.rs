//! Real plugins, as shell scripts: when they are run, what they are told, and what is refused of what they print.

#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::config::{ExecVersion, InteractiveMode};

/// A plugin in a folder of its own, where it counts its runs.
pub(crate) struct Script {
    folder: tempfile::TempDir,
    pub(crate) exec: ExecConfig,
}

impl Script {
    /// A plugin that runs `body` in its folder. `$runs` says for the how-manyth time.
    pub(crate) fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("plugin.sh");
        let text =
            format!("cd '{}'\necho >> runs\nruns=$(($(wc -l < runs)))\n{body}\n", folder.path().display());
        fs::write(&script, text).expect("a script");
        let mut exec = ExecConfig::new("sh");
        exec.args.push(script.display().to_string());
        Self { folder, exec }
    }

    /// A plugin that prints this status. `$` begins a variable.
    pub(crate) fn printing(status: &str) -> Self {
        Self::new(&printing(status))
    }

    pub(crate) fn runs(&self) -> usize {
        self.read("runs").lines().count()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap_or_default()
    }

    fn plugin(&self) -> ExecPlugin {
        plugin(&self.exec, |_| {})
    }
}

/// A line of shell that prints an `ExecCredential` with this status.
fn printing(status: &str) -> String {
    format!(
        "cat <<END\n{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{status}}}\nEND"
    )
}

fn plugin(exec: &ExecConfig, change: impl FnOnce(&mut Config)) -> ExecPlugin {
    let mut config = Config::new("https://cluster.example");
    change(&mut config);
    ExecPlugin::new(exec, &config, Box::new(|_| {}))
}

async fn token(plugin: &ExecPlugin) -> String {
    let header = plugin.proof().await.expect("credentials").header.expect("a header");
    header.to_str().expect("text").trim_start_matches("Bearer ").to_owned()
}

async fn refusal(plugin: &ExecPlugin) -> String {
    let error = plugin.proof().await.expect_err("a refusal");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn many_requests_at_once_share_one_run_and_making_a_client_runs_nothing() {
    let script = Script::printing(r#"{"token":"token-$runs"}"#);
    let plugin = script.plugin();
    assert_eq!(script.runs(), 0);
    let all = futures_util::future::join_all((0..20).map(|_| token(&plugin))).await;
    assert!(all.iter().all(|token| token == "token-1"), "{all:?}");
    assert_eq!((token(&plugin).await.as_str(), script.runs()), ("token-1", 1));
}

#[tokio::test]
async fn what_has_expired_is_renewed_and_what_has_not_is_not() {
    let past = Script::printing(r#"{"token":"$runs","expirationTimestamp":"2020-01-01T00:00:00Z"}"#);
    let plugin = past.plugin();
    assert_eq!((token(&plugin).await.as_str(), token(&plugin).await.as_str()), ("1", "2"));
    let future = Script::printing(r#"{"token":"$runs","expirationTimestamp":"2120-01-01T00:00:00Z"}"#);
    let plugin = future.plugin();
    assert_eq!((token(&plugin).await.as_str(), token(&plugin).await.as_str()), ("1", "1"));
}

#[tokio::test]
async fn a_refusal_runs_the_plugin_again_unless_it_ran_after_the_request_began() {
    let script = Script::printing(r#"{"token":"$runs"}"#);
    let plugin = script.plugin();
    let began = Instant::now();
    let first = plugin.proof().await.expect("credentials");
    assert!(!plugin.renewed(&first, began).await.expect("an answer"), "it is as new as can be");
    assert_eq!(script.runs(), 1);

    let refusals =
        futures_util::future::join_all((0..20).map(|_| plugin.renewed(&first, Instant::now()))).await;
    assert!(refusals.into_iter().all(|renewed| renewed.expect("an answer")));
    assert_eq!((token(&plugin).await.as_str(), script.runs()), ("2", 2));
}

#[tokio::test]
async fn the_same_credentials_again_are_no_renewal() {
    let script = Script::printing(r#"{"token":"same"}"#);
    let plugin = script.plugin();
    let first = plugin.proof().await.expect("credentials");
    assert!(!plugin.renewed(&first, Instant::now()).await.expect("an answer"));
    assert_eq!(script.runs(), 2);
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_credentials_as_they_are() {
    let script = Script::new(&format!("[ $runs = 1 ] || exit 3\n{}", printing(r#"{"token":"$runs"}"#)));
    let plugin = script.plugin();
    let first = plugin.proof().await.expect("credentials");
    let error = plugin.renewed(&first, Instant::now()).await.expect_err("it fails").to_string();
    assert!(error.contains("exit status: 3"), "{error}");
    assert_eq!(token(&plugin).await, "1");
}

#[tokio::test]
async fn requests_that_wait_for_the_same_run_share_its_failure() {
    let script = Script::new("exit 3");
    let plugin = script.plugin();
    let all = futures_util::future::join_all((0..20).map(|_| plugin.proof())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(script.runs(), 1);
    refusal(&plugin).await;
    assert_eq!(script.runs(), 2, "a later request tries again");
}

#[tokio::test]
async fn a_hanging_plugin_is_killed_with_the_request_that_waits_for_it() {
    let hang = "[ $runs = 1 ] && { echo $$ > pid; exec sleep 600; }";
    let script = Script::new(&format!("{hang}\n{}", printing(r#"{"token":"$runs"}"#)));
    let plugin = script.plugin();
    let started = async {
        while script.read("pid").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = plugin.proof() => panic!("it hangs"),
        () = started => {}
    }
    assert_eq!(token(&plugin).await, "2", "the next request runs it again");
    let process = Path::new("/proc").join(script.read("pid").trim());
    for _ in 0..200 {
        if !process.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the process is still there");
}

#[tokio::test]
async fn a_plugin_is_told_what_was_asked_for_and_gets_its_variables() {
    let mut script = Script::new(&format!(
        "printf %s \"$KUBERNETES_EXEC_INFO\" > info\n{}",
        printing(r#"{"token":"$OWN"}"#)
    ));
    script.exec.env.push(("OWN".to_owned(), SecretString::from("from-the-variable")));
    assert_eq!(token(&script.plugin()).await, "from-the-variable");
    let told =
        |script: &Script| serde_json::from_str::<serde_json::Value>(&script.read("info")).expect("JSON");
    let want = json!({
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1",
        "spec": {"interactive": false},
    });
    assert_eq!(told(&script), want);

    script.exec.provide_cluster_info = true;
    script.exec.cluster_config = Some(json!({"audience": "x"}));
    let ca = script.folder.path().join("ca.crt");
    fs::write(&ca, "PEM").expect("a file");
    let with_cluster = plugin(&script.exec, |config| {
        config.tls.ca = Some(PemSource::File(ca));
        config.tls.server_name = Some("api.example".to_owned());
        config.proxy = ProxyConfig::url("http://proxy.example:3128");
    });
    token(&with_cluster).await;
    let want = json!({
        "server": "https://cluster.example",
        "tls-server-name": "api.example",
        "certificate-authority-data": "UEVN",
        "proxy-url": "http://proxy.example:3128",
        "config": {"audience": "x"},
    });
    assert_eq!(told(&script)["spec"]["cluster"], want);
}

#[tokio::test]
async fn what_is_not_a_whole_credential_is_refused_without_showing_it() {
    let v1 = "\"apiVersion\":\"client.authentication.k8s.io/v1\"";
    let kind = "\"kind\":\"ExecCredential\"";
    let table = [
        ("hunter2".to_owned(), "printed no ExecCredential"),
        (String::new(), "printed no ExecCredential"),
        (format!("{{{v1},{kind},\"status\":\"hunter2\"}}"), "line 1, column"),
        (format!("{{{v1},\"kind\":\"hunter2\"}}"), "kind is not ExecCredential"),
        (format!("{{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",{kind}}}"), "another apiVersion"),
        (format!("{{{v1},{kind}}}"), "no status"),
        (format!("{{{v1},{kind},\"status\":{{}}}}"), "neither a token nor a client certificate"),
        (format!("{{{v1},{kind},\"status\":{{\"token\":\"\"}}}}"), "neither a token"),
        (format!("{{{v1},{kind},\"status\":{{\"token\":\"hunter2\\\\n\"}}}}"), "line break"),
        (format!("{{{v1},{kind},\"status\":{{\"clientKeyData\":\"hunter2\"}}}}"), "without its certificate"),
        (
            format!("{{{v1},{kind},\"status\":{{\"token\":\"hunter2\",\"clientCertificateData\":\"c\"}}}}"),
            "without its key",
        ),
        (
            format!(
                "{{{v1},{kind},\"status\":{{\"clientCertificateData\":\"c\",\"clientKeyData\":\"hunter2\"}}}}"
            ),
            "not PEM",
        ),
    ];
    for (printed, part) in table {
        let script = Script::new(&format!("cat <<END\n{printed}\nEND"));
        let error = refusal(&script.plugin()).await;
        assert!(error.contains(part) && error.contains("plugin sh "), "{printed}: {error}");
    }
}

#[tokio::test]
async fn the_older_version_is_spoken_if_it_is_asked_for() {
    let mut script = Script::printing(r#"{"token":"a"}"#);
    script.exec.api_version = ExecVersion::V1Beta1;
    assert!(refusal(&script.plugin()).await.contains("another apiVersion"));
    let body = printing(r#"{"token":"a"}"#).replace("io/v1\"", "io/v1beta1\"");
    let mut script = Script::new(&body);
    script.exec.api_version = ExecVersion::V1Beta1;
    assert_eq!(token(&script.plugin()).await, "a");
}

#[tokio::test]
async fn output_without_end_is_cut_off() {
    let script = Script::new("exec yes hunter2");
    let error = refusal(&script.plugin()).await;
    assert!(error.contains("more than 1 MiB"), "{error}");
}

#[tokio::test]
async fn a_missing_program_is_an_error_with_the_hint_how_to_install_it() {
    let mut exec = ExecConfig::new("kubeset-no-such-plugin");
    let error = refusal(&plugin(&exec, |_| {})).await;
    assert!(error.contains("kubeset-no-such-plugin is not installed") && error.contains("PATH"), "{error}");
    exec.install_hint = Some("see \u{1b}[1mhttps://plugin.example".to_owned());
    let error = refusal(&plugin(&exec, |_| {})).await;
    assert!(error.contains("see [1mhttps://plugin.example"), "{error}");
}

#[tokio::test]
async fn a_program_that_the_policy_does_not_allow_is_not_run() {
    let script = Script::printing(r#"{"token":"a"}"#);
    let list = ExecPolicy::AllowList(vec![PathBuf::from("other")]);
    for policy in [ExecPolicy::DenyAll, list] {
        let error = refusal(&plugin(&script.exec, |config| config.exec_policy = policy)).await;
        assert!(error.contains("exec_policy"), "{error}");
    }
    assert_eq!(script.runs(), 0);
    let policy = ExecPolicy::AllowList(vec![PathBuf::from("sh")]);
    assert_eq!(token(&plugin(&script.exec, |config| config.exec_policy = policy)).await, "a");
}

#[tokio::test]
async fn a_plugin_that_needs_a_terminal_is_not_run_without() {
    let mut script = Script::printing(r#"{"token":"a"}"#);
    script.exec.interactive = InteractiveMode::Always;
    // Under a terminal the plugin runs: its rule is tested beside it.
    match script.plugin().proof().await {
        Err(error) => {
            assert!(error.to_string().contains("no terminal"), "{error}");
            assert_eq!(script.runs(), 0);
        }
        Ok(_) => assert_eq!(script.runs(), 1),
    }
}

#[test]
fn debug_shows_no_argument_and_no_variable() {
    let mut exec = ExecConfig::new("get-token");
    exec.args.push("hunter2".to_owned());
    exec.env.push(("A".to_owned(), SecretString::from("hunter2")));
    let shown = format!("{exec:?} {:?}", plugin(&exec, |_| {}));
    assert!(shown.contains("get-token") && !shown.contains("hunter2"), "{shown}");
}

#[derive(Debug, Default)]
struct Counting {
    runs: std::sync::Mutex<Vec<bool>>,
}

impl Metrics for Counting {
    fn exec_plugin(&self, command: &Path, succeeded: bool, _: Duration) {
        assert_eq!(command, Path::new("sh"));
        self.runs.lock().expect("the runs").push(succeeded);
    }
}

#[tokio::test]
async fn each_run_is_counted_with_its_outcome() {
    let script = Script::new(&format!("[ $runs = 1 ] && exit 1\n{}", printing(r#"{"token":"a"}"#)));
    let counting = Arc::new(Counting::default());
    let metrics: Arc<dyn Metrics> = counting.clone();
    let plugin = plugin(&script.exec, |config| config.metrics = Some(metrics));
    plugin.proof().await.expect_err("the first run fails");
    plugin.proof().await.expect("the second run gives a token");
    plugin.proof().await.expect("the token is kept");
    assert_eq!(*counting.runs.lock().expect("the runs"), [false, true]);
}
