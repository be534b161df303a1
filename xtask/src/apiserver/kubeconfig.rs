//! The kubeconfig of a server: one context for each way to prove who one is.
//!
//! | context | what it uses |
//! | --- | --- |
//! | `admin` (current) | client certificate and authority as data; may do everything |
//! | `admin-files` | the same as files, named relative to the kubeconfig |
//! | `token` | the bearer token of a user who may do everything |
//! | `token-file` | the same token as a file |
//! | `jane` | client certificate of a user who may do nothing but what every user may |
//! | `joe` | the bearer token of such a user |
//! | `wrong-ca` | as `admin`, but trusts an authority that did not sign the server's certificate |

use super::certificates::{Certificates, Identity};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What the kubeconfig is made from.
#[derive(Debug)]
pub(super) struct Contexts<'a> {
    /// The server's port on the loopback address.
    pub(super) port: u16,
    /// The credentials.
    pub(super) certificates: &'a Certificates,
}

impl Contexts<'_> {
    /// The file's text: JSON, which is YAML too.
    pub(super) fn kubeconfig(&self) -> String {
        let certificates = self.certificates;
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "admin",
            "clusters": [
                self.cluster("kubeset", "certificate-authority-data", &data(&certificates.authority)),
                self.cluster("kubeset-files", "certificate-authority", "ca.crt"),
                self.cluster("wrong-ca", "certificate-authority-data", &data(&certificates.other_authority)),
            ],
            "users": [
                certificate_user("admin", &certificates.admin),
                { "name": "admin-files", "user": { "client-certificate": "admin.crt", "client-key": "admin.key" } },
                { "name": "token", "user": { "token": certificates.tokens.admin } },
                { "name": "token-file", "user": { "tokenFile": "admin.token" } },
                certificate_user("jane", &certificates.jane),
                { "name": "joe", "user": { "token": certificates.tokens.joe } },
            ],
            "contexts": [
                context("admin", "kubeset", "admin"),
                context("admin-files", "kubeset-files", "admin-files"),
                context("token", "kubeset", "token"),
                context("token-file", "kubeset", "token-file"),
                context("jane", "kubeset", "jane"),
                context("joe", "kubeset", "joe"),
                context("wrong-ca", "wrong-ca", "admin"),
            ],
        });
        format!("{kubeconfig:#}\n")
    }

    fn cluster(&self, name: &str, authority_key: &str, authority: &str) -> Value {
        let server = format!("https://127.0.0.1:{}", self.port);
        json!({ "name": name, "cluster": { "server": server, authority_key: authority } })
    }
}

fn certificate_user(name: &str, identity: &Identity) -> Value {
    let (certificate, key) = (data(&identity.certificate), data(&identity.key));
    json!({ "name": name, "user": { "client-certificate-data": certificate, "client-key-data": key } })
}

fn context(name: &str, cluster: &str, user: &str) -> Value {
    json!({ "name": name, "context": { "cluster": cluster, "user": user, "namespace": "default" } })
}

fn data(pem: &str) -> String {
    STANDARD.encode(pem)
}
