//! What programs see of the merged files, and which problems are found in them.

use std::fs;

use super::super::environment::Environment;
use super::*;

const FIRST: &str = "
current-context: here
preferences: {colors: true}
extensions: [{name: tool, extension: {key: hunter2}}]
contexts:
- name: here
  context: {cluster: near, user: me, namespace: web, extensions: [{name: y, extension: 7}]}
clusters: [{name: near, cluster: {server: 'https://near.example', certificate-authority: ca.crt}}]
users: [{name: me, user: {token: hunter2, as: admin, as-groups: [ops], as-user-extra: {a: [b]}}}]
";
const SECOND: &str = "
current-context: there
contexts: [{name: there, context: {cluster: far, user: plugin}}]
clusters: [{name: near, cluster: {server: 'https://shadowed.example'}}, {name: far, cluster: {server: 'https://far.example', proxy-url: 'http://u:hunter2@p'}}]
users:
- name: plugin
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [hunter2],
      env: [{name: A, value: hunter2}], interactiveMode: Never}
- {name: old, user: {auth-provider: {name: oidc, config: {idp-issuer-url: 'https://id.example',
    client-id: me, id-token: hunter2}}}}
";

/// A folder with these two files, loaded as a list.
fn load(first: &str, second: &str) -> (tempfile::TempDir, Result<Kubeconfig, ConfigError>) {
    let root = tempfile::tempdir().expect("a folder");
    let paths = [root.path().join("first"), root.path().join("second")];
    fs::write(&paths[0], first).expect("a file");
    fs::write(&paths[1], second).expect("a file");
    let list = std::env::join_paths(paths).expect("a list");
    let environment = Environment::made_up(root.path(), &[("KUBECONFIG", list.to_str().expect("text"))]);
    let loaded = Kubeconfig::read(load::files(&environment, None));
    (root, loaded)
}

#[test]
fn every_entry_is_there_with_the_file_it_is_from() {
    let (root, kubeconfig) = load(FIRST, SECOND);
    let kubeconfig = kubeconfig.expect("a kubeconfig");
    let (first, second) = (root.path().join("first"), root.path().join("second"));
    assert_eq!(kubeconfig.files(), [first.clone(), second.clone()]);
    assert_eq!(kubeconfig.current_context(), Some("here"));
    let contexts: Vec<_> = kubeconfig.contexts().map(|(name, entry)| (name, entry.file())).collect();
    assert_eq!(contexts, [("here", first.as_path()), ("there", second.as_path())]);
    let near = kubeconfig.cluster("near").expect("a cluster");
    assert_eq!(
        (near.value().server.as_deref(), near.file()),
        (Some("https://near.example"), first.as_path())
    );
    assert_eq!(near.value().certificate_authority.as_deref(), Some("ca.crt"), "as it is written");
    assert_eq!(kubeconfig.users().map(|(name, _)| name).collect::<Vec<_>>(), ["me", "old", "plugin"]);
    assert!(kubeconfig.cluster("gone").is_none());
}

#[test]
fn extensions_preferences_and_impersonation_can_be_read() {
    let (_root, kubeconfig) = load(FIRST, SECOND);
    let kubeconfig = kubeconfig.expect("a kubeconfig");
    assert_eq!(kubeconfig.preferences().collect::<Vec<_>>(), [("colors", &serde_json::json!(true))]);
    assert_eq!(kubeconfig.extensions().get("tool"), Some(&serde_json::json!({"key": "hunter2"})));
    let here = kubeconfig.context("here").expect("a context").value();
    assert_eq!(here.extensions.iter().collect::<Vec<_>>(), [("y", &serde_json::json!(7))]);
    assert_eq!(here.namespace.as_deref(), Some("web"));
    let me = kubeconfig.user("me").expect("a user").value();
    assert_eq!(
        (me.impersonate.as_deref(), &me.impersonate_groups[..]),
        (Some("admin"), &["ops".to_owned()][..])
    );
    let exec = kubeconfig.user("plugin").expect("a user").value().exec.clone().expect("a command");
    assert_eq!((exec.command.as_deref(), exec.env[0].value.as_str()), (Some("get-token"), "hunter2"));
}

#[test]
fn debug_shows_no_secret() {
    let (_root, kubeconfig) = load(FIRST, SECOND);
    let shown = format!("{:?}", kubeconfig.expect("a kubeconfig"));
    assert!(shown.contains("https://near.example") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_configuration_can_be_made_for_each_context() {
    let first = "
current-context: a
contexts: [{name: a, context: {cluster: a}}]
clusters: [{name: a, cluster: {server: 'https://a.example'}}]
";
    let (_root, kubeconfig) = load(first, "contexts: [{name: b, context: {cluster: a, namespace: web}}]");
    let kubeconfig = kubeconfig.expect("a kubeconfig");
    let namespace = |overrides: &KubeconfigOverrides| {
        kubeconfig.config(overrides).expect("a configuration").default_namespace
    };
    assert_eq!(namespace(&KubeconfigOverrides::default()), "default");
    assert_eq!(namespace(&KubeconfigOverrides::default().context("b")), "web");
    let gone = kubeconfig.config(&KubeconfigOverrides::default().context("gone"));
    assert!(matches!(gone, Err(ConfigError::Missing { kind: "context", .. })));
}

#[test]
fn nothing_at_all_loads_and_does_not_validate() {
    let root = tempfile::tempdir().expect("a folder");
    let environment = Environment::made_up(root.path(), &[]);
    let kubeconfig = Kubeconfig::read(load::files(&environment, None)).expect("an empty kubeconfig");
    assert_eq!(kubeconfig.contexts().count(), 0);
    assert!(matches!(kubeconfig.validate(), Err(ConfigError::Empty { .. })));
}

#[test]
fn what_is_valid_validates() {
    let (_root, kubeconfig) = load(FIRST, SECOND);
    kubeconfig.expect("a kubeconfig").validate().expect("nothing is wrong");
}

#[test]
fn validation_lists_every_problem_with_its_file_and_key() {
    let first = "
current-context: gone
contexts: [{name: a, context: {cluster: none, user: nobody, namespace: Not_One}}, {name: b}]
clusters: [{name: c, cluster: {certificate-authority: x, certificate-authority-data: eA==}}]
";
    let second = "
users:
- {name: u, user: {token: t, username: n, client-key: k}}
- {name: v, user: {exec: {env: [{value: x}]}, auth-provider: {}}}
";
    let (_root, kubeconfig) = load(first, second);
    let error = kubeconfig.expect("it can be read").validate().expect_err("it is full of mistakes");
    let ConfigError::Several(problems) = error else { panic!("not several: {error}") };
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let wanted = [
        ("/first", "cluster \"c\"", "server is missing"),
        ("/first", "cluster \"c\"", "certificate-authority-data are both set"),
        ("/second", "user \"u\"", "token and username"),
        ("/second", "user \"u\"", "client-certificate or client-certificate-data is missing"),
        ("/second", "user \"v\"", "exec.command is missing"),
        ("/second", "user \"v\"", "exec.apiVersion is missing"),
        ("/second", "user \"v\"", "exec.env has a name that is empty"),
        ("/second", "user \"v\"", "exec and auth-provider"),
        ("/second", "user \"v\"", "auth-provider.name is missing"),
        ("/first", "context \"a\"", "no cluster \"none\""),
        ("/first", "context \"a\"", "no user \"nobody\""),
        ("/first", "context \"a\"", "\"Not_One\""),
        ("/first", "context \"b\"", "cluster is missing"),
        ("/first", "current-context", "no context \"gone\""),
    ];
    for (file, entry, reason) in wanted {
        let found = |problem: &&String| [file, entry, reason].iter().all(|part| problem.contains(part));
        assert!(
            problems.iter().any(|problem| found(&problem)),
            "{entry} {reason} is missing in {problems:#?}"
        );
    }
}
