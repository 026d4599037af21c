//! Clients that hang up in the middle of writes: what they began is done whole or not at all, and
//! nothing of them stays behind (P5).

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::running::{
    Client, Dice, MALMO, Running, UTRECHT, alone, assert_gapless, connect, number, read_answer,
};

const CLIENTS: usize = 16;
const OWNERS: usize = 40;
/// One whose requests are never complete, and one that behaves.
const BROKEN: usize = OWNERS;
const ORDERLY: usize = OWNERS + 1;

/// Sends a write, all of it or its beginning, waits a little, and is gone.
fn hang_up(client: &Client, dice: &mut Dice, stream: &mut TcpStream) {
    let partner = [UTRECHT, MALMO][dice.roll(2)];
    let method = ["PUT", "PATCH", "DELETE"][dice.roll(3)];
    let request = client.request(method, &Client::path(Some(partner)));
    let bytes = if dice.roll(4) == 0 { dice.roll(request.len()) } else { request.len() };
    // The other side may be gone first: that is what this is about.
    let _ = stream.write_all(&request.as_bytes()[..bytes]);
    std::thread::sleep(Duration::from_micros(dice.roll(4_000) as u64));
}

/// A write that announces a body and never sends all of it.
fn incomplete(client: &Client, stream: &mut TcpStream) {
    let request = client.request("PUT", &Client::path(Some(UTRECHT)));
    let request = request.replace("Content-Length: 0", "Content-Length: 64");
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.write_all(b"{\"partnerId\":");
}

/// What a well-behaved client is told meanwhile.
fn orderly(service: &Running, until: &dyn Fn() -> bool) -> usize {
    let mut client = service.client(ORDERLY);
    let mut written = 0;
    let mut methods = ["PUT", "PATCH", "DELETE"].iter().cycle();
    while !until() {
        let method = methods.next().unwrap();
        let answer = client.link(method, Some(UTRECHT)).unwrap();
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        written += 1;
        if *method != "DELETE" {
            assert_eq!(usize::try_from(answer.version()).unwrap(), written);
        }
    }
    written
}

/// Open sockets of the service.
#[cfg(target_os = "linux")]
fn sockets(service: &Running) -> usize {
    let entries = std::fs::read_dir(format!("/proc/{}/fd", service.id())).unwrap();
    let names = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    names.filter(|name| name.to_string_lossy().starts_with("socket:")).count()
}

#[cfg(not(target_os = "linux"))]
fn sockets(_: &Running) -> usize {
    0
}

#[test]
fn who_hangs_up_leaves_whole_links_behind() {
    let _alone = alone();
    let requests = number("PAL_STORM", 2_000);
    let seed = number("PAL_SEED", 1);
    let mut service = Running::new(OWNERS + 2, &[]);
    let before = sockets(&service);
    let written = std::thread::scope(|scope| {
        let storm: Vec<_> = (0..CLIENTS)
            .map(|n| {
                let service = &service;
                scope.spawn(move || {
                    let mut dice = Dice::new((seed * CLIENTS + n) as u64 + 1);
                    for _ in 0..requests.div_ceil(CLIENTS) {
                        let mut stream = connect(service.address()).unwrap();
                        // The system takes a connection, and all that is sent, before the service
                        // does: what hangs up then was never a request.
                        let asked = service.client_without_token().request("GET", "/healthz");
                        stream.write_all(asked.as_bytes()).unwrap();
                        assert_eq!(read_answer(&mut stream).unwrap().status, 200);
                        if dice.roll(8) == 0 {
                            incomplete(&service.client(BROKEN), &mut stream);
                        } else {
                            let owner = service.client(dice.roll(OWNERS));
                            hang_up(&owner, &mut dice, &mut stream);
                        }
                    }
                })
            })
            .collect();
        orderly(&service, &|| storm.iter().all(std::thread::ScopedJoinHandle::is_finished))
    });
    assert!(service.is_ready());
    let begun = Instant::now();
    while sockets(&service) > before + 1 {
        let left = sockets(&service);
        assert!(begun.elapsed() < Duration::from_secs(15), "{left} sockets, {before} before");
        std::thread::sleep(Duration::from_millis(50));
    }
    let shown: Vec<_> =
        (0..OWNERS + 2).map(|n| service.client(n).link("GET", None).unwrap()).collect();
    service.stop();
    service.assert_audit_is_whole();
    let histories = service.histories(OWNERS + 2);
    for (answer, history) in shown.iter().zip(&histories) {
        assert_gapless(history);
        match history.last().filter(|last| last.state == pal_store::LinkState::Active) {
            Some(last) => {
                assert_eq!(answer.status, 200);
                assert_eq!(
                    (answer.version(), answer.partner()),
                    (last.version, last.partner.number())
                );
            }
            None => assert_eq!(answer.status, 404, "{answer:?}"),
        }
    }
    assert!(histories[BROKEN].is_empty(), "half a request was taken for a whole one");
    assert_eq!(histories[ORDERLY].len(), written);
    let changes: usize = histories[..OWNERS].iter().map(Vec::len).sum();
    println!(
        "{requests} requests whose client hung up made {changes} changes; beside them {written} \
         orderly ones; all sockets closed {:?} later",
        begun.elapsed()
    );
    assert!(changes > requests / 50, "hardly any request arrived");
}

/// A change that cannot be written, because somebody else holds the database, does not hold up a stop.
#[test]
fn a_stop_waits_for_nothing_longer_than_it_may() {
    let _alone = alone();
    let mut service = Running::new(1, &[("http.shutdown_seconds", "2")]);
    let database = std::path::Path::new(&service.data()).join("openpal.db");
    let holder = rusqlite::Connection::open(database).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut client = service.client(0);
    let changed = std::thread::spawn(move || client.link("PUT", Some(UTRECHT)).map(|a| a.status));
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    service.stop();
    // Less than the twenty seconds for which a writer waits for the database.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert!(!matches!(changed.join().unwrap(), Ok(200)), "what was not written was confirmed");
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    service.start();
    assert_eq!(service.client(0).link("GET", None).unwrap().status, 404);
    service.assert_audit_is_whole();
}
