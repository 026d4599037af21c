//! A person is erased: no file has the names, everything else is as it was, and the audit log is whole.

use std::path::Path;

use pal_model::Principal;
use pal_store::LinkAction::Create;
use pal_store::{
    DATABASE, EraseError, Erased, FactsAt, FactsNews, Login, NewPortalSession, NewRefreshToken,
    PersonErasure, Store,
};
use rusqlite::Connection;

use super::{
    CEM, CONTOSO, FABRIKAM, Kept, OPS, actor, ada, at, change, id, import, may, stores, who, wrong,
};

/// In every name of the person, and in nothing else.
const CANARY: &str = "Zoltar";

/// The person's account at home, which Fabrikam's guest is known to be by the sign-in name.
fn home() -> Principal {
    who(CONTOSO, "c0750000-1000-4000-8000-000000000ada")
}

/// What is stated of the person, in an import and in a later one that corrects it.
fn facts() -> [String; 2] {
    let guest = format!(
        r#""tenant":"{FABRIKAM}","object":"{}","type":"User","userType":"Guest""#,
        ada().object
    );
    let at_home = format!(r#""tenant":"{CONTOSO}","object":"{}","type":"User""#, home().object);
    let object = ada().object;
    [
        format!(
            r#"{{"kind":"principal",{guest},"name":"Ada Zoltar","signInName":"Ada.Zoltar@contoso.example","mail":"zoltar@mail.example"}}
{{"kind":"principal",{at_home},"name":"Ada Zoltar","signInName":"ada.zoltar@CONTOSO.example"}}
{{"kind":"roleAssignment","tenant":"{FABRIKAM}","id":"ra-1","principal":"{object}","principalName":"Ada Zoltar","role":"Owner","scope":"/subscriptions/5b000000-0000-4000-8000-000000000001"}}
{{"kind":"membership","tenant":"{FABRIKAM}","group":"{OPS}","member":"{object}"}}
"#
        ),
        format!(
            r#"{{"kind":"principal",{guest},"name":"Ada Zoltar-Smit","signInName":"Ada.Zoltar@contoso.example","enabled":false,"from":"2026-05-03T00:00:00Z"}}
"#
        ),
    ]
}

/// Stores that know the person in every way that they can.
async fn with_person() -> Vec<Kept> {
    let all = stores().await;
    for kept in &all {
        let store = kept.store.as_ref();
        let [first, second] = facts();
        import(store, &first, may(1)).await.unwrap();
        store.begin_serving(may(2)).await.unwrap();
        change(store, ada(), Create(id("5127255")), may(2)).await.unwrap();
        import(store, &second, may(3)).await.unwrap();
        let upn = "Zoltar@pal.example".to_owned();
        let accounts = vec![ada(), home()];
        let login = Login { upn: upn.clone(), password_hash: "hash".to_owned(), accounts };
        store.put_login(login, may(3), actor()).await.unwrap();
        let other = Login {
            upn: "cem@pal.example".to_owned(),
            password_hash: "other".to_owned(),
            accounts: vec![who(FABRIKAM, CEM)],
        };
        store.put_login(other, may(3), actor()).await.unwrap();
        let session = NewPortalSession {
            hash: [1; 32],
            login: Some((upn.clone(), "hash".to_owned())),
            account: ada(),
            issuer: "https://pal.example".to_owned(),
            created: may(3),
            ends: may(30),
        };
        assert!(store.keep_portal_session(session).await.unwrap());
        let (hash, family) = ([2; 32], [2; 16]);
        let (client, expires) = ("client".to_owned(), may(30));
        let token = NewRefreshToken { hash, family, upn, client, expires };
        store.keep_refresh_token(token).await.unwrap();
    }
    all
}

async fn erase(store: &dyn Store, accounts: Vec<Principal>) -> Result<Erased, EraseError> {
    store.erase_person(PersonErasure { accounts, at: may(5), actor: actor() }).await
}

async fn text(store: &dyn Store, known_at: Option<&str>) -> String {
    let known_at = known_at.map(at);
    store.facts(FactsAt { known_at, tenant: None, links: true }).await.unwrap().text
}

/// Files of a folder in which the canary is.
fn found_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(found_in(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        let canary = CANARY.to_ascii_lowercase();
        if bytes.windows(canary.len()).any(|window| window == canary.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// What facts say without the fields that are erased.
fn without_names(text: &str) -> Vec<serde_json::Value> {
    let reduced = |line: &str| {
        let mut fact: serde_json::Value = serde_json::from_str(line).unwrap();
        let object = fact.as_object_mut().unwrap();
        for field in ["name", "signInName", "mail", "principalName"] {
            object.remove(field);
        }
        fact
    };
    text.lines().map(reduced).collect()
}

#[tokio::test]
async fn p1_names_go_from_every_file_and_everything_else_stays() {
    for kept in with_person().await {
        let (store, folder) = (kept.store.as_ref(), kept.folder.path());
        assert!(!found_in(folder).is_empty());
        let instants = [Some("2026-05-02T00:00:00Z"), Some("2026-05-04T00:00:00Z"), None];
        let mut before = Vec::new();
        for instant in instants {
            before.push(text(store, instant).await);
        }
        assert!(before.iter().all(|text| text.contains(CANARY)));
        let position = store.read_facts(None, None).await.unwrap().position;

        let person = store.person(&[ada()]).await.unwrap();
        assert_eq!(person.accounts, [home(), ada()]);
        assert_eq!(person.names, ["Ada Zoltar", "Ada Zoltar-Smit", "ada@contoso.example"]);
        assert_eq!(person.logins, ["Zoltar@pal.example"]);
        let erased = erase(store, vec![ada()]).await.unwrap();
        assert_eq!((erased.not_overwritten, &erased.person), (None, &person));

        assert_eq!(found_in(folder), [""; 0]);
        for (instant, before) in instants.iter().zip(&before) {
            let after = text(store, *instant).await;
            assert_eq!(without_names(&after), without_names(before), "{instant:?}");
            assert!(after.contains("Fabrikam"));
        }
        assert!(store.own_link(ada(), may(6)).await.unwrap().1.is_some());
        assert!(store.login("zoltar@pal.example").await.unwrap().is_none());
        assert!(store.login("cem@pal.example").await.unwrap().is_some());
        assert!(store.portal_session([1; 32]).await.unwrap().is_none());
        assert!(store.refresh_token_owner([2; 32]).await.unwrap().is_none());
        assert_eq!(store.erased(ada()).await.unwrap(), Some(may(5)));
        assert_eq!(store.erased(home()).await.unwrap(), Some(may(5)));
        assert_eq!(store.erased(who(FABRIKAM, CEM)).await.unwrap(), None);
        assert_eq!(wrong(folder), []);
        // Whoever keeps facts reads them anew.
        let read = store.read_facts(Some(position), None).await.unwrap();
        assert!(matches!(read.news, FactsNews::All(..)), "{:?}", read.news);
    }
}

#[tokio::test]
async fn a_person_can_be_stated_and_erased_again() {
    for kept in with_person().await {
        let (store, folder) = (kept.store.as_ref(), kept.folder.path());
        erase(store, vec![home()]).await.unwrap();
        let again = erase(store, vec![home()]).await.unwrap();
        assert_eq!((again.person.accounts, again.person.facts), (vec![home()], 0));
        let [_, second] = facts();
        import(store, &second, may(6)).await.unwrap();
        assert!(!found_in(folder).is_empty());
        assert_eq!(wrong(folder), []);
        let erased = erase(store, vec![ada()]).await.unwrap();
        assert_eq!((erased.person.accounts, erased.person.facts), (vec![ada()], 1));
        assert_eq!(found_in(folder), [""; 0]);
        assert_eq!(wrong(folder), []);
    }
}

#[tokio::test]
async fn whoever_is_unknown_or_no_person_is_refused_and_nothing_changes() {
    for kept in with_person().await {
        let store = kept.store.as_ref();
        let before = store.revision().await.unwrap();
        let stranger = who(FABRIKAM, "fab00000-1000-4000-8000-000000000fff");
        for (who, says) in [
            (stranger, format!("nothing is known of the account {stranger}")),
            (who(FABRIKAM, OPS), format!("{} is not the account of a person", who(FABRIKAM, OPS))),
        ] {
            let refused = erase(store, vec![ada(), who]).await.unwrap_err();
            assert_eq!(refused.to_string(), says);
        }
        assert_eq!(store.revision().await.unwrap(), before);
        assert!(text(store, None).await.contains(CANARY));
    }
}

/// The log says what an erasure left, so that nobody can change that, or erase more without a record.
#[tokio::test]
async fn a_later_change_of_an_erased_fact_is_found() {
    let erased = "object = x'fab000001000400080000000000000ada0'";
    let erased = erased
        .replace("fab000001000400080000000000000ada0", &ada().object.to_string().replace('-', ""));
    for (what, sql) in [
        (
            "changed",
            format!(
                "UPDATE fact SET line = replace(line, 'Guest', 'Member') WHERE kind = 'principal' AND {erased}"
            ),
        ),
        ("gone", format!("DELETE FROM fact WHERE kind = 'principal' AND {erased}")),
        ("its record gone", "DELETE FROM audit WHERE action = 12".to_owned()),
    ] {
        for kept in with_person().await {
            erase(kept.store.as_ref(), vec![ada()]).await.unwrap();
            assert_eq!(wrong(kept.folder.path()), []);
            let c = Connection::open(kept.folder.path().join(DATABASE)).unwrap();
            c.execute_batch(&sql).unwrap();
            assert!(c.changes() > 0, "{what}");
            assert_ne!(wrong(kept.folder.path()), [], "{what}");
        }
    }
}
