//! Certificates, keys and tokens of one server. They are worth nothing once it has stopped.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use std::fmt::Write as _;

/// The group that may do everything.
const MASTERS: &str = "system:masters";

/// All that the server and its users prove who they are with.
#[derive(Debug)]
pub(super) struct Certificates {
    /// The certificate of the authority that signed all others, as PEM.
    pub(super) authority: String,
    /// The certificate of an authority that signed none of them, as PEM.
    pub(super) other_authority: String,
    /// The server, as 127.0.0.1 and localhost.
    pub(super) server: Identity,
    /// A user who may do everything.
    pub(super) admin: Identity,
    /// A user who may do nothing but what every user may.
    pub(super) jane: Identity,
    /// What service account tokens are signed with.
    pub(super) service_account: KeyPair,
    /// Bearer tokens of other users.
    pub(super) tokens: Tokens,
}

/// A certificate and its key, as PEM.
#[derive(Debug)]
pub(super) struct Identity {
    /// The certificate.
    pub(super) certificate: String,
    /// The private key.
    pub(super) key: String,
}

/// Bearer tokens that the server knows from a file.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Of a user who may do everything.
    pub(super) admin: String,
    /// Of a user who may do nothing but what every user may.
    pub(super) joe: String,
}

impl Certificates {
    pub(super) fn generate() -> Result<Self, Error> {
        let authority = authority("kubeset test authority")?;
        Ok(Self {
            other_authority: self::authority("kubeset other authority")?.pem(),
            server: server(&authority)?,
            admin: user(&authority, "admin", Some(MASTERS))?,
            jane: user(&authority, "jane", None)?,
            service_account: KeyPair::generate()?,
            tokens: Tokens { admin: token()?, joe: token()? },
            authority: authority.pem(),
        })
    }

    /// What is written to the server's folder: file names and contents.
    pub(super) fn files(&self) -> [(&'static str, &str); 8] {
        [
            ("ca.crt", &self.authority),
            ("apiserver.crt", &self.server.certificate),
            ("apiserver.key", &self.server.key),
            ("admin.crt", &self.admin.certificate),
            ("admin.key", &self.admin.key),
            ("admin.token", &self.tokens.admin),
            ("jane.crt", &self.jane.certificate),
            ("jane.key", &self.jane.key),
        ]
    }

    /// The two halves of the service account key: file names and contents.
    pub(super) fn service_account_files(&self) -> [(&'static str, String); 2] {
        [
            ("service-account.key", self.service_account.serialize_pem()),
            ("service-account.pub", self.service_account.public_key_pem()),
        ]
    }
}

impl Tokens {
    /// The file as `--token-auth-file` wants it: token, user, user id, groups.
    pub(super) fn csv(&self) -> String {
        format!("{},token-admin,1,\"{MASTERS}\"\n{},joe,2\n", self.admin, self.joe)
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Result<Authority, Error> {
    let mut certificate = CertificateParams::default();
    certificate.distinguished_name = named(name, None);
    certificate.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    certificate.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(certificate, KeyPair::generate()?)
}

fn server(authority: &Authority) -> Result<Identity, Error> {
    let mut certificate = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    certificate.distinguished_name = named("kube-apiserver", None);
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signed(certificate, authority)
}

/// Kubernetes takes the user's name from the common name, and the groups from the organizations.
fn user(authority: &Authority, name: &str, group: Option<&str>) -> Result<Identity, Error> {
    let mut certificate = CertificateParams::default();
    certificate.distinguished_name = named(name, group);
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    signed(certificate, authority)
}

fn signed(mut certificate: CertificateParams, authority: &Authority) -> Result<Identity, Error> {
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = certificate.signed_by(&key, authority)?;
    Ok(Identity { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn named(name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    if let Some(organization) = organization {
        names.push(DnType::OrganizationName, organization);
    }
    names
}

/// A secret that nobody can guess: the public half of a key that is thrown away.
fn token() -> Result<String, Error> {
    let key = KeyPair::generate()?;
    Ok(key.der_bytes().iter().skip(1).take(32).fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02x}");
        token
    }))
}

#[cfg(test)]
mod tests {
    use super::Certificates;

    #[test]
    fn no_two_tokens_are_the_same() {
        let tokens = Certificates::generate().unwrap().tokens;
        assert_eq!((tokens.admin.len(), tokens.joe.len()), (64, 64));
        assert_ne!(tokens.admin, tokens.joe);
    }
}
