//! Bodies of requests that have none to speak of: read to the end, within bounds, and forgotten; and
//! those that are kept.
//!
//! Azure's clients send nothing, or nothing with a JSON content type, or `{"partnerId":…}`; none
//! of it selects or changes anything (T22, T28).

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};

use super::error::HttpError;
use crate::limits::Bounds;

/// Reads the body away before the handler runs.
pub async fn drain(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(error) = read(&parts.headers, body, bounds, |_| ()).await {
        // What is left of the body would be taken for the next request.
        return error.header(header::CONNECTION, "close").into_response();
    }
    next.run(Request::from_parts(parts, Body::empty())).await
}

/// The whole body.
///
/// # Errors
/// It is too large, too slow, or breaks off. The connection is closed then.
pub async fn collect(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
) -> Result<Vec<u8>, HttpError> {
    let mut whole = Vec::new();
    let done = read(headers, body, bounds, |bytes| whole.extend_from_slice(bytes)).await;
    done.map_err(|error| error.header(header::CONNECTION, "close"))?;
    Ok(whole)
}

async fn read(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
    mut each: impl FnMut(&[u8]),
) -> Result<(), HttpError> {
    use axum::body::HttpBody;
    if body.is_end_stream() {
        return Ok(());
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if announced.and_then(|v| v.parse::<usize>().ok()).is_some_and(|length| length > bounds.bytes) {
        return Err(HttpError::too_large(bounds.bytes));
    }
    let mut body = Limited::new(body, bounds.bytes);
    let all = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    HttpError::too_large(bounds.bytes)
                } else {
                    HttpError::bad_request("The request body ended before it was complete.")
                }
            })?;
            if let Some(bytes) = frame.data_ref() {
                each(bytes);
            }
        }
        Ok(())
    };
    tokio::time::timeout(bounds.time, all).await.unwrap_or_else(|_| {
        let seconds = bounds.time.as_secs();
        let message = format!("The request body did not arrive within {seconds} seconds.");
        Err(HttpError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message))
    })
}

/// The object that a body is; without a body an empty one.
///
/// # Errors
/// It is no object of JSON; or as [`collect`].
pub async fn object(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
) -> Result<Map<String, Value>, HttpError> {
    let bytes = collect(headers, body, bounds).await?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let json = kind.is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    });
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) if json => Ok(fields),
        _ => Err(HttpError::bad_request("The body must be a JSON object, application/json.")),
    }
}
