//! ID tokens: the answer to our own question, and nothing else (T10, T48).

use std::sync::Arc;

use pal_identity::{CallerKind, Concern, TokenError, TrustedIssuer, Verifier};
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
        // A person who was given an application's roles: no program because of that.
        json!({"roles": ["PartnerAdmin"]}),
        json!({"roles": []}),
    ] {
        let token = token(&header(), &with(good(), &change));
        let caller = verifier.verify_id_token(&token, NONCE, at(NOW)).await;
        let caller = caller.unwrap_or_else(|error| panic!("{change}: {error}"));
        let who = (caller.principal.tenant.to_string(), caller.principal.object.to_string());
        assert_eq!(who, (TENANT.to_owned(), ADA.to_owned()), "{change}");
        assert_eq!(caller.kind, CallerKind::User, "{change}");
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

/// What an access token may have in its header, an ID token may not.
#[tokio::test]
async fn t10_an_access_tokens_header_is_no_id_tokens() {
    let verifier = portal();
    for kind in ["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt"] {
        let own = token(&with(header(), &json!({"typ": kind})), &good());
        let done = verifier.verify_id_token(&own, NONCE, at(NOW)).await;
        let Err(TokenError::NotOurs { claim: None, why }) = done else {
            panic!("{kind}: {done:?}")
        };
        assert_eq!(why, format!("its header has the type '{kind}'"));
    }
}

/// What is wrong is said by name, and a page can say it in any language.
#[tokio::test]
async fn refusals_name_the_claim_the_tenant_and_the_algorithm() {
    let verifier = portal();
    let other = "11111111-1111-4111-8111-111111111111";
    let claim = |name: &'static str| Concern::Claim(name.into());
    for (change, concern, said) in [
        (json!({"oid": null}), claim("oid"), "the token's claim 'oid' is missing"),
        (json!({"oid": "ada"}), claim("oid"), "the token's claim 'oid' is no GUID"),
        (json!({"tid": null}), claim("tid"), "the token's claim 'tid' is missing"),
        (json!({"exp": null}), claim("exp"), "the token's claim 'exp' is missing"),
        (
            json!({"iat": "x"}),
            claim("iat"),
            "the token's claim 'iat' is no time, a whole number of seconds",
        ),
        (json!({"nbf": NOW + 900}), claim("nbf"), "(claim 'nbf')"),
        (json!({"exp": NOW - 900}), claim("exp"), "the token has expired (claim 'exp')"),
        (json!({"nonce": "x"}), claim("nonce"), "its claim 'nonce' is not that of this sign-in"),
        (json!({"azp": "x"}), claim("azp"), "its claim 'azp' names another application"),
        (json!({"scp": "x"}), claim("scp"), "it has the claim 'scp'"),
        (
            json!({"aud": "api://x\"<"}),
            claim("aud"),
            "its claim 'aud' is 'not shown: it has characters that do not belong there', and '04b07795-8ddb-461a-bbee-02f9e1bf7b46' is taken",
        ),
        (
            json!({"iss": "https://evil.example/"}),
            claim("iss"),
            "the issuer 'https://evil.example/' (claim 'iss'), which is not configured here",
        ),
        (
            json!({"tid": other, "iss": format!("https://login.microsoftonline.com/{other}/v2.0")}),
            Concern::Tenant(other.parse().unwrap()),
            "may not speak for the tenant 11111111-1111-4111-8111-111111111111; the operator allows tenants",
        ),
    ] {
        let token = token(&header(), &with(good(), &change));
        let refused = verifier.verify_id_token(&token, NONCE, at(NOW)).await.unwrap_err();
        assert_eq!(refused.concern(), concern, "{change}");
        assert!(refused.to_string().contains(said), "{change}: {refused}");
    }
    let signed = token(&with(header(), &json!({"alg": "RS1\n"})), &good());
    let refused = verifier.verify_id_token(&signed, NONCE, at(NOW)).await.unwrap_err();
    assert!(matches!(refused.concern(), Concern::Algorithm(_)), "{refused}");
    assert!(
        refused.to_string().starts_with("the token names the algorithm 'not shown: "),
        "{refused}"
    );
}
