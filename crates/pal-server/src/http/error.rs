//! The one error form: `{"error":{"code","message"}}`. Every status and code is chosen here.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pal_identity::TokenError;
use pal_store::StoreError;
use pal_usage::HomeError;
use serde::Serialize;

use crate::authority::Authority;
use crate::limits::TooMany;
use crate::live::LiveError;
use crate::work::Busy;

/// An error as the clients read it.
#[derive(Debug)]
pub struct HttpError {
    status: StatusCode,
    code: &'static str,
    message: String,
    detail: Option<(&'static str, &'static str)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<[Detail<'a>; 1]>,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: &'a str,
    message: &'a str,
}

impl HttpError {
    /// An error with a message that says what happened, why, and what to do.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, headers: Vec::new() }
    }

    /// 400: the request cannot be understood, or asks for what cannot be.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 404: what is asked for is not there, or not the caller's.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404 for a path that nothing answers.
    pub fn no_such_path() -> Self {
        Self::not_found(
            "Nothing is served at this path. Check the address; the link register is at \
             /providers/Microsoft.ManagementPartner/partners.",
        )
        .header(HeaderName::from_static("x-openpal-error"), "no-such-path")
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes. Send a smaller one.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
    }

    /// 500: a fault of ours. The request id is in the headers and in the log.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "The request failed by a fault of the service. Give the operator the x-ms-request-id \
             of this answer.",
        )
    }

    /// With a second, finer code in `details`, for clients that look for it there.
    #[must_use]
    pub const fn detail(mut self, code: &'static str, message: &'static str) -> Self {
        self.detail = Some((code, message));
        self
    }

    /// With more at the end of its message.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// 401: with where to sign in, and for what, in the challenge.
    pub fn unauthorized(error: &TokenError, authority: &Authority) -> Self {
        if let TokenError::KeysUnavailable(_) = error {
            return Self::unavailable("The keys of the token's issuer cannot be fetched now.");
        }
        let code = match error {
            TokenError::Missing => "AuthenticationFailed",
            TokenError::Expired => "ExpiredAuthenticationToken",
            _ => "InvalidAuthenticationToken",
        };
        let message = sentence(&error.to_string());
        // No quote or backslash can be in our own texts; anything else is dropped for the header.
        let description: String = message
            .chars()
            .filter(|c| (' '..='~').contains(c) && !matches!(c, '"' | '\\'))
            .collect();
        let (address, audience) = (authority.sign_in_address(), authority.audience());
        let challenge = format!(
            "Bearer authorization_uri=\"{address}\", resource=\"{audience}\", error=\"invalid_token\", \
             error_description=\"{description}\""
        );
        Self::new(StatusCode::UNAUTHORIZED, code, message)
            .header(header::WWW_AUTHENTICATE, &challenge)
    }

    /// 503, nothing was done.
    pub fn unavailable(why: &str) -> Self {
        let message = format!("{why} Nothing was changed. Try again in a few seconds.");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
            .header(header::RETRY_AFTER, "5")
    }

    /// The exact words that users know for an identity without an account here.
    pub fn no_account() -> Self {
        Self::forbidden(
            "The user does not have an account in this tenant, work with the administrator to add \
             the account. If you are a CSP partner logged in the customer tenant, you will not be \
             able to link the Partner ID",
        )
    }

    pub fn disabled() -> Self {
        Self::forbidden(
            "The account is disabled in this tenant. Ask an administrator of the tenant to enable \
             it.",
        )
    }
}

/// An error's text as a sentence: the first letter raised, a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let stop = if text.ends_with('.') { "" } else { "." };
    first.into_iter().chain(letters).chain(stop.chars()).collect()
}

impl From<TooMany> for HttpError {
    fn from(error: TooMany) -> Self {
        let after = error.retry_after;
        let message = format!("Too many requests from this account. Try again in {after} seconds.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
            .header(header::RETRY_AFTER, &after.to_string())
    }
}

impl HttpError {
    /// The body: the error form of the resource manager.
    pub fn body(&self) -> Vec<u8> {
        let details = self.detail.as_ref().map(|(code, message)| [Detail { code, message }]);
        let shown = ErrorFields { code: self.code, message: &self.message, details };
        serde_json::to_vec(&Envelope { error: shown }).unwrap_or_default()
    }

    /// 429 for an address from which too much comes that nobody signs.
    pub fn anonymous(error: TooMany) -> Self {
        let after = error.retry_after;
        let message = format!(
            "Too many requests without a token from this address. Sign in, or try again in {after} \
             seconds."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
            .header(header::RETRY_AFTER, &after.to_string())
    }
}

impl From<Busy> for HttpError {
    fn from(_: Busy) -> Self {
        let message = "Other requests keep this service busy, and this one was not begun. Try again \
                       in a second.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServerBusy", message)
            .header(header::RETRY_AFTER, "1")
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        if !matches!(error, StoreError::NotYet(_)) {
            tracing::error!(%error, "the store failed");
        }
        match error {
            StoreError::Unavailable(_) => Self::unavailable("The store cannot take this now."),
            // A false "no" would be as bad as a false "yes" (P5).
            StoreError::Unknown(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "OutcomeUnknown",
                "It is not known whether the change was made. Read the link before you repeat it.",
            )
            .header(header::RETRY_AFTER, "5"),
            StoreError::NotYet(at) => Self::bad_request(format!(
                "known_at: {at} has not passed yet, and what is known then can still change. Ask for \
                 an instant that has passed, or leave known_at out for now."
            )),
            StoreError::Unusable(_) => Self::internal(),
        }
    }
}

impl From<LiveError> for HttpError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Store(error) => error.into(),
            LiveError::Fact(_) => {
                tracing::error!(%error, "facts cannot be read");
                Self::internal()
            }
            LiveError::Home(HomeError::Get { .. }) => {
                tracing::error!(%error, "usage cannot be fetched");
                Self::unavailable("The usage cannot be fetched now.")
            }
            LiveError::Home(_) | LiveError::Usage(_) => {
                tracing::error!(%error, "usage cannot be read");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response.headers_mut().insert(header::CONTENT_TYPE, super::JSON);
        response
    }
}
