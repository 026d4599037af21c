//! Clients that never finish: dribbled heads and bodies, bodies and heads without measure, idle
//! connections. They are closed within their limits, and the others are served meanwhile (T62).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::running::{
    Client, Running, UTRECHT, alone, connect, is_closed, number, read_answer,
};

/// Limits of this test, in seconds: the same code as with the longer ones of a real service.
const SETTINGS: &[(&str, &str)] = &[
    ("http.header_seconds", "3"),
    ("http.body_seconds", "3"),
    ("http.max_connections", "20000"),
    ("http.max_connections_per_address", "20000"),
];
/// The limit, and time for a machine that is busy.
const CLOSED_BY: Duration = Duration::from_secs(12);
const DRIBBLERS: usize = 200;

/// How others are served: every answer 200, the latencies sorted.
fn probe(service: &Running, until: &dyn Fn() -> bool) -> Vec<Duration> {
    let mut took = Vec::new();
    while !until() {
        // A new connection each time: that is what a flood would shut out.
        let mut client = service.client(0);
        let begun = Instant::now();
        assert_eq!(client.link("GET", None).unwrap().status, 200);
        took.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    took.sort();
    took
}

/// Sends the bytes one at a time until the other side closes; how long that took.
fn dribble(mut stream: TcpStream, bytes: &[u8]) -> Duration {
    let begun = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut rest = bytes.iter().cycle();
    while begun.elapsed() < CLOSED_BY {
        let byte = [*rest.next().unwrap()];
        let sent = stream.write_all(&byte);
        if sent.is_err() || is_closed(&mut stream) {
            return begun.elapsed();
        }
    }
    CLOSED_BY
}

fn service() -> Running {
    let service = Running::new(2, SETTINGS);
    assert_eq!(service.client(0).link("PUT", Some(UTRECHT)).unwrap().status, 200);
    service
}

/// Runs so many slow clients at once, probes meanwhile; every one must have been closed in time.
fn all_closed(service: &Running, what: &str, slow: &(dyn Fn() -> Duration + Sync)) {
    let (mut closed, took) = std::thread::scope(|scope| {
        let slow: Vec<_> = (0..DRIBBLERS).map(|_| scope.spawn(slow)).collect();
        let took = probe(service, &|| slow.iter().all(std::thread::ScopedJoinHandle::is_finished));
        (slow.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>(), took)
    });
    closed.sort();
    println!(
        "{DRIBBLERS} {what}: closed after {:?} to {:?}; meanwhile {} others served in {:?} (middle), \
         {:?} (longest)",
        closed[0],
        closed[closed.len() - 1],
        took.len(),
        took[took.len() / 2],
        took[took.len() - 1]
    );
    assert!(closed.iter().all(|after| *after < CLOSED_BY), "left open: {what}");
}

#[test]
fn t62_dribbled_heads_are_closed_and_others_served() {
    let _alone = alone();
    let service = service();
    all_closed(&service, "clients dribbling heads", &|| {
        let mut stream = connect(service.address()).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").unwrap();
        dribble(stream, b"X-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
    });
    assert!(service.is_ready());
}

#[test]
fn t62_dribbled_bodies_are_closed_and_change_nothing() {
    let _alone = alone();
    let mut service = service();
    let client = service.client(1);
    let head = client.request("PUT", &Client::path(Some(UTRECHT)));
    let head = head.replace("Content-Length: 0", "Content-Length: 1000");
    all_closed(&service, "clients dribbling bodies", &|| {
        let mut stream = connect(service.address()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        dribble(stream, b"{\"partnerId\":\"5127255\"}")
    });
    assert_eq!(service.client(1).link("GET", None).unwrap().status, 404);
    service.stop();
}

#[test]
fn t62_connections_that_say_nothing_are_closed() {
    let _alone = alone();
    let service = service();
    let many = number("PAL_IDLE", 500);
    let mut idle: Vec<_> = (0..many).map(|_| connect(service.address()).unwrap()).collect();
    let begun = Instant::now();
    // One that has asked already, and then says nothing more.
    let mut used = connect(service.address()).unwrap();
    used.write_all(service.client(0).request("GET", "/healthz").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut used).unwrap().status, 200);
    idle.push(used);
    let took = probe(&service, &|| begun.elapsed() > Duration::from_secs(2));
    println!(
        "{many} idle connections: {} others served in {:?} (of 100 the 99th), {:?} (longest)",
        took.len(),
        took[took.len() * 99 / 100],
        took[took.len() - 1]
    );
    let mut left_open = Vec::new();
    for (n, mut stream) in idle.into_iter().enumerate() {
        let left = CLOSED_BY.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left)).unwrap();
        let end = stream.read(&mut [0; 512]);
        if matches!(&end, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock) {
            left_open.push(n);
        }
    }
    let (silent, used): (Vec<_>, Vec<_>) = left_open.into_iter().partition(|n| *n < many);
    let left = format!("left open: {} silent, {} that had asked before", silent.len(), used.len());
    assert!(silent.is_empty() && used.is_empty(), "{left}");
}

/// Sends as much as the other side takes, at most `most` bytes.
fn pour(stream: &mut TcpStream, piece: &[u8], most: usize) -> usize {
    let mut sent = 0;
    while sent < most && stream.write_all(piece).is_ok() {
        sent += piece.len();
    }
    sent
}

#[test]
fn t62_bodies_and_heads_without_measure_are_refused() {
    let _alone = alone();
    let service = service();
    let request = service.client(1).request("PUT", &Client::path(Some(UTRECHT)));
    // Announced: refused before it is sent.
    let mut stream = connect(service.address()).unwrap();
    let head = request.replace("Content-Length: 0", "Content-Length: 104857600");
    stream.write_all(head.as_bytes()).unwrap();
    let answer = read_answer(&mut stream).unwrap();
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(answer.json()["error"]["code"], "RequestEntityTooLarge", "{answer:?}");
    // Not announced: cut off long before its end.
    let mut stream = connect(service.address()).unwrap();
    let head = request.replace("Content-Length: 0", "Transfer-Encoding: chunked");
    stream.write_all(head.as_bytes()).unwrap();
    let mut piece = b"10000\r\n".to_vec();
    piece.extend(vec![b'x'; 0x1_0000]);
    piece.extend(b"\r\n");
    let sent = pour(&mut stream, &piece, 100 << 20);
    assert!(sent < 20 << 20, "{sent} bytes of an endless body were taken");
    // A head of a megabyte.
    let mut stream = connect(service.address()).unwrap();
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    let sent = pour(&mut stream, &[b'a'; 4096], 1 << 20);
    let _ = stream.write_all(b"\r\n\r\n");
    if let Ok(answer) = read_answer(&mut stream) {
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    println!("a head was cut off after at most {sent} bytes");
    // Many headers.
    let mut stream = connect(service.address()).unwrap();
    let mut many = String::from("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    many += &"X-Many: 1\r\n".repeat(1_000);
    let _ = stream.write_all((many + "\r\n").as_bytes());
    if let Ok(answer) = read_answer(&mut stream) {
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(service.client(1).link("GET", None).unwrap().status, 404);
    assert!(service.is_ready());
}
