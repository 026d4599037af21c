//! An import of facts in parts: nobody waits for it, nobody sees a part of it, and nothing is left of one that ends early.

use std::fmt::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use pal_model::{FactError, FactProblem, Facts, PrivacyLevel};
use pal_store::LinkAction::{Create, Delete};
use pal_store::{
    DATABASE, FactCheck, FactImport, FactImportError, FactsAt, ImportSummary, PrivacyChange,
    SqliteOptions, SqliteStore, Store,
};
use rusqlite::Connection;

use super::{FABRIKAM, Kept, actor, ada, at, change, id, import, may, stores, wrong};

/// More lines than one part has, all of Fabrikam; the first one ends what is stated of Ada.
fn many() -> String {
    let mut lines = format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{}\",\"type\":\"User\",\"enabled\":false,\"from\":\"2026-05-05T00:00:00Z\"}}\n",
        ada().object
    );
    for n in 0..2500 {
        let _ = writeln!(
            lines,
            "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"fab00000-3000-4000-8000-{n:012}\",\"type\":\"User\"}}"
        );
    }
    lines
}

/// A check that says that everything is written, and waits until the test lets it go on.
fn held() -> (FactCheck, Receiver<()>, Sender<()>) {
    let (written, is_written) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let check = move |_: &mut Facts| {
        let _ = written.send(());
        // An error: the test has ended, or lets everything pass from now on.
        let _ = may_go_on.lock().unwrap().recv_timeout(Duration::from_secs(30));
        Ok(())
    };
    (Box::new(check), is_written, go_on)
}

async fn take_in(store: &dyn Store, check: FactCheck) -> Result<ImportSummary, FactImportError> {
    let text = many();
    let import = FactImport { name: "facts", text: &text, at: may(6), actor: actor(), check };
    store.import_facts(import).await
}

async fn text(store: &dyn Store, known_at: Option<&str>) -> String {
    let known_at = known_at.map(at);
    store.facts(FactsAt { known_at, tenant: None, links: true }).await.unwrap().text
}

fn whole(folder: &Path) {
    assert_eq!(wrong(folder), []);
}

fn rows(folder: &Path, sql: &str) -> i64 {
    let c = Connection::open(folder.join(DATABASE)).unwrap();
    c.query_row(sql, [], |r| r.get(0)).unwrap()
}

const ALL_ROWS: &str = "SELECT count(*) FROM fact";
const STAGED: &str = "SELECT count(fact_staged) FROM counter";

async fn serving() -> Vec<Kept> {
    let all = stores().await;
    for kept in &all {
        kept.store.begin_serving(may(2)).await.unwrap();
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_an_import_and_nobody_sees_a_part_of_it() {
    for kept in serving().await {
        let (store, folder) = (kept.store.clone(), kept.folder.path());
        let before = text(store.as_ref(), None).await;
        let (check, is_written, go_on) = held();
        let importing = tokio::spawn({
            let store = store.clone();
            async move { take_in(store.as_ref(), check).await }
        });
        tokio::task::spawn_blocking(move || is_written.recv().unwrap()).await.unwrap();
        assert!(rows(folder, ALL_ROWS) > 2500, "everything is written");
        assert_eq!(text(store.as_ref(), None).await, before);
        assert!(store.account(ada(), may(6)).await.unwrap().unwrap().enabled);
        assert_eq!(store.figures().await.unwrap().facts, 8);
        whole(folder);
        let link = change(store.as_ref(), ada(), Create(id("5127255")), may(6)).await.unwrap();
        drop(go_on);
        let done = importing.await.unwrap().unwrap();
        assert_eq!((done.added, done.ended), (2501, 1));
        assert!(!store.account(ada(), may(6)).await.unwrap().unwrap().enabled);
        assert_eq!(store.figures().await.unwrap().facts, 8 + 2501);
        // The link came first: a report of that moment shows it and no row of the import.
        let then = text(store.as_ref(), Some(&link.updated.to_string())).await;
        assert!(!then.contains("fab00000-3000") && then.contains("\"kind\":\"link\""), "{then}");
        assert!(text(store.as_ref(), None).await.contains("fab00000-3000"));
        assert_eq!(rows(folder, STAGED), 0);
        whole(folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_begins_again_when_other_facts_were_changed_meanwhile() {
    for kept in serving().await {
        let (store, folder) = (kept.store.clone(), kept.folder.path());
        let (check, is_written, go_on) = held();
        let importing = tokio::spawn({
            let store = store.clone();
            async move { take_in(store.as_ref(), check).await }
        });
        let is_written = tokio::task::spawn_blocking(move || {
            is_written.recv().unwrap();
            is_written
        });
        let is_written = is_written.await.unwrap();
        let (tenant, level) = (FABRIKAM.parse().unwrap(), PrivacyLevel::Masked);
        let set = PrivacyChange { tenant, level, at: may(6), actor: actor() };
        assert!(store.set_privacy(set).await.unwrap());
        assert!(text(store.as_ref(), None).await.contains("\"privacy\""));
        drop(go_on);
        assert_eq!(importing.await.unwrap().unwrap().added, 2501);
        assert!(is_written.recv().is_ok(), "everything was written a second time");
        assert_eq!(rows(folder, ALL_ROWS), 8 + 2 + 2501 - 1 + 1);
        whole(folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_import_that_is_refused() {
    for kept in serving().await {
        let (store, folder) = (kept.store.as_ref(), kept.folder.path());
        let (before, there) = (text(store, None).await, rows(folder, ALL_ROWS));
        let refuse = |_: &mut Facts| {
            let problem = FactProblem::Json("refused by the test".to_owned());
            Err(FactError { place: "facts:1".to_owned(), problem })
        };
        let error = take_in(store, Box::new(refuse)).await.unwrap_err();
        assert!(matches!(error, FactImportError::Fact(_)), "{error}");
        assert_eq!(text(store, None).await, before);
        assert_eq!((rows(folder, ALL_ROWS), rows(folder, STAGED)), (there, 0));
        assert_eq!(rows(folder, "SELECT count(ended) FROM fact"), 0);
        // A later line is refused when parts before it are written.
        let reaches = format!(
            "{}{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{}\",\"type\":\"User\",\"from\":\"2026-05-01T00:00:00Z\"}}\n",
            many(),
            ada().object
        );
        import(store, &reaches, may(7)).await.unwrap_err();
        assert_eq!((rows(folder, ALL_ROWS), rows(folder, STAGED)), (there, 0));
        whole(folder);
    }
}

/// A copy of the data folder of the moment at which everything is written and nothing is seen: what a power cut leaves.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_leaves_that_ends_with_its_process_is_taken_out_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    import(&store, super::FACTS, may(1)).await.unwrap();
    store.begin_serving(may(2)).await.unwrap();
    store.checkpoint(may(2)).unwrap().unwrap();
    let before = text(&store, None).await;
    let (check, is_written, go_on) = held();
    let importing = async { take_in(&store, check).await };
    let cut = tempfile::tempdir().unwrap();
    let copying = async {
        tokio::task::spawn_blocking(move || is_written.recv().unwrap()).await.unwrap();
        let to = cut.path().join(DATABASE);
        let c = Connection::open(folder.path().join(DATABASE)).unwrap();
        c.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
        for part in ["audit", "keys"] {
            std::fs::create_dir(cut.path().join(part)).unwrap();
            for file in std::fs::read_dir(folder.path().join(part)).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), cut.path().join(part).join(file.file_name())).unwrap();
            }
        }
        drop(go_on);
    };
    let (done, ()) = tokio::join!(importing, copying);
    done.unwrap();
    let cut = cut.path();
    assert_eq!(rows(cut, STAGED), 1);
    whole(cut);
    let store = SqliteStore::open(cut, SqliteOptions::default()).unwrap();
    assert_eq!(text(&store, None).await, before);
    whole(cut);
    // One that changes nothing takes it out as well.
    assert_eq!(import(&store, super::FACTS, may(7)).await.unwrap().unchanged, 8);
    assert_eq!((rows(cut, ALL_ROWS), rows(cut, STAGED)), (8, 0));
    assert_eq!(rows(cut, "SELECT count(ended) FROM fact"), 0);
    assert_eq!(import(&store, &many(), may(8)).await.unwrap().added, 2501);
    change(&store, ada(), Delete(None), may(8)).await.unwrap_err();
    whole(cut);
}
