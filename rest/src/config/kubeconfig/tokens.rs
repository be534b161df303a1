//! Renewed tokens of the auth provider `oidc`, written to the file that the old ones came from.

use std::path::PathBuf;

use secrecy::SecretString;

use super::super::TokenSink;
use super::Kubeconfig;
use crate::error::BoxError;

/// The user entry that holds the tokens.
#[derive(Debug)]
pub(super) struct TokensInFile {
    pub(super) file: PathBuf,
    pub(super) user: String,
}

impl TokenSink for TokensInFile {
    fn save(&self, id_token: &SecretString, refresh_token: &SecretString) -> Result<(), BoxError> {
        let gone = || format!("{} has no user {:?} with an auth-provider", self.file.display(), self.user);
        let kubeconfig = Kubeconfig::load(Some(&self.file))?;
        let mut user = kubeconfig.user(&self.user).ok_or_else(gone)?.value().clone();
        let settings = &mut user.auth_provider.as_mut().ok_or_else(gone)?.config;
        settings.insert("id-token".to_owned(), id_token.clone());
        settings.insert("refresh-token".to_owned(), refresh_token.clone());
        kubeconfig.edit().set_user(&self.user, &user).apply()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::{Config, KubeconfigOverrides};

    const TEXT: &str = "
current-context: here
contexts: [{name: here, context: {cluster: here, user: jane}}]
clusters: [{name: here, cluster: {server: 'https://a.example'}}]
users:
- name: jane
  user:
    as: joan
    auth-provider:
      name: oidc
      config: {idp-issuer-url: 'https://id.example', client-id: me, id-token: a, refresh-token: b, extra-scopes: c}
- {name: other, user: {token: t}}
";

    #[test]
    fn renewed_tokens_go_where_the_old_ones_were_and_the_rest_stays() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        fs::write(&path, TEXT).expect("a file");
        let load = || Config::from_kubeconfig(Some(&path), &KubeconfigOverrides::default());
        let oidc = load().expect("a configuration").oidc.expect("a provider");
        oidc.token_sink.expect("a sink").save(&"new-id".into(), &"new-refresh".into()).expect("it is saved");

        let config = load().expect("a configuration");
        assert_eq!(config.impersonate.expect("somebody").user, "joan");
        let oidc = config.oidc.expect("a provider");
        assert_eq!(oidc.id_token.expect("a token").expose_secret(), "new-id");
        assert_eq!(oidc.refresh_token.expect("a token").expose_secret(), "new-refresh");
        let text = fs::read_to_string(&path).expect("the file");
        for kept in ["extra-scopes", "https://id.example", "other"] {
            assert!(text.contains(kept), "{kept} is missing in {text}");
        }
    }

    #[test]
    fn a_user_who_is_gone_is_not_made_again() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("config");
        fs::write(&path, TEXT).expect("a file");
        let sink = TokensInFile { file: path.clone(), user: "gone".to_owned() };
        let error = sink.save(&"hunter2".into(), &"hunter2".into()).expect_err("nobody").to_string();
        assert!(error.contains("no user \"gone\"") && !error.contains("hunter2"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), TEXT);
    }
}
