//! The cookie that binds a form to the browser that it was shown in, so that nobody else's page can post it.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::OAuthRequest;
use crate::App;

/// Sent over TLS only, to this host only, to no script.
pub const COOKIE: &str = "__Host-openpal-signin";

/// The browser's secret: the one it has, or a new one to be set.
pub fn browser(app: &App, request: &OAuthRequest) -> (String, bool) {
    match &request.cookie {
        Some(cookie) if cookie.len() == 43 => (cookie.clone(), false),
        _ => {
            let mut bytes = [0; 32];
            app.random.fill(&mut bytes);
            (URL_SAFE_NO_PAD.encode(bytes), true)
        }
    }
}

/// What a form must hold to have been shown in the browser of this secret.
pub fn mark(secret: &str) -> String {
    let text = format!("openpal form {secret}");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

/// Whether a posted form was shown in the browser that posts it.
pub fn is_own(request: &OAuthRequest) -> bool {
    request.cookie.as_ref().is_some_and(|secret| {
        let (expected, given) = (mark(secret), request.field("mark"));
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), given.as_bytes())
            .is_ok()
    })
}

/// Sets the browser's secret.
pub fn remember(mut response: Response, secret: &str, new: bool) -> Response {
    if new {
        let cookie = format!("{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, value);
        }
    }
    response
}
