//! What does not count is not kept.

use std::sync::atomic::Ordering;

use pal_usage::IntakeError;
use pal_usage::counting::OnDifference;

use crate::object_store::world::{Faulty, World, rows, two_months};

#[tokio::test]
async fn what_does_not_count_is_removed_from_the_home() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let files = kept.names().await;
    // The same again.
    assert!(!world.import(&two_months("1.5")).await.unwrap().changed);
    assert_eq!((kept.names().await, world.cached()), (files.clone(), files.clone()));
    // One month the same, one new: its file only.
    world.import(&rows(&["2026-03", "2026-04"], "1.5")).await.unwrap();
    let now = kept.names().await;
    assert_eq!((now.len(), &world.cached()), (3, &now));
    assert!(files.iter().all(|file| now.contains(file)));
    // Other rows.
    let refused = world.import(&two_months("2.5")).await;
    assert!(matches!(refused, Err(IntakeError::Undecided(_))), "{refused:?}");
    assert_eq!((kept.names().await, world.cached()), (now.clone(), now));
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    let refuse = OnDifference::Refuse;
    world.import_by(&world.intake, &two_months("1"), refuse, true).await.unwrap();
    assert_eq!(kept.puts.load(Ordering::Relaxed), 0);
    assert_eq!(world.known().await, (0, 0));
}

/// The rows that differ are named by what is known, and that is fetched first.
#[tokio::test]
async fn a_refusal_names_rows_of_files_that_were_not_here() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    world.lose();
    let said = world.import(&two_months("2.5")).await.unwrap_err().to_string();
    assert!(
        said.contains("costs.csv:2") && said.contains("1 row is counted and not in these files"),
        "{said}"
    );
}

/// What a restatement replaces is needed by reports of earlier times.
#[tokio::test]
async fn what_was_known_stays_in_the_home() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&rows(&["2026-02"], "1.5")).await.unwrap();
    let restate = OnDifference::Restate;
    world.import_by(&world.intake, &rows(&["2026-02"], "2.5"), restate, false).await.unwrap();
    assert_eq!(kept.names().await.len(), 2);
    world.lose();
    let at = "2026-05-03T08:00:00Z".parse().unwrap();
    let then = world.intake.counted(Some(at)).await.unwrap();
    assert_eq!(then.parts(&world.intake.shelf, None).unwrap().len(), 1);
}
