//! Many clients change one link at once, over HTTP: there must be one order of their requests that
//! agrees with every answer and with who was answered before whom asked (P6).
//!
//! The checker tries orders depth first: the next request may be any whose begin lies before the
//! end of all that are left. Sets of requests already tried in a state are not tried again. Versions
//! in the answers leave few orders to try.

use std::collections::HashSet;
use std::time::Instant;

use crate::support::running::{
    Answer, Client, Dice, MALMO, Running, UTRECHT, alone, assert_gapless, number,
};

const CLIENTS: usize = 8;
const REQUESTS_EACH: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Link {
    version: i64,
    partner: u64,
    active: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Put(u64),
    Patch(u64),
    Delete(u64),
    Get,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// 200 with a link.
    Link {
        version: i64,
        partner: u64,
    },
    /// 200 without one.
    Deleted,
    Conflict,
    NotFound,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    asked: Asked,
    told: Told,
    begin: Instant,
    end: Instant,
}

/// The link after the request, and what must be told of it.
fn step(link: Link, asked: Asked) -> (Link, Told) {
    let shown = |link: Link| (link, Told::Link { version: link.version, partner: link.partner });
    let version = link.version + 1;
    match (asked, link.active) {
        (Asked::Put(partner), false) | (Asked::Patch(partner), true) => {
            shown(Link { version, partner, active: true })
        }
        (Asked::Put(_), true) => (link, Told::Conflict),
        (Asked::Delete(id), true) if id == link.partner => {
            (Link { version, active: false, ..link }, Told::Deleted)
        }
        (Asked::Get, true) => shown(link),
        (Asked::Patch(_) | Asked::Delete(_) | Asked::Get, _) => (link, Told::NotFound),
    }
}

/// Whether some order of the requests explains the answers, from this link on.
fn explained(requests: &[Request], from: Link) -> bool {
    assert!(requests.len() <= 128, "a history of at most 128 requests");
    let all = if requests.len() == 128 { u128::MAX } else { (1 << requests.len()) - 1 };
    let mut tried = HashSet::new();
    let mut open = vec![(all, from)];
    while let Some((left, link)) = open.pop() {
        if left == 0 {
            return true;
        }
        if !tried.insert((left, link)) {
            continue;
        }
        let rest = || (0..requests.len()).filter(|n| left & (1 << n) != 0);
        let first_end = rest().map(|n| requests[n].end).min();
        for n in rest().filter(|n| Some(requests[*n].begin) <= first_end) {
            let (after, told) = step(link, requests[n].asked);
            if told == requests[n].told {
                open.push((left & !(1 << n), after));
            }
        }
    }
    false
}

/// Asks, and notes when and what.
fn ask(client: &mut Client, asked: Asked) -> Request {
    let (method, partner) = match asked {
        Asked::Put(id) => ("PUT", Some(id)),
        Asked::Patch(id) => ("PATCH", Some(id)),
        Asked::Delete(id) => ("DELETE", Some(id)),
        Asked::Get => ("GET", None),
    };
    let begin = Instant::now();
    let answer = client.link(method, partner).unwrap();
    let end = Instant::now();
    Request { asked, told: told(asked, &answer), begin, end }
}

fn told(asked: Asked, answer: &Answer) -> Told {
    match (answer.status, asked) {
        (200, Asked::Delete(_)) => {
            assert!(answer.body.is_empty(), "{answer:?}");
            Told::Deleted
        }
        (200, _) => Told::Link { version: answer.version(), partner: answer.partner() },
        (409, _) => Told::Conflict,
        (404, _) => Told::NotFound,
        _ => panic!("{asked:?}: {answer:?}"),
    }
}

fn choose(dice: &mut Dice) -> Asked {
    let partner = [UTRECHT, MALMO][dice.roll(2)];
    match dice.roll(10) {
        0..3 => Asked::Put(partner),
        3..5 => Asked::Patch(partner),
        5..7 => Asked::Delete(partner),
        _ => Asked::Get,
    }
}

#[test]
fn changes_of_one_link_have_one_order() {
    let _alone = alone();
    let histories = number("PAL_HISTORIES", 10);
    let seed = number("PAL_SEED", 1);
    let mut service = Running::new(histories, &[]);
    let mut overlapping = 0;
    for owner in 0..histories {
        let history: Vec<Request> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|n| {
                    let mut client = service.client(owner);
                    let mut dice = Dice::new(((seed * histories + owner) * CLIENTS + n) as u64 + 1);
                    scope.spawn(move || {
                        let requests =
                            (0..REQUESTS_EACH).map(|_| ask(&mut client, choose(&mut dice)));
                        requests.collect::<Vec<_>>()
                    })
                })
                .collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        let never = Link { version: 0, partner: 0, active: false };
        assert!(explained(&history, never), "no order explains {history:#?}");
        overlapping += history
            .iter()
            .filter(|a| history.iter().filter(|b| b.begin < a.end && a.begin < b.end).count() > 1)
            .count();
    }
    service.stop();
    for history in service.histories(histories) {
        assert_gapless(&history);
    }
    let all = histories * CLIENTS * REQUESTS_EACH;
    println!(
        "{histories} histories of {CLIENTS} clients: {all} requests, {overlapping} at the same time as others"
    );
    assert!(overlapping > all / 10, "the clients hardly met");
}

/// The checker refuses what it is there to find.
#[test]
fn the_checker_finds_faults() {
    let zero = Instant::now();
    let at = |asked, told, from: u64, to: u64| {
        let time = |ms| zero + std::time::Duration::from_millis(ms);
        Request { asked, told, begin: time(from), end: time(to) }
    };
    let link = |version, partner| Told::Link { version, partner };
    let never = Link { version: 0, partner: 0, active: false };
    let created = at(Asked::Put(1), link(1, 1), 0, 10);
    let good = [
        created,
        at(Asked::Put(2), Told::Conflict, 5, 15),
        at(Asked::Get, Told::NotFound, 2, 6),
        at(Asked::Patch(2), link(2, 2), 12, 30),
        at(Asked::Get, link(1, 1), 13, 28),
        at(Asked::Delete(2), Told::Deleted, 20, 40),
        at(Asked::Put(3), link(4, 3), 35, 50),
    ];
    assert!(explained(&good, never));
    for (fault, history) in [
        ("a stale read", vec![created, at(Asked::Get, Told::NotFound, 11, 12)]),
        ("a doubled create", vec![created, at(Asked::Put(2), link(1, 2), 1, 9)]),
        ("a version used again", vec![created, at(Asked::Patch(2), link(1, 2), 11, 12)]),
        ("a version left out", vec![created, at(Asked::Patch(2), link(3, 2), 11, 12)]),
        (
            "a lost write",
            vec![
                created,
                at(Asked::Patch(2), link(2, 2), 11, 12),
                at(Asked::Get, link(1, 1), 13, 14),
            ],
        ),
        (
            "versions that start over",
            vec![
                created,
                at(Asked::Delete(1), Told::Deleted, 11, 12),
                at(Asked::Put(1), link(1, 1), 13, 14),
            ],
        ),
        ("a conflict without a link", vec![at(Asked::Put(1), Told::Conflict, 0, 1)]),
    ] {
        assert!(!explained(&history, never), "{fault} was not found");
    }
}
