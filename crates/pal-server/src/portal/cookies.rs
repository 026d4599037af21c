//! Cookies in and out.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

/// The session. Sent over TLS only, to this host only, to no script, and not with what other sites do.
pub const SESSION: &str = "__Host-openpal";
pub const BEGUN: &str = "__Host-openpal-begun";

/// The one cookie of a name; `None` = there is none, or there are several.
pub fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // By HTTP/2 every cookie may come in a line of its own.
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut found = lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        (known == name).then_some(value)
    });
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

/// Sets a cookie until the browser is closed, or for so many seconds; `value` is of letters that need
/// no quotes.
pub fn set(response: &mut Response, name: &str, value: &str, seconds: Option<i64>) {
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Takes a cookie away.
pub fn drop(response: &mut Response, name: &str) {
    set(response, name, "", Some(0));
}

pub fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
