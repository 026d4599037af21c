//! What goes there comes back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use pal_attribution::roles::RoleData;
use pal_server::Live;
use pal_usage::{Home, ObjectHome, check_home, home};

use crate::object_store::world::{Faulty, PLACE, World, report, rows, two_months};

/// A file of so many bytes, of which no two parts are equal.
pub fn large(folder: &Path, bytes: u32) -> std::path::PathBuf {
    let path = folder.join("large");
    let content: Vec<u8> = (0..bytes.div_ceil(4)).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&path, &content[..bytes as usize]).unwrap();
    path
}

#[tokio::test]
async fn a_folder_elsewhere_is_a_home() {
    let elsewhere = tempfile::tempdir().unwrap();
    let url = format!("file://{}/", elsewhere.path().display());
    let data = tempfile::tempdir().unwrap();
    let opened = home(data.path(), &url).unwrap();
    let world = World::new(opened);
    world.import(&two_months("1.5")).await.unwrap();
    let before = world.report().await.unwrap();
    assert!(before.contains("2026-03,EUR,total,,1,1.5"), "{before}");
    let files = world.cached();
    assert_eq!(files.len(), 2);
    for file in &files {
        let (here, there) = (world.charges().join(file), elsewhere.path().join(file));
        assert_eq!(std::fs::read(here).unwrap(), std::fs::read(there).unwrap());
    }
    world.lose();
    assert_eq!(world.report().await.unwrap(), before);
    assert_eq!(world.cached(), files);
}

#[tokio::test]
async fn what_the_folder_lacks_is_fetched_and_nothing_else() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let (before, files) = (world.report().await.unwrap(), world.cached());
    assert_eq!(kept.names().await, files);
    assert_eq!(kept.gets.load(Ordering::Relaxed), 0);
    std::fs::remove_file(world.charges().join(&files[0])).unwrap();
    assert_eq!(world.report().await.unwrap(), before);
    assert_eq!(kept.gets.load(Ordering::Relaxed), 1);
    world.lose();
    // Who shows what counts reads no file.
    assert_eq!(world.known().await, (2, 1));
    assert_eq!(world.cached(), Vec::<String>::new());
    assert_eq!(world.report().await.unwrap(), before);
    assert_eq!(world.cached(), files);
}

/// What the service remembers of a revision does not say that the files are still there.
#[tokio::test]
async fn a_service_that_runs_misses_them_too() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let roles = Arc::new(RoleData::shipped().unwrap());
    let live = Live::new(world.beside(Some(kept)), roles);
    live.snapshot(None).await.unwrap();
    world.lose();
    let counted = live.snapshot(None).await.unwrap().counted;
    assert_eq!(counted.parts(&live.intake.shelf, None).unwrap().len(), 2);
}

#[tokio::test]
async fn files_of_many_parts_come_back_whole() {
    const SIZE: u32 = (3 << 23) + 1;
    let folder = tempfile::tempdir().unwrap();
    let sent = large(folder.path(), SIZE);
    let home = ObjectHome::over(Arc::new(InMemory::new()), "a/b", PLACE);
    home.put("large", &sent).await.unwrap();
    let got = folder.path().join("got");
    home.get("large", &got, u64::from(SIZE)).await.unwrap();
    assert!(std::fs::read(sent).unwrap() == std::fs::read(&got).unwrap());
    let error = home.get("large", &got, u64::from(SIZE) - 1).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    home.remove("large").await.unwrap();
    home.remove("large").await.unwrap();
    let error = home.get("large", &got, u64::from(SIZE)).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

/// Two processes, each with a slow line, and two readers in each.
#[tokio::test]
async fn fetches_at_once_do_no_harm() {
    let slow = ThrottleConfig {
        wait_get_per_call: Duration::from_millis(20),
        ..ThrottleConfig::default()
    };
    let kept = Faulty::new(Arc::new(ThrottledStore::new(InMemory::new(), slow)));
    let world = World::new(Some(kept.clone()));
    world.import(&two_months("1.5")).await.unwrap();
    let (before, files) = (world.report().await.unwrap(), world.cached());
    world.lose();
    let other = world.beside(Some(kept.clone()));
    let all = tokio::join!(world.report(), world.report(), report(&other), report(&other));
    for said in [all.0, all.1, all.2, all.3] {
        assert_eq!(said.unwrap(), before);
    }
    assert_eq!(world.cached(), files);
    // Readers of one process wait for one another instead of fetching the same.
    assert!(kept.gets.load(Ordering::Relaxed) <= 4);
}

/// A folder that had no home gets one: what was in it goes there with the next import.
#[tokio::test]
async fn a_folder_moves_in() {
    let world = World::new(None);
    world.import(&two_months("1.5")).await.unwrap();
    let kept = Faulty::in_memory();
    let housed = world.beside(Some(kept.clone()));
    let refuse = pal_usage::counting::OnDifference::Refuse;
    let damaged = world.charges().join(&world.cached()[0]);
    let whole = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, "damaged").unwrap();
    let refused = world.import_by(&housed, &rows(&["2026-04"], "7"), refuse, false).await;
    let said = refused.unwrap_err().to_string();
    assert!(
        said.contains("was changed or damaged, so it was not put into memory:///kept"),
        "{said}"
    );
    std::fs::write(&damaged, whole).unwrap();
    world.import_by(&housed, &rows(&["2026-04"], "7"), refuse, false).await.unwrap();
    assert_eq!(kept.names().await, world.cached());
    assert_eq!(kept.names().await.len(), 3);
    let before = report(&housed).await.unwrap();
    world.lose();
    assert_eq!(report(&housed).await.unwrap(), before);
}

/// Whoever opens the folder without its home, or with another, is told so before anything is done.
#[tokio::test]
async fn one_folder_has_one_home() {
    let kept = Faulty::in_memory();
    let world = World::new(Some(kept));
    assert!(home(world.folder.path(), "").unwrap().is_none());
    world.import(&two_months("1.5")).await.unwrap();
    let other = tempfile::tempdir().unwrap();
    for store in [String::new(), format!("file://{}", other.path().display())] {
        let said = home(world.folder.path(), &store).unwrap_err().to_string();
        assert!(said.contains("are kept in 'memory:///kept'"), "{said}");
        assert!(said.contains("OPENPAL_USAGE__STORE"), "{said}");
    }
}

#[test]
fn a_url_that_cannot_be_a_home_is_refused_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let here = format!("file://{}", folder.path().display());
    for good in [
        "",
        "s3://b",
        "s3://b/p/q",
        "az://c/p",
        "abfss://c@a.dfs.core.windows.net/p",
        "gs://b",
        &here,
    ] {
        assert_eq!(check_home(good), Ok(()), "{good}");
    }
    let wrong = [
        ("bucket", "that is no URL"),
        ("/var/charges", "that is no URL"),
        ("http://example.com/p", "it must begin with s3://"),
        ("memory:///p", "it must begin with s3://"),
        ("s3:///p", "it names no bucket"),
        ("s3://geheim@b/p", "it must have no user name, password or query"),
        ("s3://key:geheim@b/p", "it must have no user name, password or query"),
        ("az://c/p?sig=geheim", "it must have no user name, password or query"),
        ("abfss://c:geheim@a.dfs.core.windows.net/p", "it must have no user name"),
        ("file:///there/is/none", "there is no such folder"),
    ];
    for (store, why) in wrong {
        let said = check_home(store).unwrap_err();
        assert!(said.starts_with("usage.store is '") && said.contains(why), "{store}: {said}");
        assert!(!said.contains(":geheim") && !said.contains("=geheim"), "{said}");
    }
}
