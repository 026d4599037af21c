//! Answers that the parser of HTTP/1 writes by itself, without the error form that clients know.

use axum::http::StatusCode;

use crate::http::HttpError;

/// The answer to send instead of one that the parser wrote by itself; `None` = it did not.
pub fn in_error_form(written: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(written).ok().filter(|text| text.len() <= 512)?;
    let head = text.strip_suffix("\r\n\r\n")?;
    let (first, fields) = head.split_once("\r\n")?;
    let status: u16 = first.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let own = |line: &str| line.starts_with("x-ms-request-id:");
    let empty = fields.lines().any(|line| line == "content-length: 0");
    if !(400..500).contains(&status) || !empty || fields.lines().any(own) {
        return None;
    }
    let status = StatusCode::from_u16(status).ok()?;
    let (code, message) = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            "RequestHeaderFieldsTooLarge",
            "The head of the request is too large. Send fewer or shorter headers.",
        ),
        StatusCode::URI_TOO_LONG => ("UriTooLong", "The address of the request is too long."),
        _ => (
            "BadRequest",
            "The request is not well-formed HTTP. Check its first line, its headers and how its body \
             is framed.",
        ),
    };
    let body = HttpError::new(status, code, message).body();
    let mut bytes = format!("{first}\r\n").into_bytes();
    for line in fields.lines().filter(|line| !line.starts_with("content-length:")) {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let rest = format!(
        "content-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    bytes.extend_from_slice(rest.as_bytes());
    bytes.extend_from_slice(&body);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_parser_wrote_is_written_anew() {
        let parser =
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let told = String::from_utf8(in_error_form(parser.as_bytes()).unwrap()).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ndate: x"),
            "{head}"
        );
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["error"]["code"], "BadRequest");
        for other in [
            parser.replace("400", "200"),
            parser.replace("length: 0", "length: 3"),
            parser.replace("date:", "x-ms-request-id:"),
            format!("{parser}more"),
        ] {
            assert!(in_error_form(other.as_bytes()).is_none(), "{other}");
        }
    }
}
