//! Entries to YAML: every key that is known, with nothing where the entry says nothing.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::super::entries::{
    KubeconfigAuthProvider, KubeconfigCluster, KubeconfigContext, KubeconfigExec, KubeconfigUser,
};
use super::change::Fields;
use super::yaml::Node;

pub(super) fn cluster(cluster: &KubeconfigCluster) -> Fields {
    vec![
        ("certificate-authority", text(cluster.certificate_authority.as_ref())),
        ("certificate-authority-data", secret(cluster.certificate_authority_data.as_ref())),
        ("disable-compression", flag(cluster.disable_compression)),
        ("insecure-skip-tls-verify", flag(cluster.insecure_skip_tls_verify)),
        ("proxy-url", secret(cluster.proxy_url.as_ref())),
        ("server", text(cluster.server.as_ref())),
        ("tls-server-name", text(cluster.tls_server_name.as_ref())),
    ]
}

pub(super) fn context(context: &KubeconfigContext) -> Fields {
    vec![
        ("cluster", text(context.cluster.as_ref())),
        ("namespace", text(context.namespace.as_ref())),
        ("user", text(context.user.as_ref())),
    ]
}

pub(super) fn user(user: &KubeconfigUser) -> Fields {
    let extra = user.impersonate_extra.iter().map(|(key, values)| (key, list(values))).collect();
    vec![
        ("as", text(user.impersonate.as_ref())),
        ("as-groups", filled(list(&user.impersonate_groups))),
        ("as-uid", text(user.impersonate_uid.as_ref())),
        ("as-user-extra", filled(map(extra))),
        ("auth-provider", user.auth_provider.as_ref().map(auth_provider)),
        ("client-certificate", text(user.client_certificate.as_ref())),
        ("client-certificate-data", secret(user.client_certificate_data.as_ref())),
        ("client-key", text(user.client_key.as_ref())),
        ("client-key-data", secret(user.client_key_data.as_ref())),
        ("exec", user.exec.as_ref().map(exec)),
        ("password", secret(user.password.as_ref())),
        ("token", secret(user.token.as_ref())),
        ("tokenFile", text(user.token_file.as_ref())),
        ("username", text(user.username.as_ref())),
    ]
}

fn auth_provider(provider: &KubeconfigAuthProvider) -> Node {
    let config =
        provider.config.iter().map(|(key, value)| (key, Node::text(value.expose_secret()))).collect();
    present(vec![("config", filled(map(config))), ("name", text(provider.name.as_ref()))])
}

fn exec(exec: &KubeconfigExec) -> Node {
    let variables = exec.env.iter().map(|variable| {
        Node::map([("name", Node::text(&variable.name)), ("value", Node::text(&variable.value))])
    });
    present(vec![
        ("apiVersion", text(exec.api_version.as_ref())),
        ("args", filled(list(&exec.args))),
        ("command", text(exec.command.as_ref())),
        ("env", filled(Node::List(variables.collect()))),
        ("installHint", text(exec.install_hint.as_ref())),
        ("interactiveMode", text(exec.interactive_mode.as_ref())),
        ("provideClusterInfo", flag(exec.provide_cluster_info)),
    ])
}

/// Only the keys that are there.
fn present(fields: Fields) -> Node {
    Node::map(fields.into_iter().filter_map(|(key, value)| Some((key, value?))))
}

/// An empty text is the same as none, for every reader.
fn text(text: Option<&String>) -> Option<Node> {
    text.filter(|text| !text.is_empty()).map(Node::text)
}

fn secret(secret: Option<&SecretString>) -> Option<Node> {
    secret.map(ExposeSecret::expose_secret).filter(|text| !text.is_empty()).map(Node::text)
}

fn flag(set: bool) -> Option<Node> {
    set.then(|| Node::Plain("true".to_owned()))
}

fn list(texts: &[String]) -> Node {
    Node::List(texts.iter().map(Node::text).collect())
}

fn map(entries: BTreeMap<&String, Node>) -> Node {
    Node::Map(entries.into_iter().map(|(key, value)| (Node::text(key), value)).collect())
}

fn filled(node: Node) -> Option<Node> {
    let empty = matches!(&node, Node::List(items) if items.is_empty())
        || matches!(&node, Node::Map(entries) if entries.is_empty());
    (!empty).then_some(node)
}
