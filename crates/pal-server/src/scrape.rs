//! The listener of metrics: what is known elsewhere is read when somebody asks.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Monotonic};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pal_store::{ImportState, StoreFigures};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Mutex;

use crate::App;
use crate::telemetry;

/// The database is counted no more often than this.
const COUNT_AGAIN: Duration = Duration::from_secs(30);
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Scraped {
    app: Arc<App>,
    figures: Mutex<Option<(Monotonic, StoreFigures)>>,
}

/// `/metrics`, and nothing else.
pub fn routes(app: Arc<App>) -> Router {
    let scraped = Arc::new(Scraped { app, figures: Mutex::default() });
    Router::new().route("/metrics", get(metrics)).with_state(scraped)
}

async fn metrics(State(scraped): State<Arc<Scraped>>) -> Response {
    let app = &scraped.app;
    let mut kept = scraped.figures.lock().await;
    let now = Monotonic::now();
    let fresh = kept.as_ref().is_some_and(|(at, _)| now.duration_since(*at) < COUNT_AGAIN);
    if !fresh {
        match app.store.figures().await {
            Ok(figures) => *kept = Some((now, figures)),
            // Those before are better than none: the store says elsewhere what it lacks.
            Err(error) => tracing::warn!(%error, "the store was not counted for the metrics"),
        }
    }
    if let Some((_, figures)) = &*kept {
        of_store(app, figures);
    }
    drop(kept);
    of_process(app);
    match app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn of_store(app: &App, figures: &StoreFigures) {
    let metrics = &app.metrics;
    metrics.facts.set(gauge(figures.facts));
    metrics.links.set(gauge(figures.links));
    set(&metrics.audit_records, figures.audit_records);
    metrics.audit_unsigned.set(gauge(figures.unsigned_records));
    let age = |at: pal_model::Instant| (app.now().unix_seconds() - at.unix_seconds()).max(0);
    metrics.checkpoint_age.set(figures.checkpoint.map_or(-1, age));
    let mut rows = 0;
    for state in [ImportState::Counted, ImportState::Unchanged, ImportState::Refused] {
        let labels = [("state", state.name().to_owned())];
        let of = figures.imports.iter().find(|imports| imports.state == state);
        set(&metrics.imports.get_or_create(&labels), of.map_or(0, |imports| imports.number));
        if let Some(imports) = of {
            rows += imports.rows;
            metrics.last_import.get_or_create(&labels).set(imports.last.unix_seconds());
        }
    }
    set(&metrics.import_rows, rows);
}

fn of_process(app: &App) {
    let metrics = &app.metrics;
    let of = |name, value: &str| [(name, value.to_owned())];
    let (kept, made) = app.live.composer.counts();
    for (from, count) in [("kept", kept), ("usage", made)] {
        set(&metrics.report_shares.get_or_create(&of("from", from)), count);
    }
    let failures = &app.live.intake.failures;
    for (why, count) in
        [("refused", &failures.refused), ("ended", &failures.ended), ("broken", &failures.broken)]
    {
        let count = count.load(Ordering::Relaxed);
        set(&metrics.decoder_failures.get_or_create(&of("why", why)), count);
    }
    let length = |queue: &str, length: usize| {
        metrics.queue_length.get_or_create(&of("queue", queue)).set(gauge(length as u64));
    };
    for (queue, load) in app.work.loads() {
        length(queue, load.length);
        set(&metrics.work_refused.get_or_create(&of("queue", queue)), load.refused);
    }
    length("changes", app.store.waiting_changes());
    if let Some(log) = telemetry::queue() {
        length("log", log.waiting());
        set(&metrics.log_lines_lost, log.lost());
    }
}

/// A counter that something else has counted.
fn set(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
