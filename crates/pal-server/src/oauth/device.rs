//! The page for a code that a device shows (T50): first the code, then who it is for, a warning,
//! and a sign-in. Never without the password: whoever sent the code must not profit from a session.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use pal_issuer::{DeviceRequest, Issuer, OAuthError};

use super::authorize::{credentials, directory_name, question, told};
use super::browser::{browser, is_own, mark, remember};
use super::{OAuthRequest, issuer, read};
use crate::App;
use crate::http::{Html, HttpError, alert, escape, hidden, pick};

/// `GET /device`.
pub async fn show(State(app): State<Arc<App>>, request: Request) -> Result<Response, HttpError> {
    issuer(&app)?;
    let request = read(request).await?;
    Ok(ask_code(&app, &request, None))
}

/// `POST /device`: the code; then the code with a name and a password, or a no.
pub async fn submit(State(app): State<Arc<App>>, request: Request) -> Result<Response, HttpError> {
    let issuer = issuer(&app)?;
    let request = read(request).await?;
    let texts = pick(&request.languages);
    if !is_own(&request) {
        return Ok(ask_code(&app, &request, Some(texts.stale)));
    }
    let code = request.field("code");
    let device = match issuer.find_device(code, app.now()) {
        Ok(device) => device,
        Err(error) => return Ok(ask_code(&app, &request, Some(&told(texts, &error)))),
    };
    if request.field("answer") == "no" {
        let refused = issuer.answer_device(code, None, app.now()).await;
        return Ok(match refused {
            Ok(()) => end(&app, &request, texts.refused),
            Err(error) => ask_code(&app, &request, Some(&told(texts, &error))),
        });
    }
    if request.field("username").is_empty() {
        return Ok(ask_person(&app, &request, &device, None).await);
    }
    Ok(match approve(&app, issuer, &request).await {
        Ok(()) => end(&app, &request, &texts.done.replace("{app}", device.application)),
        Err(error) => ask_person(&app, &request, &device, Some(&told(texts, &error))).await,
    })
}

async fn approve(app: &App, issuer: &Issuer, request: &OAuthRequest) -> Result<(), OAuthError> {
    let (name, password) = (request.field("username").trim(), request.field("password"));
    let person = issuer.sign_in(name, password, request.address, app.now()).await?;
    issuer.answer_device(request.field("code"), Some(&person), app.now()).await
}

fn page(app: &App, request: &OAuthRequest, body: String, failed: bool) -> Response {
    let texts = pick(&request.languages);
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let title = texts.device_title;
    Html { status, texts, title, body, form_action: "", script: None }.answer(app)
}

fn ask_code(app: &App, request: &OAuthRequest, error: Option<&str>) -> Response {
    let texts = pick(&request.languages);
    let (secret, new) = browser(app, request);
    let described =
        if error.is_some() { " aria-describedby=\"error\" aria-invalid=\"true\"" } else { "" };
    let body = format!(
        "<h1>{}</h1>{}<form method=\"post\" action=\"/device\">{}{}\
         <label for=\"code\">{}</label><input id=\"code\" name=\"code\" class=\"code\" type=\"text\" \
         autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" \
         maxlength=\"20\" required autofocus value=\"{}\"{described}>\
         <button type=\"submit\">{}</button></form>",
        texts.device_title,
        alert(error),
        hidden("mark", &mark(&secret)),
        hidden("ui_locales", texts.language),
        texts.device_code,
        escape(request.field("code")),
        texts.next
    );
    remember(page(app, request, body, error.is_some()), &secret, new)
}

async fn ask_person(
    app: &App,
    request: &OAuthRequest,
    device: &DeviceRequest,
    error: Option<&str>,
) -> Response {
    let texts = pick(&request.languages);
    let (secret, new) = browser(app, request);
    let directory = match device.directory() {
        // A directory whose name cannot be told is named by its id, never as another one.
        Some(id) => {
            let id = id.to_string();
            directory_name(app, &id).await.unwrap_or(id)
        }
        None => texts.home.to_owned(),
    };
    let question = question(texts, device.application, &directory);
    let body = format!(
        "<h1>{}</h1><p>{question}</p><p class=\"note\">{}</p>{}\
         <form method=\"post\" action=\"/device\">{}{}{}{}\
         <button type=\"submit\" name=\"answer\" value=\"yes\">{}</button>\
         <button type=\"submit\" name=\"answer\" value=\"no\" class=\"quiet\" formnovalidate>{}</button>\
         </form>",
        texts.device_title,
        texts.device_warning,
        alert(error),
        hidden("mark", &mark(&secret)),
        hidden("code", request.field("code")),
        hidden("ui_locales", texts.language),
        credentials(texts, request.field("username"), error.is_some()),
        texts.sign_in,
        texts.no
    );
    remember(page(app, request, body, error.is_some()), &secret, new)
}

fn end(app: &App, request: &OAuthRequest, text: &str) -> Response {
    let texts = pick(&request.languages);
    let body = format!(
        "<h1>{}</h1><p role=\"status\">{}</p><p>{}</p>",
        texts.device_title,
        escape(text),
        texts.close
    );
    page(app, request, body, false)
}
