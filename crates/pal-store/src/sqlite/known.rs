//! The instants at which things become known.
//!
//! # The idea
//!
//! A report "as known at K" is the same for ever if no later commit makes anything known at K or
//! before. So every change takes its instant inside the writer's transaction, after the last
//! instant of any change of facts, links or usage, whatever the clock says ([`next_known`]). A
//! report at an instant after the last one moves the last instant there first ([`pin`]): it waits
//! for the change that is being written, and every later one gets a later instant.
//!
//! # Worked example
//!
//! The last instant is 10:00. An import of usage begins its transaction at 10:05 and takes some seconds. A report as
//! known at 09:00 or 10:00 is read at once. A report as known at 10:05:01 waits for the import, which is known at 10:05,
//! and shows it, as it will from then on. If the report comes first, the last instant is 10:05:01, and the import becomes
//! known one tick later: the report does not show it, and never will.

use std::cell::RefCell;
use std::sync::Arc;

use pal_model::Instant;
use rusqlite::Connection;
use serde_json::json;

use super::audit;
use super::evidence::Evidence;
use super::value::{instant, ticks};
use crate::StoreError;

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

thread_local! {
    /// The clock of the thread that writes.
    static CLOCK: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

/// Sets the clock of this thread.
pub fn use_clock(clock: Option<Clock>) {
    CLOCK.set(clock);
}

/// The time inside a transaction of the writer; without a clock, the time of the request.
pub fn now(at: Instant) -> Instant {
    CLOCK.with_borrow(|clock| clock.as_ref().map_or(at, |clock| clock()))
}

/// The instant at which a change becomes known: now, or one tick after the last one. Each change
/// calls it once, in its transaction; `at` is the time of its request.
pub fn next_known(c: &Connection, at: Instant) -> Result<i64, StoreError> {
    let mut statement = c.prepare_cached(
        "UPDATE counter SET known = max(known + 1, ?1) WHERE id = 1 RETURNING known",
    )?;
    Ok(statement.query_row([ticks(now(at))], |r| r.get(0))?)
}

/// The last instant at which anything became known.
pub fn last_known(c: &Connection) -> Result<i64, StoreError> {
    Ok(c.prepare_cached("SELECT known FROM counter WHERE id = 1")?.query_row([], |r| r.get(0))?)
}

/// Lets nothing become known at an instant or before it any more.
pub fn pin(c: &Connection, at: Instant) -> Result<(), StoreError> {
    let to = ticks(at);
    let moved = c
        .prepare_cached("UPDATE counter SET known = ?1 WHERE id = 1 AND known < ?1")?
        .execute([to])?;
    if moved > 0 {
        let detail = json!({ "change": "asked", "knownAt": instant(to).to_string() });
        audit::append_state(c, ticks(now(at)), &detail, Evidence::default())?;
    }
    Ok(())
}
