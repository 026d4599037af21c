//! Ids, headers, measurements and the log line of every request.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant as Monotonic};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::HttpError;
use super::time;
use crate::App;

/// The id of a request, in the answer, the log and the audit log.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// ARM answers within a minute or not at all.
const LONGEST: Duration = Duration::from_mins(1);

/// The outermost layer.
pub async fn envelope(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Monotonic::now();
    let id = app.guid();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = known(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("none", MatchedPath::as_str);
    let echo = echoed(request.headers());
    let mut response = match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "GatewayTimeout",
            "The request took longer than a minute and was given up. Whether a change was made is \
             not known: read before you repeat it.",
        )
        .into_response(),
    };
    add_headers(&app, &id, echo, response.headers_mut());
    let status = response.status();
    let took = started.elapsed();
    app.metrics.request(method, route, class(status), took);
    let duration_ms = took.as_secs_f64() * 1_000.0;
    if status.is_server_error() {
        tracing::warn!(request_id = %id, method, route, status = status.as_u16(), duration_ms, "request failed");
    } else {
        tracing::info!(request_id = %id, method, route, status = status.as_u16(), duration_ms, "request");
    }
    response
}

/// The methods there are. Anybody can make up others, and each would be a series of its own in the
/// metrics, with whatever somebody wrote there (T66).
fn known(method: &Method) -> &'static str {
    let all = ["GET", "PUT", "PATCH", "DELETE", "POST", "HEAD", "OPTIONS"];
    all.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

const fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// The client's own id, given back where it asks for that. It is not unique and means nothing.
fn echoed(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get("x-ms-return-client-request-id")?;
    let wanted = wanted.as_bytes().eq_ignore_ascii_case(b"true");
    let id = headers.get("x-ms-client-request-id").filter(|id| wanted && id.len() <= 128)?;
    // What is not plain ASCII could be a control character to a terminal.
    id.to_str().is_ok().then(|| id.clone())
}

fn add_headers(app: &App, id: &str, echo: Option<HeaderValue>, headers: &mut HeaderMap) {
    let routing = format!("LOCAL:{}:{id}", time::compact(app.now()));
    let own = HeaderValue::from_str(id);
    if let (Ok(id), Ok(routing)) = (own, HeaderValue::from_str(&routing)) {
        headers.insert("request-id", id.clone());
        headers.insert("x-ms-request-id", id.clone());
        headers.insert("x-ms-correlation-request-id", id);
        headers.insert("x-ms-routing-request-id", routing);
    }
    if let Some(echo) = echo {
        headers.insert("x-ms-client-request-id", echo);
    }
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // The same address answers every caller differently: nothing may be kept by anybody (T24).
    default(header::CACHE_CONTROL, "no-cache, no-store");
    default(header::PRAGMA, "no-cache");
    default(header::EXPIRES, "-1");
    default(header::VARY, "Accept-Encoding, Authorization");
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    // On this machine's own name it would break every other thing that is served there by http.
    if !app.loopback {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}

/// The answer to a request whose handler panicked. The text of the panic stays in the log.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    HttpError::internal().into_response()
}
