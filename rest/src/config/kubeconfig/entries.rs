//! The entries of a kubeconfig as programs see them: every key that client-go knows, typed.
//!
//! Paths are as the file has them: relative ones start at the file's folder. No token, key or password, and
//! nothing that may hold one, is shown by `Debug`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::model::{secret, text};

/// An entry of a kubeconfig, and the file that it is from.
#[derive(Clone, Debug)]
pub struct KubeconfigEntry<T> {
    value: T,
    file: PathBuf,
}

impl<T> KubeconfigEntry<T> {
    pub(super) fn new(value: T, file: PathBuf) -> Self {
        Self { value, file }
    }

    /// What the entry says.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The file that has the entry, where a change of it goes.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// Where a cluster is and how to trust it.
///
/// ```
/// use kubeset_rest::KubeconfigCluster;
///
/// let mut cluster = KubeconfigCluster::default();
/// cluster.server = Some("https://cluster.example:6443".to_owned());
/// cluster.certificate_authority = Some("ca.crt".to_owned());
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct KubeconfigCluster {
    /// The address of the API server.
    #[serde(deserialize_with = "text")]
    pub server: Option<String>,
    /// The name to find in the server's certificate, if it is not the address's.
    #[serde(deserialize_with = "text")]
    pub tls_server_name: Option<String>,
    /// Trusts any certificate.
    #[serde(deserialize_with = "nullable")]
    pub insecure_skip_tls_verify: bool,
    /// The path of the CA certificates to trust.
    #[serde(deserialize_with = "text")]
    pub certificate_authority: Option<String>,
    /// The CA certificates to trust: PEM, in base64.
    #[serde(deserialize_with = "secret")]
    pub certificate_authority_data: Option<SecretString>,
    /// The proxy to reach the server through. It may hold a password.
    #[serde(deserialize_with = "secret")]
    pub proxy_url: Option<SecretString>,
    /// Does not ask the server for compressed answers.
    #[serde(deserialize_with = "nullable")]
    pub disable_compression: bool,
    /// What other programs keep here. A change leaves it as it is.
    #[serde(deserialize_with = "nullable")]
    pub extensions: KubeconfigExtensions,
}

/// A cluster and a user that belong together, and the namespace to work in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct KubeconfigContext {
    /// The name of the cluster.
    #[serde(deserialize_with = "text")]
    pub cluster: Option<String>,
    /// The name of the user.
    #[serde(deserialize_with = "text")]
    pub user: Option<String>,
    /// The namespace to use where none is named.
    #[serde(deserialize_with = "text")]
    pub namespace: Option<String>,
    /// What other programs keep here. A change leaves it as it is.
    #[serde(deserialize_with = "nullable")]
    pub extensions: KubeconfigExtensions,
}

/// Who is calling, and how that is proved.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct KubeconfigUser {
    /// The path of the client certificate.
    #[serde(deserialize_with = "text")]
    pub client_certificate: Option<String>,
    /// The client certificate: PEM, in base64.
    #[serde(deserialize_with = "secret")]
    pub client_certificate_data: Option<SecretString>,
    /// The path of the key of the client certificate.
    #[serde(deserialize_with = "text")]
    pub client_key: Option<String>,
    /// The key of the client certificate: PEM, in base64.
    #[serde(deserialize_with = "secret")]
    pub client_key_data: Option<SecretString>,
    /// A bearer token.
    #[serde(deserialize_with = "secret")]
    pub token: Option<SecretString>,
    /// The path of a file with a bearer token, which wins over [`token`](Self::token).
    #[serde(rename = "tokenFile", deserialize_with = "text")]
    pub token_file: Option<String>,
    /// The name for basic authentication.
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    /// The password for basic authentication.
    #[serde(deserialize_with = "secret")]
    pub password: Option<SecretString>,
    /// The user to act as (the key `as`).
    #[serde(rename = "as", deserialize_with = "text")]
    pub impersonate: Option<String>,
    /// The uid to act with (the key `as-uid`).
    #[serde(rename = "as-uid", deserialize_with = "text")]
    pub impersonate_uid: Option<String>,
    /// The groups to act with (the key `as-groups`).
    #[serde(rename = "as-groups", deserialize_with = "nullable")]
    pub impersonate_groups: Vec<String>,
    /// More about the user to act as (the key `as-user-extra`).
    #[serde(rename = "as-user-extra", deserialize_with = "nullable")]
    pub impersonate_extra: BTreeMap<String, Vec<String>>,
    /// The built-in plugin that the credentials come from.
    pub auth_provider: Option<KubeconfigAuthProvider>,
    /// The command that the credentials come from.
    pub exec: Option<KubeconfigExec>,
    /// What other programs keep here. A change leaves it as it is.
    #[serde(deserialize_with = "nullable")]
    pub extensions: KubeconfigExtensions,
}

/// The built-in plugin that a user's credentials come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct KubeconfigAuthProvider {
    /// Which plugin: `oidc`.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Its settings, tokens among them.
    #[serde(deserialize_with = "secrets")]
    pub config: BTreeMap<String, SecretString>,
}

/// The command that a user's credentials come from.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct KubeconfigExec {
    /// The version of the protocol, such as `client.authentication.k8s.io/v1`.
    #[serde(deserialize_with = "text")]
    pub api_version: Option<String>,
    /// The command; a path if it has a separator in it.
    #[serde(deserialize_with = "text")]
    pub command: Option<String>,
    /// The arguments.
    #[serde(deserialize_with = "nullable")]
    pub args: Vec<String>,
    /// Variables for the command, beside those of this process.
    #[serde(deserialize_with = "nullable")]
    pub env: Vec<KubeconfigExecEnv>,
    /// What to tell people who do not have the command.
    #[serde(deserialize_with = "text")]
    pub install_hint: Option<String>,
    /// Tells the command about the cluster.
    #[serde(deserialize_with = "nullable")]
    pub provide_cluster_info: bool,
    /// Whether the command may use standard input: `Never`, `IfAvailable` or `Always`.
    #[serde(deserialize_with = "text")]
    pub interactive_mode: Option<String>,
}

/// Arguments and variables are left out: they may hold secrets.
impl fmt::Debug for KubeconfigExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubeconfigExec")
            .field("api_version", &self.api_version)
            .field("command", &self.command)
            .field("install_hint", &self.install_hint)
            .field("provide_cluster_info", &self.provide_cluster_info)
            .field("interactive_mode", &self.interactive_mode)
            .finish_non_exhaustive()
    }
}

/// A variable for the command of a [`KubeconfigExec`].
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct KubeconfigExecEnv {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "nullable")]
    pub value: String,
}

impl KubeconfigExecEnv {
    /// The variable `name` with this value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl fmt::Debug for KubeconfigExecEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubeconfigExecEnv").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What other programs keep in a kubeconfig, by name. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq)]
pub struct KubeconfigExtensions(BTreeMap<String, Value>);

impl KubeconfigExtensions {
    /// The extension `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The extensions, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Adds those whose names are new.
    pub(super) fn add(&mut self, later: Self) {
        for (name, value) in later.0 {
            self.0.entry(name).or_insert(value);
        }
    }
}

impl fmt::Debug for KubeconfigExtensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Kubeconfigs have a list of `name` and `extension`. Of two with one name the first counts.
impl<'de> Deserialize<'de> for KubeconfigExtensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
            #[serde(default)]
            extension: Value,
        }

        let mut extensions = Self::default();
        for Named { name, extension } in Vec::<Named>::deserialize(deserializer)? {
            extensions.0.entry(name).or_insert(extension);
        }
        Ok(extensions)
    }
}

/// One document, as far as it is not in the merged model.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Document {
    #[serde(deserialize_with = "text")]
    pub(super) current_context: Option<String>,
    pub(super) clusters: Option<Vec<NamedCluster>>,
    pub(super) contexts: Option<Vec<NamedContext>>,
    pub(super) users: Option<Vec<NamedUser>>,
    pub(super) preferences: Option<BTreeMap<String, Value>>,
    #[serde(deserialize_with = "nullable")]
    pub(super) extensions: KubeconfigExtensions,
}

/// An entry of the list `clusters`.
#[derive(Debug, Deserialize)]
pub(super) struct NamedCluster {
    pub(super) name: String,
    #[serde(default)]
    pub(super) cluster: Option<KubeconfigCluster>,
}

/// An entry of the list `contexts`.
#[derive(Debug, Deserialize)]
pub(super) struct NamedContext {
    pub(super) name: String,
    #[serde(default)]
    pub(super) context: Option<KubeconfigContext>,
}

/// An entry of the list `users`.
#[derive(Debug, Deserialize)]
pub(super) struct NamedUser {
    pub(super) name: String,
    #[serde(default)]
    pub(super) user: Option<KubeconfigUser>,
}

fn nullable<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let texts = nullable::<BTreeMap<String, String>, D>(deserializer)?;
    Ok(texts.into_iter().map(|(key, value)| (key, value.into())).collect())
}
