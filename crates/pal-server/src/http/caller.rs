//! From a request to its caller: the only type that handlers of signed-in requests accept.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use pal_identity::{Caller, TokenError};
use pal_store::Actor;

use super::envelope::RequestId;
use super::error::HttpError;
use crate::App;

/// A caller whose token has passed every check. Identity headers and query strings say nothing
/// (T19, T21).
#[derive(Clone)]
pub struct SignedIn {
    pub caller: Caller,
    pub request: String,
    /// What stands before the handlers' own paths where the caller has called.
    pub prefix: &'static str,
}

/// The caller that a session of the portal stands for: put there by its guard and by nothing else.
#[derive(Clone)]
pub struct SessionCaller(pub Caller);

impl SignedIn {
    pub fn actor(&self) -> Actor {
        Actor {
            principal: Some(self.caller.principal),
            client: self.caller.client.clone(),
            token: Some(self.caller.token.clone()),
            request: self.request.clone(),
        }
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, HttpError> {
        let request = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let request = request.unwrap_or_default();
        if let Some(SessionCaller(caller)) = parts.extensions.get::<SessionCaller>() {
            return Ok(Self { caller: caller.clone(), request, prefix: "/portal" });
        }
        let refuse = |error: &TokenError| {
            if *error != TokenError::Missing {
                tracing::info!(request_id = %request, %error, "a token was not taken");
            }
            HttpError::unauthorized(error, &app.authority)
        };
        let token = bearer(&parts.headers).map_err(|error| refuse(&error))?;
        let caller = app.verifier.verify(token, app.now()).await.map_err(|error| refuse(&error))?;
        Ok(Self { caller, request, prefix: "" })
    }
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = all.next().ok_or(TokenError::Missing)?;
    if all.next().is_some() {
        return Err(TokenError::Malformed("there are two Authorization headers".into()));
    }
    let value = value.to_str().map_err(|_| TokenError::Malformed("it is not text".into()))?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(TokenError::Missing),
    }
}
