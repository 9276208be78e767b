//! Connections: by TCP, with TLS where the address asks for it, or through the cluster to a Pod. Does I/O.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tower::Service;

use super::base::Base;
use super::error::Error;
use crate::cli::tunnel::Tunnel;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes connections.
#[derive(Clone)]
pub(in crate::cli) enum Connector {
    /// To the address.
    Direct(HttpsConnector<HttpConnector>),
    /// To a Pod, with TLS inside if that is what it speaks; the address is only a name then.
    Tunnel(Box<Tunnel>, Option<Checked>),
}

/// TLS with a server that has to be called so.
#[derive(Clone)]
pub(in crate::cli) struct Checked {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Connector {
    /// To an address; an https one must have a certificate of the system's authorities, or of those in a file.
    ///
    /// # Errors
    ///
    /// If the authorities cannot be read.
    pub(in crate::cli) fn direct(base: &Base, authorities: Option<&Path>) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        // The system's authorities are many; they are only read where one of them is asked.
        let tls = if authorities.is_none() && !base.is_https() {
            let none = RootCertStore::empty();
            let tls = ClientConfig::builder().with_root_certificates(none);
            tls.with_no_client_auth()
        } else {
            trusting(authorities)?
        };
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self::Direct(https))
    }

    /// To a Pod in the clear, inside the API server's encryption.
    pub(in crate::cli) fn tunnel(tunnel: Tunnel) -> Self {
        Self::Tunnel(Box::new(tunnel), None)
    }

    /// To a Pod that speaks TLS: its certificate must be for this name, and be of the system's authorities or of those in
    /// a file.
    ///
    /// # Errors
    ///
    /// If the authorities cannot be read, or the name is none.
    pub(in crate::cli) fn encrypted_tunnel(
        tunnel: Tunnel,
        name: &str,
        authorities: Option<&Path>,
    ) -> Result<Self, Error> {
        let given = ServerName::try_from(name.to_owned()).map_err(|error| Error::Credentials {
            what: format!("--tls-server-name {name}"),
            problem: error.to_string(),
        })?;
        let connector = TlsConnector::from(Arc::new(trusting(authorities)?));
        let checked = Checked {
            connector,
            name: given,
        };
        Ok(Self::Tunnel(Box::new(tunnel), Some(checked)))
    }
}

/// Trusts the authorities of a file, or those of the system.
fn trusting(authorities: Option<&Path>) -> Result<ClientConfig, Error> {
    let tls = ClientConfig::builder();
    let tls = match authorities {
        Some(path) => tls.with_root_certificates(roots(path)?),
        None => tls
            .with_native_roots()
            .map_err(|error| Error::Credentials {
                what: "the system's certificate authorities".into(),
                problem: error.to_string(),
            })?,
    };
    Ok(tls.with_no_client_auth())
}

fn roots(path: &Path) -> Result<RootCertStore, Error> {
    let wrong = |problem: String| Error::Credentials {
        what: format!("--certificate-authority {}", path.display()),
        problem,
    };
    let mut roots = RootCertStore::empty();
    for found in CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))? {
        let found = found.map_err(|error| wrong(error.to_string()))?;
        roots.add(found).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("it has no certificate".into()));
    }
    Ok(roots)
}

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Link, Failure>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        match self {
            Self::Direct(direct) => direct.poll_ready(cx),
            Self::Tunnel(..) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        match self {
            Self::Direct(direct) => {
                let opening = direct.call(address);
                async move { Ok(Link(Box::new(opening.await?))) }.boxed()
            }
            Self::Tunnel(tunnel, checked) => {
                let (tunnel, checked) = (tunnel.clone(), checked.clone());
                async move {
                    let stream = tunnel.open().await?;
                    Ok(match checked {
                        None => Link(Box::new(TokioIo::new(stream))),
                        Some(Checked { connector, name }) => {
                            let stream = connector.connect(name, stream).await?;
                            Link(Box::new(TokioIo::new(stream)))
                        }
                    })
                }
                .boxed()
            }
        }
    }
}

trait Stream: Read + Write + Unpin + Send {}

impl<S: Read + Write + Unpin + Send> Stream for S {}

/// A connection.
pub(in crate::cli) struct Link(Box<dyn Stream>);

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
