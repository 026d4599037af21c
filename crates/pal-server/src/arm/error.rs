//! The one error form: `{"error":{"code","message"}}`. Every status and code is chosen here.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pal_identity::TokenError;
use pal_store::{Account, LinkError, StoreError, TenantInfo};
use serde::Serialize;

use crate::limits::TooMany;

/// An error as the clients read it.
#[derive(Debug)]
pub struct ArmError {
    status: StatusCode,
    code: &'static str,
    message: String,
    detail: Option<(&'static str, &'static str)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Shown<'a>,
}

#[derive(Serialize)]
struct Shown<'a> {
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

impl ArmError {
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

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// 401: `challenge` is the `WWW-Authenticate` header of [`TokenError`]s, with where to sign in.
    pub fn unauthorized(error: &TokenError, authority: &str) -> Self {
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
        let challenge = format!(
            "Bearer authorization_uri=\"{authority}\", error=\"invalid_token\", \
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

    /// The account is disabled.
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

impl From<TooMany> for ArmError {
    fn from(error: TooMany) -> Self {
        let after = error.retry_after;
        let message = format!("Too many requests from this account. Try again in {after} seconds.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
            .header(header::RETRY_AFTER, &after.to_string())
    }
}

impl From<StoreError> for ArmError {
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

/// A partner with its name, where known.
fn named(partner: impl std::fmt::Display, name: Option<&str>) -> String {
    name.map_or_else(|| partner.to_string(), |name| format!("{name} ({partner})"))
}

/// A time without its fraction: for people.
fn to_the_second(time: &str) -> String {
    format!("{}Z", time.split(['.', 'Z']).next().unwrap_or_default())
}

impl From<LinkError> for ArmError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NoAccount => Self::no_account(),
            LinkError::Disabled => Self::disabled(),
            LinkError::AlreadyLinked { partner, name, since } => Self::new(
                StatusCode::CONFLICT,
                "Conflict",
                format!(
                    "This account is linked to {} since {}. To change the partner ID, update \
                     the link; to end it, delete the link first.",
                    named(partner, name.as_deref()),
                    to_the_second(&since)
                ),
            )
            .detail("PartnerIdAlreadyLinked", "A partner ID is linked to this account already."),
            LinkError::NotLinked => Self::not_found("No partner ID is linked to this account."),
            LinkError::OtherPartner => Self::other_partner(),
            LinkError::UnknownPartner(partner) => Self::bad_request(format!(
                "There is no partner with the ID {partner}. Check the Associated Partner ID of your \
                 partner profile."
            )),
            LinkError::InactivePartner { partner, name } => Self::bad_request(format!(
                "The partner ID {} is no longer active. Use another location of the partner.",
                named(partner, name.as_deref())
            )),
            LinkError::GlobalPartner { partner, name, locations } => {
                let shown: Vec<String> = (locations.iter().take(20))
                    .map(|(id, name)| match name {
                        Some(name) => format!("{id} ({name})"),
                        None => id.to_string(),
                    })
                    .collect();
                let advice = if shown.is_empty() {
                    "It has no active location: ask the partner's administrator.".to_owned()
                } else {
                    format!("Use one of: {}.", shown.join(", "))
                };
                let name = name.as_deref().unwrap_or("a partner");
                Self::bad_request(format!(
                    "{partner} is the global account of {name}; links use a location ID. {advice}"
                ))
            }
            LinkError::Store(error) => error.into(),
        }
    }
}

impl ArmError {
    /// 404: the caller has no link.
    pub fn not_linked(account: &Account, tenant: Option<&TenantInfo>) -> Self {
        let who = account.name.as_deref().unwrap_or("this account");
        let whose = tenant.and_then(|t| Some((t.name.as_deref()?, t.domain.as_deref()?)));
        let place = match whose {
            Some((name, domain)) => format!("directory '{name}' ({domain})"),
            None => format!("directory {}", account.principal.tenant),
        };
        Self::not_found(format!("No partner ID is linked to {who} in {place}."))
    }

    /// 404: the caller's link names another partner than the path.
    pub fn other_partner() -> Self {
        Self::not_found(
            "This account is not linked to the partner ID asked for. Leave the partner ID out to see \
             what it is linked to.",
        )
    }
}

impl IntoResponse for ArmError {
    fn into_response(self) -> Response {
        let details = self.detail.map(|(code, message)| [Detail { code, message }]);
        let shown = Shown { code: self.code, message: &self.message, details };
        let body = serde_json::to_vec(&Envelope { error: shown }).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response.headers_mut().insert(header::CONTENT_TYPE, super::JSON);
        response
    }
}
