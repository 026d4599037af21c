//! What partners see of a directory, set by its auditor.

use pal_model::PrivacyLevel::{self, Full, Masked, Subscription};
use pal_store::{AuditAction, AuditFilter, FactsAt, PrivacyChange, PrivacyError, Store};

use super::{FABRIKAM, actor, at, import, may, reopened, stores, wrong};

async fn set(store: &dyn Store, day: u32, level: PrivacyLevel) -> Result<bool, PrivacyError> {
    let tenant = FABRIKAM.parse().unwrap();
    store.set_privacy(PrivacyChange { tenant, level, at: may(day), actor: actor() }).await
}

/// What is known of the directory's privacy, oldest first, without when it became known.
async fn stated(store: &dyn Store, known_at: Option<&str>) -> Vec<String> {
    let known_at = known_at.map(at);
    let text = store.facts(FactsAt { known_at, tenant: None, links: true }).await.unwrap().text;
    let lines = text.lines().filter(|line| line.contains("\"privacy\""));
    let prefix = format!("{{\"kind\":\"privacy\",\"tenant\":\"{FABRIKAM}\",\"level\":\"");
    let shown = |line: &str| {
        let line = line.strip_prefix(&prefix).unwrap_or(line);
        line.split(",\"recordedAt").next().unwrap().replace("T00:00:00Z", "")
    };
    lines.map(shown).collect()
}

#[tokio::test]
async fn a_level_holds_from_now_on_and_ends_the_one_before() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(1)).await.unwrap();
        // The default is not stated.
        assert!(!set(store, 2, Subscription).await.unwrap());
        assert_eq!(stated(store, None).await, Vec::<String>::new());
        assert!(set(store, 3, Masked).await.unwrap());
        let revision = store.revision().await.unwrap();
        assert!(!set(store, 4, Masked).await.unwrap());
        assert_eq!(store.revision().await.unwrap(), revision);
        assert!(set(store, 5, Full).await.unwrap());
        assert!(store.revision().await.unwrap() > revision);
        // Again at one and the same instant: one of them.
        assert!(set(store, 5, Subscription).await.unwrap());
        let two = [
            "masked\",\"from\":\"2026-05-03\",\"to\":\"2026-05-05\"",
            "subscription\",\"from\":\"2026-05-05\"",
        ];
        assert_eq!(stated(store, None).await, two);
        assert_eq!(
            stated(store, Some("2026-05-04T00:00:00Z")).await,
            ["masked\",\"from\":\"2026-05-03\""]
        );
        let filter =
            AuditFilter { action: Some(AuditAction::PrivacySet), ..AuditFilter::default() };
        let records = store.audit_records(filter, 10).await.unwrap();
        let details: Vec<&str> = records.iter().map(|record| record.detail.as_str()).collect();
        let detail = |level: &str, before: &str| {
            format!(
                "{{\"tenant\":\"{FABRIKAM}\",\"level\":\"{level}\",\"levelBefore\":\"{before}\"}}"
            )
        };
        assert_eq!(
            details,
            [
                detail("subscription", "full"),
                detail("full", "masked"),
                detail("masked", "subscription")
            ]
        );
        assert_eq!(wrong(kept.folder.path()), []);
        let kept = reopened(kept);
        assert_eq!(stated(kept.store.as_ref(), None).await, two);
    }
}

/// What an operator has stated for later stands; what ends some day is stated for good.
#[tokio::test]
async fn what_is_stated_is_looked_at() {
    let fact = |rest: &str| {
        format!("{{\"kind\":\"privacy\",\"tenant\":\"{FABRIKAM}\",\"level\":\"masked\"{rest}}}\n")
    };
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(1)).await.unwrap();
        import(store, &fact(",\"from\":\"2026-05-09T00:00:00Z\""), may(2)).await.unwrap();
        let before = (store.revision().await.unwrap(), stated(store, None).await);
        for level in [Full, Masked, Subscription] {
            let refused = set(store, 3, level).await.unwrap_err();
            assert!(matches!(refused, PrivacyError::Later(from) if from == may(9)), "{refused:?}");
        }
        assert_eq!((store.revision().await.unwrap(), stated(store, None).await), before);
        assert!(set(store, 9, Full).await.unwrap());
    }
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(1)).await.unwrap();
        import(store, &fact(",\"to\":\"2026-05-09T00:00:00Z\""), may(2)).await.unwrap();
        assert!(set(store, 3, Masked).await.unwrap());
        assert!(!set(store, 4, Masked).await.unwrap());
        assert_eq!(stated(store, None).await.last().unwrap(), "masked\",\"from\":\"2026-05-03\"");
    }
}
