//! What changes do to the files, and what they leave alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::super::environment::Environment;
use super::super::load;
use super::super::{KubeconfigExec, KubeconfigExecEnv};
use super::*;

/// A folder with these files, which are the list, and the kubeconfig that they make.
fn load(files: &[(&str, &str)]) -> (tempfile::TempDir, Kubeconfig) {
    let root = tempfile::tempdir().expect("a folder");
    for (name, text) in files.iter().filter(|(_, text)| *text != ABSENT) {
        fs::write(root.path().join(name), text).expect("a file");
    }
    let paths = files.iter().map(|(name, _)| root.path().join(name));
    let list = std::env::join_paths(paths).expect("a list");
    let environment = Environment::made_up(root.path(), &[("KUBECONFIG", list.to_str().expect("text"))]);
    let kubeconfig = Kubeconfig::read(load::files(&environment, None)).expect("a kubeconfig");
    (root, kubeconfig)
}

/// Stands for a file of the list that does not exist.
const ABSENT: &str = "absent";

fn text(root: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(root.path().join(name)).expect("the file")
}

fn cluster(server: &str) -> KubeconfigCluster {
    KubeconfigCluster { server: Some(server.to_owned()), ..KubeconfigCluster::default() }
}

/// As kubectl and minikube write it, and with what neither knows.
const FULL: &str = "apiVersion: v1
clusters:
- cluster:
    certificate-authority: ca.crt
    extensions:
    - extension:
        last-update: Mon, 02 Jan 2006 15:04:05 MST
        version: v1.35.0
      name: cluster_info
    server: https://10.0.0.1:8443
    new-field: 0123
  name: minikube
contexts:
- context:
    cluster: minikube
    user: minikube
  name: minikube
current-context: minikube
kind: Config
preferences:
  colors: true
extensions:
- extension:
    a:
    - 1e3
    - yes
    - null
  name: tool
users:
- name: minikube
  user:
    client-certificate: client.crt
    client-key: client.key
future:
  deep:
  - x: 1
";

#[test]
fn a_change_keeps_everything_that_it_is_not_about() {
    let (root, kubeconfig) = load(&[("config", FULL)]);
    kubeconfig.edit().set_namespace("minikube", "web").apply().expect("a change");
    let context = "    cluster: minikube\n    user: minikube\n";
    let wanted = FULL.replace(context, &format!("{context}    namespace: web\n"));
    assert_eq!(text(&root, "config"), wanted);
    kubeconfig.edit().set_namespace("minikube", "").apply().expect("a change");
    assert_eq!(text(&root, "config"), FULL);
}

#[test]
fn replacing_an_entry_keeps_its_extensions_and_unknown_keys() {
    let (root, kubeconfig) = load(&[("config", FULL)]);
    let mut new = cluster("https://new.example");
    new.insecure_skip_tls_verify = true;
    let changed = kubeconfig.edit().set_cluster("minikube", &new).apply().expect("a change");
    let text = text(&root, "config");
    assert!(text.contains("new-field: 0123") && text.contains("name: cluster_info"), "{text}");
    assert!(!text.contains("certificate-authority"), "{text}");
    let entry = changed.cluster("minikube").expect("the cluster").value();
    assert_eq!(entry.server.as_deref(), Some("https://new.example"));
    assert!(entry.insecure_skip_tls_verify && entry.extensions.get("cluster_info").is_some());
}

#[test]
fn a_change_without_effect_does_not_touch_the_file() {
    let commented = format!("# mine\n{FULL}");
    let (root, kubeconfig) = load(&[("config", &commented)]);
    kubeconfig.edit().set_current_context("minikube").apply().expect("no change");
    assert_eq!(text(&root, "config"), commented);
    assert_eq!(fs::read_dir(root.path()).expect("the folder").count(), 1, "nothing was locked");
}

const A: &str = "contexts: [{name: a, context: {cluster: far, user: u}}]\n";
const B: &str = "
current-context: a
clusters: [{name: far, cluster: {server: 'https://far.example'}}]
contexts: [{name: b, context: {cluster: far, user: u}}]
users: [{name: u, user: {token: t}}]
";

#[test]
fn each_change_goes_to_the_file_that_has_the_entry() {
    let (root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let changed =
        kubeconfig.edit().set_current_context("b").set_cluster("far", &cluster("https://x")).apply();
    let changed = changed.expect("a change");
    assert_eq!(text(&root, "a"), A);
    assert_eq!(changed.current_context(), Some("b"));
    assert!(changed.cluster("far").expect("the cluster").file().ends_with("b"));
}

#[test]
fn what_is_new_goes_to_the_first_file_that_exists_else_to_the_last() {
    let (root, kubeconfig) = load(&[("absent", ABSENT), ("a", A), ("b", B)]);
    let changed = kubeconfig.edit().set_cluster("new", &cluster("https://x")).apply().expect("a change");
    assert!(changed.cluster("new").expect("the cluster").file().ends_with("a"));
    assert!(!root.path().join("absent").exists());

    let (root, kubeconfig) = load(&[("one", ABSENT), ("folder/two", ABSENT)]);
    let edit = kubeconfig.edit().set_cluster("new", &cluster("https://x"));
    edit.set_context("new", &KubeconfigContext::default())
        .set_current_context("new")
        .apply()
        .expect("a change");
    assert!(!root.path().join("one").exists());
    let wanted = "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://x\n  name: new
contexts:\n- context: {}\n  name: new\ncurrent-context: new\n";
    assert_eq!(text(&root, "folder/two"), wanted);
}

#[test]
fn without_a_list_the_file_in_the_home_folder_is_made() {
    let root = tempfile::tempdir().expect("a folder");
    let environment = Environment::made_up(root.path(), &[]);
    let kubeconfig = Kubeconfig::read(load::files(&environment, None)).expect("an empty kubeconfig");
    let changed = kubeconfig.edit().set_cluster("new", &cluster("https://x")).apply().expect("a change");
    assert_eq!(changed.cluster("new").expect("the cluster").file(), root.path().join(".kube/config"));
}

#[test]
fn a_file_that_is_given_is_made_if_it_may_be_missing() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path().join("config");
    assert!(matches!(Kubeconfig::load(Some(&path)), Err(crate::ConfigError::Read { .. })));
    let kubeconfig = Kubeconfig::load_or_empty(&path).expect("an empty kubeconfig");
    kubeconfig.edit().set_cluster("new", &cluster("https://x")).apply().expect("a change");
    assert!(Kubeconfig::load(Some(&path)).expect("a kubeconfig").cluster("new").is_some());
}

#[test]
fn if_one_file_cannot_be_read_any_more_no_other_is_changed() {
    let (root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let rename = kubeconfig.edit().rename_cluster("far", "near");
    fs::remove_file(root.path().join("b")).expect("the file");
    fs::create_dir(root.path().join("b")).expect("a folder");
    assert!(matches!(rename.apply(), Err(KubeconfigEditError::Read(_))));
    assert_eq!(text(&root, "a"), A);
    assert_eq!(fs::read_dir(root.path()).expect("the folder").count(), 2);
}

#[test]
fn renaming_a_context_moves_the_current_one() {
    let (root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let changed = kubeconfig.edit().rename_context("a", "z").apply().expect("a change");
    assert_eq!(changed.current_context(), Some("z"));
    assert!(text(&root, "a").contains("name: z") && text(&root, "b").contains("current-context: z"));
}

#[test]
fn renaming_a_cluster_or_user_moves_the_contexts_of_all_files() {
    let (_root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let edit = kubeconfig.edit().rename_cluster("far", "near").rename_user("u", "v");
    let changed = edit.apply().expect("a change");
    for name in ["a", "b"] {
        let context = changed.context(name).expect("the context").value();
        assert_eq!((context.cluster.as_deref(), context.user.as_deref()), (Some("near"), Some("v")));
    }
    changed.validate().expect("nothing leads nowhere");
}

#[test]
fn removing_takes_the_entry_and_nothing_else() {
    let (_root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let edit = kubeconfig.edit().remove_context("a").remove_cluster("far").remove_user("u");
    let changed = edit.apply().expect("a change");
    assert_eq!(changed.contexts().map(|(name, _)| name).collect::<Vec<_>>(), ["b"]);
    assert_eq!((changed.clusters().count(), changed.users().count()), (0, 0));
    assert_eq!(changed.current_context(), Some("a"), "nobody is moved to another cluster");
}

#[test]
fn a_change_that_cannot_be_made_changes_nothing() {
    let (root, kubeconfig) = load(&[("a", A), ("b", B)]);
    let edit = || kubeconfig.edit().set_namespace("a", "x");
    let table: [(KubeconfigEdit, &str); 6] = [
        (edit().remove_user("gone"), "no user \"gone\" to change; there are u"),
        (edit().set_current_context("gone"), "no context \"gone\" to change; there are a, b"),
        (edit().rename_context("gone", "x"), "no context \"gone\""),
        (edit().rename_context("a", "b"), "there is a context \"b\" already, in"),
        (edit().set_user("", &KubeconfigUser::default()), "the name of a user must not be empty"),
        (edit().set_namespace("gone", "x"), "no context \"gone\""),
    ];
    for (edit, part) in table {
        let error = edit.apply().expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!((text(&root, "a").as_str(), text(&root, "b").as_str()), (A, B));
}

#[test]
fn a_user_of_every_kind_can_be_read_again() {
    let (root, kubeconfig) = load(&[("config", ABSENT)]);
    let mut user = KubeconfigUser { token: Some("to: ken\n".into()), ..KubeconfigUser::default() };
    user.impersonate = Some("yes".to_owned());
    user.impersonate_groups = vec!["a b".to_owned()];
    user.impersonate_extra = [("scopes".to_owned(), vec!["1".to_owned()])].into();
    let mut exec = KubeconfigExec { command: Some("get-token".to_owned()), ..KubeconfigExec::default() };
    exec.args = vec!["--flag".to_owned(), "0123".to_owned(), String::new()];
    exec.env = vec![KubeconfigExecEnv::new("A", "true")];
    user.exec = Some(exec);
    let changed = kubeconfig.edit().set_user("me", &user).apply().expect("a change");
    let read = changed.user("me").expect("the user").value();
    assert_eq!(fields::user(read).len(), fields::user(&user).len());
    assert!(fields::user(read) == fields::user(&user), "{}", text(&root, "config"));
    assert!(!format!("{:?}", kubeconfig.edit().set_user("me", &user)).contains("ken"));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let aliases = "clusters: [{name: a, cluster: &a {server: x}}, {name: b, cluster: *a}]";
    let (root, kubeconfig) = load(&[("config", aliases)]);
    let error = kubeconfig.edit().remove_cluster("a").apply().expect_err("it has aliases").to_string();
    assert!(error.contains("/config cannot be changed: it has YAML aliases"), "{error}");
    assert_eq!(text(&root, "config"), aliases);
}

#[test]
fn concurrent_writers_lose_nothing() {
    const WRITERS: usize = 8;
    const CHANGES: usize = 10;
    let (_root, kubeconfig) = load(&[("config", FULL), ("other", A)]);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let kubeconfig = &kubeconfig;
            scope.spawn(move || {
                for change in 0..CHANGES {
                    let name = format!("c-{writer}-{change}");
                    let edit = kubeconfig.edit().set_cluster(name, &cluster("https://x"));
                    edit.set_namespace("a", format!("n-{writer}")).apply().expect("a change");
                }
            });
        }
    });
    let changed = Kubeconfig::read(kubeconfig.edit().files).expect("a kubeconfig");
    assert_eq!(changed.clusters().count(), 1 + WRITERS * CHANGES);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("the file").permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let (root, kubeconfig) = load(&[("new/config", ABSENT)]);
    kubeconfig.edit().set_cluster("a", &cluster("https://x")).apply().expect("a change");
    let path = root.path().join("new/config");
    assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o755));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("its mode");
    kubeconfig.edit().remove_cluster("a").apply().expect("a change");
    assert_eq!(mode(&path), 0o640);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one() {
    let (root, _) = load(&[("real", FULL)]);
    fs::create_dir(root.path().join("links")).expect("a folder");
    let link: PathBuf = root.path().join("links/config");
    std::os::unix::fs::symlink("../real", &link).expect("a link");
    let environment = Environment::made_up(root.path(), &[]);
    let kubeconfig = Kubeconfig::read(load::files(&environment, Some(&link))).expect("a kubeconfig");
    kubeconfig.edit().set_namespace("minikube", "web").apply().expect("a change");
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert!(text(&root, "real").contains("namespace: web"));
}
