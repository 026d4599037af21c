//! What was known at an instant is the same for ever (P10), whatever the clock does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pal_model::Instant;
use pal_store::LinkAction::{Correct, Create, Update};
use pal_store::{AuditFilter, Clock, FactsAt, LinkError, Store, StoreError};

use super::usage::{MAY, counting, piece};
use super::{
    FABRIKAM, FACTS, Kept, ada, backends_at, change, id, import, may, reopened_at, usage, wrong,
};

/// A clock that stands still until somebody moves it.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn at(time: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(ticks(time))))
    }

    fn set(&self, time: Instant) {
        self.0.store(ticks(time), Ordering::SeqCst);
    }

    fn now(&self) -> Instant {
        Instant::from_nanoseconds(i128::from(self.0.load(Ordering::SeqCst)) * 100).unwrap()
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }
}

fn ticks(time: Instant) -> i64 {
    i64::try_from(time.nanoseconds() / 100).unwrap()
}

fn tenant(name: &str) -> String {
    format!("{{\"kind\":\"tenant\",\"tenant\":\"{FABRIKAM}\",\"name\":\"{name}\"}}\n")
}

/// Facts and usage as known at an instant.
async fn known(store: &dyn Store, at: Option<Instant>) -> String {
    let facts = store.facts(FactsAt { known_at: at, tenant: None, links: true }).await.unwrap();
    let usage = store.usage(at).await.unwrap();
    let pieces: Vec<_> =
        usage.pieces.into_iter().map(|p| (p.number, p.known, p.costs, p.edition)).collect();
    format!("{}{pieces:?}", facts.text)
}

/// The last instant at which anything became known.
async fn last(store: &dyn Store) -> Instant {
    store.facts(FactsAt::default()).await.unwrap().known_at
}

/// A usage import, a change of facts and a link, each with the last instant after it.
async fn changes(store: &dyn Store, n: u64, day: u32) -> Vec<Instant> {
    let mut instants = Vec::new();
    import(store, &tenant(&format!("name {n}")), may(day)).await.unwrap();
    instants.push(last(store).await);
    let pieces = vec![piece(0, MAY, &format!("s{n}"), n + 1)];
    let mut new = counting(usage::import(store, day, &["k"], pieces).await, &[]);
    new.charges[0].name = format!("{n}.parquet");
    store.import_usage(new).await.unwrap();
    instants.push(last(store).await);
    let partner = id(["5127255", "5127256"][n as usize % 2]);
    let action = if n == 0 { Create(partner) } else { Update(partner) };
    change(store, ada(), action, may(day)).await.unwrap();
    instants.push(last(store).await);
    instants
}

/// The instants of facts, usage and links rise together, also when the clock goes back and over a
/// restart.
#[tokio::test]
async fn instants_rise_over_everything_whatever_the_clock_does() {
    let hands = Hands::at(may(10));
    for mut kept in backends_at(Some(hands.clock())) {
        import(kept.store.as_ref(), FACTS, may(1)).await.unwrap();
        kept.store.begin_serving(may(1)).await.unwrap();
        let mut instants = Vec::new();
        // The time of a request is never that of the commit: it is always 2 May here.
        for (n, day) in [10, 20, 5, 5, 12, 1, 28].into_iter().enumerate() {
            hands.set(may(day));
            let made = changes(kept.store.as_ref(), n as u64, 2).await;
            assert!(made.iter().all(|at| *at >= may(day)), "{made:?} on {day} May");
            instants.extend(made);
            kept = reopened_at(kept, Some(hands.clock()));
        }
        assert!(instants.windows(2).all(|pair| pair[0] < pair[1]), "{instants:?}");
        let apart = instants.windows(2).map(|pair| (pair[0], pair[1]));
        for (before, after) in apart {
            let store = kept.store.as_ref();
            assert_ne!(known(store, Some(before)).await, known(store, Some(after)).await);
        }
    }
}

/// An instant that has been asked for never changes: the next change, at the same time by the clock,
/// becomes known one tick later.
#[tokio::test]
async fn what_was_answered_stays_so_when_the_next_change_has_the_same_time() {
    let hands = Hands::at(may(10));
    for kept in backends_at(Some(hands.clock())) {
        let store = kept.store.as_ref();
        import(store, FACTS, may(10)).await.unwrap();
        store.begin_serving(may(10)).await.unwrap();
        hands.set(may(11));
        let answer = known(store, Some(may(11))).await;
        assert_eq!(answer, known(store, None).await);
        for n in 0..3 {
            changes(store, n, 11).await;
            assert_eq!(known(store, Some(may(11))).await, answer);
        }
        // The answer for now names an instant that gives the same later.
        let (now, at) = (known(store, None).await, last(store).await);
        changes(store, 3, 11).await;
        assert_ne!(known(store, None).await, now);
        assert_eq!(known(store, Some(at)).await, now);
    }
}

/// What is known tomorrow can still change: nobody is told of it, and nothing is moved there.
#[tokio::test]
async fn an_instant_that_has_not_passed_is_refused() {
    let hands = Hands::at(may(10));
    for kept in backends_at(Some(hands.clock())) {
        let store = kept.store.as_ref();
        import(store, FACTS, may(10)).await.unwrap();
        let before = last(store).await;
        for at in
            [may(11), Instant::MAX, Instant::from_nanoseconds(may(10).nanoseconds() + 100).unwrap()]
        {
            let asked = FactsAt { known_at: Some(at), tenant: None, links: true };
            let refused = store.facts(asked).await.unwrap_err();
            assert!(matches!(refused, StoreError::NotYet(told) if told == at), "{refused:?}");
            assert!(matches!(store.usage(Some(at)).await, Err(StoreError::NotYet(_))));
        }
        assert_eq!(last(store).await, before);
        // The clock goes back: what was passed once stays so.
        hands.set(may(3));
        known(store, Some(before)).await;
    }
}

/// Readers ask for what is known now while imports, changes of facts and links are being written;
/// asked again after all of it, every answer is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p10_answers_are_the_same_before_during_and_after_a_change() {
    let hands = Hands::at(may(10));
    for kept in backends_at(Some(hands.clock())) {
        import(kept.store.as_ref(), FACTS, may(10)).await.unwrap();
        kept.store.begin_serving(may(10)).await.unwrap();
        let Kept { store, .. } = &kept;
        let writer = tokio::spawn({
            let (store, hands) = (store.clone(), hands.clone());
            async move {
                for n in 0..25 {
                    changes(store.as_ref(), n, 2).await;
                    // Once it goes back, by less than what has passed.
                    hands.0.fetch_add(if n == 12 { -40 } else { 7 }, Ordering::SeqCst);
                }
            }
        });
        let reader = |step: i64| {
            let (store, hands) = (store.clone(), hands.clone());
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for _ in 0..40 {
                    hands.0.fetch_add(step, Ordering::SeqCst);
                    let at = hands.now();
                    // The clock may have gone back in between.
                    let asked = FactsAt { known_at: Some(at), tenant: None, links: true };
                    if store.facts(asked).await.is_ok() {
                        answers.push((at, known(store.as_ref(), Some(at)).await));
                    }
                }
                answers
            })
        };
        let readers = [reader(1), reader(3), reader(0)];
        writer.await.unwrap();
        let mut asked = 0;
        for reader in readers {
            for (at, answer) in reader.await.unwrap() {
                asked += 1;
                assert_eq!(known(store.as_ref(), Some(at)).await, answer, "known at {at}");
            }
        }
        assert!(asked > 60, "{asked}");
    }
}

/// A link that was changed while the clock was ten years ahead is dated by the clock again, when its owner asks for
/// that: versions rise, what was known before stays, and the audit log says what was corrected.
#[tokio::test]
async fn a_date_far_ahead_is_corrected_by_the_owner() {
    let hands = Hands::at(may(1));
    for kept in backends_at(Some(hands.clock())) {
        let store = kept.store.as_ref();
        let links = async |at| -> Vec<String> {
            let facts = store.facts(FactsAt { known_at: at, tenant: None, links: true }).await;
            let text = facts.unwrap().text;
            text.lines()
                .filter(|line| line.contains("\"kind\":\"link\""))
                .map(str::to_owned)
                .collect()
        };
        hands.set(may(1));
        import(store, FACTS, may(1)).await.unwrap();
        let first = change(store, ada(), Create(id("5127255")), may(2)).await.unwrap();
        assert_eq!((first.version, first.updated), (1, may(1)));
        // A date that is not ahead is nobody's to change.
        let refused = change(store, ada(), Correct(id("5127255")), may(2)).await;
        assert!(matches!(refused, Err(LinkError::NotAhead { .. })), "{refused:?}");
        let ahead: Instant = "2036-05-02T00:00:00Z".parse().unwrap();
        hands.set(ahead);
        let second = change(store, ada(), Update(id("5127256")), ahead).await.unwrap();
        assert_eq!((second.version, second.updated), (2, ahead));
        let known_then = last(store).await;
        let before = links(Some(known_then)).await;
        // The clock is right again. An ordinary change still comes after the one before it.
        hands.set(may(3));
        let third = change(store, ada(), Update(id("5127256")), may(3)).await.unwrap();
        assert!(third.version == 3 && third.updated > ahead);
        let other = change(store, ada(), Correct(id("5127255")), may(3)).await;
        assert!(matches!(other, Err(LinkError::OtherPartner)), "{other:?}");
        let fourth = change(store, ada(), Correct(id("5127256")), may(3)).await.unwrap();
        assert_eq!((fourth.version, fourth.updated, fourth.created), (4, may(3), may(1)));
        // The first link holds until the corrected one; what was ahead has never held.
        let now = links(None).await;
        assert_eq!(now.len(), 2, "{now:?}");
        assert!(
            now[0].contains("5127255") && now[0].contains("\"to\":\"2026-05-03T00:00:00Z\""),
            "{now:?}"
        );
        assert!(
            now[1].contains("5127256") && now[1].contains("\"from\":\"2026-05-03T00:00:00Z\""),
            "{now:?}"
        );
        assert_eq!(links(Some(known_then)).await, before, "what was known stays");
        let records = store.audit_records(AuditFilter::default(), 1).await.unwrap();
        let corrected = &records[0];
        assert_eq!(corrected.versions, (Some(3), Some(4)));
        assert!(
            corrected.detail.contains("\"dateCorrected\":\"2036-05-02T00:00:00.0000001Z\""),
            "{}",
            corrected.detail
        );
        assert_eq!(wrong(kept.folder.path()), []);
        // From here on changes are as ever.
        hands.set(may(4));
        let fifth = change(store, ada(), Update(id("5127255")), may(4)).await.unwrap();
        assert_eq!((fifth.version, fifth.updated), (5, may(4)));
        assert_eq!(links(None).await.len(), 3);
    }
}
