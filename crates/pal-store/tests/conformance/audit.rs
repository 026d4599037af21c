//! The audit log, read: newest first, in pieces, by who, what and when.

use pal_model::TenantId;
use pal_store::LinkAction::{Create, Delete, Update};
use pal_store::{AuditAction, AuditFilter, AuditStore, SqliteOptions, SqliteStore, Store};

use super::{CONTOSO, FABRIKAM, actor, ada, at, change, id, import, may, stores};

/// No record.
const NONE: [i64; 0] = [];

fn numbers(records: &[pal_store::AuditRecord]) -> Vec<i64> {
    records.iter().map(|record| record.number).collect()
}

/// One import, four changes of Ada's link from 2 to 5 May, one read on 6 May.
async fn six(store: &dyn Store) {
    for (day, action) in [
        (2, Create(id("5127255"))),
        (3, Update(id("5127256"))),
        (4, Delete(None)),
        (5, Create(id("5127255"))),
    ] {
        change(store, ada(), action, may(day)).await.unwrap();
    }
    let mut nobody = actor();
    nobody.principal = None;
    store.record_read(nobody, may(6), "{}".to_owned()).await.unwrap();
}

#[tokio::test]
async fn records_are_read_newest_first_and_in_pieces() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        six(store).await;
        let all = store.audit_records(AuditFilter::default(), 100).await.unwrap();
        assert_eq!(numbers(&all), [6, 5, 4, 3, 2, 1]);
        let filter = AuditFilter { before: Some(5), ..AuditFilter::default() };
        assert_eq!(numbers(&store.audit_records(filter, 2).await.unwrap()), [4, 3]);
        for pair in all.windows(2) {
            assert_eq!(pair[0].previous, pair[1].hash, "each has the hash of the one before");
        }
        let update = &all[3];
        assert_eq!((update.action, update.at), (AuditAction::LinkUpdate, may(3)));
        assert_eq!((update.actor.clone(), update.target), (actor(), Some(ada())));
        assert_eq!(update.versions, (Some(1), Some(2)));
        assert!(update.detail.contains("5127256"), "{}", update.detail);
    }
}

#[tokio::test]
async fn records_are_found_by_who_what_and_when() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        six(store).await;
        let tenant = |text: &str| Some(text.parse::<TenantId>().unwrap());
        let fit = async |filter| numbers(&store.audit_records(filter, 100).await.unwrap());
        let all = AuditFilter::default();
        let action = Some(AuditAction::LinkCreate);
        assert_eq!(fit(AuditFilter { action, ..all }).await, [5, 2]);
        assert_eq!(fit(AuditFilter { from: Some(may(3)), to: Some(may(5)), ..all }).await, [4, 3]);
        assert_eq!(fit(AuditFilter { from: Some(at("2027-01-01T00:00:00Z")), ..all }).await, NONE);
        // The read was by nobody of any directory.
        assert_eq!(fit(AuditFilter { tenant: tenant(FABRIKAM), ..all }).await, [5, 4, 3, 2, 1]);
        assert_eq!(fit(AuditFilter { tenant: tenant(CONTOSO), ..all }).await, NONE);
        let object = Some(ada().object);
        let hers = AuditFilter { tenant: tenant(FABRIKAM), object, action, ..all };
        assert_eq!(fit(hers).await, [5, 2]);
        // The same object of another directory is somebody else.
        assert_eq!(fit(AuditFilter { tenant: tenant(CONTOSO), object, ..all }).await, NONE);
        let other = Some(super::CEM.parse().unwrap());
        assert_eq!(fit(AuditFilter { tenant: tenant(FABRIKAM), object: other, ..all }).await, NONE);
    }
}

/// Two actions by one word could not be told apart in a query.
#[test]
fn every_action_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<&str> =
        AuditAction::ALL.into_iter().map(AuditAction::name).collect();
    assert_eq!(words.len(), AuditAction::ALL.len());
}

#[tokio::test]
async fn checkpoints_are_read_newest_first_with_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    let (none, key) = store.audit_checkpoints(None, 10).await.unwrap();
    assert!(none.is_empty());
    import(&store, super::FACTS, may(1)).await.unwrap();
    for (day, action) in [(2, Create(id("5127255"))), (3, Delete(None)), (4, Create(id("5127255")))]
    {
        change(&store, ada(), action, may(day)).await.unwrap();
        store.checkpoint(may(day)).unwrap().unwrap();
    }
    let (found, again) = store.audit_checkpoints(None, 2).await.unwrap();
    assert_eq!(found.iter().map(|c| c.number).collect::<Vec<_>>(), [6, 4]);
    assert_eq!(again, key);
    let message = pal_store::Checkpoint::message(6, &found[0].hash, &found[0].at);
    assert!(pal_store::is_sealed(&key, message.as_bytes(), &found[0].signature));
    let (rest, _) = store.audit_checkpoints(Some(4), 2).await.unwrap();
    assert_eq!(rest.iter().map(|c| c.number).collect::<Vec<_>>(), [2]);
    let report = store.audit_verify().await.unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!((report.records, report.checkpoints, report.links), (7, 3, 1));
}
