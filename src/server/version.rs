//! Which version of HTTP a connection speaks, by its first bytes. Does I/O.
//!
//! hyper-util's detection passes on the two dozen bytes that it has looked at before all others: the parser makes room for
//! the rest behind them then, and holds twice the buffer as long as the connection lasts.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What a client that begins with HTTP/2 says first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// As much as most requests have, so that the parser gets them in one piece.
const FIRST: usize = 4096;

/// A version that we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

/// Waits for the first bytes, and gives them back with the stream. One that ends at once speaks HTTP/1.1.
pub(super) async fn spoken<S>(mut stream: S) -> io::Result<(Version, Begun<S>)>
where
    S: AsyncRead + Unpin,
{
    let mut begin = Vec::with_capacity(FIRST);
    let version = loop {
        let read = stream.read_buf(&mut begin).await?;
        let alike = begin.len().min(PREFACE.len());
        if read == 0 || begin[..alike] != PREFACE[..alike] {
            break Version::Http1;
        }
        if alike == PREFACE.len() {
            break Version::Http2;
        }
    };
    let begin = Bytes::from(begin);
    Ok((version, Begun { begin, stream }))
}

/// A stream from its beginning, of which something was read.
#[derive(Debug)]
pub(super) struct Begun<S> {
    begin: Bytes,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.begin.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let fits = self.begin.len().min(into.remaining());
        into.put_slice(&self.begin.split_to(fits));
        if self.begin.is_empty() {
            // It would be held by what is left of it, which is nothing.
            self.begin = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// The version of what comes in these pieces, and what is read after that.
    async fn of(pieces: &[&[u8]]) -> (Version, Vec<u8>) {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let sends = async {
            for piece in pieces {
                client.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(client);
        };
        let reads = async {
            let (version, mut stream) = spoken(server).await.unwrap();
            let mut read = Vec::new();
            stream.read_to_end(&mut read).await.unwrap();
            (version, read)
        };
        tokio::join!(reads, sends).0
    }

    #[tokio::test]
    async fn the_preface_in_any_pieces_is_http2_all_else_http1_and_no_byte_is_lost() {
        let long = [b"GET / HTTP/1.1\r\nx: ".to_vec(), vec![b'x'; 3 * FIRST]].concat();
        let more = [PREFACE, b"frames"].concat();
        let bytewise: Vec<&[u8]> = more.chunks(1).collect();
        for (pieces, version) in [
            (vec![&b"GET / HTTP/1.1\r\n\r\n"[..]], Version::Http1),
            (vec![&long[..]], Version::Http1),
            (vec![b"P", b"OST / HTTP/1.1\r\n\r\n"], Version::Http1),
            (vec![b"PRI * HTTP/1.1\r\n\r\n"], Version::Http1),
            (vec![b"PRI * HT"], Version::Http1),
            (vec![], Version::Http1),
            (vec![PREFACE], Version::Http2),
            (vec![&more[..]], Version::Http2),
            (bytewise, Version::Http2),
        ] {
            let (found, read) = of(&pieces).await;
            assert_eq!(found, version, "{pieces:?}");
            assert_eq!(read, pieces.concat());
        }
    }
}
