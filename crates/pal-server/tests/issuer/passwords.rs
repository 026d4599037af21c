//! Passwords: guessing is slow (T51), and nobody learns which names there are (T29).

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::issuer::flow::{authorize, page, submit, wish};
use crate::issuer::support::{ADA, BEN, CEM, CONTOSO, FABRIKAM, PASSWORD, World};
use crate::issuer::wire::Answer;

const WRONG: &str = "The user name or the password is wrong. Try again.";

/// In no text of a page.
const GUESS: &str = "Tr0ub4dor&3";

/// What comes of a name and a password.
#[derive(Debug, PartialEq)]
enum Outcome {
    SignedIn,
    Wrong,
    Wait(i64),
    Other(String),
}

fn outcome(answer: &Answer) -> Outcome {
    if answer.header("location").is_some_and(|to| to.contains("?code=")) {
        return Outcome::SignedIn;
    }
    assert!(answer.status >= 400, "{}", answer.body);
    let told = answer.body.split("id=\"error\" tabindex=\"-1\">").nth(1);
    let told = told.unwrap().split('<').next().unwrap();
    let wait = told.strip_prefix("Too many wrong attempts. Wait ");
    match wait.map(|rest| rest.split(' ').next().unwrap().parse().unwrap()) {
        Some(seconds) => Outcome::Wait(seconds),
        None if told == WRONG => Outcome::Wrong,
        None => Outcome::Other(told.to_owned()),
    }
}

async fn tried(world: &World, user: &str, password: &str) -> Outcome {
    let shown = page(world, CONTOSO, &wish()).await;
    outcome(&submit(world, CONTOSO, &shown, user, password).await)
}

#[tokio::test]
async fn t51_each_wrong_password_makes_the_next_try_wait_longer() {
    let world = World::new().await;
    for _ in 0..5 {
        assert_eq!(tried(&world, ADA, "wrong").await, Outcome::Wrong, "people mistype");
    }
    for wait in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
        assert_eq!(tried(&world, ADA, "wrong").await, Outcome::Wrong);
        for password in ["wrong", PASSWORD] {
            // Else the wait could be told from a wrong password, and guessing went on in it.
            assert_eq!(tried(&world, ADA, password).await, Outcome::Wait(wait), "{password}");
        }
        world.later(wait - 1);
        assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::Wait(1));
        world.later(1);
    }
    assert_eq!(tried(&world, BEN, PASSWORD).await, Outcome::SignedIn, "others are not held up");
    assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::SignedIn);
    assert_eq!(tried(&world, ADA, "wrong").await, Outcome::Wrong, "and all is forgotten");
    assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::SignedIn);
}

#[tokio::test]
async fn t51_another_spelling_or_place_is_no_new_start() {
    let world = World::new().await;
    for user in [ADA, "ADA@contoso.example", " ada@contoso.example ", "Ada@Contoso.Example"] {
        assert_eq!(tried(&world, user, "wrong").await, Outcome::Wrong);
    }
    for tenant in [FABRIKAM, "organizations"] {
        let shown = page(&world, tenant, &wish()).await;
        let answer = submit(&world, tenant, &shown, ADA, "wrong").await;
        assert_eq!(outcome(&answer), Outcome::Wrong);
    }
    assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::Wait(2));
    world.comes_from("192.0.2.1");
    assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::Wait(2), "another address");
    // The page for devices is the same door.
    let client = crate::issuer::wire::Fields::of(&[("client_id", crate::issuer::support::AZ)]);
    let path = format!("/{CONTOSO}/oauth2/v2.0/devicecode");
    let device = world.post(&path, &client, &[]).await.json();
    let shown = world.get("/device", &[]).await;
    let fields = shown.hidden().and("code", device["user_code"].as_str().unwrap());
    let fields = fields.and("username", ADA).and("password", PASSWORD);
    let cookie = shown.cookie().unwrap();
    let answer = world.post("/device", &fields, &[("cookie", &cookie)]).await;
    assert_eq!(outcome(&answer), Outcome::Wait(2));
}

#[tokio::test]
async fn t51_an_address_that_tries_many_names_waits() {
    // Whoever has one IPv6 address has 2^64 of them.
    for (one, same, other) in [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"),
    ] {
        let world = World::new().await;
        world.comes_from(one);
        for name in 0..51 {
            let name = format!("{name}@contoso.example");
            assert_eq!(tried(&world, &name, "wrong").await, Outcome::Wrong);
        }
        world.comes_from(same);
        assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::Wait(2), "{same}");
        world.comes_from(other);
        assert_eq!(tried(&world, ADA, PASSWORD).await, Outcome::SignedIn, "{other}");
        // A right password of one's own does not buy more tries.
        assert_eq!(tried(&world, BEN, PASSWORD).await, Outcome::SignedIn, "{other}");
        world.comes_from(same);
        world.later(2);
        assert_eq!(tried(&world, BEN, PASSWORD).await, Outcome::SignedIn);
        assert_eq!(tried(&world, BEN, "wrong").await, Outcome::Wrong);
        assert_eq!(tried(&world, BEN, PASSWORD).await, Outcome::Wait(4), "{same}");
    }
}

/// Many tries at once are as many tries: none of them slips in before the others are counted.
#[tokio::test]
async fn t51_tries_at_once_are_counted_at_once() {
    let world = Arc::new(World::new().await);
    let mut all = JoinSet::new();
    for _ in 0..40 {
        let world = world.clone();
        all.spawn(async move { tried(&world, ADA, "wrong").await });
    }
    let outcomes = all.join_all().await;
    let wrong = outcomes.iter().filter(|outcome| **outcome == Outcome::Wrong).count();
    // Two are checked at a time: one more than one after the other.
    assert!(wrong <= 7, "{wrong} passwords were tried");
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Wrong | Outcome::Wait(_))));
}

/// What differs between two answers by design: the number in the policy, and what was typed.
fn without_marks(answer: &Answer, typed: &str) -> (u16, String, String) {
    let policy = answer.header("content-security-policy").unwrap();
    let number = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let plain = |text: &str| text.replace(number, "NUMBER").replace(typed, "TYPED");
    (answer.status, plain(policy), plain(&answer.body))
}

#[tokio::test]
async fn t29_no_name_is_told_from_another() {
    let world = World::new().await;
    let shown = page(&world, CONTOSO, &wish()).await;
    let mut seen = Vec::new();
    let long = "l".repeat(1_025);
    for (user, password) in [
        (ADA, GUESS),
        (ADA, PASSWORD.trim_end_matches('e')),
        (ADA, &*long),
        (CEM, GUESS),
        ("nobody@contoso.example", PASSWORD),
        ("nobody@contoso.example", &*long),
        ("nobody@nowhere.example", GUESS),
        ("'; DROP TABLE login; --", GUESS),
        ("%", GUESS),
    ] {
        let answer = submit(&world, CONTOSO, &shown, user, password).await;
        assert!(!answer.body.contains(password), "a password is never shown again");
        let typed = user.replace('\'', "&#39;");
        seen.push((user, without_marks(&answer, &format!("value=\"{typed}\""))));
    }
    for (user, page) in &seen {
        assert_eq!(*page, seen[0].1, "{user}");
    }
    // Nor by the wait after many tries.
    for user in [BEN, "nobody@nowhere.example"] {
        let mut all = Vec::new();
        for _ in 0..8 {
            all.push(tried(&world, user, GUESS).await);
        }
        assert!(all.ends_with(&[Outcome::Wait(2)]), "{user}: {all:?}");
    }
}

/// What a directory says of an account is for the person whose it is.
#[tokio::test]
async fn t29_only_the_right_password_learns_of_the_account() {
    let world = World::new().await;
    let disabled = "This account is disabled. Ask an administrator of the directory.";
    let elsewhere = "You have no account in this directory. \
                     Ask one of its administrators to invite you.";
    for (tenant, user, told) in [(CONTOSO, CEM, disabled), (FABRIKAM, BEN, elsewhere)] {
        let shown = page(&world, tenant, &wish()).await;
        let answer = submit(&world, tenant, &shown, user, GUESS).await;
        assert_eq!(outcome(&answer), Outcome::Wrong, "{user}");
        let answer = submit(&world, tenant, &shown, user, PASSWORD).await;
        assert_eq!(outcome(&answer), Outcome::Other(told.to_owned()), "{user}");
    }
}

#[tokio::test]
async fn t29_an_empty_form_is_a_wrong_one() {
    let world = World::new().await;
    let shown = page(&world, CONTOSO, &wish()).await;
    let cookie = shown.cookie().unwrap();
    for (user, password) in [("", ""), (ADA, ""), ("", PASSWORD), (ADA, " "), ("\0", PASSWORD)] {
        let answer = submit(&world, CONTOSO, &shown, user, password).await;
        assert_eq!(outcome(&answer), Outcome::Wrong, "{user:?} {password:?}");
    }
    let path = authorize(CONTOSO);
    let answer = world.post(&path, &shown.hidden(), &[("cookie", &cookie)]).await;
    assert_eq!(outcome(&answer), Outcome::Wrong, "without the fields");
}
