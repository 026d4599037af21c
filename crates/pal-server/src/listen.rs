//! Connections: counted, so that a flood is turned away before it costs a handshake (T62).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// Lets so many connections in at a time; the next one is closed at once.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// For `most` connections.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Gate {
    type Stream = Holding<TcpStream, OwnedSemaphorePermit>;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, S)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = self.0.clone().try_acquire_owned();
        Box::pin(async move {
            let Ok(place) = place else {
                metrics::counter!("openpal_connections_refused_total").increment(1);
                return Err(io::Error::other("too many connections"));
            };
            // Small answers must not wait for more to send.
            stream.set_nodelay(true)?;
            Ok((Holding { stream, held: place }, service))
        })
    }
}

/// Closes a connection that says nothing at first. The limit on heads begins with their first
/// byte, so it alone would let silence go on for ever.
#[derive(Clone)]
pub struct Patience<A> {
    inner: A,
    longest: Duration,
}

impl<A> Patience<A> {
    /// With this acceptor, for so long.
    pub const fn new(inner: A, longest: Duration) -> Self {
        Self { inner, longest }
    }
}

impl<I, S, A> Accept<I, S> for Patience<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Send,
    A::Service: Send,
{
    type Stream = Holding<A::Stream, Until>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, A::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepted, longest) = (self.inner.accept(stream, service), self.longest);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            Ok((Holding { stream, held: Some(Box::pin(sleep(longest))) }, service))
        })
    }
}

/// A connection with something that it holds as long as it is open.
pub struct Holding<S, T> {
    stream: S,
    held: T,
}

/// A place, given back when the connection ends.
impl<S: AsyncRead + Unpin> AsyncRead for Holding<S, OwnedSemaphorePermit> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// The end of patience, until the first byte has come.
type Until = Option<Pin<Box<Sleep>>>;

impl<S: AsyncRead + Unpin> AsyncRead for Holding<S, Until> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.held = None;
        } else if let Some(until) = &mut self.held
            && until.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin, T: Unpin> AsyncWrite for Holding<S, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
