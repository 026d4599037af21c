//! The part of the service whose form is Azure Resource Manager's, byte for byte.

pub mod caller;
pub mod error;
pub mod metadata;
pub mod partner;
pub mod partners;
pub mod subscriptions;
pub mod tenants;
pub mod time;
pub mod version;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pal_model::{Instant, Principal};
use pal_store::Account;

use crate::App;
use crate::limits::Access;
use caller::SignedIn;
use error::ArmError;

/// The content type of every body here, spelt as Azure spells it.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// 200 with a body.
pub(crate) fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// Answers a read within the caller's quota.
pub(crate) async fn reading(
    app: &App,
    signed: &SignedIn,
    answer: impl Future<Output = Result<Response, ArmError>>,
) -> Response {
    limited(app, signed, Access::Read, answer).await
}

/// Answers a write within the caller's quota.
pub(crate) async fn writing(
    app: &App,
    signed: &SignedIn,
    answer: impl Future<Output = Result<Response, ArmError>>,
) -> Response {
    limited(app, signed, Access::Write, answer).await
}

/// Answers within the caller's quota and says what is left of it.
async fn limited(
    app: &App,
    signed: &SignedIn,
    access: Access,
    answer: impl Future<Output = Result<Response, ArmError>>,
) -> Response {
    let name = match access {
        Access::Read => "x-ms-ratelimit-remaining-tenant-reads",
        Access::Write => "x-ms-ratelimit-remaining-tenant-writes",
    };
    let left = app.limits.take(signed.caller.principal, access);
    let mut response = match left {
        Ok(_) => answer.await.unwrap_or_else(IntoResponse::into_response),
        Err(too_many) => ArmError::from(too_many).into_response(),
    };
    response.headers_mut().insert(name, HeaderValue::from(left.unwrap_or(0)));
    response
}

/// The caller's account, which must be there and enabled now: a token says who somebody was, the
/// directory says whether they still are (T14, T17).
pub(crate) async fn account(app: &App, who: Principal, now: Instant) -> Result<Account, ArmError> {
    live(app.store.account(who, now).await?)
}

pub(crate) fn live(account: Option<Account>) -> Result<Account, ArmError> {
    match account {
        Some(account) if account.may_link() => Ok(account),
        Some(account) if !account.enabled => Err(ArmError::disabled()),
        _ => Err(ArmError::no_account()),
    }
}
