//! TLS with an authority of the server's own, and certificates that it signs.

use super::{CredentialError, Peer};
use crate::user::User;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName as Issuer, RootCertStore, ServerConfig, SignatureScheme,
};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tokio_rustls::server::TlsStream;

/// How long a client may take to agree on the keys.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A user's certificate, and the key that goes with it. Made by
/// [`TestServer::certificate_for`](crate::TestServer::certificate_for).
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientCertificate {
    /// The certificate, as PEM.
    pub certificate: String,
    /// The private key, as PEM.
    pub key: String,
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ClientCertificate");
        shown.field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// What a server needs for TLS.
pub(crate) struct Tls {
    authority: CertifiedIssuer<'static, KeyPair>,
    acceptor: TlsAcceptor,
    verifier: Arc<dyn ClientCertVerifier>,
    /// The users of the certificates that the authority has signed, by their fingerprints.
    users: RwLock<HashMap<String, User>>,
}

impl Tls {
    /// Makes an authority and what it signs.
    ///
    /// # Errors
    ///
    /// If the system has no randomness.
    pub(crate) fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let authority = authority()?;
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params.distinguished_name = named("kube-apiserver", None);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (certificate, key) = signed(params, &authority)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone())?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let verifier = verifier.allow_unauthenticated().build()?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(Believing(verifier.clone())))
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            authority,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            verifier,
            users: RwLock::default(),
        })
    }

    /// The authority's certificate, as PEM.
    pub(crate) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// A certificate of a user.
    ///
    /// As Kubernetes has it, the name is the common name, and the groups are organizations. A certificate made here
    /// shows one organization at most, but the server knows them all.
    pub(crate) fn certificate_for(&self, user: User) -> Result<ClientCertificate, CredentialError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&user.name, user.groups.first().map(String::as_str));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let signed = signed(params, &self.authority);
        let failed = |source| CredentialError { user: user.name.clone(), source };
        let (certificate, key) = signed.map_err(|error| failed(error.into()))?;
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        users.insert(fingerprint(certificate.der()), user);
        Ok(ClientCertificate { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    /// Agrees with a client on keys, and finds out whose certificate it has. None if it does not come to that.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<(TlsStream<TcpStream>, Peer)> {
        let stream = tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await.ok()?.ok()?;
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let peer = match certificates.split_first() {
            None => Peer::Unknown,
            Some((certificate, others)) => self.peer(certificate, others),
        };
        Some((stream, peer))
    }

    fn peer(&self, certificate: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Peer {
        if self.verifier.verify_client_cert(certificate, others, UnixTime::now()).is_err() {
            return Peer::Doubtful;
        }
        let fingerprint = fingerprint(certificate);
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        let Some(mut user) = users.get(&fingerprint).cloned() else { return Peer::Doubtful };
        let id = format!("X509SHA256={fingerprint}");
        user.extra.push(("authentication.kubernetes.io/credential-id".into(), vec![id]));
        Peer::Known(user)
    }
}

/// What tells certificates apart.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    Sha256::digest(certificate).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("kubeset-testserver", None);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn signed(
    mut params: CertificateParams,
    authority: &CertifiedIssuer<'static, KeyPair>,
) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, authority)?, key))
}

fn named(name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    if let Some(organization) = organization {
        names.push(DnType::OrganizationName, organization);
    }
    names.push(DnType::CommonName, name);
    names
}

/// Lets every certificate pass the handshake, as kube-apiserver does: whose it is, is asked later, and a request with a
/// doubtful one may have a token.
#[derive(Debug)]
struct Believing(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Believing {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[Issuer] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
