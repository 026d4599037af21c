//! The requests of a connection.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tower::Service;

use super::addresses::{Addresses, AnonymousLimiter};
use super::progress::{ActiveRequest, Progress};
use crate::http::HttpError;

/// Pieces in which an answer is handed over: what lies ready for a client that takes nothing is one for
/// each of its streams.
const PIECE: usize = 8 << 10;

/// Looks at each request before the service does, and at its answer until it is handed over.
#[derive(Clone)]
pub struct RequestGuard<S> {
    pub service: S,
    pub peer: IpAddr,
    pub progress: Arc<Progress>,
    pub addresses: Arc<Addresses>,
    pub anonymous: Arc<AnonymousLimiter>,
}

type Answering<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S, B> Service<Request<B>> for RequestGuard<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answering<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let under_way = self.progress.begin();
        let refused = self.refused(&request, under_way.is_ambiguous);
        let is_last = request.version() < Version::HTTP_2
            && request.headers().contains_key(header::TRANSFER_ENCODING);
        // The service that was asked whether it is ready is the one that is called.
        let again = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, again);
        let progress = self.progress.clone();
        Box::pin(async move {
            let response = match refused {
                Some(error) => error.into_response(),
                None => {
                    progress.until_taken().await;
                    service.call(request).await?
                }
            };
            let mut response = response.map(|body| Body::new(MonitoredBody::new(body, under_way)));
            if is_last {
                // Where chunks end is where readers differ: nothing behind them is taken for a request.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok(response)
        })
    }
}

impl<S> RequestGuard<S> {
    fn refused<B>(&self, request: &Request<B>, is_ambiguous: bool) -> Option<HttpError> {
        let headers = request.headers();
        let wrong = if let Some(message) = host_is_wrong(request) {
            message
        } else if is_ambiguous {
            "The request has both a Content-Length and a Transfer-Encoding header. Send one of them."
        } else {
            let address = self.addresses.client(self.peer, headers);
            return self.anonymous.take(address, headers).err().map(HttpError::anonymous);
        };
        let error = HttpError::new(StatusCode::BAD_REQUEST, "BadRequest", wrong);
        Some(error.header(header::CONNECTION, "close"))
    }
}

/// A request names one host (RFC 9112, 3.2): a proxy before this service may have looked at another one
/// than whatever comes after it.
fn host_is_wrong<B>(request: &Request<B>) -> Option<&'static str> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let named = hosts + usize::from(request.uri().authority().is_some());
    match hosts {
        2.. => Some("The request has more than one Host header. Send one."),
        _ if named == 0 && request.version() > Version::HTTP_10 => {
            Some("The request has no Host header. Send one.")
        }
        _ => None,
    }
}

/// An answer that is handed over piece by piece, with an eye on whether they are taken.
struct MonitoredBody {
    body: Body,
    /// Data that is ready.
    rest: Bytes,
    trailers: Option<HeaderMap>,
    under_way: ActiveRequest,
}

impl MonitoredBody {
    fn new(body: Body, mut under_way: ActiveRequest) -> Self {
        under_way.holds(body.size_hint().exact().unwrap_or(0));
        if !body.is_end_stream() {
            // A client without a window does not even ask for the first piece.
            under_way.offers(0);
        }
        Self { body, rest: Bytes::new(), trailers: None, under_way }
    }
}

impl http_body::Body for MonitoredBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let own = &mut *self;
        own.under_way.taken();
        while own.rest.is_empty() {
            if let Some(trailers) = own.trailers.take() {
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            let Some(frame) = ready!(Pin::new(&mut own.body).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            match frame?.into_data() {
                Ok(data) => own.rest = data,
                Err(frame) => own.trailers = frame.into_trailers().ok(),
            }
        }
        let piece = own.rest.split_to(own.rest.len().min(PIECE));
        own.under_way.offers(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.trailers.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let ready = self.rest.len() as u64;
        let lower = hint.lower() + ready;
        match hint.upper() {
            Some(upper) => {
                hint.set_upper(upper + ready);
                hint.set_lower(lower);
            }
            None => hint.set_lower(lower),
        }
        hint
    }
}
