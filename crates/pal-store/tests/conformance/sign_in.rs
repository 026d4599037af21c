//! Who can sign in, and refresh tokens.

use pal_model::Principal;
use pal_store::{
    App, CredentialChange, CredentialError, Login, NewRefreshToken, RefreshError, Store,
};

use super::{FABRIKAM, actor, ada, at, backends, may};

fn token(byte: u8, upn: &str) -> NewRefreshToken {
    NewRefreshToken {
        hash: [byte; 32],
        family: [byte; 16],
        upn: upn.to_owned(),
        client: "client".to_owned(),
        expires: at("2026-06-01T00:00:00Z"),
    }
}

async fn rotate(store: &dyn Store, from: u8, to: u8) -> Result<String, String> {
    let done = store.rotate_refresh_token([from; 32], "client", [to; 32], may(2)).await;
    done.map(|token| token.upn).map_err(|error| error.to_string())
}

#[tokio::test]
async fn people_and_applications_are_found_and_replaced() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let login = |hash: &str| Login {
            upn: "Ada@contoso.example".to_owned(),
            password_hash: hash.to_owned(),
            accounts: vec![ada()],
        };
        store.put_login(login("one"), may(1), actor()).await.unwrap();
        store.put_login(login("two"), may(1), actor()).await.unwrap();
        let found = store.login("ada@CONTOSO.example").await.unwrap().unwrap();
        assert_eq!((found.password_hash.as_str(), found.accounts), ("two", vec![ada()]));
        assert_eq!(store.login_of(ada()).await.unwrap().unwrap().upn, "Ada@contoso.example");
        assert!(store.login("nobody").await.unwrap().is_none());
        let other = |upn: &str, hash: &str| Login {
            upn: upn.to_owned(),
            password_hash: hash.to_owned(),
            accounts: vec![],
        };
        store.put_login(other("BJÖRN@contoso.example", "one"), may(1), actor()).await.unwrap();
        store.put_login(other("Björn@contoso.example", "two"), may(1), actor()).await.unwrap();
        let found = store.login("björn@CONTOSO.example").await.unwrap().unwrap();
        assert_eq!((found.upn.as_str(), &*found.password_hash), ("Björn@contoso.example", "two"));
        let client = "7a110000-7000-4000-8000-000000000001".parse().unwrap();
        let certificates = vec!["PEM".to_owned()];
        let app = App { client, principal: ada(), secret_hashes: Vec::new(), certificates };
        store.put_app(app, may(1), actor()).await.unwrap();
        let tenant = FABRIKAM.parse().unwrap();
        let found = store.app(client, Some(tenant)).await.unwrap().unwrap();
        assert_eq!((found.principal, found.certificates.len()), (ada(), 1));
        let other = "c0750000-0000-4000-8000-000000000000".parse().unwrap();
        assert!(store.app(client, Some(other)).await.unwrap().is_none());
    }
}

/// A new secret or certificate takes the place of an old one without a moment in which neither works.
#[tokio::test]
async fn credentials_of_an_application_overlap_while_they_change() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let client = "7a110000-7000-4000-8000-000000000001".parse().unwrap();
        let change = |change| store.change_credentials(client, ada(), change, may(1), actor());
        let secret = |hash: &str| CredentialChange::Add {
            secret_hash: Some(hash.to_owned()),
            certificates: Vec::new(),
        };
        let pem = |pem: &str| CredentialChange::Add {
            secret_hash: None,
            certificates: vec![pem.to_owned()],
        };
        assert!(matches!(change(secret("one")).await, Err(CredentialError::NoApp)));
        let secret_hashes = vec!["one".to_owned()];
        let app = App { client, principal: ada(), secret_hashes, certificates: Vec::new() };
        store.put_app(app, may(1), actor()).await.unwrap();
        let first = change(secret("two")).await.unwrap();
        assert_eq!(first.secret_hashes, ["one", "two"]);
        assert!(matches!(change(secret("three")).await, Err(CredentialError::TooMany)));
        let found = change(pem("PEM")).await.unwrap();
        assert_eq!(change(pem("PEM\n")).await.unwrap().certificates, ["PEM"], "known already");
        let ids: Vec<String> = found.credentials().into_iter().map(|known| known.id).collect();
        assert_eq!(ids.len(), 3);
        let remove = |id: &str| change(CredentialChange::Remove(id.to_owned()));
        let wrong = remove("0123456789ab").await;
        assert!(matches!(wrong, Err(CredentialError::NoCredential(_))));
        assert_eq!(remove(&ids[0]).await.unwrap().secret_hashes, ["two"]);
        assert_eq!(remove(&ids[2]).await.unwrap().certificates, [""; 0]);
        assert!(matches!(remove(&ids[1]).await, Err(CredentialError::Last(_))));
        let tenant = FABRIKAM.parse().unwrap();
        let kept = store.app(client, Some(tenant)).await.unwrap().unwrap();
        assert_eq!(kept.secret_hashes, ["two"]);
        let other = Principal::new(tenant, "fab00000-1000-4000-8000-0000000000ff".parse().unwrap());
        let wrong = store.change_credentials(client, other, secret("x"), may(1), actor()).await;
        assert!(matches!(wrong, Err(CredentialError::NoApp)));
    }
}

/// A token works once; its second use ends all that came from the same sign-in (T49).
#[tokio::test]
async fn t49_a_second_use_ends_the_family() {
    for kept in backends() {
        let store = kept.store.as_ref();
        store.keep_refresh_token(token(1, "ada")).await.unwrap();
        store.keep_refresh_token(token(9, "eve")).await.unwrap();
        let owner = store.refresh_token_owner([1; 32]).await.unwrap();
        assert_eq!(owner.as_deref(), Some("ada"), "to ask does not use it up");
        assert_eq!(rotate(store, 1, 2).await.as_deref(), Ok("ada"));
        assert_eq!(store.refresh_token_owner([1; 32]).await.unwrap(), None);
        assert_eq!(rotate(store, 2, 3).await.as_deref(), Ok("ada"));
        let reused = store.rotate_refresh_token([1; 32], "client", [4; 32], may(2)).await;
        assert!(matches!(reused, Err(RefreshError::Reused)));
        assert!(rotate(store, 3, 5).await.is_err(), "the newest is revoked, too");
        assert!(rotate(store, 4, 6).await.is_err(), "nothing was kept for the second use");
        assert_eq!(rotate(store, 9, 10).await.as_deref(), Ok("eve"), "others go on");
        let wrong = store.rotate_refresh_token([10; 32], "another", [11; 32], may(2)).await;
        assert!(matches!(wrong, Err(RefreshError::Invalid)));
        let late = at("2026-06-01T00:00:00Z");
        let late = store.rotate_refresh_token([10; 32], "client", [11; 32], late).await;
        assert!(matches!(late, Err(RefreshError::Invalid)));
        store.revoke_refresh_family([9; 16]).await.unwrap();
        assert!(rotate(store, 10, 12).await.is_err());
    }
}

#[tokio::test]
async fn a_new_password_ends_every_sign_in() {
    for kept in backends() {
        let store = kept.store.as_ref();
        store.keep_refresh_token(token(1, "ada")).await.unwrap();
        let login =
            Login { upn: "ADA".to_owned(), password_hash: "h".to_owned(), accounts: vec![ada()] };
        store.put_login(login, may(1), actor()).await.unwrap();
        assert!(rotate(store, 1, 2).await.is_err());
    }
}
