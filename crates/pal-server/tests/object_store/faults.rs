//! What fails on the way there counts for nothing, and what comes back otherwise is not read.

use std::sync::atomic::Ordering;

use crate::object_store::world::{Faulty, PLACE, World, rows, two_months};

#[tokio::test]
async fn a_failed_put_counts_nothing_and_a_repeat_succeeds() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    // The first of two files is taken.
    kept.takes.store(1, Ordering::Relaxed);
    let error = world.import(&two_months("1.5")).await.unwrap_err();
    assert!(!error.is_refusal(), "the same call may succeed later");
    let said = error.to_string();
    assert!(said.contains(&format!("cannot be put into {PLACE}: the bucket is full")), "{said}");
    assert!(said.contains("Nothing was imported"), "{said}");
    assert_eq!(world.known().await, (0, 0));
    assert_eq!(kept.names().await, Vec::<String>::new());
    assert_eq!(world.cached(), Vec::<String>::new());
    kept.takes.store(u32::MAX, Ordering::Relaxed);
    assert!(world.import(&two_months("1.5")).await.unwrap().changed);
    assert_eq!(world.known().await, (2, 1));
    assert_eq!(kept.names().await, world.cached());
}

#[tokio::test]
async fn a_failed_get_is_told_and_leaves_nothing() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let (before, files) = (world.report().await.unwrap(), world.cached());
    world.lose();
    kept.gives.store(false, Ordering::Relaxed);
    let said = world.report().await.unwrap_err();
    assert!(said.contains(&format!("{} is not in the data folder", files[0])), "{said}");
    assert!(said.contains(&format!("fetched from {PLACE}: the line is down")), "{said}");
    assert_eq!(world.cached(), Vec::<String>::new());
    kept.gives.store(true, Ordering::Relaxed);
    assert_eq!(world.report().await.unwrap(), before);
}

#[tokio::test]
async fn an_object_that_was_changed_is_refused_by_name() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let (before, files) = (world.report().await.unwrap(), world.cached());
    let whole = kept.bytes(&files[1]).await;
    let mut turned = whole.clone();
    turned[whole.len() / 2] ^= 1;
    let (shorter, longer) = (whole[..whole.len() - 1].to_vec(), [&whole[..], b"x"].concat());
    let other = kept.bytes(&files[0]).await;
    for bytes in [turned, shorter, longer, other, Vec::new()] {
        kept.tamper(&files[1], bytes).await;
        world.lose();
        let said = world.report().await.unwrap_err();
        let named = format!("the charge file {} in {PLACE} is not the one", files[1]);
        assert!(said.contains(&named) && said.contains("changed or damaged"), "{said}");
        assert_eq!(world.cached(), files[..1], "what is good stays, and nothing else");
    }
    kept.tamper(&files[1], whole).await;
    assert_eq!(world.report().await.unwrap(), before);
}

#[tokio::test]
async fn an_object_that_is_gone_is_named() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&rows(&["2026-02"], "1")).await.unwrap();
    let file = world.cached().remove(0);
    world.lose();
    pal_usage::Home::remove(kept.as_ref(), &file).await.unwrap();
    let said = world.report().await.unwrap_err();
    assert!(said.contains(&file) && said.contains("not found"), "{said}");
}

/// What a fetch that was killed has left is swept away by the next import; one that goes on is not.
#[tokio::test]
async fn dead_fetches_are_swept_away() {
    let world = World::new(Some(Faulty::in_memory()));
    world.import(&rows(&["2026-02"], "1")).await.unwrap();
    let [dead, alive] = [".fetch-dead", ".fetch-alive"].map(|name| world.charges().join(name));
    std::fs::write(&dead, "half").unwrap();
    let lock = std::fs::File::create(&alive).unwrap();
    lock.lock().unwrap();
    world.import(&rows(&["2026-03"], "1")).await.unwrap();
    assert!(!dead.exists());
    assert!(alive.exists());
}
