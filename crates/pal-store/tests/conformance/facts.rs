//! Facts with two times.

use pal_store::{
    DirectoryStore, FactImportError, FactsAt, LinkAction, LinkChange, PartnerRules, SqliteOptions,
    SqliteStore, Store,
};

use super::{
    ADA, CEM, FABRIKAM, FACTS, actor, ada, at, backends, change, id, import, may, stores, who,
};

fn principal(rest: &str) -> String {
    format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{ADA}\",\"type\":\"User\",{rest}}}\n"
    )
}

async fn text(store: &dyn Store, known_at: Option<&str>) -> String {
    let known_at = known_at.map(at);
    store.facts(FactsAt { known_at, tenant: None, links: true }).await.unwrap().text
}

/// A later `from` ends what holds, at once and only for what is asked later.
#[tokio::test]
async fn a_disabled_account_is_disabled_at_once_and_the_past_stays() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(2)).await.unwrap();
        assert!(store.account(ada(), may(5)).await.unwrap().unwrap().enabled);
        let before = text(store, Some("2026-05-04T00:00:00Z")).await;
        let off = principal("\"enabled\":false,\"from\":\"2026-05-05T00:00:00Z\"");
        let done = import(store, &off, may(6)).await.unwrap();
        assert_eq!((done.added, done.ended, done.replaced), (1, 1, 0));
        assert!(!store.account(ada(), may(6)).await.unwrap().unwrap().enabled);
        assert!(store.account(ada(), may(4)).await.unwrap().unwrap().enabled);
        assert_eq!(text(store, Some("2026-05-04T00:00:00Z")).await, before);
        assert_ne!(text(store, None).await, before);
        // Told again: nothing changes. Told otherwise with the same start: replaced.
        assert_eq!(import(store, &off, may(7)).await.unwrap().unchanged, 1);
        let ends = principal(
            "\"enabled\":false,\"from\":\"2026-05-05T00:00:00Z\",\"to\":\"2026-05-08T00:00:00Z\"",
        );
        assert_eq!(import(store, &ends, may(7)).await.unwrap().replaced, 1);
        assert_eq!(store.account(ada(), may(9)).await.unwrap(), None);
        // A line that would reach into a later one is refused, and the file with it.
        let other = "{\"kind\":\"tenant\",\"tenant\":\"c0750000-0000-4000-8000-000000000000\"}\n";
        let (revision, stated) = (store.revision().await.unwrap(), text(store, None).await);
        let begins = principal("\"from\":\"2026-04-01T00:00:00Z\"");
        for across in [begins, principal("\"name\":\"without any end\"")] {
            let refused = import(store, &format!("{other}{across}"), may(8)).await.unwrap_err();
            let FactImportError::Refused(why) = refused else { panic!("{refused:?}") };
            assert!(why.contains("facts:2: this principal is stated from 2026-05-05"), "{why}");
            assert_eq!(store.revision().await.unwrap(), revision);
            assert_eq!(text(store, None).await, stated);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_whole_with_its_place() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let good = "{\"kind\":\"tenant\",\"tenant\":\"c0750000-0000-4000-8000-000000000000\"}\n";
        for (wrong, says) in [
            ("{\"kind\":\"tenant\"}", "facts:2"),
            ("{\"kind\":\"nothing\"}", "facts:2"),
            ("not json", "facts:2"),
            (
                "{\"kind\":\"link\",\"tenant\":\"fab00000-0000-4000-8000-000000000000\",\"object\":\"fab00000-1000-4000-8000-000000000ada\",\"partner\":1}",
                "needs a 'from'",
            ),
            (
                "{\"kind\":\"managementGroup\",\"tenant\":\"fab00000-0000-4000-8000-000000000000\",\"name\":\"a\",\"parent\":\"a\"}",
                "its own ancestor",
            ),
        ] {
            let before = text(store, None).await;
            let error = import(store, &format!("{good}{wrong}\n"), may(3)).await.unwrap_err();
            assert!(error.to_string().contains(says), "{wrong}: {error}");
            assert_eq!(text(store, None).await, before, "{wrong}");
        }
    }
}

#[tokio::test]
async fn links_come_in_before_the_first_start_only() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let link = |rest: &str| {
            format!("{{\"kind\":\"link\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{ADA}\",{rest}}}\n")
        };
        let lines = link(
            "\"partner\":\"5127255\",\"from\":\"2026-02-01T00:00:00Z\",\"to\":\"2026-03-01T00:00:00Z\"",
        ) + &link(
            "\"partner\":\"5127256\",\"from\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-04-01T00:00:00Z\"",
        ) + &link("\"partner\":\"5127255\",\"from\":\"2026-04-15T00:00:00Z\"");
        assert_eq!(import(store, &lines, may(1)).await.unwrap().added, 3);
        let own = store.own_link(ada(), may(2)).await.unwrap().1.unwrap();
        assert_eq!((own.version, own.created), (4, at("2026-02-01T00:00:00Z")));
        for line in lines.lines() {
            assert!(text(store, None).await.contains(&line[..line.len() - 1]), "{line}");
        }
        assert_eq!(import(store, &lines, may(1)).await.unwrap().unchanged, 3);
        store.begin_serving(may(2)).await.unwrap();
        let refused = import(store, &lines, may(3)).await.unwrap_err().to_string();
        // The first two ended: the register has the third.
        assert!(
            refused.contains("facts:2: ") && refused.contains("is linked to 5127255 here"),
            "{refused}"
        );
        let live = change(store, ada(), LinkAction::Delete(None), may(5)).await.unwrap();
        assert_eq!(live.version, 5);
        assert!(text(store, None).await.contains("\"to\":\"2026-05-05T00:00:00Z\""));
        assert!(!text(store, Some("2026-05-04T00:00:00Z")).await.contains("\"to\":\"2026-05-05"));
    }
}

/// Once a store serves, a link in a file is passed over if it is active, and refuses the file if not;
/// nothing changes.
#[tokio::test]
async fn links_never_change_by_import() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(1)).await.unwrap();
        let link = |object: &str, partner: &str, rest: &str| {
            format!(
                "{{\"kind\":\"link\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{object}\",\"partner\":{partner}{rest}}}\n"
            )
        };
        let tenant = "{\"kind\":\"tenant\",\"tenant\":\"c0750000-0000-4000-8000-000000000000\"}\n";
        let refused = async |line: String| {
            let before = (text(store, None).await, store.link_history(ada()).await.unwrap());
            let error = import(store, &format!("{tenant}{line}"), may(9)).await.unwrap_err();
            assert_eq!((text(store, None).await, store.link_history(ada()).await.unwrap()), before);
            error.to_string()
        };
        let never = refused(link(ADA, "5127255", "")).await;
        assert!(
            never.contains("facts:2: ")
                && never.contains("is not linked to 5127255 here. Only its owner"),
            "{never}"
        );
        change(store, ada(), LinkAction::Create(id("5127255")), may(2)).await.unwrap();
        let history = store.link_history(ada()).await.unwrap();
        // Times are ignored, and so is how often.
        for rest in [
            "",
            ",\"from\":\"2020-01-01T00:00:00Z\"",
            ",\"from\":\"2020-01-01T00:00:00Z\",\"to\":\"2021-01-01T00:00:00Z\"",
            ",\"from\":\"2030-01-01T00:00:00Z\",\"recordedAt\":\"2030-01-01T00:00:00Z\"",
        ] {
            let line = link(&ADA.to_ascii_uppercase(), "\"5127255\"", rest);
            let done = import(store, &format!("{line}{line}"), may(3)).await.unwrap();
            assert_eq!((done.added, done.ended, done.replaced, done.unchanged), (0, 0, 0, 2));
        }
        assert_eq!(store.link_history(ada()).await.unwrap(), history);
        let other = refused(link(ADA, "5127255", "") + &link(ADA, "5127256", "")).await;
        assert!(
            other.contains("facts:3: ") && other.contains("linked to 5127255 here, not to 5127256"),
            "{other}"
        );
        let nobody = refused(link(CEM, "5127255", "")).await;
        assert!(nobody.contains(CEM), "{nobody}");
        change(store, ada(), LinkAction::Delete(None), may(4)).await.unwrap();
        let removed = refused(link(ADA, "5127255", "")).await;
        assert!(removed.contains("its owner has removed the link"), "{removed}");
        assert!(removed.contains("--without-links"), "{removed}");
    }
}

/// A partner ID that somebody is linked to and no fact knows is named by every import, until one does.
#[tokio::test]
async fn partners_that_no_fact_knows_are_named() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let link = format!(
            "{{\"kind\":\"link\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{CEM}\",\"partner\":777,\"from\":\"2026-01-01T00:00:00Z\"}}\n"
        );
        assert_eq!(import(store, &link, may(1)).await.unwrap().unknown_partners, [id("777")]);
        store.begin_serving(may(1)).await.unwrap();
        let rules = PartnerRules { open_registration: true, allow_global: false };
        let action = LinkAction::Create(id("888"));
        let new = LinkChange { owner: ada(), action, at: may(2), rules, actor: actor() };
        store.change_link(new).await.unwrap();
        let done = import(store, "", may(2)).await.unwrap();
        assert_eq!(done.unknown_partners, [id("777"), id("888")]);
        // What is proposed can be added as it is.
        let fact = pal_model::UnknownPartner(id("888")).fact();
        assert_eq!(import(store, &fact, may(3)).await.unwrap().unknown_partners, [id("777")]);
        change(store, ada(), LinkAction::Delete(None), may(4)).await.unwrap();
    }
}

/// Out and in again: the same facts, links included.
#[tokio::test]
async fn an_export_imported_elsewhere_is_the_same() {
    for (kept, empty) in stores().await.into_iter().zip(backends()) {
        let (store, other) = (kept.store.as_ref(), empty.store.as_ref());
        change(store, ada(), LinkAction::Create(id("5127255")), may(2)).await.unwrap();
        change(store, ada(), LinkAction::Delete(None), may(3)).await.unwrap();
        change(store, ada(), LinkAction::Create(id("5127256")), may(4)).await.unwrap();
        let out = text(store, None).await;
        import(other, &out, may(9)).await.unwrap();
        assert_eq!(text(other, None).await, out);
        assert_eq!(
            other.link_history(ada()).await.unwrap(),
            store.link_history(ada()).await.unwrap()
        );
    }
}

/// The same object id in two tenants is two identities (T33).
#[tokio::test]
async fn t33_equal_ids_in_two_tenants_are_two_accounts() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let contoso = "c0750000-0000-4000-8000-000000000000";
        let twin = format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{contoso}\",\"object\":\"{ADA}\",\"type\":\"User\",\"name\":\"twin\"}}"
        );
        import(store, &twin, may(1)).await.unwrap();
        change(store, ada(), LinkAction::Create(id("5127255")), may(2)).await.unwrap();
        let (account, link) = store.own_link(who(contoso, ADA), may(3)).await.unwrap();
        assert_eq!(account.unwrap().name.as_deref(), Some("twin"));
        assert_eq!(link, None);
        change(store, who(contoso, ADA), LinkAction::Create(id("5127256")), may(2)).await.unwrap();
        assert_eq!(store.own_link(ada(), may(3)).await.unwrap().1.unwrap().partner, id("5127255"));
    }
}

#[tokio::test]
async fn tenants_are_found_by_id_and_domain_in_any_case() {
    for kept in stores().await {
        let found = kept.store.tenant_by_domain("FABRIKAM.EXAMPLE", may(1)).await.unwrap().unwrap();
        assert_eq!(found.tenant.to_string(), FABRIKAM);
        let id = FABRIKAM.to_ascii_uppercase().parse().unwrap();
        assert_eq!(
            kept.store.tenant(id, may(1)).await.unwrap().unwrap().name.as_deref(),
            Some("Fabrikam")
        );
        assert_eq!(kept.store.tenant_by_domain("other.example", may(1)).await.unwrap(), None);
        assert!(!FACTS.is_empty());
    }
}

/// Names in any language: a fact that is stated again in another casing is the same fact.
#[tokio::test]
async fn names_in_any_language_are_one_fact() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        for (name, assignment, to) in [
            ("GÖTEBORG", "RG-MALMÖ", ""),
            ("göteborg", "rg-malmö", r#","to":"2026-06-01T00:00:00Z""#),
        ] {
            let group = format!(
                r#"{{"kind":"managementGroup","tenant":"{FABRIKAM}","name":"{name}"{to}}}"#
            );
            let scope = format!("/subscriptions/{ADA}/resourceGroups/{assignment}");
            let assignment = format!(
                r#"{{"kind":"roleAssignment","tenant":"{FABRIKAM}","id":"{scope}/1","principal":"{ADA}","role":"Owner","scope":"{scope}"{to}}}"#
            );
            import(store, &format!("{group}\n{assignment}\n"), may(2)).await.unwrap();
        }
        let text = text(store, None).await;
        let about = |kind: &str| text.lines().filter(|line| line.contains(kind)).count();
        assert_eq!((about("managementGroup\""), about("roleAssignment")), (1, 1), "{text}");
    }
}

/// A data folder of an older program, which folded A to Z alone.
#[tokio::test]
async fn subjects_of_an_older_program_are_folded_again() {
    const OLD: [&str; 4] = [
        include_str!("../../migrations/sqlite/0001_begin.sql"),
        include_str!("../../migrations/sqlite/0002_usage.sql"),
        include_str!("../../migrations/sqlite/0003_portal.sql"),
        include_str!("../../migrations/sqlite/0004_privacy.sql"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(folder.path().join("openpal.db")).unwrap();
    for statements in OLD {
        database.execute_batch(statements).unwrap();
    }
    let group = |name: &str, to: &str| {
        format!(r#"{{"kind":"managementGroup","tenant":"{FABRIKAM}","name":"{name}"{to}}}"#)
    };
    let tenant = format!(r#"{{"kind":"tenant","tenant":"{FABRIKAM}","domain":"MÜLLER.example"}}"#);
    let insert = "INSERT INTO fact (kind, subject, tenant, domain, begins, ends, known, line)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)";
    let bytes = FABRIKAM.parse::<pal_model::Guid>().unwrap().value().to_be_bytes();
    for (kind, subject, domain, line) in [
        ("managementGroup", format!("{FABRIKAM} gÖteborg"), None, group("GÖTEBORG", "")),
        ("tenant", FABRIKAM.to_owned(), Some("mÜller.example"), tenant),
    ] {
        let values =
            rusqlite::params![kind, subject, bytes.as_slice(), domain, i64::MIN, i64::MAX, line];
        database.execute(insert, values).unwrap();
    }
    database.pragma_update(None, "user_version", 4).unwrap();
    drop(database);
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    let found = store.tenant_by_domain("Müller.example", may(3)).await.unwrap();
    assert_eq!(found.unwrap().tenant.to_string(), FABRIKAM);
    let ended = group("göteborg", r#","to":"2026-06-01T00:00:00Z""#);
    import(&store, &ended, may(4)).await.unwrap();
    let text = text(&store, None).await;
    assert_eq!(text.lines().filter(|line| line.contains("managementGroup\"")).count(), 1, "{text}");
}

/// A snapshot proposes a partner that a link names; what somebody said of it goes before, whichever
/// comes first.
#[tokio::test]
async fn an_assumed_partner_gives_way() {
    let assumed =
        "{\"kind\":\"partner\",\"partner\":\"777777\",\"type\":\"location\",\"assumed\":true}\n";
    let stated = "{\"kind\":\"partner\",\"partner\":\"777777\",\"type\":\"location\",\"name\":\"Own\",\"from\":\"2026-02-01T00:00:00Z\"}\n";
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(2)).await.unwrap();
        import(store, stated, may(3)).await.unwrap();
        assert_eq!(import(store, assumed, may(4)).await.unwrap().unchanged, 1);
    }
    for kept in stores().await {
        let store = kept.store.as_ref();
        store.begin_serving(may(2)).await.unwrap();
        import(store, assumed, may(3)).await.unwrap();
        assert!(text(store, None).await.contains("\"assumed\":true"), "the word is kept");
        import(store, stated, may(4)).await.unwrap();
        let mut facts = pal_model::Facts::default();
        facts.read("facts", &text(store, None).await, None).unwrap();
        let own: Vec<_> =
            facts.partners.iter().filter(|s| s.fact.name.as_deref() == Some("Own")).collect();
        assert_eq!(own.len(), 1);
        assert!(
            facts
                .partners
                .iter()
                .all(|s| s.fact.partner.number() != 777_777 || s.fact.name.is_some())
        );
    }
}
