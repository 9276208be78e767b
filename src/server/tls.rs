//! TLS: the certificate, which is read again when it changes. Does I/O.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::reload;

/// Why a certificate is not used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// They are not what they should be.
    #[error("the certificate {certificate} with the key {key} cannot be used: {problem}")]
    Unusable {
        /// Where the certificate is.
        certificate: String,
        /// Where its key is.
        key: String,
        /// Why.
        problem: String,
    },
}

/// The certificate that is shown; open connections keep theirs.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}

/// Encrypts connections; cheap to clone.
#[derive(Clone)]
pub struct Tls(pub(super) TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate, with the chain to its authority behind it, and its key, both PEM; and what keeps them as the
    /// files are, to be run until the server stops.
    ///
    /// # Errors
    ///
    /// If they cannot be used now.
    pub fn read(
        certificate: &Path,
        key: &Path,
        stopping: CancellationToken,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), Error> {
        let paths = vec![certificate.to_owned(), key.to_owned()];
        let first = reload::read_all(&paths).map_err(Error::Unreadable)?;
        let current = Arc::new(Current(RwLock::new(certified(&paths, &first)?)));
        let provider = Arc::new(ring::default_provider());
        let unusable = |error: rustls::Error| unusable(&paths, error.to_string());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let files = paths.clone();
        let follow = reload::follow(paths, first, stopping, move |read| {
            let read = certified(&files, read).map_err(|error| error.to_string())?;
            *current.0.write() = read;
            Ok(())
        });
        Ok((Self(TlsAcceptor::from(Arc::new(config))), follow))
    }
}

/// A certificate and its key, which belong together.
fn certified(paths: &[PathBuf], read: &[Vec<u8>]) -> Result<Arc<CertifiedKey>, Error> {
    let problem = |problem: String| unusable(paths, problem);
    let [certificate, key] = read else {
        return Err(problem("there are not two files".into()));
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(|error| problem(format!("the certificate: {error}")))?;
    if chain.is_empty() {
        return Err(problem("there is no certificate in it".into()));
    }
    let key =
        PrivateKeyDer::from_pem_slice(key).map_err(|error| problem(format!("the key: {error}")))?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| problem(error.to_string()))?;
    Ok(Arc::new(certified))
}

fn unusable(paths: &[PathBuf], problem: String) -> Error {
    let shown = |at: usize| paths.get(at).map(|path| path.display().to_string());
    Error::Unusable {
        certificate: shown(0).unwrap_or_default(),
        key: shown(1).unwrap_or_default(),
        problem,
    }
}
