//! Codes are worth something to the program that asked for them, once, for a minute (T47).

use tokio::task::JoinSet;

use crate::issuer::flow::{
    REDIRECT, VERIFIER, challenge, code, exchange, next, page, refresh, token, tokens, wish,
};
use crate::issuer::support::{
    ADA, ADA_GUEST, ADA_HOME, AZ, BEN_HOME, CONTOSO, FABRIKAM, POWERSHELL, WITH_SECRET, World,
};

#[tokio::test]
async fn t47_there_is_no_code_without_a_challenge() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let plain = wish().with("code_challenge_method", "plain");
    let without = || wish().without("code_challenge").without("code_challenge_method");
    for (what, wish) in [
        ("neither", without()),
        ("no challenge", without().and("code_challenge_method", "S256")),
        ("an empty one", wish().with("code_challenge", "")),
        ("no method, which means plain", without().and("code_challenge", &hash)),
        ("plain", plain.clone()),
        ("plain, of the right length", plain.with("code_challenge", &VERIFIER[..43])),
        ("another casing", wish().with("code_challenge_method", "s256")),
        ("two methods", wish().and("code_challenge_method", "plain")),
        ("two challenges", wish().and("code_challenge", &hash)),
        ("one letter less", wish().with("code_challenge", &hash[..42])),
        ("one letter more", wish().with("code_challenge", &format!("{hash}A"))),
        ("padded", wish().with("code_challenge", &format!("{}=", &hash[..42]))),
        ("no base64url", wish().with("code_challenge", &format!("{}+", &hash[..42]))),
    ] {
        for tenant in [CONTOSO, "organizations"] {
            let answer = page(&world, tenant, &wish).await;
            assert_eq!(answer.status, 400, "{what}: {}", answer.body);
            assert!(!answer.body.contains("<form"), "{what}: nobody is asked for a password");
            assert_eq!(answer.header("location"), None, "{what}");
        }
    }
}

#[tokio::test]
async fn t47_a_code_needs_its_verifier() {
    let world = World::new().await;
    let short = "a-verifier-of-42-letters-is-not-long-enough";
    let (short, long) = (&short[..42], "l".repeat(129));
    let hash = challenge(VERIFIER);
    let verifier = |text: &str| exchange("").with("code_verifier", text);
    let plain = verifier(&hash).and("code_challenge_method", "plain");
    for (what, of, change) in [
        ("another", VERIFIER, verifier(&VERIFIER.replace('0', "1"))),
        ("none, as if there were no challenge", VERIFIER, exchange("").without("code_verifier")),
        ("an empty one", VERIFIER, verifier("")),
        ("the challenge", VERIFIER, verifier(&hash)),
        ("the challenge, called plain", VERIFIER, plain),
        ("its beginning", VERIFIER, verifier(&VERIFIER[..43])),
        ("with more behind it", VERIFIER, verifier(&format!("{VERIFIER}0"))),
        ("twice", VERIFIER, exchange("").and("code_verifier", VERIFIER)),
        ("too short to be a secret", short, verifier(short)),
        ("too long", &long, verifier(&long)),
    ] {
        let wish = wish().with("code_challenge", &challenge(of));
        let code = code(&world, CONTOSO, &wish).await;
        let answer = token(&world, CONTOSO, &change.with("code", &code)).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.body);
        let body = answer.json();
        assert!(body.get("access_token").is_none() && body["error"].is_string(), "{what}: {body}");
    }
}

/// A verifier cannot be guessed by trying.
#[tokio::test]
async fn t47_a_wrong_verifier_ends_the_code() {
    let world = World::new().await;
    let code = code(&world, CONTOSO, &wish()).await;
    let wrong = exchange(&code).with("code_verifier", &"w".repeat(43));
    let answer = token(&world, CONTOSO, &wrong).await;
    answer.refused("wrong", 400, "invalid_grant", 501_481);
    let answer = token(&world, CONTOSO, &exchange(&code)).await;
    answer.refused("right, but late", 400, "invalid_grant", 54005);
}

#[tokio::test]
async fn t47_a_code_is_for_its_client_and_address() {
    let world = World::new().await;
    let code = code(&world, CONTOSO, &wish()).await;
    for (what, change) in [
        ("another client", exchange(&code).with("client_id", POWERSHELL)),
        ("a client with a secret", exchange(&code).with("client_id", WITH_SECRET)),
        ("no client that there is", exchange(&code).with("client_id", ADA_HOME)),
        ("another port", exchange(&code).with("redirect_uri", "http://localhost:8401")),
        ("a slash more", exchange(&code).with("redirect_uri", &format!("{REDIRECT}/"))),
        ("the same by number", exchange(&code).with("redirect_uri", "http://127.0.0.1:8400")),
        ("another host", exchange(&code).with("redirect_uri", "https://evil.example/")),
        ("another code", exchange(&code.to_ascii_lowercase())),
        ("a part of the code", exchange(&code[..42])),
    ] {
        let answer = token(&world, CONTOSO, &change).await;
        answer.refused(what, 400, "invalid_grant", 70000);
    }
    for name in ["client_id", "redirect_uri", "code", "grant_type"] {
        let answer = token(&world, CONTOSO, &exchange(&code).without(name)).await;
        answer.refused(name, 400, "invalid_request", 900_144);
        let twice = exchange(&code).and(name, "another");
        let answer = token(&world, CONTOSO, &twice).await;
        answer.refused(name, 400, "invalid_request", 900_144);
    }
    // None of those who do not know the rest has used it up.
    assert_eq!(token(&world, CONTOSO, &exchange(&code)).await.status, 200);
}

#[tokio::test]
async fn t47_a_code_used_twice_ends_what_it_began() {
    for rotated in [false, true] {
        let world = World::new().await;
        let code = code(&world, CONTOSO, &wish()).await;
        let first = token(&world, CONTOSO, &exchange(&code)).await.json();
        let mut kept = first["refresh_token"].as_str().unwrap().to_owned();
        if rotated {
            let next = token(&world, CONTOSO, &refresh(&kept)).await.json();
            next["refresh_token"].as_str().unwrap().clone_into(&mut kept);
        }
        // Also by somebody who does not know the verifier, and after the life of the code.
        world.later(120);
        let again = exchange(&code).with("code_verifier", &"w".repeat(43));
        let answer = token(&world, CONTOSO, &again).await;
        answer.refused("again", 400, "invalid_grant", 54005);
        let answer = token(&world, CONTOSO, &refresh(&kept)).await;
        answer.refused("what the first use gave", 400, "invalid_grant", 70000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t47_of_many_at_once_one_gets_a_token() {
    let world = std::sync::Arc::new(World::new().await);
    let code = code(&world, CONTOSO, &wish()).await;
    let mut all = JoinSet::new();
    for _ in 0..16 {
        let (world, fields) = (world.clone(), exchange(&code));
        all.spawn(async move { token(&world, CONTOSO, &fields).await });
    }
    let answers = all.join_all().await;
    let served: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(served.len() <= 1, "{}", served.len());
    for answer in served {
        let answer = token(&world, CONTOSO, &next(&answer.json())).await;
        answer.refused("the code came again", 400, "invalid_grant", 70000);
    }
}

#[tokio::test]
async fn t47_a_code_lives_for_a_minute() {
    let world = World::new().await;
    for (seconds, number) in [(59, None), (60, Some(70008)), (660, Some(70000))] {
        let code = code(&world, CONTOSO, &wish()).await;
        world.later(seconds);
        if number == Some(70000) {
            // Another one is made, and what is long over is forgotten.
            self::code(&world, CONTOSO, &wish()).await;
        }
        let answer = token(&world, CONTOSO, &exchange(&code)).await;
        match number {
            Some(number) => answer.refused("late", 400, "invalid_grant", number),
            None => assert_eq!(answer.status, 200, "{}", answer.body),
        }
    }
}

#[tokio::test]
async fn t47_a_code_of_a_clock_that_was_ahead_is_over() {
    let world = World::new().await;
    world.later(86_400 * 366);
    let code = code(&world, CONTOSO, &wish()).await;
    world.later(-86_400 * 365);
    let answer = token(&world, CONTOSO, &exchange(&code)).await;
    answer.refused("of a clock that was ahead", 400, "invalid_grant", 70008);
}

#[tokio::test]
async fn t47_a_code_is_no_use_to_who_is_disabled_meanwhile() {
    let world = World::new().await;
    let code = code(&world, FABRIKAM, &wish()).await;
    world.later(1);
    world.enable(FABRIKAM, ADA_GUEST, "User", false).await;
    world.later(1);
    let answer = token(&world, FABRIKAM, &exchange(&code)).await;
    answer.refused("disabled", 400, "invalid_grant", 50057);
}

/// Somebody else may have known the old one.
#[tokio::test]
async fn t47_a_code_of_an_old_password_is_no_use() {
    let world = World::new().await;
    let code = code(&world, CONTOSO, &wish()).await;
    world.set_password(ADA, "another password").await;
    let answer = token(&world, CONTOSO, &exchange(&code)).await;
    answer.refused("another password", 400, "invalid_grant", 50173);
}

#[tokio::test]
async fn t47_a_code_is_for_the_tenant_of_the_sign_in() {
    let world = World::new().await;
    for (asked, tenant, object) in [(CONTOSO, CONTOSO, ADA_HOME), (FABRIKAM, FABRIKAM, ADA_GUEST)] {
        let code = code(&world, asked, &wish()).await;
        // Whatever tenant the program writes in the second address.
        let answer = token(&world, "organizations", &exchange(&code)).await.json();
        let claims = crate::issuer::flow::claims(&answer["access_token"]);
        assert_eq!((&claims["tid"], &claims["oid"]), (&tenant.into(), &object.into()));
        assert_ne!(claims["oid"], BEN_HOME);
        assert_eq!(claims["appid"], AZ);
    }
}

#[tokio::test]
async fn t47_only_the_access_token_opens_the_register() {
    let world = World::new().await;
    let tokens = tokens(&world, CONTOSO).await;
    for (name, status) in [("access_token", 404), ("id_token", 401), ("refresh_token", 401)] {
        let answer = world.link(tokens[name].as_str().unwrap()).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
    }
    world.later(900 + 300);
    let answer = world.link(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, 401, "its fifteen minutes are over");
}
