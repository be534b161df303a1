//! A user entry: the credentials, of one kind only.

use super::super::{Config, ConfigError, Impersonation};
use super::entry::Entry;
use super::exec;
use super::load::Located;
use super::model::User;

/// Puts the user's credentials into `config`.
pub(super) fn apply(name: &str, user: &Located<User>, config: &mut Config) -> Result<(), Vec<ConfigError>> {
    let mut entry = Entry::new("user", name, &user.file);
    let user = &user.value;
    refuse_what_is_not_there_yet(&mut entry, user);
    if user.username.is_none() && user.password.is_some() {
        entry.invalid("password is set without username");
    }
    if user.username.is_some() && (user.token.is_some() || user.token_file.is_some()) {
        entry.invalid("token and username are both set: only one way to log in is allowed");
    }
    config.bearer_token = user.token.clone();
    config.bearer_token_file = user.token_file.as_deref().map(|path| entry.path(path));
    config.username = user.username.clone();
    config.password = user.password.clone();
    if user.exec.is_some() && user.auth_provider.is_some() {
        entry.invalid("exec and auth-provider are both set: only one way to log in is allowed");
    }
    config.exec = user.exec.as_ref().and_then(|settings| exec::exec(&mut entry, settings));
    apply_identity(&mut entry, user, config);
    config.impersonate = impersonation(&mut entry, user);
    entry.finish(())
}

/// Whether the entry holds anything that would be sent to prove who is calling.
pub(super) fn has_credentials(user: &User) -> bool {
    user.token.is_some()
        || user.token_file.is_some()
        || user.username.is_some()
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some()
        || user.exec.is_some()
        || user.impersonate.is_some()
}

fn apply_identity(entry: &mut Entry<'_>, user: &User, config: &mut Config) {
    let certificate = (user.client_certificate.as_deref(), user.client_certificate_data.as_ref());
    let key = (user.client_key.as_deref(), user.client_key_data.as_ref());
    let has_certificate = certificate.0.is_some() || certificate.1.is_some();
    let has_key = key.0.is_some() || key.1.is_some();
    config.tls.client_certificate = entry.pem("client-certificate", certificate.0, certificate.1);
    config.tls.client_key = entry.pem("client-key", key.0, key.1);
    match (has_certificate, has_key) {
        (true, false) => entry.invalid("client-key or client-key-data is missing for the client certificate"),
        (false, true) => {
            entry.invalid("client-certificate or client-certificate-data is missing for the client key")
        }
        _ => {}
    }
}

fn refuse_what_is_not_there_yet(entry: &mut Entry<'_>, user: &User) {
    if let Some(provider) = &user.auth_provider {
        let name = provider.name.as_deref().unwrap_or_default();
        entry.unsupported("auth-provider", Some(format!("name {name:?}")));
    }
}

/// Whom the entry acts as.
fn impersonation(entry: &mut Entry<'_>, user: &User) -> Option<Impersonation> {
    let extra = user.impersonate_extra.iter().flatten();
    let impersonation = Impersonation {
        user: user.impersonate.clone().unwrap_or_default(),
        uid: user.impersonate_uid.clone(),
        groups: user.impersonate_groups.clone().unwrap_or_default(),
        extra: extra.map(|(key, values)| (key.clone(), values.clone().unwrap_or_default())).collect(),
    };
    if !impersonation.is_complete() {
        entry.invalid("as-uid, as-groups or as-user-extra is set without as: say whom to act as");
    }
    (!impersonation.is_empty()).then_some(impersonation)
}
