//! `x-openpal-directory`: one request as the same person elsewhere, and never as anybody else (P1, T42).

use pal_store::AuditFilter;

use crate::portal::world::{
    ADA, ADA_GUEST, ADA_HOME, Answer, BASE, BEN, BEN_HOME, Browser, CONTOSO, FABRIKAM, LINK, V,
    World, who,
};

const NAMED: &str = "x-openpal-directory";

/// A request of our page that names directories.
async fn asked(
    browser: &mut Browser<'_>,
    (method, path): (&str, &str),
    named: &[&str],
    csrf: &str,
) -> Answer {
    let mut headers = vec![("x-openpal-csrf", csrf), ("origin", BASE)];
    headers.extend(named.iter().map(|tenant| (NAMED, *tenant)));
    browser.send(method, path, &headers, "").await
}

fn link(id: &str) -> String {
    format!("{LINK}/{id}?{V}")
}

/// Whose links there are.
async fn linked(world: &World) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (tenant, object) in [(CONTOSO, ADA_HOME), (FABRIKAM, ADA_GUEST), (CONTOSO, BEN_HOME)] {
        let (_, link) =
            world.app.store.own_link(who(tenant, object), world.app.now()).await.unwrap();
        found.extend(link.map(|link| (object.to_owned(), link.partner.to_string())));
    }
    found
}

#[tokio::test]
async fn p1_a_request_is_made_as_the_same_person_elsewhere() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let before = browser.session().await;
    let csrf = browser.csrf().await;
    let upper = FABRIKAM.to_ascii_uppercase();
    let made = asked(&mut browser, ("PUT", &link("5127255")), &[&upper], &csrf).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.json()["properties"]["objectId"], ADA_GUEST);
    assert_eq!(linked(&world).await, [(ADA_GUEST.to_owned(), "5127255".to_owned())]);
    let path = format!("{LINK}?{V}");
    assert_eq!(asked(&mut browser, ("GET", &path), &[FABRIKAM], "").await.status, 200);
    assert_eq!(asked(&mut browser, ("GET", &path), &[], "").await.status, 404);
    assert_eq!(asked(&mut browser, ("GET", &path), &[CONTOSO], "").await.status, 404);
    // Rights are those of the account there: an auditor, and no operator.
    for (path, there, here) in [("access", 200, 404), ("audit", 404, 200)] {
        let path = format!("/portal/api/v1/{path}");
        let answer = asked(&mut browser, ("GET", &path), &[FABRIKAM], "").await;
        assert_eq!(answer.status, there, "{path}");
        assert_eq!(asked(&mut browser, ("GET", &path), &[], "").await.status, here, "{path}");
    }
    let removed = asked(&mut browser, ("DELETE", &link("5127255")), &[FABRIKAM], &csrf).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    // Those who did it, and whose link it was.
    let records = world.app.store.audit_records(AuditFilter::default(), 100).await.unwrap();
    let by: Vec<_> = records.iter().filter(|record| record.actor.client.is_some()).collect();
    assert_eq!(by.len(), 2);
    for record in by {
        assert_eq!(record.actor.principal, Some(who(FABRIKAM, ADA_GUEST)));
        assert_eq!(record.target, record.actor.principal);
    }
    let mut after = browser.session().await;
    assert_eq!(after["account"], before["account"], "the session stays where it is");
    after["expiresAt"] = before["expiresAt"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn p1_a_directory_of_others_is_nobodys() {
    let world = World::new().await;
    let mut ben = world.signed_in(BEN).await;
    let csrf = ben.csrf().await;
    let unknown = "11111111-1111-4111-8111-111111111111";
    for tenant in [FABRIKAM, unknown] {
        let body = format!("{{\"tenantId\":\"{tenant}\"}}");
        let expected = ben.page("POST", "/portal/session/directory", &body).await;
        for (method, path) in [
            ("GET", "/portal/api/v1/me".to_owned()),
            ("GET", format!("{LINK}?{V}")),
            ("PUT", link("5127255")),
            ("DELETE", link("5127255")),
            ("POST", "/portal/api/v1/facts".to_owned()),
        ] {
            let answer = asked(&mut ben, (method, &path), &[tenant], &csrf).await;
            assert_eq!((answer.status, &answer.body), (403, &expected.body), "{method} {path}");
        }
    }
    assert_eq!(linked(&world).await, []);
}

#[tokio::test]
async fn p1_what_is_no_directory_changes_nothing() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let csrf = browser.csrf().await;
    let list = format!("{CONTOSO}, {FABRIKAM}");
    let braces = format!("{{{FABRIKAM}}}");
    let behind = format!("{FABRIKAM}/{ADA_GUEST}");
    let plain = FABRIKAM.replace('-', "");
    for named in [
        &[""][..],
        &["fabrikam.example"],
        &["organizations"],
        &[&list],
        &[&braces],
        &[&behind],
        &[&plain],
        &["\u{e4}"],
        &[FABRIKAM, FABRIKAM],
        &[CONTOSO, FABRIKAM],
        &[FABRIKAM, ""],
    ] {
        for (method, path) in [("PUT", link("5127255")), ("GET", format!("{LINK}?{V}"))] {
            let answer = asked(&mut browser, (method, &path), named, &csrf).await;
            assert_eq!(answer.status, 400, "{method} {named:?} {}", answer.body);
            assert!(answer.body.contains(NAMED), "{}", answer.body);
        }
    }
    assert_eq!(linked(&world).await, []);
}

#[tokio::test]
async fn t17_a_disabled_account_elsewhere_does_nothing() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let csrf = browser.csrf().await;
    world.disable(FABRIKAM, ADA_GUEST).await;
    for (method, path) in [("PUT", link("5127255")), ("GET", "/portal/api/v1/me".to_owned())] {
        let answer = asked(&mut browser, (method, &path), &[FABRIKAM], &csrf).await;
        assert_eq!((answer.status, answer.body.contains("disabled")), (403, true), "{method}");
    }
    assert_eq!(linked(&world).await, []);
    // At home nothing has ended.
    assert_eq!(browser.get("/portal/api/v1/me").await.status, 200);
}

/// The header opens nothing that the session and its token do not.
#[tokio::test]
async fn t42_the_header_is_no_key() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let mut there = world.signed_in(ADA).await;
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    there.page("POST", "/portal/session/directory", &to).await;
    let guest = there.csrf().await;
    let path = link("5127255");
    for csrf in ["", "x", guest.as_str()] {
        let answer = asked(&mut browser, ("PUT", &path), &[FABRIKAM], csrf).await;
        assert_eq!(answer.status, 403, "{csrf}");
    }
    let foreign = [(NAMED, FABRIKAM), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.send("GET", "/portal/api/v1/me", &foreign, "").await.status, 403);
    assert_eq!(
        world.send("PUT", &path, &[(NAMED, FABRIKAM), ("origin", BASE)], "").await.status,
        401
    );
    // Where the session itself is meant it says nothing, nor beside a token.
    let csrf = browser.csrf().await;
    for named in [FABRIKAM, "x"] {
        let kept = asked(&mut browser, ("POST", "/portal/session/keep"), &[named], &csrf).await;
        assert_eq!(kept.json()["account"]["objectId"], ADA_HOME);
        let token = format!("Bearer {}", world.token(ADA).await);
        let with = [("authorization", token.as_str()), (NAMED, named)];
        let me = world.send("GET", "/api/v1/me", &with, "").await;
        assert_eq!(me.json()["objectId"], ADA_HOME);
    }
    assert_eq!(linked(&world).await, []);
}

/// A list goes on as whom it began.
#[tokio::test]
async fn t32_a_next_page_is_of_the_same_directory() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    browser.page("POST", "/portal/session/directory", &to).await;
    let path = "/portal/api/v1/audit?$top=1";
    let first = asked(&mut browser, ("GET", path), &[CONTOSO], "").await;
    let next = first.json()["nextLink"].as_str().unwrap().to_owned();
    let next = next.strip_prefix(BASE).unwrap();
    assert_eq!(asked(&mut browser, ("GET", next), &[CONTOSO], "").await.status, 200);
    assert_eq!(asked(&mut browser, ("GET", next), &[], "").await.status, 404);
}
