//! Which files are read, what wins, and what is refused.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret;
use tracing::field::{Field, Visit};

use super::super::{Compression, ExecVersion, Impersonation, InteractiveMode, PemSource};
use super::*;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        fs::write(path, text).expect("a file");
    }
    root
}

/// A kubeconfig with one cluster, user and context, all named `name`, and these fields.
fn one(name: &str, cluster: &str, user: &str) -> String {
    format!(
        "current-context: {name}
contexts: [{{name: {name}, context: {{cluster: {name}, user: {name}}}}}]
clusters: [{{name: {name}, cluster: {{{cluster}}}}}]
users: [{{name: {name}, user: {{{user}}}}}]
"
    )
}

fn load_bytes(bytes: &[u8]) -> Result<Config, ConfigError> {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path().join("config");
    fs::write(&path, bytes).expect("a file");
    config(&Environment::made_up(root.path(), &[]), Some(&path), &KubeconfigOverrides::default())
}

fn load(text: &str) -> Result<Config, ConfigError> {
    load_bytes(text.as_bytes())
}

fn load_list(root: &Path, list: &[&str], overrides: &KubeconfigOverrides) -> Result<Config, ConfigError> {
    let paths = list.iter().map(|name| if name.is_empty() { Path::new("").into() } else { root.join(name) });
    let list = std::env::join_paths(paths).expect("a list");
    let list = list.to_str().expect("text");
    config(&Environment::made_up(root, &[("KUBECONFIG", list)]), None, overrides)
}

fn token(config: &Config) -> Option<&str> {
    config.bearer_token.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn the_first_file_wins_entry_by_entry_as_a_whole() {
    let root = folder(&[
        ("a", "users: [{name: me, user: {username: anna}}]"),
        ("b", &one("here", "server: 'https://b.example'", "token: b-token")),
        (
            "c",
            "current-context: other
contexts: [{name: other, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: 'https://c.example', tls-server-name: c.example}}]
users: [{name: me, user: {password: c-password}}]",
        ),
    ]);
    let config =
        load_list(root.path(), &["a", "b", "c"], &KubeconfigOverrides::default()).expect("a configuration");
    assert_eq!(config.host, "https://b.example", "the first current-context and the first cluster count");
    assert_eq!((token(&config), config.tls.server_name.as_deref()), (Some("b-token"), None));

    let overrides = KubeconfigOverrides::default().context("other");
    let config = load_list(root.path(), &["a", "b", "c"], &overrides).expect("a configuration");
    assert_eq!(config.username.as_deref(), Some("anna"));
    assert!(config.password.is_none(), "entries are not mixed field by field");
}

#[test]
fn missing_repeated_and_empty_entries_of_the_list_are_skipped() {
    let root = folder(&[("present", &one("here", "server: 'https://present.example'", ""))]);
    let list = ["missing", "", "present", "present", "also-missing"];
    let config = load_list(root.path(), &list, &KubeconfigOverrides::default()).expect("a configuration");
    assert_eq!(config.host, "https://present.example");
}

#[test]
fn without_the_variable_the_home_folder_counts() {
    let root = folder(&[(".kube/config", &one("here", "server: 'https://home.example'", ""))]);
    for variables in [&[][..], &[("KUBECONFIG", "")]] {
        let environment = Environment::made_up(root.path(), variables);
        let config = config(&environment, None, &KubeconfigOverrides::default()).expect("a configuration");
        assert_eq!(config.host, "https://home.example");
    }
}

#[test]
fn a_path_that_is_given_must_exist_and_is_the_only_one_read() {
    let root = folder(&[("list", &one("here", "server: 'https://list.example'", "")), ("empty", "")]);
    let list = root.path().join("list");
    let environment = Environment::made_up(root.path(), &[("KUBECONFIG", list.to_str().expect("text"))]);
    let load =
        |name: &str| config(&environment, Some(&root.path().join(name)), &KubeconfigOverrides::default());
    assert!(matches!(load("missing"), Err(ConfigError::Read { path, .. }) if path.ends_with("missing")));
    assert!(
        matches!(load("empty"), Err(ConfigError::Empty { looked_at }) if looked_at[0].ends_with("empty"))
    );
}

#[test]
fn nothing_configured_says_what_to_set() {
    let root = folder(&[]);
    let error =
        load_list(root.path(), &["missing"], &KubeconfigOverrides::default()).expect_err("it is empty");
    let error = error.to_string();
    assert!(error.contains("missing") && error.contains("set KUBECONFIG"), "{error}");
}

#[test]
fn relative_paths_start_at_the_file_that_holds_them() {
    let user = "client-certificate: me.crt, client-key: ../keys/me.key";
    let root = folder(&[
        ("one/config", &one("here", "server: 'https://a.example', certificate-authority: ca.crt", user)),
        ("two/config", "users: [{name: other, user: {tokenFile: token}}]"),
    ]);
    let list = ["one/config", "two/config"];
    let config = load_list(root.path(), &list, &KubeconfigOverrides::default()).expect("a configuration");
    let path = |source: &Option<PemSource>| match source {
        Some(PemSource::File(path)) => path.clone(),
        other => panic!("not a file: {other:?}"),
    };
    assert_eq!(path(&config.tls.ca), root.path().join("one/ca.crt"));
    assert_eq!(path(&config.tls.client_certificate), root.path().join("one/me.crt"));
    assert_eq!(path(&config.tls.client_key), root.path().join("one/../keys/me.key"));

    let overrides = KubeconfigOverrides::default().user("other");
    let config = load_list(root.path(), &list, &overrides).expect("a configuration");
    assert_eq!(config.bearer_token_file, Some(root.path().join("two/token")));
}

#[test]
fn an_absolute_path_stays_as_it_is() {
    let config =
        load(&one("here", "server: 'https://a.example'", "tokenFile: /run/token")).expect("a configuration");
    assert_eq!(config.bearer_token_file.as_deref(), Some(Path::new("/run/token")));
}

#[test]
fn byte_order_marks_of_utf8_and_utf16_are_understood() {
    let text = one("größe", "server: 'https://a.example'", "");
    let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    let files = [
        text.clone().into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        utf16([0xff, 0xfe], u16::to_le_bytes),
        utf16([0xfe, 0xff], u16::to_be_bytes),
    ];
    for bytes in files {
        assert_eq!(load_bytes(&bytes).expect("a configuration").host, "https://a.example");
    }
    for bytes in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8", b"\x80"] {
        assert!(load_bytes(bytes).expect_err("not text").to_string().contains("not valid UTF-"));
    }
}

#[test]
fn json_and_several_documents_are_understood() {
    let json = r#"{"apiVersion":"v1","kind":"Config","current-context":"here",
        "contexts":[{"name":"here","context":{"cluster":"here"}}],
        "clusters":[{"name":"here","cluster":{"server":"https://json.example"}}],"users":null}"#;
    assert_eq!(load(json).expect("a configuration").host, "https://json.example");
    let both = format!(
        "{}---\n{}",
        one("first", "server: 'https://first.example'", ""),
        one("second", "server: 'https://second.example'", "")
    );
    assert_eq!(load(&both).expect("a configuration").host, "https://first.example");
}

#[test]
fn unknown_fields_extensions_and_preferences_are_tolerated() {
    let text = "
apiVersion: v1
kind: Config
preferences: {colors: true}
extensions: [{name: x, extension: {a: [1, 2]}}]
current-context: here
contexts: [{name: here, context: {cluster: here, new-field: 1, extensions: [{name: y, extension: {}}]}, more: 1}]
clusters: [{name: here, cluster: {server: 'https://a.example', new-field: {deep: [1]}}}]
";
    assert_eq!(load(text).expect("a configuration").host, "https://a.example");
}

#[test]
fn every_setting_of_a_cluster_arrives() {
    let cluster = "server: 'https://a.example/base', tls-server-name: b.example, disable-compression: true,
        certificate-authority-data: 'UEVN\n'";
    let config = load(&one("here", cluster, "")).expect("a configuration");
    assert_eq!(config.host, "https://a.example/base");
    assert_eq!(config.tls.server_name.as_deref(), Some("b.example"));
    assert_eq!(config.compression, Compression::Never);
    assert!(!config.tls.insecure);
    assert!(matches!(&config.tls.ca, Some(PemSource::Data(data)) if data.expose_secret() == b"PEM"));
    let config = load(&one("here", "server: 'https://a.example', insecure-skip-tls-verify: true", ""));
    let config = config.expect("a configuration");
    assert!(config.tls.insecure);
    assert_eq!(config.compression, Compression::Auto);
    let config = load(&one("here", "server: 'https://a.example', disable-compression: false", ""));
    assert_eq!(config.expect("a configuration").compression, Compression::Always, "it was said");
}

#[test]
fn overrides_replace_context_cluster_user_and_namespace() {
    let text = "
current-context: a
contexts:
- {name: a, context: {cluster: a, user: a, namespace: ns-a}}
- {name: b, context: {cluster: b, user: b}}
clusters: [{name: a, cluster: {server: 'https://a'}}, {name: b, cluster: {server: 'https://b'}}]
users: [{name: a, user: {token: token-a}}, {name: b, user: {token: token-b}}]
";
    let root = folder(&[("config", text)]);
    let seen = |overrides: KubeconfigOverrides| {
        let config = load_list(root.path(), &["config"], &overrides).expect("a configuration");
        let token = token(&config).expect("a token").to_owned();
        (config.host, token, config.default_namespace)
    };
    let want =
        |host: &str, token: &str, namespace: &str| (host.to_owned(), token.to_owned(), namespace.to_owned());
    let none = KubeconfigOverrides::default;
    assert_eq!(seen(none()), want("https://a", "token-a", "ns-a"));
    assert_eq!(seen(none().context("b")), want("https://b", "token-b", "default"));
    assert_eq!(seen(none().cluster("b")), want("https://b", "token-a", "ns-a"));
    assert_eq!(seen(none().user("b")), want("https://a", "token-b", "ns-a"));
    assert_eq!(seen(none().namespace("other")), want("https://a", "token-a", "other"));
    assert_eq!(seen(none().context("")), want("https://a", "token-a", "ns-a"));
}

#[test]
fn a_cluster_override_suffices_without_a_context() {
    let root = folder(&[("config", "clusters: [{name: a, cluster: {server: 'https://a'}}]")]);
    let overrides = KubeconfigOverrides::default().cluster("a");
    assert_eq!(load_list(root.path(), &["config"], &overrides).expect("a configuration").host, "https://a");
    let error = load_list(root.path(), &["config"], &KubeconfigOverrides::default()).expect_err("no context");
    assert!(matches!(error, ConfigError::NoContext { .. }), "{error}");
}

/// Loads a file that must be refused, and checks that the error has these parts and names the file.
fn refused(text: &str, parts: &[&str]) {
    let error = load(text).expect_err(text).to_string();
    for part in parts {
        assert!(error.contains(part), "{part:?} is missing in {error:?}");
    }
}

#[test]
fn contradictions_and_gaps_name_the_entry_and_the_key() {
    let server = "server: 'https://a.example'";
    let data = "UEVN";
    let table: &[(&str, &str, &[&str])] = &[
        (server, "token: t, username: anna", &["user \"here\"", "token", "username"]),
        (server, "tokenFile: t, username: anna", &["token", "username"]),
        (server, "password: p", &["password is set without username"]),
        (
            server,
            &format!("client-certificate: c, client-certificate-data: {data}, client-key: k"),
            &["client-certificate and client-certificate-data are both set"],
        ),
        (
            server,
            &format!("client-certificate: c, client-key: k, client-key-data: {data}"),
            &["client-key and client-key-data are both set"],
        ),
        (server, "client-certificate: c", &["client-key or client-key-data is missing"]),
        (server, "client-key: k", &["client-certificate or client-certificate-data is missing"]),
        (server, "client-certificate: c, client-key-data: '???'", &["client-key-data is not valid base64"]),
        ("tls-server-name: x", "", &["cluster \"here\"", "server is missing"]),
        ("server: 'ftp://a.example'", "", &["cluster \"here\"", "only http and https"]),
        (
            "server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: ca.crt",
            "",
            &["insecure-skip-tls-verify", "certificate-authority"],
        ),
        (
            &format!("server: 'https://a', certificate-authority: c, certificate-authority-data: {data}"),
            "",
            &["certificate-authority and certificate-authority-data are both set"],
        ),
    ];
    for (cluster, user, parts) in table {
        refused(&one("here", cluster, user), &[parts, &["/config"][..]].concat());
    }
}

#[test]
fn the_impersonated_user_is_read_with_everything_said_about_them() {
    let server = "server: 'https://a.example'";
    let user = "as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {scopes: [x, y], none: null}";
    let config = load(&one("here", server, user)).expect("a configuration");
    let mut want = Impersonation::user("jane").uid("7").group("a").group("b");
    want = want.extra("scopes", "x").extra("scopes", "y");
    want.extra.insert("none".to_owned(), Vec::new());
    assert_eq!(config.impersonate, Some(want));

    let empty = "as-groups: [], as-user-extra: {}, as: ''";
    let config = load(&one("here", server, empty)).expect("asking for nothing is allowed");
    assert_eq!(config.impersonate, None);
}

#[test]
fn a_uid_groups_or_extra_values_need_a_user_to_impersonate() {
    for user in ["as-uid: '7'", "as-groups: [admins]", "as-user-extra: {scopes: [a]}"] {
        refused(
            &one("here", "server: 'https://a.example'", user),
            &["user \"here\"", "without as", "/config"],
        );
    }
}

#[test]
fn a_plugin_is_read_with_all_that_is_said_about_it() {
    let cluster = "server: 'https://a.example', extensions: [{name: client.authentication.k8s.io/exec, \
                   extension: {audience: x}}, {name: other, extension: 7}]";
    let user = "exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/get-token, args: [hunter2], \
                env: [{name: A, value: hunter2}], installHint: try, provideClusterInfo: true, \
                interactiveMode: IfAvailable}";
    let root = folder(&[("config", &one("here", cluster, user))]);
    let config =
        load_list(root.path(), &["config"], &KubeconfigOverrides::default()).expect("a configuration");
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    let exec = config.exec.expect("a plugin");
    assert_eq!(exec.command, root.path().join("bin/get-token"), "it starts at the file's folder");
    assert_eq!((exec.api_version, exec.interactive), (ExecVersion::V1, InteractiveMode::IfAvailable));
    assert_eq!(exec.args, ["hunter2"]);
    assert_eq!((exec.env[0].0.as_str(), exec.env[0].1.expose_secret()), ("A", "hunter2"));
    assert_eq!((exec.install_hint.as_deref(), exec.provide_cluster_info), (Some("try"), true));
    assert_eq!(exec.cluster_config, Some(serde_json::json!({"audience": "x"})));

    let older = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: get-token}";
    let config = load(&one("here", "server: 'https://a.example'", older)).expect("a configuration");
    let exec = config.exec.expect("a plugin");
    assert_eq!(exec.command, Path::new("get-token"), "a bare name is looked up in PATH");
    assert_eq!((exec.api_version, exec.interactive), (ExecVersion::V1Beta1, InteractiveMode::IfAvailable));
}

#[test]
fn a_plugin_with_wrong_or_missing_keys_is_refused_by_key() {
    let v1 = "apiVersion: client.authentication.k8s.io/v1";
    for (keys, parts) in [
        ("command: a, interactiveMode: Never".to_owned(), &["exec.apiVersion is missing"][..]),
        (
            "apiVersion: client.authentication.k8s.io/v1alpha1, command: a".to_owned(),
            &["v1alpha1 is no longer supported", "update the plugin"],
        ),
        ("apiVersion: v7, command: a".to_owned(), &["exec.apiVersion \"v7\" is not known"]),
        (format!("{v1}, interactiveMode: Never"), &["exec.command is missing"]),
        (format!("{v1}, command: a"), &["exec.interactiveMode is missing"]),
        (format!("{v1}, command: a, interactiveMode: Maybe"), &["exec.interactiveMode \"Maybe\""]),
        (
            format!("{v1}, command: a, interactiveMode: Never, env: [{{name: 'A=B', value: hunter2}}]"),
            &["exec.env"],
        ),
        (
            format!("{v1}, command: a, interactiveMode: Never}}, auth-provider: {{name: oidc"),
            &["exec and auth-provider are both set"],
        ),
    ] {
        let text = one("here", "server: 'https://a.example'", &format!("exec: {{{keys}}}"));
        refused(&text, &[&["user \"here\""], parts].concat());
    }
}

#[test]
fn the_provider_oidc_is_read_with_all_that_is_said_about_it() {
    let user = "auth-provider: {name: oidc, config: {idp-issuer-url: 'https://id.example', client-id: me, \
                client-secret: hunter2, id-token: hunter3, refresh-token: hunter4, \
                idp-certificate-authority: id.crt, extra-scopes: groups}}";
    let root = folder(&[("config", &one("here", "server: 'https://a.example'", user))]);
    let config =
        load_list(root.path(), &["config"], &KubeconfigOverrides::default()).expect("a configuration");
    assert!(!format!("{config:?}").contains("hunter"), "{config:?}");
    let oidc = config.oidc.expect("a provider");
    assert_eq!((oidc.issuer_url.as_str(), oidc.client_id.as_str()), ("https://id.example", "me"));
    let shown =
        |secret: &Option<secrecy::SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
    assert_eq!(shown(&oidc.client_secret).as_deref(), Some("hunter2"));
    assert_eq!(shown(&oidc.id_token).as_deref(), Some("hunter3"));
    assert_eq!(shown(&oidc.refresh_token).as_deref(), Some("hunter4"));
    assert!(matches!(oidc.ca, Some(PemSource::File(path)) if path == root.path().join("id.crt")));
}

#[test]
fn another_or_incomplete_provider_is_refused_with_what_to_do() {
    for (provider, parts) in [
        ("name: gcp", &["gke-gcloud-auth-plugin"][..]),
        ("name: azure", &["kubelogin"]),
        ("name: other", &["\"other\" is not known"]),
        ("config: {}", &["auth-provider.name is missing"]),
        ("name: oidc", &["2 problems", "idp-issuer-url is missing", "client-id is missing"]),
    ] {
        let user = format!("auth-provider: {{{provider}}}");
        refused(&one("here", "server: 'https://a.example'", &user), &[&["user \"here\""], parts].concat());
    }
}

#[test]
fn a_proxy_url_is_taken_over_or_refused_by_name() {
    for url in ["http://anna:hunter2@p:3128", "https://p", "socks5://p:1080"] {
        let config = load(&one("here", &format!("server: 'https://a', proxy-url: '{url}'"), "")).expect(url);
        assert!(matches!(&config.proxy, crate::ProxyConfig::Url(own) if own.expose_secret() == url), "{url}");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
    for url in ["p:3128", "ftp://anna:hunter2@p", "socks5://"] {
        let text = one("here", &format!("server: 'https://a', proxy-url: '{url}'"), "");
        refused(&text, &["cluster \"here\"", "/config", "proxy-url cannot be used"]);
        assert!(!format!("{:?}", load(&text)).contains("hunter2"), "{url}");
    }
}

#[test]
fn a_missing_entry_is_an_error_that_lists_what_is_there() {
    let clusters = "clusters: [{name: a, cluster: {server: 'https://a'}}]\nusers: [{name: b, user: {}}]\n";
    let context = |fields: &str| {
        format!("current-context: here\ncontexts: [{{name: here, context: {{{fields}}}}}]\n{clusters}")
    };
    refused(
        &format!("current-context: gone\n{}", context("").replace("current-context: here\n", "")),
        &["no context \"gone\"", "current-context", "there are here"],
    );
    refused(&context("cluster: gone"), &["no cluster \"gone\"", "context \"here\"", "there are a"]);
    refused(&context("cluster: a, user: gone"), &["no user \"gone\"", "context \"here\"", "there are b"]);
    refused(&context("user: b"), &["no cluster \"\"", "context \"here\""]);
    refused(&context("").replace("current-context: here\n", ""), &["set current-context", "there are here"]);
}

#[test]
fn a_name_may_not_be_there_twice_in_one_file() {
    refused(
        "clusters: [{name: a, cluster: {}}, {name: a, cluster: {}}]",
        &["cluster \"a\"", "twice", "/config"],
    );
    refused("users: [{name: a}, {name: a}]", &["user \"a\"", "twice"]);
    refused("contexts: [{name: a}, {name: a}]", &["context \"a\"", "twice"]);
}

#[test]
fn all_problems_are_reported_together() {
    refused(
        &one("here", "tls-server-name: x", "auth-provider: {name: gcp}"),
        &["2 problems", "server is missing", "auth-provider gcp is replaced"],
    );
    let root = folder(&[("a", "clusters: 7"), ("b", "kind: Pod"), ("c", "users: [{name: a}, {name: a}]")]);
    let error = load_list(root.path(), &["a", "b", "c"], &KubeconfigOverrides::default())
        .expect_err("all are broken");
    let error = error.to_string();
    for part in ["3 problems", "/a is not a kubeconfig", "/b is not a kubeconfig", "twice"] {
        assert!(error.contains(part), "{part:?} is missing in {error:?}");
    }
}

#[test]
fn a_mistake_in_the_text_is_located_without_quoting_it() {
    let table = [
        ("users:\n- name: a\n  user: hunter2\n", "line 3"),
        ("users:\n- name: a\n  user: {token: [hunter2]}\n", "line 3"),
        ("users:\n- user: {token: hunter2}\n", "name is missing"),
        ("clusters:\n- name: a\n  cluster: {insecure-skip-tls-verify: hunter2}\n", "line 3"),
        ("users:\n- name: a\n  user: {token: hunter2, token: hunter2}\n", "twice"),
        ("users: [\n  hunter2: }", "not valid YAML"),
        ("token: 'hunter2", "line"),
        ("kind: Secret\ndata: {a: hunter2}", "apiVersion and kind"),
    ];
    for (text, part) in table {
        let error = load(text).expect_err(text);
        assert!(error.to_string().contains(part), "{part:?} is missing in {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_hostile_file_is_refused_before_it_fills_the_memory() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 8].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{aliases}]").expect("memory");
    }
    let mut copies = format!("a: &a {{name: x, user: {{token: {}}}}}\nusers:\n", "t".repeat(40_000));
    copies.push_str(&"- *a\n".repeat(5_000));
    let huge_with_aliases = format!("a: &a {}\nb: *a\n", "x".repeat(MAX_SMALL));
    let nested = "[".repeat(10_000);
    let documents = "---\n{}\n".repeat(10_000);
    for text in [laughs, copies, huge_with_aliases, nested, documents] {
        let error = load(&text).expect_err("it is hostile");
        assert!(matches!(error, ConfigError::Parse { .. }), "{error}");
    }
    let large = vec![b' '; usize::try_from(parse::MAX_BYTES).expect("it fits") + 1];
    assert!(load_bytes(&large).expect_err("it is too large").to_string().contains("larger than 16 MiB"));
}

/// More than a file may have if it uses aliases.
const MAX_SMALL: usize = 70_000;

#[test]
fn a_small_file_may_use_aliases() {
    let text = "
base: &base {server: 'https://a.example'}
current-context: here
contexts: [{name: here, context: {cluster: here}}]
clusters: [{name: here, cluster: *base}, {name: there, cluster: *base}]
";
    assert_eq!(load(text).expect("a configuration").host, "https://a.example");
}

#[test]
fn a_server_without_tls_gets_no_credentials_and_a_warning_without_them() {
    let users = ["token: hunter2", "tokenFile: hunter2", "username: anna, password: hunter2"];
    for user in users {
        let log = Log::default();
        let text = one("here", "server: 'http://a.example'", user);
        let config = tracing::subscriber::with_default(log.clone(), || load(&text)).expect("a configuration");
        assert!(config.bearer_token.is_none() && config.bearer_token_file.is_none());
        assert!(config.username.is_none() && config.password.is_none());
        let log = log.0.lock().expect("the log").clone();
        assert!(log.contains("WARN") && log.contains("here") && log.contains("http://a.example"), "{log}");
        assert!(!log.contains("hunter2"), "{log}");
    }
    let log = Log::default();
    let anonymous = one("here", "server: 'http://a.example'", "");
    tracing::subscriber::with_default(log.clone(), || load(&anonymous)).expect("a configuration");
    assert_eq!(*log.0.lock().expect("the log"), "", "there was nothing to leave out");
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("kubeset")
    }

    fn new_span(&self, _span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _span: &tracing::span::Id, _values: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _span: &tracing::span::Id, _follows: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = self.0.lock().expect("the log");
        write!(text, "{}", event.metadata().level()).expect("memory");
        event.record(&mut Writer(&mut text));
    }

    fn enter(&self, _span: &tracing::span::Id) {}

    fn exit(&self, _span: &tracing::span::Id) {}
}

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("memory");
    }
}
