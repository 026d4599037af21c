//! What `az cloud register` and `Add-AzEnvironment` ask first: where everything is. Three shapes,
//! by `api-version`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::version::parameter;
use crate::App;
use crate::http::{HttpError, JSON};

/// `GET /metadata/endpoints`, without sign-in.
pub async fn endpoints(State(app): State<Arc<App>>, uri: Uri) -> Result<Response, HttpError> {
    let version = parameter(&uri, "api-version")?.unwrap_or_default();
    let base = &app.base;
    let body = match version.as_str() {
        "1.0" | "2015-01-01" => json!({
            "galleryEndpoint": format!("{base}/gallery"),
            "graphEndpoint": format!("{base}/graph"),
            "portalEndpoint": format!("{base}/portal"),
            "authentication": {
                "loginEndpoint": format!("{base}/"),
                "audiences": [format!("{base}/")],
            },
        }),
        "2019-05-01" => Value::Array(vec![cloud(base)]),
        "2022-09-01" => cloud(base),
        _ => return Err(unknown(&version)),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    Ok(response)
}

fn cloud(base: &str) -> Value {
    json!({
        "name": "OpenPAL",
        "portal": format!("{base}/portal"),
        "authentication": {
            "loginEndpoint": base,
            "audiences": [format!("{base}/")],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": base,
        "graph": format!("{base}/graph"),
        "graphAudience": format!("{base}/graph"),
        "gallery": format!("{base}/gallery"),
        "suffixes": {},
    })
}

fn unknown(version: &str) -> HttpError {
    let known = "Use 2022-09-01, 2019-05-01, 2015-01-01 or 1.0";
    if version.is_empty() {
        let message = format!("The query parameter api-version is missing. {known}.");
        return HttpError::new(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message);
    }
    let version: String = version.chars().take(40).collect();
    let message = format!("The api-version '{version}' is not known here. {known}.");
    HttpError::new(StatusCode::BAD_REQUEST, "InvalidApiVersionParameter", message)
}
