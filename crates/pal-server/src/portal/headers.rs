//! Headers of every answer below `/portal`, whoever has made it.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// What pages may do: their own scripts, styles and requests; no text becomes script or markup, and
/// nobody may frame them.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'; object-src 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// Whether a normalised path is the portal's.
fn is_portal(path: &str) -> bool {
    path == "/portal" || path.starts_with("/portal/")
}

/// Sets what the handlers have not; around everything that can answer, errors and panics too.
pub async fn headers(request: Request, next: Next) -> Response {
    let portal = is_portal(request.uri().path());
    let mut response = next.run(request).await;
    if portal {
        let headers = response.headers_mut();
        let mut default = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        default(header::CONTENT_SECURITY_POLICY, POLICY);
        default(header::CACHE_CONTROL, "no-store");
        default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        default(header::REFERRER_POLICY, "no-referrer");
        default(header::VARY, "Accept-Encoding, Cookie");
        default(header::X_FRAME_OPTIONS, "DENY");
        default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    }
    response
}
