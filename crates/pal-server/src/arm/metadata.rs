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
use crate::authority::{Authority, AuthorityKind};
use crate::http::{Answer, HttpError, Json};

/// `GET /metadata/endpoints`, without sign-in.
pub async fn endpoints(State(app): State<Arc<App>>, uri: Uri) -> Result<Response, HttpError> {
    let version = parameter(&uri, "api-version")?.unwrap_or_default();
    let (base, authority) = (&app.base, &app.authority);
    Ok(match version.as_str() {
        "1.0" | "2015-01-01" => Json(First {
            gallery_endpoint: format!("{base}/gallery"),
            graph_endpoint: format!("{base}/graph"),
            portal_endpoint: format!("{base}/portal"),
            authentication: FirstAuthentication {
                login_endpoint: format!("{}/", authority.address.trim_end_matches('/')),
                audiences: &authority.audiences,
            },
        })
        .respond(),
        "2019-05-01" => Json([cloud(base, authority)]).respond(),
        "2022-09-01" => Json(cloud(base, authority)).respond(),
        _ => return Err(unknown(&version)),
    })
}

/// The first form.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct First<'a> {
    gallery_endpoint: String,
    graph_endpoint: String,
    portal_endpoint: String,
    authentication: FirstAuthentication<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FirstAuthentication<'a> {
    login_endpoint: String,
    audiences: &'a [String],
}

/// The forms after it: alone, or in a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cloud<'a> {
    name: &'static str,
    portal: String,
    authentication: Authentication<'a>,
    resource_manager: &'a str,
    graph: String,
    graph_audience: String,
    gallery: String,
    suffixes: Nothing,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Authentication<'a> {
    login_endpoint: &'a str,
    audiences: &'a [String],
    tenant: String,
    identity_provider: &'static str,
    /// Ours, for `pal login`: a public client of the issuer, and the scope to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

fn cloud<'a>(base: &'a str, authority: &'a Authority) -> Cloud<'a> {
    Cloud {
        name: "OpenPAL",
        portal: format!("{base}/portal"),
        authentication: Authentication {
            login_endpoint: &authority.address,
            audiences: &authority.audiences,
            tenant: authority.tenant_name(),
            identity_provider: match authority.kind {
                AuthorityKind::Entra => "AAD",
                // Azure knows no name for one; its clients cannot sign in there by themselves.
                AuthorityKind::Oidc => "OpenIdConnect",
            },
            client_id: authority.client.as_deref(),
            scope: authority.scope.as_deref(),
        },
        resource_manager: base,
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
