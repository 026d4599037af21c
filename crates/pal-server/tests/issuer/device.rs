//! The device code (T50): short to type, hard to guess, and never without a question.

use std::collections::HashSet;

use serde_json::Value;

use crate::issuer::flow::{GRAPH, claims, token};
use crate::issuer::support::{
    ADA, ADA_GUEST, AZ, BASE, BEN, CEM, CONTOSO, FABRIKAM, PASSWORD, POWERSHELL, WITH_SECRET, World,
};
use crate::issuer::wire::{Answer, Fields};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn begin(world: &World, tenant: &str, fields: &Fields) -> Answer {
    world.post(&format!("/{tenant}/oauth2/v2.0/devicecode"), fields, &[]).await
}

fn wish() -> Fields {
    Fields::of(&[("client_id", AZ), ("scope", &format!("{BASE}//.default offline_access"))])
}

/// A device that waits.
async fn device(world: &World, tenant: &str) -> Value {
    let answer = begin(world, tenant, &wish()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn asking(device: &Value) -> Fields {
    let code = device["device_code"].as_str().unwrap();
    Fields::of(&[("client_id", AZ), ("grant_type", GRANT), ("device_code", code)])
}

/// What a person sends from the page, as the browser it was shown in.
async fn answer(world: &World, fields: &[(&str, &str)]) -> Answer {
    let shown = world.get("/device", &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let cookie = shown.cookie().unwrap();
    let mut all = shown.hidden();
    for (name, value) in fields {
        all = all.with(name, value);
    }
    world.post("/device", &all, &[("cookie", &cookie)]).await
}

fn code(device: &Value) -> (&'static str, &str) {
    ("code", device["user_code"].as_str().unwrap())
}

async fn approve(world: &World, device: &Value, user: &str, password: &str) -> Answer {
    let fields = [code(device), ("username", user), ("password", password), ("answer", "yes")];
    answer(world, &fields).await
}

async fn is_pending(what: &str, world: &World, device: &Value) {
    world.later(5);
    let answer = token(world, CONTOSO, &asking(device)).await;
    answer.refused(what, 400, "authorization_pending", 70016);
}

#[tokio::test]
async fn t50_it_is_off_unless_it_is_switched_on() {
    let world = World::with(false).await;
    for path in ["oauth2/v2.0/devicecode", "oauth2/devicecode"] {
        let answer = world.post(&format!("/{CONTOSO}/{path}"), &wish(), &[]).await;
        answer.refused(path, 400, "unauthorized_client", 7_000_218);
        let text = answer.json()["error_description"].to_string();
        assert!(text.contains("switched off") && text.contains("browser"), "{text}");
    }
    let nothing = serde_json::json!({"device_code": "a", "user_code": "BCDFGHJK"});
    let answer = token(&world, CONTOSO, &asking(&nothing)).await;
    answer.refused("asking all the same", 400, "invalid_grant", 70000);
    let page = approve(&world, &nothing, ADA, PASSWORD).await;
    assert_eq!(page.status, 400, "{}", page.body);
}

#[tokio::test]
async fn t50_codes_are_hard_to_guess_and_easy_to_type() {
    let world = World::new().await;
    let (mut short, mut long) = (HashSet::new(), HashSet::new());
    for _ in 0..300 {
        let device = device(&world, CONTOSO).await;
        let user_code = code(&device).1.to_owned();
        assert!(user_code.len() >= 8, "{user_code}");
        assert!(user_code.chars().all(|l| "BCDFGHJKLMNPQRSTVWXZ".contains(l)), "{user_code}");
        assert!(device["device_code"].as_str().unwrap().len() >= 43, "256 bits");
        assert!((1..=900).contains(&device["expires_in"].as_i64().unwrap()));
        assert!(device["interval"].as_i64().unwrap() >= 5);
        assert_eq!(device["verification_uri"], format!("{BASE}/device"));
        // With the code in the link nobody would look at the code.
        assert!(device.get("verification_uri_complete").is_none());
        short.insert(user_code);
        long.insert(device["device_code"].to_string());
    }
    assert_eq!((short.len(), long.len()), (300, 300));
    let letters: HashSet<char> = short.iter().flat_map(|code| code.chars()).collect();
    assert_eq!(letters.len(), 20);
    let old = Fields::of(&[("client_id", AZ), ("resource", BASE)]);
    let device = world.post(&format!("/{CONTOSO}/oauth2/devicecode"), &old, &[]).await.json();
    assert_eq!(device["verification_url"], format!("{BASE}/device"));
}

#[tokio::test]
async fn t50_a_person_says_yes() {
    let world = World::new().await;
    let device = device(&world, "organizations").await;
    let waiting = token(&world, "organizations", &asking(&device)).await;
    waiting.refused("nobody has answered", 400, "authorization_pending", 70016);
    // As people type it.
    let typed = code(&device).1.to_ascii_lowercase();
    let typed = format!(" {}-{} ", &typed[..4], &typed[4..]);
    let page = answer(&world, &[("code", &typed)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<strong>Azure CLI</strong>"), "{}", page.body);
    assert!(page.body.contains("Did somebody send you this code?"), "{}", page.body);
    assert!(page.body.contains("type=\"password\""), "{}", page.body);
    is_pending("the code alone is no answer", &world, &device).await;
    let fields = [("code", &*typed), ("username", ADA), ("password", PASSWORD), ("answer", "yes")];
    let page = answer(&world, &fields).await;
    assert!(page.status == 200 && page.body.contains("signed in to Azure CLI"), "{}", page.body);
    let done = token(&world, "organizations", &asking(&device)).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let tokens = done.json();
    assert_eq!(claims(&tokens["access_token"])["tid"], CONTOSO);
    assert_eq!(world.link(tokens["access_token"].as_str().unwrap()).await.status, 404);
    let again = token(&world, "organizations", &asking(&device)).await;
    again.refused("used twice", 400, "invalid_grant", 70000);
    let page = approve(&world, &device, ADA, PASSWORD).await;
    assert!(page.status == 400 && page.body.contains("wrong or has expired"), "{}", page.body);
}

/// A code that somebody sent may be for another directory than the person thinks.
#[tokio::test]
async fn t50_the_page_names_the_directory_that_the_code_is_for() {
    let world = World::new().await;
    for (tenant, languages, says) in [
        (FABRIKAM, "en", "asks you to sign in to <strong>Fabrikam</strong>."),
        ("fabrikam.example", "nl", "vraagt u om u aan te melden bij <strong>Fabrikam</strong>."),
        (CONTOSO, "sv", "ber dig logga in i <strong>Contoso</strong>."),
        ("organizations", "en", "asks you to sign in to <strong>your own directory</strong>."),
        ("common", "nl", "bij <strong>uw eigen map</strong>."),
        ("organizations", "sv", "logga in i <strong>din egen katalog</strong>."),
    ] {
        let device = device(&world, tenant).await;
        let speaks = [("accept-language", languages)];
        let shown = world.get("/device", &speaks).await;
        let (cookie, fields) = (shown.cookie().unwrap(), shown.hidden());
        let (name, code) = code(&device);
        let headers = [("cookie", cookie.as_str()), speaks[0]];
        let page = world.post("/device", &fields.with(name, code), &headers).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains(says), "{tenant} {languages}: {}", page.body);
        // After a wrong password, too.
        let wrong = [(name, code), ("username", ADA), ("password", "wrong")];
        let again = wrong.iter().fold(shown.hidden(), |all, (name, value)| all.with(name, value));
        let page = world.post("/device", &again, &headers).await;
        assert!(page.status == 400 && page.body.contains(says), "{tenant}: {}", page.body);
        world.later(120);
    }
}

#[tokio::test]
async fn t50_a_person_says_no() {
    let world = World::new().await;
    let device = device(&world, CONTOSO).await;
    let page = answer(&world, &[code(&device), ("answer", "no")]).await;
    assert!(page.status == 200 && page.body.contains("Nobody was signed in."), "{}", page.body);
    // No is no: it cannot be taken back with the same code.
    let page = approve(&world, &device, ADA, PASSWORD).await;
    assert!(page.status == 400 && page.body.contains("wrong or has expired"), "{}", page.body);
    let answer = token(&world, CONTOSO, &asking(&device)).await;
    answer.refused("declined", 400, "authorization_declined", 70018);
}

#[tokio::test]
async fn t50_only_the_right_person_in_the_right_browser_says_yes() {
    let world = World::new().await;
    let device = device(&world, FABRIKAM).await;
    for (what, user, password, told) in [
        ("wrong password", ADA, "wrong", "The user name or the password is wrong"),
        ("no password", ADA, "", "The user name or the password is wrong"),
        ("nobody", "nobody@contoso.example", PASSWORD, "The user name or the password is wrong"),
        ("no account there", BEN, PASSWORD, "You have no account in this directory"),
    ] {
        let page = approve(&world, &device, user, password).await;
        assert!(page.status == 400 && page.body.contains(told), "{what}: {}", page.body);
        is_pending(what, &world, &device).await;
    }
    let shown = world.get("/device", &[]).await;
    let (cookie, mark) = (shown.cookie().unwrap(), shown.hidden());
    let right = Fields::of(&[code(&device), ("username", ADA), ("password", PASSWORD)]);
    let marked = right.clone().and("mark", mark.get("mark").unwrap());
    for (what, fields, headers) in [
        ("neither cookie nor mark", &right, vec![]),
        ("no mark", &right, vec![("cookie", &*cookie)]),
        ("no cookie", &marked, vec![]),
        ("another cookie", &marked, vec![("cookie", "__Host-openpal-signin=a")]),
    ] {
        let page = world.post("/device", fields, &headers).await;
        assert_eq!(page.status, 400, "{what}: {}", page.body);
        is_pending(what, &world, &device).await;
    }
    let at_home = self::device(&world, CONTOSO).await;
    let page = approve(&world, &at_home, CEM, PASSWORD).await;
    assert!(page.body.contains("This account is disabled"), "{}", page.body);
    is_pending("disabled", &world, &at_home).await;
}

#[tokio::test]
async fn t50_an_answer_counts_while_the_account_and_the_password_do() {
    let world = World::new().await;
    let device = device(&world, FABRIKAM).await;
    assert_eq!(approve(&world, &device, ADA, PASSWORD).await.status, 200);
    world.later(1);
    world.enable(FABRIKAM, ADA_GUEST, "User", false).await;
    world.later(1);
    let answer = token(&world, FABRIKAM, &asking(&device)).await;
    answer.refused("disabled", 400, "invalid_grant", 50057);
    let device = self::device(&world, CONTOSO).await;
    assert_eq!(approve(&world, &device, ADA, PASSWORD).await.status, 200);
    world.set_password(ADA, "another password").await;
    let answer = token(&world, CONTOSO, &asking(&device)).await;
    answer.refused("another password", 400, "invalid_grant", 50173);
}

#[tokio::test]
async fn t50_guessing_is_slowed_for_everybody() {
    let world = World::new().await;
    let device = device(&world, CONTOSO).await;
    for guess in 0..20 {
        let guess = format!("BBBBBB{}{}", ["B", "C"][guess % 2], ["D", "F"][guess / 10]);
        let page = answer(&world, &[("code", &guess)]).await;
        assert!(page.body.contains("wrong or has expired"), "{}", page.body);
    }
    for fields in [vec![("code", "BBBBBBBB")], vec![code(&device)]] {
        let page = answer(&world, &fields).await;
        assert!(page.body.contains("Too many wrong attempts. Wait"), "{}", page.body);
        assert!(!page.body.contains("Azure CLI"), "right codes cannot be told from wrong ones");
    }
    world.later(60);
    assert_eq!(answer(&world, &[code(&device)]).await.status, 200);
}

#[tokio::test]
async fn t50_a_code_lives_for_minutes() {
    let world = World::new().await;
    let (one, two) = (device(&world, CONTOSO).await, device(&world, CONTOSO).await);
    let life = one["expires_in"].as_i64().unwrap();
    world.later(life - 1);
    assert_eq!(approve(&world, &one, ADA, PASSWORD).await.status, 200);
    world.later(1);
    let page = approve(&world, &two, ADA, PASSWORD).await;
    assert!(page.status == 400 && page.body.contains("wrong or has expired"), "{}", page.body);
    for (what, device) in [("answered just before", one), ("never answered", two)] {
        let answer = token(&world, CONTOSO, &asking(&device)).await;
        answer.refused(what, 400, "expired_token", 70020);
    }
}

#[tokio::test]
async fn t50_a_code_of_a_clock_that_was_ahead_is_over() {
    let world = World::new().await;
    world.later(86_400 * 366);
    let one = device(&world, CONTOSO).await;
    world.later(-86_400 * 365);
    let page = approve(&world, &one, ADA, PASSWORD).await;
    assert_eq!(page.status, 400, "{}", page.body);
    let answer = token(&world, CONTOSO, &asking(&one)).await;
    answer.refused("of a clock that was ahead", 400, "expired_token", 70020);
}

#[tokio::test]
async fn t50_a_program_asks_at_intervals() {
    let world = World::new().await;
    let device = device(&world, CONTOSO).await;
    for (wait, word) in [
        (0, "authorization_pending"),
        (0, "slow_down"),
        (1, "slow_down"),
        (5, "authorization_pending"),
        (3, "slow_down"),
        (5, "authorization_pending"),
    ] {
        world.later(wait);
        let answer = token(&world, CONTOSO, &asking(&device)).await;
        answer.refused("asking", 400, word, 70016);
    }
}

#[tokio::test]
async fn t50_a_wrong_request_gets_and_uses_nothing() {
    let world = World::new().await;
    let device = device(&world, CONTOSO).await;
    assert_eq!(approve(&world, &device, ADA, PASSWORD).await.status, 200);
    let right = asking(&device);
    let wrong = ("invalid_grant", 70000);
    let unclear = ("invalid_request", 900_144);
    let unknown = ("unauthorized_client", 700_016);
    let elsewhere = ("invalid_resource", 500_011);
    for (what, fields, (word, number)) in [
        ("another client", right.clone().with("client_id", POWERSHELL), wrong),
        ("the short code", right.clone().with("device_code", code(&device).1), wrong),
        ("no code", right.clone().without("device_code"), unclear),
        ("no client", right.clone().without("client_id"), unclear),
        ("two codes", right.clone().and("device_code", "a"), unclear),
        ("another resource", right.clone().and("scope", GRAPH), elsewhere),
    ] {
        token(&world, CONTOSO, &fields).await.refused(what, 400, word, number);
    }
    assert_eq!(token(&world, CONTOSO, &right).await.status, 200);
    let long = wish().with("scope", &"l".repeat(2_049));
    for (what, tenant, fields, (word, number)) in [
        ("no such client", CONTOSO, wish().with("client_id", CONTOSO), unknown),
        ("one with a secret", CONTOSO, wish().with("client_id", WITH_SECRET), unknown),
        ("no client", CONTOSO, wish().without("client_id"), unclear),
        ("no such tenant", "nowhere.example", wish(), ("invalid_request", 90002)),
        ("another resource", CONTOSO, wish().with("scope", GRAPH), elsewhere),
        ("more than is kept for anybody", CONTOSO, long, ("invalid_request", 90_015)),
    ] {
        begin(&world, tenant, &fields).await.refused(what, 400, word, number);
    }
}
