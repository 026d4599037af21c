//! What keeps processors busy: so much at a time, made once for those who ask the same, and no longer
//! than somebody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use pal_server::{Queue, Workload};
use tokio::sync::oneshot;

use crate::service::reports::with_usage;
use crate::service::support::OPERATOR;

const REPORTS: &str = "/api/v1/reports?group_by=month,partner_id,resource_id";

#[tokio::test]
async fn beyond_the_places_and_those_who_wait_a_request_is_refused_at_once() {
    let queue = Queue::new(1, 1, Duration::from_millis(50));
    let place = queue.admit().await.unwrap();
    let (one, other) = tokio::join!(queue.admit(), queue.admit());
    // The one who could wait has waited in vain; there was no room to wait for the other.
    assert!(one.is_err() && other.is_err());
    drop(place);
    assert!(queue.admit().await.is_ok());
}

#[tokio::test]
async fn who_waits_gets_the_next_place() {
    let queue = Queue::new(1, 1, Duration::from_mins(1));
    let place = queue.admit().await.unwrap();
    let freed = async {
        tokio::task::yield_now().await;
        drop(place);
    };
    let (admitted, ()) = tokio::join!(queue.admit(), freed);
    assert!(admitted.is_ok());
}

#[tokio::test]
async fn a_busy_service_says_when_to_come_again() {
    let mut world = with_usage().await;
    let places = Workload { reports: Queue::new(1, 0, Duration::ZERO), ..Workload::new(2) };
    world.replace_work(places);
    let held = world.app.work.reports.admit().await.unwrap();
    let (token, records) = (world.token(OPERATOR), world.records());
    for path in [REPORTS.to_owned(), format!("{REPORTS}&format=csv"), "/api/v1/alerts".to_owned()] {
        let refused = world.call("GET", path, &token).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text());
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.error().0, "ServerBusy");
    }
    assert_eq!(world.call("GET", "/api/v1/me".to_owned(), &token).await.status, StatusCode::OK);
    assert_eq!(world.records(), records, "what was refused was recorded as read");
    drop(held);
    assert_eq!(world.call("GET", REPORTS.to_owned(), &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_ask_the_same_at_once_share_what_is_made() {
    let world = with_usage().await;
    let answer = world.call("GET", REPORTS.to_owned(), &world.token(OPERATOR)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let (_, alone) = world.shares();
    let again = Arc::new(with_usage().await);
    let token = again.token(OPERATOR);
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (world, token) = (again.clone(), token.clone());
            tokio::spawn(async move { world.call("GET", REPORTS.to_owned(), &token).await.status })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(again.shares().1, alone, "something was made twice");
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_told_to_stop() {
    let queue = Queue::new(1, 0, Duration::ZERO);
    let (begun, begins) = oneshot::channel();
    let (ended, ends) = oneshot::channel();
    let place = queue.admit().await.unwrap();
    let asked = tokio::spawn(place.run(move |stop: &AtomicBool| {
        begun.send(()).unwrap();
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        ended.send(()).unwrap();
    }));
    begins.await.unwrap();
    asked.abort();
    ends.await.unwrap();
}
