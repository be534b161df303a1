//! PEM text to certificates and keys, with errors that say which setting and which file is meant.

use std::fs;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretSlice};

use crate::config::{ConfigError, PemSource};

/// A setting that holds PEM text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// The field of the configuration.
    pub(super) field: &'static str,
    /// Its value.
    pub(super) source: &'a PemSource,
}

impl Setting<'_> {
    /// All certificates. Blocks of another kind are skipped.
    pub(super) fn certificates(self) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
        let pem = self.read()?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.expose_secret()).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err(self.refuse("it holds no PEM certificate")),
            Ok(certificates) => Ok(certificates),
            Err(_) => Err(self.refuse("it is not valid PEM")),
        }
    }

    /// The first private key: PKCS#8, PKCS#1 or SEC1.
    pub(super) fn key(self) -> Result<PrivateKeyDer<'static>, ConfigError> {
        PrivateKeyDer::from_pem_slice(self.read()?.expose_secret())
            .map_err(|_| self.refuse("it holds no PEM private key of the kinds PKCS#8, PKCS#1 or SEC1"))
    }

    /// An error about this setting.
    pub(super) fn refuse(self, reason: &str) -> ConfigError {
        let Self { field, source } = self;
        let field = match source {
            PemSource::File(path) => format!("{field} from {}", path.display()),
            PemSource::Data(_) => format!("{field} given as data"),
        };
        ConfigError::Tls { field, reason: reason.to_owned() }
    }

    fn read(self) -> Result<SecretSlice<u8>, ConfigError> {
        match self.source {
            PemSource::Data(data) => Ok(data.clone()),
            PemSource::File(path) => match fs::read(path) {
                Ok(bytes) => Ok(SecretSlice::from(bytes)),
                Err(cause) => Err(ConfigError::Read {
                    path: path.clone(),
                    role: format!("the file of {}", self.field),
                    cause,
                }),
            },
        }
    }
}
