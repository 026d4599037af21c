//! Heads of HTTP/1 as they arrive: what the parser below does not let be seen.
//!
//! It takes a length away where chunks come too, and answers what it cannot read by itself, without the
//! error form that clients know. Both are looked for in the bytes: a head only where no request is under
//! way, because only there do bytes begin one.

use axum::http::StatusCode;

use crate::http::HttpError;

/// Longest head that is looked at; the parser has a limit of its own.
const LONGEST: usize = 64 << 10;

/// The head that is arriving.
#[derive(Default)]
pub struct Head {
    bytes: Vec<u8>,
    is_http2: bool,
}

impl Head {
    /// More of it; whether it is whole now and has both a length and an encoding, so that two readers
    /// could take it for different requests (RFC 9112, 6.1).
    pub fn add(&mut self, more: &[u8]) -> bool {
        if self.is_http2 {
            return false;
        }
        let from = self.bytes.len().saturating_sub(3);
        self.bytes.extend_from_slice(&more[..more.len().min(LONGEST - self.bytes.len())]);
        if self.bytes.starts_with(b"PRI * HTTP/2.0") {
            *self = Self { bytes: Vec::new(), is_http2: true };
            return false;
        }
        let Some(end) = self.bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") else {
            return false;
        };
        let head = &self.bytes[..from + end];
        let has = |name: &[u8]| {
            head.split(|byte| *byte == b'\n').any(|line| {
                line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            })
        };
        let both = has(b"content-length:") && has(b"transfer-encoding:");
        self.bytes.clear();
        both
    }

    /// A request is under way: what arrives is no head.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }
}

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
    fn a_length_beside_an_encoding_is_seen_however_it_arrives() {
        let both =
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-encoding: chunked\r\nCONTENT-LENGTH: 3\r\n\r\n";
        for size in [1, 2, 7, 1_000] {
            let mut head = Head::default();
            let seen: Vec<bool> = both.as_bytes().chunks(size).map(|more| head.add(more)).collect();
            assert_eq!(seen.iter().filter(|seen| **seen).count(), 1, "{size}");
            assert!(!head.add(b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
        }
        let mut head = Head::default();
        assert!(!head.add(b"PUT / HTTP/1.1\r\nX: content-length: transfer-encoding:\r\n\r\n"));
        assert!(!head.add(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        assert!(!head.add(both.as_bytes()), "frames are no heads");
    }

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
