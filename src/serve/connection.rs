//! A TCP connection that stays gone once its client has gone.
//!
//! The HTTP library reports a client that went away in the middle of an answer. The framework's server then polls the
//! connection once more, and from there on nobody reads it: a query without rows to write would run to its end for
//! nobody. Here flushing fails from the moment on that the end was read, so that the second poll ends, too.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// See the module.
pub struct Connection {
    stream: TcpStream,
    gone: bool,
}

impl Connection {
    /// A connection whose client is there.
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, gone: false }
    }

    fn check(&self) -> io::Result<()> {
        if self.gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (room, before) = (buffer.remaining(), buffer.filled().len());
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        let ended = room > 0 && buffer.filled().len() == before;
        self.gone |= ended || read.is_err();
        Poll::Ready(read)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn nothing_can_be_flushed_to_a_client_that_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut connection = Connection::new(listener.accept().await.unwrap().0);
        client.write_all(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(connection.read(&mut buffer).await.unwrap(), 5);
        connection.write_all(b"there").await.unwrap();
        connection.flush().await.unwrap();
        drop(client);
        while connection.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
        assert_eq!(connection.flush().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert!(connection.write(b"x").await.is_err());
    }
}
