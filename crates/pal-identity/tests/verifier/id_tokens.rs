//! ID tokens: the answer to our own question, and nothing else (T10, T48).

use std::sync::Arc;

use pal_identity::{TokenError, TrustedIssuer, Verifier};
use serde_json::{Value, json};

use crate::verifier::support::{
    ADA, CLIENT, GOOD, NOW, Network, TENANT, at, claims, header, token, with,
};

const NONCE: &str = "the nonce of this sign-in";

/// What the portal has: the client id for an audience.
fn portal() -> Verifier {
    let network = Arc::new(Network::default());
    network.publish(std::slice::from_ref(&GOOD.jwk));
    let issuer = TrustedIssuer::entra(vec![CLIENT.to_owned()], vec![TENANT.parse().unwrap()]);
    Verifier::new(vec![issuer], network)
}

fn good() -> Value {
    with(claims(), &json!({"aud": CLIENT, "azp": null, "scp": null, "nonce": NONCE}))
}

#[tokio::test]
async fn good_id_tokens_name_the_person() {
    let verifier = portal();
    for change in [
        json!({}),
        json!({"azp": CLIENT}),
        json!({"aud": [CLIENT]}),
        json!({"aud": [CLIENT, "another"], "azp": CLIENT}),
        json!({"typ": "ID"}),
        json!({"at_hash": "x", "c_hash": "y"}),
    ] {
        let token = token(&header(), &with(good(), &change));
        let caller = verifier.verify_id_token(&token, NONCE, at(NOW)).await;
        let caller = caller.unwrap_or_else(|error| panic!("{change}: {error}"));
        let who = (caller.principal.tenant.to_string(), caller.principal.object.to_string());
        assert_eq!(who, (TENANT.to_owned(), ADA.to_owned()), "{change}");
    }
}

#[tokio::test]
async fn t10_t48_what_is_no_answer_to_this_sign_in_is_refused() {
    let verifier = portal();
    let somebody = "11111111-1111-4111-8111-111111111111";
    for change in [
        // Another sign-in's, or none's.
        json!({"nonce": null}),
        json!({"nonce": ""}),
        json!({"nonce": "another"}),
        json!({"nonce": [NONCE]}),
        json!({"nonce": 1}),
        // For somebody else.
        json!({"aud": null}),
        json!({"aud": "https://management.azure.com/"}),
        json!({"aud": [CLIENT, "another"]}),
        json!({"azp": "another"}),
        json!({"aud": [CLIENT, "another"], "azp": "another"}),
        // An access token with a nonce put into it.
        json!({"scp": "user_impersonation"}),
        json!({"typ": "Bearer"}),
        json!({"events": {}}),
        // Another tenant, or nobody.
        json!({"tid": somebody}),
        json!({"tid": null}),
        json!({"oid": null}),
        json!({"iss": "https://evil.example/v2.0"}),
        // Another time.
        json!({"exp": NOW - 61}),
        json!({"exp": null}),
        json!({"iat": null}),
        json!({"nbf": NOW + 3_600}),
    ] {
        let token = token(&header(), &with(good(), &change));
        let done = verifier.verify_id_token(&token, NONCE, at(NOW)).await;
        assert!(done.is_err(), "{change} was taken");
    }
    let own = token(&header(), &good());
    assert!(verifier.verify_id_token(&own, "", at(NOW)).await.is_err());
    let (body, _) = own.rsplit_once('.').unwrap();
    let forged = format!("{body}.AAAA");
    let done = verifier.verify_id_token(&forged, NONCE, at(NOW)).await;
    assert_eq!(done, Err(TokenError::BadSignature));
}

/// An ID token is no access token, also where its audience happens to be that of one.
#[tokio::test]
async fn t10_an_id_token_opens_nothing() {
    let own = token(&header(), &good());
    let done = portal().verify(&own, at(NOW)).await;
    assert!(matches!(done, Err(TokenError::WrongKind(_))), "{done:?}");
}
