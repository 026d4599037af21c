//! Sessions of the portal.

use pal_model::Principal;
use pal_store::{Login, NewPortalSession, NewRefreshToken, Store};

use super::{CEM, CONTOSO, FABRIKAM, actor, ada, at, backends, may, reopened, who};

fn home() -> Principal {
    who(CONTOSO, "c0750000-1000-4000-8000-000000000ada")
}

async fn person(store: &dyn Store, upn: &str, password_hash: &str, accounts: Vec<Principal>) {
    let login = Login { upn: upn.to_owned(), password_hash: password_hash.to_owned(), accounts };
    store.put_login(login, may(1), actor()).await.unwrap();
}

fn session(byte: u8, login: Option<(&str, &str)>, account: Principal) -> NewPortalSession {
    NewPortalSession {
        hash: [byte; 32],
        login: login.map(|(upn, hash)| (upn.to_owned(), hash.to_owned())),
        account,
        issuer: "https://pal.example".to_owned(),
        created: may(1),
        ends: may(2),
    }
}

async fn there(store: &dyn Store, byte: u8) -> bool {
    store.portal_session([byte; 32]).await.unwrap().is_some()
}

#[tokio::test]
async fn sessions_are_kept_used_switched_and_ended() {
    for kept in backends() {
        let store = kept.store.as_ref();
        person(store, "Ada@contoso.example", "h", vec![home(), ada()]).await;
        let new = session(1, Some(("ada@contoso.example", "h")), home());
        assert!(store.keep_portal_session(new).await.unwrap());
        let later = at("2026-05-01T00:10:00Z");
        store.use_portal_session([1; 32], later).await.unwrap();
        store.use_portal_session([1; 32], may(1)).await.unwrap();
        let kept = reopened(kept);
        let store = kept.store.as_ref();
        let found = store.portal_session([1; 32]).await.unwrap().unwrap();
        assert_eq!((found.created, found.used, found.ends), (may(1), later, may(2)));
        assert_eq!((found.account, found.issuer.as_str()), (home(), "https://pal.example"));
        assert!(store.switch_portal_session([1; 32], ada()).await.unwrap());
        assert_eq!(store.portal_session([1; 32]).await.unwrap().unwrap().account, ada());
        assert!(!there(store, 2).await);
        store.end_portal_session([1; 32]).await.unwrap();
        assert!(!there(store, 1).await);
    }
}

/// Only the person's own accounts, whoever asks (P1).
#[tokio::test]
async fn p1_a_session_never_stands_for_somebody_else() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let cem = who(FABRIKAM, CEM);
        person(store, "ada", "h", vec![home(), ada()]).await;
        person(store, "cem", "h", vec![cem]).await;
        let foreign = session(1, Some(("ada", "h")), cem);
        assert!(!store.keep_portal_session(foreign).await.unwrap());
        let external = session(2, None, ada());
        assert!(store.keep_portal_session(external).await.unwrap());
        let own = session(3, Some(("ada", "h")), ada());
        assert!(store.keep_portal_session(own).await.unwrap());
        assert!(!store.switch_portal_session([3; 32], cem).await.unwrap());
        assert!(!store.switch_portal_session([2; 32], home()).await.unwrap(), "not known as Ada");
        assert!(!store.switch_portal_session([9; 32], ada()).await.unwrap());
        for byte in [2, 3] {
            assert_eq!(store.portal_session([byte; 32]).await.unwrap().unwrap().account, ada());
        }
    }
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_begins_none_of_the_old_one() {
    for kept in backends() {
        let store = kept.store.as_ref();
        person(store, "ada", "old", vec![ada()]).await;
        let of = |byte, hash| session(byte, Some(("ADA", hash)), ada());
        assert!(store.keep_portal_session(of(1, "old")).await.unwrap());
        person(store, "Ada", "new", vec![ada()]).await;
        assert!(!there(store, 1).await);
        assert!(!store.keep_portal_session(of(2, "old")).await.unwrap());
        assert!(!there(store, 2).await);
        assert!(store.keep_portal_session(of(3, "new")).await.unwrap());
    }
}

#[tokio::test]
async fn everywhere_is_every_session_and_refresh_token_of_the_person_and_of_nobody_else() {
    for kept in backends() {
        let store = kept.store.as_ref();
        person(store, "ada", "h", vec![ada(), home()]).await;
        person(store, "cem", "h", vec![who(FABRIKAM, CEM)]).await;
        for (byte, upn) in [(1, "ADA"), (2, "cem")] {
            let token = NewRefreshToken {
                hash: [byte; 32],
                family: [byte; 16],
                upn: upn.to_owned(),
                client: "client".to_owned(),
                expires: at("2026-06-01T00:00:00Z"),
            };
            store.keep_refresh_token(token).await.unwrap();
        }
        for new in [
            session(1, Some(("ada", "h")), ada()),
            session(2, Some(("Ada", "h")), home()),
            session(3, Some(("cem", "h")), who(FABRIKAM, CEM)),
            session(4, None, ada()),
            session(5, None, ada()),
            session(6, None, home()),
        ] {
            assert!(store.keep_portal_session(new).await.unwrap());
        }
        store.end_portal_sessions([1; 32]).await.unwrap();
        let mut left = Vec::new();
        for byte in 1..=6 {
            left.push(there(store, byte).await);
        }
        assert_eq!(left, [false, false, true, true, true, true]);
        assert!(store.rotate_refresh_token([1; 32], "client", [8; 32], may(2)).await.is_err());
        assert!(store.rotate_refresh_token([2; 32], "client", [9; 32], may(2)).await.is_ok());
        store.end_portal_sessions([4; 32]).await.unwrap();
        assert!(!there(store, 5).await && there(store, 6).await && there(store, 3).await);
        store.end_portal_sessions([9; 32]).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_over_is_dropped() {
    for kept in backends() {
        let store = kept.store.as_ref();
        assert!(store.keep_portal_session(session(1, None, ada())).await.unwrap());
        let mut next = session(2, None, ada());
        (next.created, next.ends) = (may(2), may(3));
        assert!(store.keep_portal_session(next).await.unwrap());
        assert!(!there(store, 1).await && there(store, 2).await);
    }
}
