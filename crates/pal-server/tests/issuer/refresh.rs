//! Refresh tokens: each works once, all of one sign-in end together, and after thirty days (T49).

use serde_json::Value;
use tokio::task::JoinSet;

use crate::issuer::flow::{GRAPH, claims, next, refresh, token, tokens, tokens_of};
use crate::issuer::support::{
    ADA, ADA_GUEST, ADA_HOME, BEN, CONTOSO, FABRIKAM, PASSWORD, POWERSHELL, SECRET, WITH_SECRET,
    World,
};
use crate::issuer::wire::Fields;

const DAY: i64 = 86_400;

/// Refreshes, which must work.
async fn renewed(world: &World, tenant: &str, fields: &Fields) -> Value {
    let answer = token(world, tenant, fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn t49_a_token_is_new_each_time() {
    let world = World::new().await;
    let mut kept = vec![tokens(&world, CONTOSO).await];
    for _ in 0..5 {
        world.later(3_600);
        let last = kept.last().unwrap();
        let answer = renewed(&world, CONTOSO, &next(last)).await;
        let opened = world.link(answer["access_token"].as_str().unwrap()).await;
        assert_eq!(opened.status, 404, "{}", opened.body);
        kept.push(answer);
    }
    let mut all: Vec<&str> = kept.iter().map(|k| k["refresh_token"].as_str().unwrap()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|token| token.len() >= 43), "256 bits");
}

#[tokio::test]
async fn t49_a_token_used_again_ends_the_sign_in() {
    for used in 0..3 {
        let world = World::new().await;
        let other = tokens(&world, CONTOSO).await;
        let mut kept = vec![tokens(&world, CONTOSO).await];
        for _ in 0..3 {
            let answer = renewed(&world, CONTOSO, &next(kept.last().unwrap())).await;
            kept.push(answer);
        }
        let answer = token(&world, CONTOSO, &next(&kept[used])).await;
        answer.refused("used before", 400, "invalid_grant", 70000);
        // The thief has one of them, the owner another; nobody can tell which.
        for token_of in &kept {
            let answer = token(&world, CONTOSO, &next(token_of)).await;
            answer.refused("of the same sign-in", 400, "invalid_grant", 70000);
        }
        renewed(&world, CONTOSO, &next(&other)).await;
    }
}

#[tokio::test]
async fn t49_of_many_at_once_one_is_renewed() {
    let world = std::sync::Arc::new(World::new().await);
    let fields = next(&tokens(&world, CONTOSO).await);
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let (world, fields) = (world.clone(), fields.clone());
        all.spawn(async move { token(&world, CONTOSO, &fields).await });
    }
    let answers = all.join_all().await;
    let renewed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(renewed.len(), 1);
    let answer = token(&world, CONTOSO, &next(&renewed[0].json())).await;
    answer.refused("what the one got", 400, "invalid_grant", 70000);
}

#[tokio::test]
async fn t49_a_sign_in_ends_after_thirty_days() {
    let world = World::new().await;
    let mut kept = tokens(&world, CONTOSO).await;
    let unused = tokens(&world, CONTOSO).await;
    for _ in 0..29 {
        world.later(DAY);
        kept = renewed(&world, CONTOSO, &next(&kept)).await;
    }
    world.later(DAY - 1);
    kept = renewed(&world, CONTOSO, &next(&kept)).await;
    world.later(1);
    for (what, last) in [("renewed a second ago", kept), ("never renewed", unused)] {
        let answer = token(&world, CONTOSO, &next(&last)).await;
        answer.refused(what, 400, "invalid_grant", 700_082);
    }
}

/// What was given while the clock was years ahead does not live for years.
#[tokio::test]
async fn t49_a_sign_in_of_a_clock_that_was_ahead_has_ended() {
    let world = World::new().await;
    world.later(3_650 * DAY);
    let kept = tokens(&world, CONTOSO).await;
    world.later(-300);
    let kept = renewed(&world, CONTOSO, &next(&kept)).await;
    world.later(-3_649 * DAY);
    let answer = token(&world, CONTOSO, &next(&kept)).await;
    answer.refused("of a clock that was ahead", 400, "invalid_grant", 700_082);
    let again = tokens(&world, CONTOSO).await;
    renewed(&world, CONTOSO, &next(&again)).await;
}

#[tokio::test]
async fn t49_a_disabled_person_gets_no_more() {
    let world = World::new().await;
    let home = tokens(&world, CONTOSO).await;
    let guest = tokens(&world, FABRIKAM).await;
    world.later(60);
    world.enable(FABRIKAM, ADA_GUEST, "User", false).await;
    world.later(60);
    let answer = token(&world, FABRIKAM, &next(&guest)).await;
    answer.refused("the guest", 400, "invalid_grant", 50057);
    // The live token is worth nothing either; the other directory has nothing to do with it.
    assert_eq!(world.link(guest["access_token"].as_str().unwrap()).await.status, 403);
    let home = renewed(&world, CONTOSO, &next(&home)).await;
    assert_eq!(world.link(home["access_token"].as_str().unwrap()).await.status, 404);
    // Enabled again, the same sign-in goes on.
    world.enable(FABRIKAM, ADA_GUEST, "User", true).await;
    world.later(60);
    renewed(&world, FABRIKAM, &next(&guest)).await;
}

#[tokio::test]
async fn t49_another_password_ends_all_sign_ins_before_it() {
    let world = World::new().await;
    let (ada, ben) = (tokens(&world, CONTOSO).await, tokens_of(&world, CONTOSO, BEN).await);
    world.set_password(ADA, "another password").await;
    let answer = token(&world, CONTOSO, &next(&ada)).await;
    answer.refused("before", 400, "invalid_grant", 700_082);
    renewed(&world, CONTOSO, &next(&ben)).await;
}

/// One sign-in serves every directory in which the person has an account, and no other.
#[tokio::test]
async fn t49_a_sign_in_serves_every_directory_of_the_person() {
    let world = World::new().await;
    let mut kept = tokens(&world, CONTOSO).await;
    for (place, tenant, object) in [
        (FABRIKAM, FABRIKAM, ADA_GUEST),
        ("Fabrikam.example", FABRIKAM, ADA_GUEST),
        ("organizations", CONTOSO, ADA_HOME),
        ("common", CONTOSO, ADA_HOME),
        (CONTOSO, CONTOSO, ADA_HOME),
    ] {
        kept = renewed(&world, place, &next(&kept)).await;
        for name in ["access_token", "id_token"] {
            let claims = claims(&kept[name]);
            assert_eq!((&claims["tid"], &claims["oid"]), (&tenant.into(), &object.into()));
        }
        assert_eq!(world.link(kept["access_token"].as_str().unwrap()).await.status, 404);
    }
    let ben = tokens_of(&world, CONTOSO, BEN).await;
    let answer = token(&world, FABRIKAM, &next(&ben)).await;
    answer.refused("no guest there", 400, "invalid_grant", 50020);
    // A directory that refuses has not ended the sign-in to the others.
    renewed(&world, CONTOSO, &next(&ben)).await;
}

/// A request that is wrong in itself leaves the token as it was.
#[tokio::test]
async fn t49_a_wrong_request_uses_nothing_up() {
    let world = World::new().await;
    let kept = next(&tokens(&world, CONTOSO).await);
    let with = |name: &str, value: &str| kept.clone().with(name, value);
    let program = with("client_id", WITH_SECRET).and("client_secret", SECRET);
    let invalid = ("invalid_grant", 700_082);
    let unclear = ("invalid_request", 900_144);
    let unknown = ("unauthorized_client", 700_016);
    let elsewhere = ("invalid_resource", 500_011);
    for (what, tenant, fields, (word, number)) in [
        ("another client", CONTOSO, with("client_id", POWERSHELL), invalid),
        ("no such client", CONTOSO, with("client_id", ADA_HOME), unknown),
        ("a program with a secret", CONTOSO, program, unknown),
        ("no client", CONTOSO, kept.clone().without("client_id"), unclear),
        ("no such tenant", "nowhere.example", kept.clone(), ("invalid_request", 90002)),
        ("no token", CONTOSO, kept.clone().without("refresh_token"), unclear),
        ("two tokens", CONTOSO, kept.clone().and("refresh_token", "a"), unclear),
        ("another token", CONTOSO, refresh("another"), invalid),
        ("another resource", CONTOSO, with("resource", "https://graph.example/"), elsewhere),
        ("another scope", CONTOSO, with("scope", GRAPH), elsewhere),
        ("two scopes", CONTOSO, kept.clone().and("scope", "a").and("scope", "b"), unclear),
    ] {
        token(&world, tenant, &fields).await.refused(what, 400, word, number);
    }
    renewed(&world, CONTOSO, &kept).await;
}

/// Whoever reads the disk can sign in as nobody.
#[tokio::test]
async fn t49_no_secret_is_on_the_disk() {
    let world = World::new().await;
    let first = tokens(&world, CONTOSO).await;
    let second = renewed(&world, CONTOSO, &next(&first)).await;
    let written = world.written();
    let is_there = |text: &str| written.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(is_there(ADA), "what is not secret is found");
    for secret in [PASSWORD, SECRET] {
        assert!(!is_there(secret), "{secret}");
    }
    for tokens in [first, second] {
        for name in ["refresh_token", "access_token", "id_token"] {
            assert!(!is_there(tokens[name].as_str().unwrap()), "{name}");
        }
    }
}
