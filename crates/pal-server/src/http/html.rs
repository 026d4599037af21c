//! Pages of the service itself: server-made HTML, no script but the one that posts a form onwards.
//!
//! Every page says in its policy what it may do.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::texts::Texts;
use crate::App;

const STYLE: &str = "
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { box-sizing: border-box; width: min(26rem, 100%); padding: 2rem 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: .25rem .75rem; font: inherit; border: 1px solid GrayText; border-radius: .25rem; }
input.code { font-family: ui-monospace, monospace; letter-spacing: .15em; text-transform: uppercase; }
button { min-height: 2.75rem; margin: 1.5rem .75rem 0 0; padding: .25rem 1.5rem; font: inherit; font-weight: 600; border: 1px solid #0b5cad; border-radius: .25rem; background: #0b5cad; color: #fff; cursor: pointer; }
button.quiet { background: Canvas; color: CanvasText; border-color: GrayText; }
:focus-visible { outline: 3px solid #e07a00; outline-offset: 2px; }
.error { margin: 1rem 0; padding: .75rem; border-left: .3rem solid #b3261e; background: #b3261e1a; }
.note { margin: 1rem 0; padding: .75rem; border-left: .3rem solid #8a6100; background: #8a61001a; }
.mark { font-weight: 600; margin: 0 0 1.5rem; }
";

pub struct Html<'p> {
    pub status: StatusCode,
    pub texts: &'p Texts,
    pub title: &'p str,
    /// HTML: every text in it has gone through [`escape`].
    pub body: String,
    /// Origins that a form of the page may lead to, beside this one.
    pub form_action: &'p str,
    /// A script, for the page that posts onwards.
    pub script: Option<&'p str>,
}

impl Html<'_> {
    pub fn answer(&self, app: &App) -> Response {
        let nonce = app.guid();
        let language = self.texts.language;
        let title = escape(self.title);
        let body = &self.body;
        let script = self
            .script
            .map(|script| format!("<script nonce=\"{nonce}\">{script}</script>"))
            .unwrap_or_default();
        let html = format!(
            "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} – OpenPAL</title><style nonce=\"{nonce}\">{STYLE}</style></head>\
             <body><main><p class=\"mark\">OpenPAL</p>{body}</main>{script}</body></html>\n"
        );
        let mut response = Response::new(Body::from(html));
        *response.status_mut() = self.status;
        let script = if self.script.is_some() {
            format!("; script-src 'nonce-{nonce}'")
        } else {
            String::new()
        };
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'{script}; form-action 'self' {}; \
             frame-ancestors 'none'; base-uri 'none'",
            self.form_action
        );
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(header::CONTENT_SECURITY_POLICY, &policy);
        response
    }
}

/// Text in HTML, attribute values included.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A field that the form carries.
pub fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

/// An error at the top of a form: read out, and where the focus goes.
pub fn alert(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| {
        format!(
            "<p class=\"error\" role=\"alert\" id=\"error\" tabindex=\"-1\">{}</p>",
            escape(text)
        )
    })
}
