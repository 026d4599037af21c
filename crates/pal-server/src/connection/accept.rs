//! New connections.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use prometheus_client::metrics::counter::Counter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::addresses::{Addresses, AnonymousLimiter, CountedConnection};
use super::progress::{ClientTimeouts, Progress};
use super::service::RequestGuard;
use super::stream::MonitoredStream;

/// Lets so many connections in at a time, and so many of one address; the next one is closed at once.
#[derive(Clone)]
pub struct ConnectionLimiter {
    places: Arc<Semaphore>,
    addresses: Arc<Addresses>,
    refused: Counter,
}

impl ConnectionLimiter {
    /// For `most` connections; further ones are counted by `refused`.
    pub fn new(most: usize, addresses: Arc<Addresses>, refused: Counter) -> Self {
        Self { places: Arc::new(Semaphore::new(most)), addresses, refused }
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for ConnectionLimiter {
    type Stream = AdmittedStream;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(AdmittedStream, S)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = self.places.clone().try_acquire_owned().ok();
        let peer = stream.peer_addr().map(|peer| peer.ip());
        let counted = peer.as_ref().ok().and_then(|peer| self.addresses.open(*peer));
        let refused = self.refused.clone();
        Box::pin(async move {
            let peer = peer?;
            let (Some(place), Some(counted)) = (place, counted) else {
                refused.inc();
                return Err(io::Error::other("too many connections"));
            };
            // Small answers must not wait for more to send.
            stream.set_nodelay(true)?;
            Ok((AdmittedStream { stream, peer, _place: place, _counted: counted }, service))
        })
    }
}

/// A connection that has a place, given back when it ends.
pub struct AdmittedStream {
    stream: TcpStream,
    peer: IpAddr,
    _place: OwnedSemaphorePermit,
    _counted: CountedConnection,
}

/// Who is at the other end of a stream.
pub trait Peer {
    /// Its address.
    fn peer(&self) -> IpAddr;
}

impl Peer for AdmittedStream {
    fn peer(&self) -> IpAddr {
        self.peer
    }
}

impl Peer for tokio_rustls::server::TlsStream<AdmittedStream> {
    fn peer(&self) -> IpAddr {
        self.get_ref().0.peer
    }
}

/// Watches over connections that are there, after the handshake if there is one.
#[derive(Clone)]
pub struct MonitoringAcceptor<A> {
    inner: A,
    timeouts: ClientTimeouts,
    addresses: Arc<Addresses>,
    anonymous: Arc<AnonymousLimiter>,
}

impl<A> MonitoringAcceptor<A> {
    /// With this acceptor.
    pub const fn new(
        inner: A,
        timeouts: ClientTimeouts,
        addresses: Arc<Addresses>,
        anonymous: Arc<AnonymousLimiter>,
    ) -> Self {
        Self { inner, timeouts, addresses, anonymous }
    }
}

impl<I, S, A> Accept<I, S> for MonitoringAcceptor<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Peer + Send,
    A::Service: Send,
{
    type Stream = MonitoredStream<A::Stream>;
    type Service = RequestGuard<A::Service>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepted = self.inner.accept(stream, service);
        let (timeouts, addresses) = (self.timeouts, self.addresses.clone());
        let anonymous = self.anonymous.clone();
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let progress = Progress::new(timeouts);
            let peer = stream.peer();
            let service =
                RequestGuard { service, peer, progress: progress.clone(), addresses, anonymous };
            Ok((MonitoredStream::new(stream, progress), service))
        })
    }
}

impl AsyncRead for AdmittedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for AdmittedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
