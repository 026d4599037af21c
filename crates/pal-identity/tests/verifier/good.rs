//! Tokens that must pass, and what is left of them: the identity, and nothing that grants rights.

use pal_identity::{CallerKind, NeededScope, TokenError, TrustedIssuer, Verifier};
use pal_model::Principal;
use serde_json::{Value, json};

use crate::verifier::support::{
    ADA, AUDIENCE, CLIENT, GOOD, NOW, TENANT, at, claims, entra, header, token, with,
};

fn ada() -> Principal {
    Principal::new(TENANT.parse().unwrap(), ADA.parse().unwrap())
}

#[tokio::test]
async fn tokens_of_every_good_shape_pass() {
    let v1 = json!({"iss": format!("https://sts.windows.net/{TENANT}/"), "ver": "1.0", "azp": null, "appid": CLIENT});
    let shapes: Vec<(&str, Value, Value, CallerKind)> = vec![
        ("a person, v2", header(), claims(), CallerKind::User),
        ("typ at+jwt", with(header(), &json!({"typ": "at+jwt"})), claims(), CallerKind::User),
        ("no typ", with(header(), &json!({"typ": null})), claims(), CallerKind::User),
        ("a thumbprint", with(header(), &json!({"x5t": "abc"})), claims(), CallerKind::User),
        (
            "aud in a list",
            header(),
            with(claims(), &json!({"aud": ["x", AUDIENCE]})),
            CallerKind::User,
        ),
        ("no nbf", header(), with(claims(), &json!({"nbf": null})), CallerKind::User),
        (
            "expired within the leeway",
            header(),
            with(claims(), &json!({"exp": NOW - 59})),
            CallerKind::User,
        ),
        (
            "ahead within the leeway",
            header(),
            with(claims(), &json!({"nbf": NOW + 60, "iat": NOW + 60})),
            CallerKind::User,
        ),
        (
            "an app with roles",
            header(),
            with(claims(), &json!({"scp": null, "roles": ["x"]})),
            CallerKind::App,
        ),
        (
            "an app by idtyp",
            header(),
            with(claims(), &json!({"scp": null, "idtyp": "app"})),
            CallerKind::App,
        ),
        (
            "oid in capitals (T16)",
            header(),
            with(claims(), &json!({"oid": ADA.to_ascii_uppercase()})),
            CallerKind::User,
        ),
    ];
    let (verifier, _) = entra();
    for (name, header, claims, kind) in shapes {
        let caller = verifier.verify(&token(&header, &claims), at(NOW)).await;
        let caller = caller.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((caller.principal, caller.kind), (ada(), kind), "{name}");
        assert_eq!(caller.client.as_deref(), Some(CLIENT), "{name}");
    }
    let (verifier, network) = entra();
    network.publish(std::slice::from_ref(&GOOD.jwk));
    let caller = verifier.verify(&token(&header(), &with(claims(), &v1)), at(NOW)).await.unwrap();
    assert_eq!(caller.principal, ada());
}

/// The victim's names, subject, roles and groups on one's own object id change nothing (T11 – T13).
#[tokio::test]
async fn t11_t12_t13_names_roles_and_groups_mean_nothing() {
    let (verifier, network) = entra();
    let plain = verifier.verify(&token(&header(), &claims()), at(NOW)).await.unwrap();
    let dressed = with(
        claims(),
        &json!({
            "upn": "victim@contoso.example", "email": "victim@contoso.example",
            "preferred_username": "victim@contoso.example", "unique_name": "victim",
            "name": "Victim", "sub": "the-victims-subject", "groups": [ADA], "wids": [ADA],
            "is_admin": true, "roles": ["Operator"],
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://evil.example/groups"}},
        }),
    );
    let caller = verifier.verify(&token(&header(), &dressed), at(NOW)).await.unwrap();
    assert_eq!(
        (caller.principal, caller.kind, &caller.client, caller.expires),
        (plain.principal, plain.kind, &plain.client, plain.expires)
    );
    assert_eq!(network.asked(), 1, "nobody is asked for groups");
}

/// An issuer that is not Entra ID: one tenant, the object in a claim of its own.
#[tokio::test]
async fn keycloak_works_by_configuration() {
    let (_, network) = entra();
    let issuer = TrustedIssuer::oidc(
        "https://id.example/realms/contoso".to_owned(),
        crate::verifier::support::KEYS.to_owned(),
        vec!["openpal".to_owned()],
        vec![TENANT.parse().unwrap()],
        None,
        None,
    );
    let verifier = Verifier::new(vec![issuer], network);
    let claims = json!({
        "iss": "https://id.example/realms/contoso", "aud": ["openpal", "account"], "typ": "Bearer",
        "sub": ADA, "azp": "pal", "iat": NOW, "exp": NOW + 300,
    });
    // The key of the other issuer's document names that issuer: here keys without a name are used.
    let refused = verifier.verify(&token(&header(), &claims), at(NOW)).await.unwrap_err();
    assert_eq!(refused, TokenError::BadSignature);
    let (_, network) = entra();
    network.publish(std::slice::from_ref(&GOOD.jwk));
    let issuer = TrustedIssuer::oidc(
        "https://id.example/realms/contoso".to_owned(),
        crate::verifier::support::KEYS.to_owned(),
        vec!["openpal".to_owned()],
        vec![TENANT.parse().unwrap()],
        None,
        None,
    );
    let verifier = Verifier::new(vec![issuer], network);
    let caller = verifier.verify(&token(&header(), &claims), at(NOW)).await.unwrap();
    assert_eq!(caller.principal, ada());
    for wrong in [
        json!({"typ": "ID"}),
        json!({"typ": "Refresh"}),
        json!({"sub": "ada"}),
        json!({"azp": null}),
    ] {
        let forged = token(&header(), &with(claims.clone(), &wrong));
        assert!(verifier.verify(&forged, at(NOW)).await.is_err(), "{wrong}");
    }
}

/// An application that acts for a person needs the scope; one that acts for itself has none (T10).
#[tokio::test]
async fn a_token_with_scp_needs_the_scope() {
    let (verifier, _) = entra();
    let scope = |found: &str| TokenError::Scope { claim: "scp", scope: found.to_owned() };
    let usual = "user_impersonation";
    for (change, expected) in [
        (json!({"scp": "User.Read user_impersonation"}), None),
        (json!({"scp": ["user_impersonation"]}), None),
        (json!({"scp": "User.Read"}), Some(scope(usual))),
        (json!({"scp": "user_impersonation.read"}), Some(scope(usual))),
        (json!({"scp": ""}), Some(scope(usual))),
        (json!({"scp": [], "roles": ["x"]}), Some(scope(usual))),
        (json!({"scp": "User.Read", "roles": ["x"], "idtyp": "app"}), Some(scope(usual))),
        (json!({"scp": null, "roles": ["x"]}), None),
        (json!({"scp": usual, "roles": ["x"], "idtyp": "app"}), None),
    ] {
        let done = verifier.verify(&token(&header(), &with(claims(), &change)), at(NOW)).await;
        assert_eq!(done.err(), expected, "{change}");
    }
    for change in [
        json!({"idtyp": "app"}),
        json!({"idtyp": "app", "roles": []}),
        // Without `idtyp`, an application is who it acts for.
        json!({"sub": ADA}),
    ] {
        let done = verifier.verify(&token(&header(), &with(claims(), &change)), at(NOW)).await;
        let Err(TokenError::WrongKind(why)) = done else { panic!("{change}: {done:?}") };
        assert!(why.contains("claim 'scp' has scopes of people ('user_impersonation')"), "{why}");
    }
    let shown = scope(usual).to_string();
    assert!(shown.contains("claim 'scp' has not the scope 'user_impersonation'"), "{shown}");
}

/// Where a scope is asked for of another issuer's tokens, it may stand in `scope`, as RFC 9068 has it.
#[tokio::test]
async fn a_scope_that_is_always_needed_may_stand_in_either_claim() {
    let network = std::sync::Arc::new(crate::verifier::support::Network::default());
    network.publish(std::slice::from_ref(&GOOD.jwk));
    let mut issuer = TrustedIssuer::oidc(
        "https://id.example".to_owned(),
        crate::verifier::support::KEYS.to_owned(),
        vec!["openpal".to_owned()],
        vec![TENANT.parse().unwrap()],
        None,
        None,
    );
    issuer.scope = NeededScope { name: "links".to_owned(), always: true };
    let verifier = Verifier::new(vec![issuer], network);
    let own = json!({
        "iss": "https://id.example", "aud": "openpal", "sub": ADA, "client_id": "pal", "iat": NOW, "exp": NOW + 300,
    });
    for (change, good) in [
        (json!({"scope": "openid links"}), true),
        (json!({"scope": ["links"]}), true),
        (json!({"scp": ["links"]}), true),
        (json!({"scope": "openid"}), false),
        (json!({"scp": "openid", "scope": "links"}), false),
        (json!({"scope": 1}), false),
        (json!({}), false),
    ] {
        let done = verifier.verify(&token(&header(), &with(own.clone(), &change)), at(NOW)).await;
        assert_eq!(done.is_ok(), good, "{change}: {done:?}");
    }
}
