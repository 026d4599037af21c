//! `api-version`: which versions a resource has.

use crate::http::HttpError;
use axum::http::{StatusCode, Uri};

#[derive(Debug, Clone, Copy)]
pub enum Versions {
    Only(&'static str),
    /// Whatever is asked for: the answer has been the same in all of them.
    Any,
}

/// The value of a query parameter that may occur once.
///
/// # Errors
/// It occurs twice.
pub fn parameter(uri: &Uri, name: &str) -> Result<Option<String>, HttpError> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let mut found = None;
    for (key, value) in form_urlencoded::parse(query) {
        if key.eq_ignore_ascii_case(name) && found.replace(value.into_owned()).is_some() {
            return Err(HttpError::bad_request(format!(
                "The query parameter {name} is there twice. Send it once."
            )));
        }
    }
    Ok(found)
}

/// Checks the `api-version` of a request.
///
/// # Errors
/// It is missing, doubled, or not one of `versions`.
pub fn check(uri: &Uri, versions: Versions) -> Result<(), HttpError> {
    let version = parameter(uri, "api-version")?.unwrap_or_default();
    if version.is_empty() {
        let example = match versions {
            Versions::Only(version) => version,
            Versions::Any => "2022-12-01",
        };
        return Err(HttpError::new(
            StatusCode::BAD_REQUEST,
            "MissingApiVersionParameter",
            format!("The query parameter api-version is missing. Add ?api-version={example}."),
        ));
    }
    match versions {
        Versions::Only(known) if known != version => {
            let version: String = version.chars().take(40).collect();
            Err(HttpError::new(
                StatusCode::BAD_REQUEST,
                "InvalidApiVersionParameter",
                format!("The api-version '{version}' is not known here. Use {known}."),
            ))
        }
        _ => Ok(()),
    }
}
