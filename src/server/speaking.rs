//! The two versions of HTTP that are spoken, and how much of the other side each bears. Does I/O.

use std::pin::Pin;
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::Answering;
use super::version::Version;

/// Bytes of a request's line and headers.
pub(super) const HEADERS: u32 = 16 * 1024;
/// Bytes that are held for a connection whose other side reads slowly.
const BUFFER: usize = 256 * 1024;
/// How often the other side of an HTTP/2 connection is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// Requests at a time on one HTTP/2 connection.
const ABREAST: u32 = 128;

/// What makes connections speak.
#[derive(Debug)]
pub(super) struct Speech {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

/// A connection that is spoken on, on the heap: of either version, as large as it is, and once.
pub(super) type Speaking = Pin<Box<dyn Spoken>>;

/// A connection that is spoken on, which can be brought to an end.
pub(super) trait Spoken: Future<Output = Result<(), hyper::Error>> + Send {
    /// Ends it after what is asked now.
    fn finish(self: Pin<&mut Self>);
}

impl Speech {
    pub(super) fn new() -> Self {
        let mut http1 = http1::Builder::new();
        // How long headers may take is seen to for both versions, and before it is known which it is.
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(BUFFER);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(HEADERS)
            .max_concurrent_streams(ABREAST)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { http1, http2 }
    }

    pub(super) fn begin<S>(&self, version: Version, stream: S, answering: Answering) -> Speaking
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = TokioIo::new(stream);
        match version {
            Version::Http1 => Box::pin(
                self.http1
                    .serve_connection(stream, answering)
                    .with_upgrades(),
            ),
            Version::Http2 => Box::pin(self.http2.serve_connection(stream, answering)),
        }
    }
}

impl<I> Spoken for http1::UpgradeableConnection<I, Answering>
where
    I: Read + Write + Unpin + Send + 'static,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I> Spoken for http2::Connection<I, Answering, TokioExecutor>
where
    I: Read + Write + Unpin + Send + 'static,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
