//! Clients of HTTP/2 that keep a connection and do nothing with it: PINGs without a request, answers for
//! which they open no window. They are closed within their limits, and others are served meanwhile (T62).

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::running::{Running, alone, connect, is_closed};

const SETTINGS: &[(&str, &str)] = &[("http.header_seconds", "3"), ("http.body_seconds", "3")];
/// The limit, and time for a machine that is busy.
const CLOSED_BY: Duration = Duration::from_secs(12);
const CLIENTS: usize = 50;

const HEADERS: u8 = 1;
const SETTINGS_FRAME: u8 = 4;
const PING: u8 = 6;
const END_STREAM_AND_HEADERS: u8 = 5;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A connection that opens a window of so many bytes for each stream.
pub fn begin(service: &Running, window: u32) -> TcpStream {
    let mut stream = connect(service.address()).unwrap();
    let mut setting = vec![0, 4];
    setting.extend(window.to_be_bytes());
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS_FRAME, 0, 0, &setting));
    stream.write_all(&bytes).unwrap();
    stream
}

/// A GET, in the plain form of HPACK.
pub fn get(stream: u32, path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    block.extend(path.as_bytes());
    block.extend([0x01, 1, b'a']);
    frame(HEADERS, END_STREAM_AND_HEADERS, stream, &block)
}

/// Sends PINGs until the other side closes; how long that took.
fn ping(mut stream: TcpStream) -> Duration {
    let begun = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    while begun.elapsed() < CLOSED_BY {
        let sent = stream.write_all(&frame(PING, 0, 0, &[7; 8]));
        if sent.is_err() || is_closed(&mut stream) {
            return begun.elapsed();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    CLOSED_BY
}

fn all_closed(what: &str, service: &Running, client: &(dyn Fn() -> TcpStream + Sync)) {
    let mut closed: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| ping(client()))).collect();
        assert_eq!(service.client(0).link("GET", None).unwrap().status, 404);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    closed.sort();
    println!("{CLIENTS} {what}: closed after {:?} to {:?}", closed[0], closed[CLIENTS - 1]);
    assert!(closed.iter().all(|after| *after < CLOSED_BY), "left open: {what}");
    assert!(service.is_ready());
}

#[test]
fn t62_a_ping_is_no_request() {
    let _alone = alone();
    let service = Running::new(1, SETTINGS);
    all_closed("clients that only send PINGs", &service, &|| begin(&service, 65_535));
    all_closed("clients that only send PINGs after an answer", &service, &|| {
        let mut stream = begin(&service, 65_535);
        stream.write_all(&get(1, "/healthz")).unwrap();
        stream
    });
}

#[test]
fn t62_answers_that_nobody_takes_end_the_connection() {
    let _alone = alone();
    let service = Running::new(1, SETTINGS);
    for window in [0, 1, 20_000] {
        let what = format!("clients with a window of {window}");
        all_closed(&what, &service, &|| {
            let mut stream = begin(&service, window);
            for number in 0..32 {
                stream.write_all(&get(2 * number + 1, "/api/v1/openapi.json")).unwrap();
            }
            stream
        });
    }
}

/// A client of HTTP/1.1 that asks and does not read.
#[test]
fn t62_a_client_that_does_not_read_is_closed() {
    let _alone = alone();
    let service = Running::new(1, SETTINGS);
    let mut stream = connect(service.address()).unwrap();
    let request = service.client_without_token().request("GET", "/api/v1/openapi.json");
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let begun = Instant::now();
    // Answers fill what the system keeps for a reader, and then they wait.
    let mut is_closed = false;
    while begun.elapsed() < CLOSED_BY && !is_closed {
        if let Err(error) = stream.write_all(request.as_bytes()) {
            use std::io::ErrorKind::{TimedOut, WouldBlock};
            is_closed = !matches!(error.kind(), WouldBlock | TimedOut);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(is_closed, "left open");
    assert!(service.is_ready());
}
