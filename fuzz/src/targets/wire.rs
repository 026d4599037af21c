//! Readers that are no part of the interface of their crates.

use pal_server::fuzz::exchange;
use tokio::runtime::Builder;

use crate::scratch;

const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The bytes of a connection, at once and in pieces. Of HTTP/1 the same requests come out of both, and none whose
/// head has both a length and an encoding.
pub fn connection(input: &[u8]) {
    let exchange = |size: usize| {
        // Time stands still while anything can be done, and jumps where everything waits.
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(exchange(input, size))
    };
    let whole = exchange(input.len().max(1));
    let pieces = exchange(7);
    if input.starts_with(HTTP2) {
        return;
    }
    assert_eq!(whole.requests, pieces.requests);
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut first = httparse::Request::new(&mut headers);
    let complete = first.parse(input).is_ok_and(|parsed| parsed.is_complete());
    let has = |name: &str| first.headers.iter().any(|h| h.name.eq_ignore_ascii_case(name));
    if complete && has("transfer-encoding") && has("content-length") {
        assert!(whole.requests.is_empty(), "a request that means two things was taken");
    }
}

pub fn connection_seeds() -> Vec<Vec<u8>> {
    let put = "PUT /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    let get = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1, ::1\r\n\r\n";
    let chunks = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n";
    let both = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let mut seeds: Vec<Vec<u8>> = [
        format!("{put}{get}"),
        format!("{get}{chunks}{get}"),
        format!("{get}{both}{get}"),
        both.replace("\r\n", "\n"),
        get.replace("/1.1", "/1.0").replace("Host: a", "Connection: keep-alive"),
        put.replace("Host", "Expect: 100-continue\r\nHost"),
    ]
    .map(String::into_bytes)
    .to_vec();
    // Settings; a request on stream 1; the same with a body, cancelled; a ping; the end.
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    // GET / https, with :authority as a literal.
    let head = [&[0x82, 0x87, 0x84, 0x41, 0x01][..], b"a"].concat();
    let posted = [&[0x83, 0x87, 0x84, 0x41, 0x01][..], b"a"].concat();
    let frames = [
        HTTP2.to_vec(),
        frame(4, 0, 0, &[0, 4, 0, 0, 255, 255]),
        frame(1, 5, 1, &head),
        frame(1, 4, 3, &posted),
        frame(0, 0, 3, b"abc"),
        frame(3, 0, 3, &[0, 0, 0, 8]),
        frame(8, 0, 0, &[0, 0, 16, 0]),
        frame(6, 0, 0, b"12345678"),
        frame(7, 0, 0, &[0; 8]),
    ];
    seeds.push(frames.concat());
    seeds
}

pub fn certificate(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = pal_issuer::reads_certificate(&text);
    // Bytes of a certificate without the armour, which is in the way of a fuzzer.
    use base64::Engine;
    let armoured = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        base64::engine::general_purpose::STANDARD.encode(input)
    );
    let _ = pal_issuer::reads_certificate(&armoured);
}

pub fn certificate_seeds() -> Vec<Vec<u8>> {
    scratch::contents("fuzz/seeds/certificate", ".der")
}
