//! What a program gets back: who answers, its own mark as it was, its number in the token (T48).

use crate::issuer::flow::{REDIRECT, claims, exchange, page, submit, token, wish};
use crate::issuer::support::{ADA, AZ, BASE, CONTOSO, FABRIKAM, PASSWORD, World};

const STATES: [&str; 12] = [
    "plain",
    "a b  c",
    "a+b%20c%2Bd%",
    "a&b=c&code=stolen&iss=evil",
    "a;b,c/d?e#f",
    "\"><script>alert(1)</script>",
    "' onfocus=alert(1) '",
    "&quot;&amp;amp;&#34;",
    "\\\"\\u0022\\",
    "håll – 💥 – \u{202e}txt",
    "{\"a\":[1,2]}",
    "=",
];

#[tokio::test]
async fn t48_the_answer_in_the_address() {
    let world = World::new().await;
    for state in STATES {
        let shown = page(&world, CONTOSO, &wish().with("state", state)).await;
        assert!(!shown.body.contains("<script"), "{state}: {}", shown.body);
        let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
        let query = answer.query();
        let names: Vec<&str> = query.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["code", "iss", "state"], "{state}");
        assert_eq!(query.get("state"), Some(state));
        assert_eq!(query.get("iss"), Some(&*format!("{BASE}/{CONTOSO}/v2.0")));
    }
}

#[tokio::test]
async fn t48_the_answer_in_a_form() {
    let world = World::new().await;
    for state in STATES {
        let wish = wish().with("state", state).and("response_mode", "form_post");
        let shown = page(&world, CONTOSO, &wish).await;
        let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
        assert_eq!((answer.status, answer.header("location")), (200, None), "{state}");
        let fields = answer.hidden();
        let names: Vec<&str> = fields.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["code", "iss", "state"], "{state}");
        assert_eq!(fields.get("state"), Some(state));
        assert_eq!(fields.get("iss"), Some(&*format!("{BASE}/{CONTOSO}/v2.0")));
        assert!(answer.body.contains(&format!("action=\"{REDIRECT}\"")), "{}", answer.body);
        // The one script is ours, and the policy knows it by its number.
        let scripts: Vec<&str> = answer.body.split("<script").skip(1).collect();
        let policy = answer.header("content-security-policy").unwrap();
        let number = scripts[0].strip_prefix(" nonce=\"").unwrap().split('"').next().unwrap();
        assert_eq!(scripts.len(), 1, "{state}: {}", answer.body);
        assert!(policy.contains(&format!("script-src 'nonce-{number}'")), "{policy}");
        let code = fields.get("code").unwrap();
        assert_eq!(token(&world, CONTOSO, &exchange(code)).await.status, 200, "{state}");
    }
}

/// A program may tell by `iss` who has answered: as the discovery document has it.
#[tokio::test]
async fn t48_the_answer_names_the_issuer_of_the_discovery_document() {
    let world = World::new().await;
    for (asked, tenant) in [(CONTOSO, CONTOSO), (FABRIKAM, FABRIKAM), ("organizations", CONTOSO)] {
        for version in ["/v2.0", ""] {
            let path = format!("/{tenant}{version}/.well-known/openid-configuration");
            let document = world.get(&path, &[]).await.json();
            let path = format!("/{asked}/oauth2{version}/authorize");
            let query =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish().0).finish();
            let shown = world.get(&format!("{path}?{query}"), &[]).await;
            let fields = shown.hidden().and("username", ADA).and("password", PASSWORD);
            let cookie = shown.cookie().unwrap();
            let answer = world.post(&path, &fields, &[("cookie", &cookie)]).await.query();
            assert_eq!(answer.get("iss"), document["issuer"].as_str(), "{asked} {version}");
            let fields = exchange(answer.get("code").unwrap());
            let path = format!("/{asked}/oauth2{version}/token");
            let tokens = world.post(&path, &fields, &[]).await.json();
            for name in ["access_token", "id_token"] {
                let claims = claims(&tokens[name]);
                assert_eq!(claims["iss"], document["issuer"], "{asked} {version} {name}");
                assert_eq!(claims["tid"], tenant, "{asked} {version} {name}");
            }
        }
    }
}

#[tokio::test]
async fn t48_the_number_is_in_the_id_token() {
    let world = World::new().await;
    for nonce in [Some("a nonce"), Some("\"}, {\"aud\": \"evil"), Some("é💥"), None] {
        let wish = wish().without("nonce");
        let wish = nonce.map_or(wish.clone(), |nonce| wish.and("nonce", nonce));
        let code = crate::issuer::flow::code(&world, FABRIKAM, &wish).await;
        let tokens = token(&world, FABRIKAM, &exchange(&code)).await.json();
        let id = claims(&tokens["id_token"]);
        assert_eq!(id.get("nonce").and_then(|nonce| nonce.as_str()), nonce);
        assert_eq!((&id["aud"], &id["tid"]), (&AZ.into(), &FABRIKAM.into()));
        assert!(claims(&tokens["access_token"]).get("nonce").is_none());
        let kept = crate::issuer::flow::refresh(tokens["refresh_token"].as_str().unwrap());
        let next = token(&world, FABRIKAM, &kept).await.json();
        assert!(claims(&next["id_token"]).get("nonce").is_none(), "it was for one sign-in");
    }
}

/// What is too long is refused: a mark that is silently left out would protect nobody.
#[tokio::test]
async fn t48_nothing_is_left_out_in_silence() {
    let world = World::new().await;
    for name in ["state", "nonce", "scope", "login_hint"] {
        let long = wish().with(name, &"l".repeat(2_049));
        let answer = page(&world, CONTOSO, &long).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
    }
    let longest = "l".repeat(2_048);
    let shown = page(&world, CONTOSO, &wish().with("state", &longest)).await;
    let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
    assert_eq!(answer.query().get("state"), Some(&*longest));
    let shown = page(&world, CONTOSO, &wish().without("state")).await;
    let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
    assert_eq!(answer.query().get("state"), None);
}
