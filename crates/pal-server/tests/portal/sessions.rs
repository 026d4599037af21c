//! How sessions end, and how one goes from directory to directory.

use crate::portal::world::{
    ABSOLUTE, ADA, ADA_GUEST, ADA_HOME, BEN, CEM_HOME, CONTOSO, FABRIKAM, IDLE, PASSWORD, SESSION,
    World, who,
};

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    for (seconds, there) in [(IDLE - 1, true), (IDLE, false)] {
        let world = World::new().await;
        let mut browser = world.signed_in(ADA).await;
        world.later(seconds);
        assert_eq!(browser.session().await["signedIn"], there, "{seconds}");
        assert_eq!(browser.jar.contains_key(SESSION), there, "the cookie goes, too");
        let status = if there { 200 } else { 401 };
        assert_eq!(browser.get("/portal/api/v1/me").await.status, status, "{seconds}");
    }
}

/// To ask about the session is no use of it: a page that asks every minute must not keep it forever.
#[tokio::test]
async fn asking_does_not_keep_and_using_does() {
    let world = World::new().await;
    let mut asked = world.signed_in(ADA).await;
    let mut used = world.signed_in(BEN).await;
    for _ in 0..6 {
        world.later(IDLE / 4);
        asked.session().await;
        assert_eq!(used.get("/portal/api/v1/me").await.status, 200);
    }
    assert_eq!(asked.session().await["signedIn"], false);
    assert_eq!(used.session().await["signedIn"], true);
}

#[tokio::test]
async fn keep_makes_the_idle_time_begin_anew_and_says_so() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    world.later(IDLE - 120);
    assert_eq!(browser.session().await["expiresAt"], "2026-05-03T08:30:00Z");
    let kept = browser.page("POST", "/portal/session/keep", "").await;
    assert_eq!((kept.status, &kept.json()["expiresAt"]), (200, &"2026-05-03T08:58:00Z".into()));
    assert_eq!(kept.json(), browser.session().await);
    world.later(IDLE - 1);
    assert_eq!(browser.session().await["signedIn"], true);
    world.later(1);
    assert_eq!(browser.session().await["signedIn"], false);
    // What is over is not kept.
    let csrf = kept.json()["csrf"].as_str().unwrap().to_owned();
    let late = browser.page_with(&csrf, "POST", "/portal/session/keep", "").await;
    assert_eq!(late.status, 401);
}

#[tokio::test]
async fn a_session_ends_after_eight_hours_however_much_it_is_used() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    for _ in 0..ABSOLUTE / 1_200 - 1 {
        world.later(1_200);
        let kept = browser.page("POST", "/portal/session/keep", "").await;
        assert_eq!(kept.status, 200, "{}", kept.body);
    }
    assert_eq!(browser.session().await["expiresAt"], "2026-05-03T16:00:00Z");
    world.later(1_199);
    assert_eq!(browser.get("/portal/api/v1/me").await.status, 200);
    world.later(1);
    assert_eq!(browser.get("/portal/api/v1/me").await.status, 401);
    assert_eq!(browser.session().await["signedIn"], false);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let world = World::new().await;
    let mut one = world.signed_in(ADA).await;
    let mut two = world.signed_in(ADA).await;
    let mut copy = one.clone();
    for bad in ["[]", "{\"everywhere\":1}", "{\"everywhere\":\"true\"}", "x"] {
        let answer = one.page("POST", "/portal/auth/sign-out", bad).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    let out = one.page("POST", "/portal/auth/sign-out", "{\"everywhere\":false}").await;
    assert_eq!((out.status, out.body.as_str()), (204, ""));
    assert!(!one.jar.contains_key(SESSION));
    // Not only the browser forgets it.
    assert_eq!(copy.session().await["signedIn"], false);
    assert_eq!(two.session().await["signedIn"], true);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_of_the_person_and_nothing_of_others() {
    let world = World::new().await;
    let mut one = world.signed_in(ADA).await;
    let mut guest = world.browser();
    guest.sign_in(ADA, PASSWORD, &format!("?tenant={FABRIKAM}")).await;
    let mut ben = world.signed_in(BEN).await;
    for (byte, upn) in [(1, ADA), (2, BEN)] {
        let token = pal_store::NewRefreshToken {
            hash: [byte; 32],
            family: [byte; 16],
            upn: upn.to_owned(),
            client: "client".to_owned(),
            expires: "2026-06-01T00:00:00Z".parse().unwrap(),
        };
        world.app.store.keep_refresh_token(token).await.unwrap();
    }
    let out = one.page("POST", "/portal/auth/sign-out", "{\"everywhere\":true}").await;
    assert_eq!(out.status, 204, "{}", out.body);
    assert_eq!(one.session().await["signedIn"], false);
    assert_eq!(guest.session().await["signedIn"], false);
    assert_eq!(ben.session().await["signedIn"], true);
    let (now, store) = (world.app.now(), &world.app.store);
    assert!(store.rotate_refresh_token([1; 32], "client", [3; 32], now).await.is_err());
    assert!(store.rotate_refresh_token([2; 32], "client", [4; 32], now).await.is_ok());
}

#[tokio::test]
async fn a_person_goes_to_their_own_account_elsewhere() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let cookie = browser.jar[SESSION].clone();
    let to = format!("{{\"tenantId\":\"{}\"}}", FABRIKAM.to_ascii_uppercase());
    let there = browser.page("POST", "/portal/session/directory", &to).await;
    assert_eq!(there.status, 200, "{}", there.body);
    let session = there.json();
    assert_eq!(session["account"]["objectId"], ADA_GUEST);
    assert_eq!(session["roles"]["auditor"], true);
    assert_eq!(session, browser.session().await);
    assert_eq!(browser.jar[SESSION], cookie);
    let me = browser.get("/portal/api/v1/me").await.json();
    assert_eq!((&me["tenantId"], &me["objectId"]), (&FABRIKAM.into(), &ADA_GUEST.into()));
    // What she may at home she may not here, and the other way round.
    assert_eq!(browser.get("/portal/api/v1/audit").await.status, 404);
    assert_eq!(browser.get("/portal/api/v1/access").await.status, 200);
    let to = format!("{{\"tenantId\":\"{CONTOSO}\"}}");
    let back = browser.page("POST", "/portal/session/directory", &to).await;
    assert_eq!(back.json()["account"]["objectId"], ADA_HOME);
    assert_eq!(browser.get("/portal/api/v1/audit").await.status, 200);
}

#[tokio::test]
async fn p1_nobody_goes_where_they_have_no_account() {
    let world = World::new().await;
    let mut ben = world.signed_in(BEN).await;
    let before = ben.session().await;
    for (body, status) in [
        (format!("{{\"tenantId\":\"{FABRIKAM}\"}}"), 403),
        ("{\"tenantId\":\"11111111-1111-4111-8111-111111111111\"}".to_owned(), 403),
        (format!("{{\"tenantId\":\"{FABRIKAM}\",\"objectId\":\"{ADA_GUEST}\"}}"), 403),
        ("{\"tenantId\":\"fabrikam.example\"}".to_owned(), 400),
        ("{\"tenantId\":[]}".to_owned(), 400),
        ("{}".to_owned(), 400),
        (String::new(), 400),
        ("x".repeat(10_000), 413),
    ] {
        let answer = ben.page("POST", "/portal/session/directory", &body).await;
        assert_eq!(answer.status, status, "{body} {}", answer.body);
        assert_eq!(ben.session().await, before, "{body}");
    }
    // Nor where it is disabled.
    let mut ada = world.signed_in(ADA).await;
    world.disable(FABRIKAM, ADA_GUEST).await;
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    let answer = ada.page("POST", "/portal/session/directory", &to).await;
    assert_eq!(answer.status, 403);
    let session = ada.session().await;
    assert_eq!(session["account"]["tenantId"], CONTOSO);
    assert_eq!(session["directories"].as_array().unwrap().len(), 1);
    assert!(!world.app.operators.contains(&who(CONTOSO, CEM_HOME)));
}

#[tokio::test]
async fn t17_a_disabled_account_ends_its_session_at_the_next_request() {
    let world = World::new().await;
    let mut browser = world.signed_in(BEN).await;
    let mut asking = world.signed_in(BEN).await;
    world.disable(CONTOSO, crate::portal::world::BEN_HOME).await;
    let first = browser.get("/portal/api/v1/me").await;
    assert_eq!(first.status, 403, "{}", first.body);
    assert!(!browser.jar.contains_key(SESSION));
    assert_eq!(browser.get("/portal/api/v1/me").await.status, 401);
    assert_eq!(asking.session().await["signedIn"], false);
    assert!(!asking.jar.contains_key(SESSION));
}

#[tokio::test]
async fn a_changed_password_ends_every_session() {
    let world = World::new().await;
    let mut one = world.signed_in(ADA).await;
    let mut two = world.signed_in(ADA).await;
    let mut ben = world.signed_in(BEN).await;
    world.set_password(ADA, "another").await;
    assert_eq!(one.get("/portal/api/v1/me").await.status, 401);
    assert_eq!(two.session().await["signedIn"], false);
    assert_eq!(ben.session().await["signedIn"], true);
}

/// A clock that goes back by years keeps no session alive for years, and one that goes on by years ends it; either way
/// the person signs in again, and a correction by minutes ends nothing.
#[tokio::test]
async fn the_limits_of_a_session_hold_when_the_clock_jumps() {
    const YEARS: i64 = 10 * 365 * 86_400;
    for (jump, there) in [(-300, true), (-YEARS, false), (YEARS, false)] {
        let world = World::new().await;
        // The accounts have not always been there: a clock that goes back was ahead before.
        world.later(YEARS);
        let mut browser = world.signed_in(ADA).await;
        world.later(jump);
        assert_eq!(browser.session().await["signedIn"], there, "{jump}");
        let mut again = world.signed_in(ADA).await;
        assert_eq!(again.session().await["signedIn"], true, "{jump}");
        world.later(IDLE);
        assert_eq!(again.session().await["signedIn"], false, "{jump}");
    }
}
