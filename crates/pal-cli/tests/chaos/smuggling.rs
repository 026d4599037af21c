//! Bytes that two readers could take for different requests (T61). Whatever they are, no second
//! request may come out of them: the first is refused in the error form, and the connection ends.

use std::io::{Read, Write};
use std::time::Duration;

use crate::support::running::{Client, Running, UTRECHT, alone, connect};

/// A row: what it is, and the bytes, in which `HIDDEN` is another request and
/// `TOKEN`, `PATH` and `LEN` are filled in.
const ROWS: &[(&str, &str)] = &[
    (
        "CL.TE: a length and chunks",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENContent-Length: LEN\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    (
        "TE.CL: chunks and a length",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    (
        "two lengths that differ",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENContent-Length: 0\r\nContent-Length: LEN\r\n\r\nHIDDEN",
    ),
    (
        "a length with a sign",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENContent-Length: +0\r\n\r\nHIDDEN",
    ),
    (
        "a list of lengths",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENContent-Length: 0, LEN\r\n\r\nHIDDEN",
    ),
    (
        "a length that is not a number",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENContent-Length: 0x00\r\n\r\nHIDDEN",
    ),
    (
        "an encoding that is none",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    (
        "chunked, but not last",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    (
        "a chunk size that is not one",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\nHIDDEN",
    ),
    (
        "a chunk size beyond any number",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\nHIDDEN",
    ),
    (
        "a folded header",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENX-Folded: a\r\n Content-Length: LEN\r\nContent-Length: 0\r\n\r\nHIDDEN",
    ),
    (
        "a space before the colon",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENTransfer-Encoding : chunked\r\nContent-Length: LEN\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    (
        "a bare carriage return in a header",
        "PUT PATH HTTP/1.1\r\nHost: a\r\nTOKENX-A: b\rContent-Length: LEN\r\nContent-Length: 0\r\n\r\nHIDDEN",
    ),
    (
        "chunks in HTTP/1.0",
        "PUT PATH HTTP/1.0\r\nHost: a\r\nTOKENConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
    ),
    ("two hosts", "PUT PATH HTTP/1.1\r\nHost: a\r\nHost: b\r\nTOKENContent-Length: 0\r\n\r\n"),
    ("no host", "PUT PATH HTTP/1.1\r\nTOKENContent-Length: 0\r\n\r\n"),
];

#[test]
fn t61_no_second_request_comes_out_of_bytes_that_mean_two_things() {
    let _alone = alone();
    let service = Running::new(ROWS.len() + 1, &[("http.header_seconds", "20")]);
    let mut faults = Vec::new();
    for (owner, (what, row)) in ROWS.iter().enumerate() {
        let client = service.client(owner);
        let request = client.request("PUT", &Client::path(Some(UTRECHT)));
        let token = request.lines().find(|line| line.starts_with("Authorization")).unwrap();
        // The hidden request asks for something that nobody else asked for.
        let hidden = "GET /metadata/endpoints?api-version=1.0 HTTP/1.1\r\nHost: a\r\n\r\n";
        let bytes = row
            .replace("PATH", &Client::path(Some(UTRECHT)))
            .replace("TOKEN", &format!("{token}\r\n"))
            .replace("LEN", &(hidden.len() + 5).to_string())
            .replace("HIDDEN", hidden);
        let (text, closed) = exchange(&service, bytes.as_bytes());
        let answers: Vec<&str> =
            text.match_indices("HTTP/1.").map(|(at, _)| &text[at + 9..at + 12]).collect();
        println!("{what}: {answers:?}, {}", if closed { "closed" } else { "left open" });
        let served = text.contains("loginEndpoint");
        let linked = client_is_linked(&service, owner);
        let fits = answers == ["400"] && !linked && text.contains("\"code\":\"BadRequest\"");
        if served || !closed || !fits {
            faults.push(format!("{what}: {answers:?}, linked {linked}, hidden request {served}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn client_is_linked(service: &Running, owner: usize) -> bool {
    service.client(owner).link("GET", None).unwrap().status == 200
}

/// Sends the bytes; all that comes back, and whether the other side closed.
fn exchange(service: &Running, bytes: &[u8]) -> (String, bool) {
    let mut stream = connect(service.address()).unwrap();
    stream.write_all(bytes).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return (String::from_utf8_lossy(&all).into_owned(), true),
            Ok(more) => all.extend(&piece[..more]),
            Err(error) => {
                use std::io::ErrorKind::{TimedOut, WouldBlock};
                let closed = !matches!(error.kind(), TimedOut | WouldBlock);
                return (String::from_utf8_lossy(&all).into_owned(), closed);
            }
        }
    }
}

/// Two whole requests in one piece are not smuggling: both are answered, in their order.
#[test]
fn t61_pipelined_requests_are_answered_in_order() {
    let _alone = alone();
    let service = Running::new(1, &[("http.header_seconds", "2")]);
    let client = service.client(0);
    let both = client.request("PUT", &Client::path(Some(UTRECHT)))
        + &client.request("GET", &Client::path(None));
    let (text, closed) = exchange(&service, both.as_bytes());
    assert_eq!(text.matches("HTTP/1.1 200").count(), 2, "{text}");
    assert_eq!(text.matches("\"version\":1").count(), 2, "{text}");
    assert!(closed, "an idle connection was left open");
}
