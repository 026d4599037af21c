//! The link register.

use pal_store::LinkAction::{Create, Delete, Update};
use pal_store::{LinkAction, LinkChange, LinkError, LinkState, PartnerRules};

use super::{
    ADA, CEM, CONTOSO, FABRIKAM, OPS, actor, ada, at, change, id, may, stores, who, wrong,
};

/// State and action, cell by cell: version after, or why not. A refusal changes nothing.
#[tokio::test]
async fn every_state_answers_every_action() {
    type Cell = (&'static str, LinkAction, Result<i64, &'static str>);
    let cells: Vec<Cell> = vec![
        ("never", Create(id("5127255")), Ok(1)),
        ("never", Update(id("5127255")), Err("not linked")),
        ("never", Delete(Some(id("5127255"))), Err("not linked")),
        ("active", Create(id("5127255")), Err("already linked to 5127255")),
        ("active", Create(id("5127256")), Err("already linked to 5127255")),
        ("active", Create(id("9999999")), Err("already linked to 5127255")),
        ("active", Update(id("5127255")), Ok(2)),
        ("active", Update(id("5127256")), Ok(2)),
        ("active", Update(id("9999999")), Err("there is no partner 9999999")),
        ("active", Delete(Some(id("5127255"))), Ok(2)),
        ("active", Delete(None), Ok(2)),
        ("active", Delete(Some(id("5127256"))), Err("linked to another partner")),
        ("deleted", Create(id("5127256")), Ok(3)),
        ("deleted", Update(id("5127256")), Err("not linked")),
        ("deleted", Delete(None), Err("not linked")),
    ];
    for (state, action, expected) in cells {
        for kept in stores().await {
            let store = kept.store.as_ref();
            if state != "never" {
                change(store, ada(), Create(id("5127255")), may(1)).await.unwrap();
            }
            if state == "deleted" {
                change(store, ada(), Delete(None), may(2)).await.unwrap();
            }
            let before = store.own_link(ada(), may(4)).await.unwrap().1;
            let done = change(store, ada(), action, may(3)).await;
            let shown = done.as_ref().map(|link| link.version).map_err(ToString::to_string);
            assert_eq!(shown, expected.map_err(str::to_owned), "{state} {action:?}");
            let after = store.own_link(ada(), may(4)).await.unwrap().1;
            match done {
                Ok(link) => assert_eq!(after.as_ref(), Some(&link), "{state} {action:?}"),
                Err(_) => assert_eq!(after, before, "{state} {action:?}"),
            }
            let versions: Vec<i64> =
                store.link_history(ada()).await.unwrap().iter().map(|l| l.version).collect();
            let last = after.map_or(0, |link| link.version);
            assert_eq!(versions, (1..=last).collect::<Vec<_>>(), "{state} {action:?}");
        }
    }
}

#[tokio::test]
async fn who_may_link_is_asked_first() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let wrong = Create(id("9999999"));
        for nobody in [who(FABRIKAM, OPS), who(CONTOSO, ADA), who(FABRIKAM, CONTOSO)] {
            let refused = change(store, nobody, wrong, may(1)).await.unwrap_err();
            assert!(matches!(refused, LinkError::NoAccount), "{refused}");
        }
        let refused = change(store, who(FABRIKAM, CEM), wrong, may(1)).await.unwrap_err();
        assert!(matches!(refused, LinkError::Disabled), "{refused}");
    }
}

#[tokio::test]
async fn partners_must_be_active_locations() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let ask = async |partner: &str, rules: PartnerRules| {
            let action = Create(id(partner));
            store
                .change_link(LinkChange { owner: ada(), action, at: may(1), rules, actor: actor() })
                .await
        };
        let strict = PartnerRules::default();
        let open = PartnerRules { open_registration: true, allow_global: false };
        match ask("5127254", strict).await.unwrap_err() {
            LinkError::GlobalPartner { name, locations, .. } => {
                let numbers: Vec<String> = locations.iter().map(|(id, _)| id.to_string()).collect();
                assert_eq!(
                    (name.as_deref(), numbers.join(" ").as_str()),
                    (Some("Contoso"), "5127255 5127256")
                );
            }
            other => panic!("{other}"),
        }
        assert!(matches!(ask("9999999", strict).await, Err(LinkError::UnknownPartner(_))));
        for rules in [strict, open] {
            assert!(matches!(ask("5127257", rules).await, Err(LinkError::InactivePartner { .. })));
            assert!(matches!(ask("5127254", rules).await, Err(LinkError::GlobalPartner { .. })));
        }
        assert_eq!(ask("9999999", open).await.unwrap().partner_name, None);
        change(store, ada(), Delete(None), may(2)).await.unwrap();
        let global = PartnerRules { allow_global: true, open_registration: false };
        assert_eq!(ask("5127254", global).await.unwrap().partner_name.as_deref(), Some("Contoso"));
    }
}

/// Creation is kept over a deletion; time never goes back, whatever the clock does; 100 ns are the
/// resolution.
#[tokio::test]
async fn times_only_go_forward() {
    for kept in stores().await {
        let store = kept.store.as_ref();
        let first = at("2026-05-03T10:00:00.123456789Z");
        let created = change(store, ada(), Create(id("5127255")), first).await.unwrap();
        assert_eq!(created.created, at("2026-05-03T10:00:00.1234567Z"));
        assert_eq!(created.updated, created.created);
        let back = change(store, ada(), Update(id("5127256")), may(2)).await.unwrap();
        assert_eq!(back.updated, at("2026-05-03T10:00:00.1234568Z"));
        change(store, ada(), Delete(None), may(1)).await.unwrap();
        let again = change(store, ada(), Create(id("5127255")), may(9)).await.unwrap();
        assert_eq!((again.created, again.updated, again.version), (created.created, may(9), 4));
        let states: Vec<LinkState> =
            store.link_history(ada()).await.unwrap().iter().map(|link| link.state).collect();
        let (active, deleted) = (LinkState::Active, LinkState::Deleted);
        assert_eq!(states, [active, active, deleted, active]);
    }
}

/// Many at once on one owner: versions without gaps, one winner for each create.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_one_link_are_one_after_the_other() {
    for kept in stores().await {
        let tasks: Vec<_> = (0..200)
            .map(|n| {
                let store = kept.store.clone();
                tokio::spawn(async move {
                    let partner = id(["5127255", "5127256"][n % 2]);
                    let action = match n % 3 {
                        0 => Create(partner),
                        1 => Update(partner),
                        _ => Delete(None),
                    };
                    change(store.as_ref(), ada(), action, may(2)).await.ok().map(|l| l.version)
                })
            })
            .collect();
        let mut versions = Vec::new();
        for task in tasks {
            versions.extend(task.await.unwrap());
        }
        versions.sort_unstable();
        assert!(!versions.is_empty());
        assert_eq!(versions, (1..).take(versions.len()).collect::<Vec<i64>>());
        assert_eq!(kept.store.link_history(ada()).await.unwrap().len(), versions.len());
    }
}

/// A caller that goes away leaves a whole change or none (P5).
#[tokio::test(flavor = "multi_thread")]
async fn callers_that_go_away_leave_nothing_half_done() {
    for kept in stores().await {
        let mut going = Vec::new();
        for n in 0..1_000u64 {
            let store = kept.store.clone();
            let task = tokio::spawn(async move {
                let partner = id(["5127255", "5127256"][n as usize % 2]);
                let action = if n % 5 == 0 { Delete(None) } else { Update(partner) };
                let _ = change(store.as_ref(), ada(), Create(partner), may(2)).await;
                let _ = change(store.as_ref(), ada(), action, may(3)).await;
            });
            if n % 3 != 0 {
                tokio::time::sleep(std::time::Duration::from_micros(n % 7 * 20)).await;
                task.abort();
            }
            going.push(task);
        }
        for task in going {
            let _ = task.await;
        }
        let history = kept.store.link_history(ada()).await.unwrap();
        let current = kept.store.own_link(ada(), may(4)).await.unwrap().1.unwrap();
        assert_eq!(Some(current.version), history.last().map(|link| link.version));
        assert_eq!(history.last().unwrap().partner, current.partner);
        let versions: Vec<i64> = history.iter().map(|link| link.version).collect();
        assert_eq!(versions, (1..).take(history.len()).collect::<Vec<i64>>());
        assert_eq!(wrong(kept.folder.path()), []);
    }
}
