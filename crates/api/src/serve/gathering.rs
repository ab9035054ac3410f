//! A socket whose short writes leave together.
//!
//! The protocol flushes after each answer. A caller who has several requests under way on one connection gets several
//! answers in one turn of its task; sending each of them by itself costs more than making it. So an answer leaves when the turn
//! ends in which it was made, and no handler may block its turn for longer than a caller can wait.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that wait at most; longer writes leave at once, behind what waits.
const WAITING: usize = 16 << 10;

/// The socket as the protocol sees it. Clones are the same socket.
#[derive(Clone)]
pub struct Gathering(Arc<Mutex<Inner>>);

struct Inner {
    socket: TcpStream,
    waiting: BytesMut,
    /// Why what waited could not leave, for whoever writes next.
    failed: Option<io::Error>,
}

impl Gathering {
    pub fn new(socket: TcpStream) -> Self {
        Self(Arc::new(Mutex::new(Inner { socket, waiting: BytesMut::new(), failed: None })))
    }

    /// Runs what serves this socket. After each of its turns, what it wrote leaves: nothing waits while nobody works.
    pub async fn turns<T>(&self, serving: impl Future<Output = T>) -> T {
        let mut serving = pin!(serving);
        poll_fn(|cx| {
            let ended = serving.as_mut().poll(cx);
            self.lock().leave(cx);
            ended
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics between two steps that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn leave(&mut self, cx: &mut Context<'_>) {
        if let Poll::Ready(Err(error)) = self.poll_leave(cx) {
            self.failed = Some(error);
            // Whoever serves has said that it waits for something else.
            cx.waker().wake_by_ref();
        }
    }

    fn poll_leave(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, &self.waiting))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.advance(written);
        }
        // What was sent of it is not needed again: the room is.
        self.waiting.clear();
        Poll::Ready(Ok(()))
    }

    fn sound(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
}

impl AsyncRead for Gathering {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lock().socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Gathering {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut inner = self.lock();
        inner.sound()?;
        let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if inner.waiting.len() + length > WAITING {
            ready!(inner.poll_leave(cx))?;
        }
        if length > WAITING {
            return Pin::new(&mut inner.socket).poll_write_vectored(cx, pieces);
        }
        pieces.iter().for_each(|piece| inner.waiting.extend_from_slice(piece));
        Poll::Ready(Ok(length))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Nothing: the turn's end does it.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.lock().sound())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut inner = self.lock();
        ready!(inner.poll_leave(cx))?;
        Pin::new(&mut inner.socket).poll_shutdown(cx)
    }
}
