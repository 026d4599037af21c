//! Files of the pages, the page for every other path, and pages that need no script.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::Concern;

use super::Portal;
use super::cookies::text;
use super::headers::POLICY;
use super::provider::Refused;
use crate::App;
use crate::http::{Html, HttpError, Texts, alert, pick};

/// Paths below `/portal` that are no pages.
const NO_PAGE: [&str; 4] = ["api", "arm", "auth", "session"];

/// `GET /`: the portal. What stands after `#` stays with the browser.
pub async fn home() -> Redirect {
    Redirect::to("/portal/")
}

/// `GET /portal`.
pub async fn index(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
) -> Result<Response, HttpError> {
    shell(&app, &portal)
}

/// `GET /portal/…`: a file, or the page.
pub async fn page(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    Path(rest): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let first = rest.split('/').next().unwrap_or_default();
    if NO_PAGE.contains(&first) {
        return Err(HttpError::no_such_path());
    }
    let accepted = text(&headers, header::ACCEPT_ENCODING).unwrap_or_default();
    let Some(file) = portal.assets.find(&rest, accepted).filter(|_| rest != "index.html") else {
        // A file that is not there is no page: a browser would run it, or show it as a picture.
        let missing = first == "assets";
        return if missing { Err(HttpError::no_such_path()) } else { shell(&app, &portal) };
    };
    let mut response = Response::new(Body::from(file.bytes.to_vec()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    if let Some(encoding) = file.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // Their names change with what is in them.
    if first == "assets" {
        let always = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, always);
    }
    Ok(response)
}

/// The page; where it has a mark for one, with a nonce for the styles that its scripts add.
fn shell(app: &App, portal: &Portal) -> Result<Response, HttpError> {
    let mut bytes = [0; 18];
    app.random.fill(&mut bytes);
    let nonce = URL_SAFE_NO_PAD.encode(bytes);
    let Some((page, marked)) = portal.assets.index(&nonce) else { return Ok(unbuilt(app)) };
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    if marked {
        let styles = format!("style-src 'self' 'nonce-{nonce}'");
        let policy = POLICY.replace("style-src 'self'", &styles);
        let policy = HeaderValue::from_str(&policy).map_err(|_| HttpError::internal())?;
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// The program was built without the pages.
fn unbuilt(app: &App) -> Response {
    let texts = pick("en");
    let body = "<h1>The portal's pages are not in this program</h1>\
         <p>The service works; <code>pal</code>, <code>az</code> and the API do not need them. To have \
         them, build them with Node.js 20.19 or later, and then the program again:</p>\
         <pre>cargo xtask portal\ncargo build --release</pre>\
         <p><code>cargo xtask dev</code> does both, and starts the demo.</p>"
        .to_owned();
    let (status, title) = (StatusCode::OK, "Portal");
    Html { status, texts, title, body, form_action: "", script: None }.answer(app)
}

/// A sign-in that did not end well, in the reader's language, and the way to try again.
pub fn failed(app: &App, headers: &HeaderMap, refused: Refused) -> Response {
    let texts = pick(text(headers, header::ACCEPT_LANGUAGE).unwrap_or_default());
    let (status, why) = match refused {
        Refused::Stale => (StatusCode::BAD_REQUEST, texts.stale.to_owned()),
        Refused::Denied => (StatusCode::BAD_REQUEST, texts.refused.to_owned()),
        Refused::Elsewhere => (StatusCode::FORBIDDEN, texts.elsewhere.to_owned()),
        Refused::Disabled => (StatusCode::FORBIDDEN, texts.disabled.to_owned()),
        Refused::Busy => (StatusCode::SERVICE_UNAVAILABLE, texts.busy.to_owned()),
        Refused::Token(concern) => {
            let status = match concern {
                Concern::Tenant(_) => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, unusable(texts, &concern))
        }
    };
    let body = format!(
        "<h1>{}</h1>{}<p><a href=\"/portal/auth/sign-in\">{}</a></p>",
        texts.failed,
        alert(Some(&why)),
        texts.sign_in
    );
    Html { status, texts, title: texts.failed, body, form_action: "", script: None }
        .answer(app)
        .into_response()
}

/// What is wrong with the token of an issuer elsewhere, for the person and for whoever runs the service.
fn unusable(texts: &Texts, concern: &Concern) -> String {
    match concern {
        Concern::Claim(name) => texts.token_claim.replace("{claim}", name),
        Concern::Tenant(tenant) => {
            texts.token_directory.replace("{directory}", &tenant.to_string())
        }
        Concern::Algorithm(name) => texts.token_algorithm.replace("{algorithm}", &name.to_string()),
        Concern::Other => texts.token_other.to_owned(),
    }
}
