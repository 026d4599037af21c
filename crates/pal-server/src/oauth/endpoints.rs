//! Discovery, keys, tokens: what programs ask.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use pal_issuer::{Form, OAuthError, Version};
use schemars::JsonSchema;
use serde::Serialize;

use super::{OAuthRequest, issuer, read, refuse};
use crate::App;
use crate::http::{Answer, HttpError, Json, json as answer};

/// `/{tenant}/v2.0/.well-known/openid-configuration`.
pub async fn discovery_v2(
    state: State<Arc<App>>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    discovery(state, tenant, request, Version::V2).await
}

/// `/{tenant}/.well-known/openid-configuration`.
pub async fn discovery_v1(
    state: State<Arc<App>>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    discovery(state, tenant, request, Version::V1).await
}

async fn discovery(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
    version: Version,
) -> Response {
    run(&app, request, async |app, _| {
        issuer(app)?.discovery(&tenant, version, app.now()).await.map_err(EndpointError::OAuth)
    })
    .await
}

/// `/{tenant}/discovery/v2.0/keys`: the same for every tenant.
pub async fn keys(State(app): State<Arc<App>>) -> Result<Response, HttpError> {
    body_of(&issuer(&app)?.jwks())
}

/// `/common/discovery/instance`: this host is its own and only one.
pub async fn instance(State(app): State<Arc<App>>) -> Result<Response, HttpError> {
    issuer(&app)?;
    let host = app.base.trim_start_matches("https://").trim_start_matches("http://");
    let here = Metadata { preferred_network: host, preferred_cache: host, aliases: [host] };
    let discovery = format!("{}/common/v2.0/.well-known/openid-configuration", app.base);
    Ok(Json(Instance { discovery, version: "1.1", metadata: [here] }).respond())
}

/// What clients of Entra ID ask of a host.
#[derive(Serialize, JsonSchema)]
struct Instance<'a> {
    #[serde(rename = "tenant_discovery_endpoint")]
    discovery: String,
    #[serde(rename = "api-version")]
    version: &'static str,
    metadata: [Metadata<'a>; 1],
}

#[derive(Serialize, JsonSchema)]
struct Metadata<'a> {
    preferred_network: &'a str,
    preferred_cache: &'a str,
    aliases: [&'a str; 1],
}

/// `/{tenant}/oauth2/v2.0/token`.
pub async fn token_v2(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    token(&app, &tenant, request, Version::V2).await
}

/// `/{tenant}/oauth2/token`.
pub async fn token_v1(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    token(&app, &tenant, request, Version::V1).await
}

async fn token(app: &App, tenant: &str, request: Request, version: Version) -> Response {
    run(app, request, async |app, request| {
        let (form, address) = (Form(&request.fields), request.address);
        let done = issuer(app)?.token(tenant, version, &form, address, app.now()).await;
        done.map_err(EndpointError::OAuth)
    })
    .await
}

/// `/{tenant}/oauth2/v2.0/devicecode`.
pub async fn device(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    run(&app, request, async |app, request| {
        let form = Form(&request.fields);
        issuer(app)?.device(&tenant, &form, app.now()).await.map_err(EndpointError::OAuth)
    })
    .await
}

/// Why there is no answer.
enum EndpointError {
    OAuth(OAuthError),
    Arm(HttpError),
}

impl From<HttpError> for EndpointError {
    fn from(error: HttpError) -> Self {
        Self::Arm(error)
    }
}

fn body_of(body: &impl Serialize) -> Result<Response, HttpError> {
    Ok(answer(serde_json::to_vec(body).map_err(|_| HttpError::internal())?))
}

/// Reads the request, answers in JSON or with an error in OAuth's form.
async fn run<A: Serialize>(
    app: &App,
    request: Request,
    work: impl AsyncFnOnce(&App, &OAuthRequest) -> Result<A, EndpointError>,
) -> Response {
    let request = match read(request).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    match work(app, &request).await {
        Ok(body) => body_of(&body).into_response(),
        Err(EndpointError::OAuth(error)) => refuse(app, &error, &request.id),
        Err(EndpointError::Arm(error)) => error.into_response(),
    }
}
