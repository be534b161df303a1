//! The `auth-provider` key of a user entry: OpenID Connect, or advice on what replaces the others.

use super::super::OidcConfig;
use super::entry::Entry;
use super::model::AuthProvider;

/// The provider that the entry asks for, or nothing if it cannot be used, which the entry then notes.
pub(super) fn oidc(entry: &mut Entry<'_>, provider: &AuthProvider) -> Option<OidcConfig> {
    match provider.name.as_deref() {
        Some("oidc") => configured(entry, provider),
        Some("gcp") => {
            entry.invalid(
                "auth-provider gcp is replaced by the plugin gke-gcloud-auth-plugin: install it, and run \
                 gcloud container clusters get-credentials",
            );
            None
        }
        Some("azure") => {
            entry.invalid(
                "auth-provider azure is replaced by the plugin kubelogin: install it from \
                 https://github.com/Azure/kubelogin, and run kubelogin convert-kubeconfig",
            );
            None
        }
        Some(other) => {
            entry.invalid(format!("auth-provider {other:?} is not known: use oidc, or a plugin with exec"));
            None
        }
        None => {
            entry.invalid("auth-provider.name is missing");
            None
        }
    }
}

fn configured(entry: &mut Entry<'_>, provider: &AuthProvider) -> Option<OidcConfig> {
    let settings = provider.config.as_ref();
    let issuer = settings.and_then(|settings| settings.issuer_url.as_deref());
    let client = settings.and_then(|settings| settings.client_id.as_deref());
    for (key, value) in [("idp-issuer-url", issuer), ("client-id", client)] {
        if value.is_none() {
            entry.invalid(format!("auth-provider.config.{key} is missing"));
        }
    }
    let settings = settings?;
    let mut config = OidcConfig::new(issuer?, client?);
    config.client_secret = settings.client_secret.clone();
    config.id_token = settings.id_token.clone();
    config.refresh_token = settings.refresh_token.clone();
    let (path, data) = (settings.ca.as_deref(), settings.ca_data.as_ref());
    config.ca = entry.pem("idp-certificate-authority", path, data);
    Some(config)
}
