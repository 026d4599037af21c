//! What all handlers share: from bytes to a request and its caller, and from an answer or an error to
//! bytes.

mod audience;
mod body;
mod caller;
mod content;
mod envelope;
mod error;
mod html;
mod openapi;
mod page;
mod path;
mod query;
mod route;
mod sight;
mod stream;
mod texts;
pub mod time;

pub use audience::{Audience, Auditor, Caretaker, LinkAdministrator, Operator, Viewer};
pub use body::{collect, drain, object};
pub use caller::{SessionCaller, SignedIn};
pub use content::{Answer, Content, Json};
pub use envelope::{RequestId, envelope, panicked};
pub use error::HttpError;
pub use html::{Html, alert, escape, hidden};
pub use openapi::document;
pub use page::{PAGED, Page, Part, SKIPTOKEN, TOP};
pub use path::normalise;
pub use query::{
    CUSTOMER, FLAG, Form, GUID, MONTH, MONTHS, PARTNER, POLICIES, Parameter, Query, pal, partner_id,
};
pub use route::{Call, Route, served};
pub use sight::{Role, Sight, now};
pub use stream::streamed;
pub use texts::{Texts, pick};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pal_api::LinkedTo;
use pal_model::{Instant, Principal};
use pal_store::{Account, LinkRecord};
use tokio::task::JoinError;

use crate::App;
use crate::limits::Access;

/// The content type of every body here, spelt as Azure spells it.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// 200 with a body.
pub fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// Answers a read within the caller's quota.
pub async fn reading(
    app: &App,
    signed: &SignedIn,
    answer: impl Future<Output = Result<Response, HttpError>>,
) -> Response {
    limited(app, signed, Access::Read, answer).await
}

/// Answers within the caller's quota and says what is left of it.
pub async fn limited(
    app: &App,
    signed: &SignedIn,
    access: Access,
    answer: impl Future<Output = Result<Response, HttpError>>,
) -> Response {
    let name = match access {
        Access::Read => "x-ms-ratelimit-remaining-tenant-reads",
        Access::Write => "x-ms-ratelimit-remaining-tenant-writes",
    };
    let left = app.limits.take(signed.caller.principal, access);
    let mut response = match left {
        Ok(_) => answer.await.unwrap_or_else(IntoResponse::into_response),
        Err(too_many) => HttpError::from(too_many).into_response(),
    };
    response.headers_mut().insert(name, HeaderValue::from(left.unwrap_or(0)));
    response
}

/// The caller's account, which must be there and enabled now: a token says who somebody was, the
/// directory says whether they still are (T14, T17).
///
/// # Errors
/// It is not, or the store cannot be asked.
pub async fn account(app: &App, who: Principal, now: Instant) -> Result<Account, HttpError> {
    live(app.store.account(who, now).await?)
}

/// An account that is there and enabled.
///
/// # Errors
/// It is not.
pub fn live(account: Option<Account>) -> Result<Account, HttpError> {
    match account {
        Some(account) if account.may_link() => Ok(account),
        Some(account) if !account.enabled => Err(HttpError::disabled()),
        _ => Err(HttpError::no_account()),
    }
}

pub fn linked_to(link: LinkRecord) -> LinkedTo {
    LinkedTo {
        partner_id: link.partner.into(),
        partner_name: link.partner_name,
        version: link.version,
        updated_time: time::text(link.updated).into(),
        created_time: time::text(link.created).into(),
    }
}

/// The result of work on another thread, which ends only by its own end or by a fault.
///
/// # Errors
/// Its own, or that fault.
pub fn joined<T>(done: Result<Result<T, HttpError>, JoinError>) -> Result<T, HttpError> {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "work ended early");
        Err(HttpError::internal())
    })
}
