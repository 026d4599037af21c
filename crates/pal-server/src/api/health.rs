//! Whether the service lives, and whether it can do its work.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::App;
use crate::http::{HttpError, json};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> Response {
    json(br#"{"status":"ok"}"#.to_vec())
}

/// `GET /readyz`: writes can be expected to succeed.
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Response, HttpError> {
    match app.store.ready().await {
        Ok(()) => Ok(json(br#"{"status":"ready"}"#.to_vec())),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(HttpError::unavailable("The store cannot take writes now; the log says why."))
        }
    }
}
