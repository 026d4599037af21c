//! A connection of which a fuzzer writes the bytes: the same watch, parser and limits as behind a socket, with a
//! service that keeps what it is asked.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::config::Settings;
use crate::connection::{
    Addresses, AnonymousLimiter, ClientTimeouts, MonitoredStream, Progress, RequestGuard,
};
use crate::serve::bound;

/// What came of a connection.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// The requests that the service was given, in their order: method, address, and the length of the body.
    pub requests: Vec<String>,
    /// What was written back.
    pub answers: Vec<u8>,
}

/// Sends bytes in pieces of this size, then nothing more, and reads to the end. In a runtime whose time is paused,
/// this takes no time.
///
/// # Panics
/// The connection does not end.
pub async fn exchange(bytes: &[u8], size: usize) -> Exchanged {
    let (mut client, server) = duplex(1 << 20);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let asked = seen.clone();
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let asked = asked.clone();
        async move {
            let (head, body) = request.into_parts();
            let host = head.headers.get_all(header::HOST).iter().count();
            let length = body.collect().await.map(|body| body.to_bytes().len()).ok();
            let line = format!("{} {} {host} {length:?}", head.method, head.uri);
            asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            Ok::<_, Infallible>(Response::new(Body::from("read\n")))
        }
    });
    let timeouts =
        ClientTimeouts { request: Duration::from_secs(2), piece: Duration::from_secs(2) };
    let progress = Progress::new(timeouts);
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let guarded = RequestGuard {
        service,
        peer,
        progress: progress.clone(),
        addresses: Addresses::new(8, vec![peer]),
        anonymous: AnonymousLimiter::new(NonZeroU32::MAX),
    };
    let mut builder = Builder::new(TokioExecutor::new());
    bound(&mut builder, &Settings::default().http);
    let stream = TokioIo::new(MonitoredStream::new(server, progress));
    let serving = builder.serve_connection(stream, TowerToHyperService::new(guarded));
    let talking = async {
        for piece in bytes.chunks(size) {
            // Whoever is refused is not read from any more.
            if client.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        // What was sent is answered; a client that stops sending at once may lose what it has sent last.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let _ = client.shutdown().await;
        let mut answers = Vec::new();
        let _ = client.read_to_end(&mut answers).await;
        answers
    };
    let both = async { tokio::join!(serving, talking) };
    let (_, answers) = tokio::time::timeout(Duration::from_secs(5), both)
        .await
        .unwrap_or_else(|_| panic!("the connection does not end"));
    let requests = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    Exchanged { requests, answers }
}
