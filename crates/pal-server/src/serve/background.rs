//! What a service does beside its requests, and at its end: checkpoints of the audit log, signing keys, the
//! watched folder, the wait for a signal to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use pal_model::Instant;
use pal_store::{SqliteStore, StoreError};
use pal_usage::Watch;

use crate::App;
use crate::config::Settings;
use crate::connection::AnonymousLimiter;
use crate::signing::KeyFolder;

/// How long the last checkpoint may wait for a change that is being written. Connections have the rest of
/// the time to stop.
const LAST_CHECKPOINT: Duration = Duration::from_secs(1);

/// Signs what is in the audit log. What a long change keeps from being signed is signed at the next start.
pub async fn last_checkpoint(store: Arc<SqliteStore>, now: Instant) -> Result<(), StoreError> {
    let signing = tokio::task::spawn_blocking(move || store.checkpoint(now));
    match tokio::time::timeout(LAST_CHECKPOINT, signing).await {
        Ok(Ok(signed)) => drop(signed?),
        Ok(Err(error)) => tracing::error!(%error, "no audit checkpoint"),
        Err(_) => tracing::warn!("a change is still being written: no audit checkpoint"),
    }
    Ok(())
}

/// A checkpoint is due after so many records, or after so many seconds with any.
const RECORDS: i64 = 1_000;
const SECONDS: u64 = 60;

/// Every second a look whether a checkpoint of the audit log is due; every minute buckets that are
/// full again, and signing keys.
pub fn spawn_upkeep(
    app: Arc<App>,
    store: Arc<SqliteStore>,
    keys: KeyFolder,
    anonymous: Arc<AnonymousLimiter>,
) {
    tokio::spawn(async move {
        let mut known = keys.names().unwrap_or_default();
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        for second in 0u64.. {
            ticks.tick().await;
            let now = app.now();
            let minute = second % SECONDS == 0;
            let at_least = if minute { 1 } else { RECORDS };
            let signing = store.clone();
            let signed =
                tokio::task::spawn_blocking(move || signing.checkpoint_of(at_least, now)).await;
            match signed.map_err(|error| error.to_string()) {
                Ok(Ok(Some(checkpoint))) => {
                    let (number, hash) = (checkpoint.number, checkpoint.hash);
                    tracing::info!(
                        number,
                        hash,
                        signature = checkpoint.signature,
                        "audit checkpoint"
                    );
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => tracing::error!(%error, "no audit checkpoint"),
                Err(error) => tracing::error!(error, "no audit checkpoint"),
            }
            if minute {
                app.limits.forget_idle();
                anonymous.forget_idle();
                let kept_up = app
                    .issuer
                    .as_deref()
                    .map_or(Ok(()), |issuer| keys.keep_up(issuer.keys(), &mut known, now));
                if let Err(error) = kept_up {
                    tracing::error!(%error, "signing keys were not looked after");
                }
            }
        }
    });
}

/// Takes in what lands in the watched folder.
pub fn spawn_watch(app: Arc<App>, settings: &Settings) {
    let Some(folder) = settings.watched() else { return };
    let pause = Duration::from_secs(settings.usage.watch_seconds.max(1));
    let mut watch = Watch::new(folder);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(pause);
        loop {
            ticks.tick().await;
            let looked = watch.look(&app.live.intake, app.now(), &|| app.guid()).await;
            if let Err(error) = looked {
                tracing::error!(%error, "the watched folder was not looked at");
            }
        }
    });
}

/// Tells the server to finish what it has begun when the process is told to stop. From the return on, not
/// only from when the task first runs, a signal is heard.
pub fn spawn_stop(handle: Handle<SocketAddr>, grace: Duration) {
    let signalled = stop_signal();
    tokio::spawn(async move {
        signalled.await;
        tracing::info!("stopping");
        handle.graceful_shutdown(Some(grace.saturating_sub(LAST_CHECKPOINT)));
    });
}

#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
fn stop_signal() -> impl Future<Output = ()> {
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}
