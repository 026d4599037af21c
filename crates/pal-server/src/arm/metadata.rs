//! What `az cloud register` and `Add-AzEnvironment` ask first: where everything is. Three shapes,
//! by `api-version`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use pal_api::Nothing;
use schemars::JsonSchema;
use serde::Serialize;

use super::version::parameter;
use crate::App;
use crate::http::{Answer, HttpError, Json};

/// `GET /metadata/endpoints`, without sign-in.
pub async fn endpoints(State(app): State<Arc<App>>, uri: Uri) -> Result<Response, HttpError> {
    let version = parameter(&uri, "api-version")?.unwrap_or_default();
    let base = &app.base;
    Ok(match version.as_str() {
        "1.0" | "2015-01-01" => Json(First {
            gallery_endpoint: format!("{base}/gallery"),
            graph_endpoint: format!("{base}/graph"),
            portal_endpoint: format!("{base}/portal"),
            authentication: FirstAuthentication {
                login_endpoint: format!("{base}/"),
                audiences: [format!("{base}/")],
            },
        })
        .respond(),
        "2019-05-01" => Json([cloud(base)]).respond(),
        "2022-09-01" => Json(cloud(base)).respond(),
        _ => return Err(unknown(&version)),
    })
}

/// The first form.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct First {
    gallery_endpoint: String,
    graph_endpoint: String,
    portal_endpoint: String,
    authentication: FirstAuthentication,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FirstAuthentication {
    login_endpoint: String,
    audiences: [String; 1],
}

/// The forms after it: alone, or in a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cloud {
    name: &'static str,
    portal: String,
    authentication: Authentication,
    resource_manager: String,
    graph: String,
    graph_audience: String,
    gallery: String,
    suffixes: Nothing,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    login_endpoint: String,
    audiences: [String; 1],
    tenant: &'static str,
    identity_provider: &'static str,
}

fn cloud(base: &str) -> Cloud {
    Cloud {
        name: "OpenPAL",
        portal: format!("{base}/portal"),
        authentication: Authentication {
            login_endpoint: base.to_owned(),
            audiences: [format!("{base}/")],
            tenant: "common",
            identity_provider: "AAD",
        },
        resource_manager: base.to_owned(),
        graph: format!("{base}/graph"),
        graph_audience: format!("{base}/graph"),
        gallery: format!("{base}/gallery"),
        suffixes: Nothing {},
    }
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
