//! The sign-in page, and the way back to the program that asked for it.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use pal_issuer::{Authorization, Form, Issuer, OAuthError, ResponseMode, Version};

use super::browser::{browser, is_own, mark, remember};
use super::{OAuthRequest, issuer, read};
use crate::App;
use crate::http::{Html, HttpError, Texts, alert, escape, hidden, pick};

/// Where a form may lead: browsers watch redirects, too.
const LOOPBACK: &str = "http://localhost:* http://127.0.0.1:*";

/// The fields that the form carries on; all are checked again when it comes back.
const CARRIED: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "ui_locales",
];

/// `GET …/authorize`.
pub async fn show(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    let issuer = issuer(&app)?;
    let version = version(&request);
    let request = read(request).await?;
    let texts = pick(&request.languages);
    Ok(match issuer.authorize(&tenant, version, &Form(&request.fields), app.now()).await {
        Ok(wanted) => form(&app, &tenant, &request, &wanted, None).await,
        Err(error) => cannot(&app, texts, &error),
    })
}

/// `POST …/authorize`: name and password.
pub async fn submit(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    let issuer = issuer(&app)?;
    let version = version(&request);
    let request = read(request).await?;
    let texts = pick(&request.languages);
    let wanted = match issuer.authorize(&tenant, version, &Form(&request.fields), app.now()).await {
        Ok(wanted) => wanted,
        Err(error) => return Ok(cannot(&app, texts, &error)),
    };
    if !is_own(&request) {
        return Ok(form(&app, &tenant, &request, &wanted, Some(texts.stale.to_owned())).await);
    }
    Ok(match sign_in(&app, issuer, &request, &wanted).await {
        Ok((code, iss)) => send_back(&app, texts, &wanted, &code, &iss),
        Err(error) => form(&app, &tenant, &request, &wanted, Some(told(texts, &error))).await,
    })
}

/// Which of the two addresses was called.
fn version(request: &Request) -> Version {
    let second = request.uri().path().ends_with("/oauth2/v2.0/authorize");
    if second { Version::V2 } else { Version::V1 }
}

async fn sign_in(
    app: &App,
    issuer: &Issuer,
    request: &OAuthRequest,
    wanted: &Authorization,
) -> Result<(String, String), OAuthError> {
    let (name, password) = (request.field("username").trim(), request.field("password"));
    let person = issuer.sign_in(name, password, request.address, app.now()).await?;
    issuer.grant_code(wanted, &person, app.now()).await
}

/// An error in the reader's language; by its number, since that does not change.
pub fn told(texts: &Texts, error: &OAuthError) -> String {
    match (error.number, error.retry_after) {
        (50126, _) => texts.wrong.to_owned(),
        (50053, Some(seconds)) => texts.slow.replace("{seconds}", &seconds.to_string()),
        (50057, _) => texts.disabled.to_owned(),
        (50020, _) => texts.elsewhere.to_owned(),
        (70019, _) => texts.code_wrong.to_owned(),
        _ => texts.busy.to_owned(),
    }
}

async fn form(
    app: &App,
    tenant: &str,
    request: &OAuthRequest,
    wanted: &Authorization,
    error: Option<String>,
) -> Response {
    let texts = pick(&request.languages);
    let (secret, new) = browser(app, request);
    let typed = request.field("username");
    let hint = wanted.login_hint.as_deref().filter(|_| typed.is_empty()).unwrap_or(typed);
    let mut carried = hidden("mark", &mark(&secret));
    for name in CARRIED {
        let value = request.field(name);
        if !value.is_empty() {
            carried.push_str(&hidden(name, value));
        }
    }
    let directory = directory_name(app, tenant).await.unwrap_or_else(|| texts.home.to_owned());
    let question = question(texts, wanted.application, &directory);
    let body = format!(
        "<h1>{}</h1><p>{question}</p>{}<form method=\"post\">{carried}{}\
         <button type=\"submit\">{}</button></form>",
        texts.sign_in,
        alert(error.as_deref()),
        credentials(texts, hint, error.is_some()),
        texts.sign_in
    );
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page =
        Html { status, texts, title: texts.sign_in, body, form_action: LOOPBACK, script: None };
    remember(page.answer(app), &secret, new)
}

/// The two fields; the first one that is empty has the focus, and after an error the password.
pub fn credentials(texts: &Texts, name: &str, failed: bool) -> String {
    let described = if failed { " aria-describedby=\"error\" aria-invalid=\"true\"" } else { "" };
    let (first, second) = if name.is_empty() { (" autofocus", "") } else { ("", " autofocus") };
    format!(
        "<label for=\"username\">{}</label><input id=\"username\" name=\"username\" type=\"text\" \
         autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required \
         value=\"{}\"{described}{first}>\
         <label for=\"password\">{}</label><input id=\"password\" name=\"password\" \
         type=\"password\" autocomplete=\"current-password\" required{described}{second}>",
        texts.name,
        escape(name),
        texts.password
    )
}

/// What people call a directory, if it can be told now.
pub async fn directory_name(app: &App, tenant: &str) -> Option<String> {
    let found = app.store.tenant_called(tenant, app.now()).await.ok().flatten()?;
    found.name.or(found.domain)
}

/// Which application asks, and for which directory.
pub fn question(texts: &Texts, application: &str, directory: &str) -> String {
    let strong = |text| format!("<strong>{}</strong>", escape(text));
    // In one go: a name may have the other placeholder in it.
    let (before, after) = texts.asks.split_once("{directory}").unwrap_or((texts.asks, ""));
    let named = |part: &str| part.replace("{app}", &strong(application));
    format!("{}{}{}", named(before), strong(directory), named(after))
}

/// A request that must not be answered to where it wants: said here.
fn cannot(app: &App, texts: &Texts, error: &OAuthError) -> Response {
    let body = format!(
        "<h1>{}</h1><p class=\"error\" role=\"alert\" lang=\"en\">AADSTS{}: {}</p>",
        texts.failed,
        error.number,
        escape(&error.message)
    );
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Html { status, texts, title: texts.failed, body, form_action: "", script: None }.answer(app)
}

/// Hands the code over.
fn send_back(app: &App, texts: &Texts, wanted: &Authorization, code: &str, iss: &str) -> Response {
    let mut fields = vec![("code", code), ("iss", iss)];
    if let Some(state) = &wanted.state {
        fields.push(("state", state));
    }
    match wanted.response_mode {
        ResponseMode::Query => {
            let query: String =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            Redirect::to(&format!("{}?{query}", wanted.redirect_uri)).into_response()
        }
        ResponseMode::FormPost => {
            let carried: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
            let body = format!(
                "<h1>{}</h1><form method=\"post\" action=\"{}\" id=\"onwards\">{carried}\
                 <button type=\"submit\">{}</button></form>",
                texts.sign_in,
                escape(&wanted.redirect_uri),
                texts.go_on
            );
            let script = Some("document.getElementById('onwards').submit()");
            let (title, form_action) = (texts.sign_in, LOOPBACK);
            Html { status: StatusCode::OK, texts, title, body, form_action, script }.answer(app)
        }
    }
}

/// `GET …/logout`: there is no session here to end; what a program keeps it must drop itself.
pub async fn logout(State(app): State<Arc<App>>, request: Request) -> Result<Response, HttpError> {
    issuer(&app)?;
    let request = read(request).await?;
    let texts = pick(&request.languages);
    let body = format!("<h1>{}</h1><p>{}</p>", texts.signed_out, texts.close);
    let (title, status) = (texts.signed_out, StatusCode::OK);
    let page = Html { status, texts, title, body, form_action: "", script: None };
    let mut response = page.answer(&app);
    let gone = format!("{}=; Path=/; Secure; HttpOnly; Max-Age=0", super::browser::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&gone) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}
