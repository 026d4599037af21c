//! What another site can make a browser send, and cookies and tokens where they do not belong (T19, T42).

use axum::http::HeaderName;

use crate::portal::world::{ADA, BASE, BEN, Browser, FABRIKAM, LINK, SESSION, V, World};

/// Everything that changes something.
fn changes() -> Vec<(&'static str, String, String)> {
    let link = format!("{LINK}/5127255?{V}");
    let directory = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    vec![
        ("PUT", link.clone(), String::new()),
        ("PATCH", link.clone(), String::new()),
        ("DELETE", link, String::new()),
        ("POST", "/portal/session/directory".to_owned(), directory),
        ("POST", "/portal/session/keep".to_owned(), String::new()),
        ("POST", "/portal/auth/sign-out".to_owned(), "{\"everywhere\":true}".to_owned()),
        ("POST", "/portal/api/v1/facts".to_owned(), String::new()),
        ("PUT", "/portal/api/v1/access/privacy".to_owned(), "{\"level\":\"masked\"}".to_owned()),
        ("POST", "/portal/api/v1/audit/verify".to_owned(), String::new()),
        ("DELETE", "/portal/api/v1/usage/imports/1".to_owned(), String::new()),
    ]
}

/// Nothing of a person has changed: same session, same directory, no link.
async fn unchanged(browser: &mut Browser<'_>, before: &serde_json::Value, what: &str) {
    assert_eq!(&browser.session().await, before, "{what}");
}

#[tokio::test]
async fn t42_a_change_needs_our_page_and_its_token() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let mut other = world.signed_in(ADA).await;
    let before = browser.session().await;
    let csrf = browser.csrf().await;
    let foreign = other.csrf().await;
    assert_ne!(csrf, foreign, "each session has its own");
    let good = ("x-openpal-csrf", csrf.as_str());
    let own = ("origin", BASE);
    let rows: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("nothing", vec![]),
        ("the token alone", vec![good]),
        ("the origin alone", vec![own]),
        ("the fetch site alone", vec![("sec-fetch-site", "same-origin")]),
        ("another origin", vec![good, ("origin", "https://evil.example")]),
        ("null", vec![good, ("origin", "null")]),
        ("an empty origin", vec![good, ("origin", "")]),
        ("our origin by http", vec![good, ("origin", "http://pal.example")]),
        ("our origin, another port", vec![good, ("origin", "https://pal.example:8443")]),
        ("ours as a beginning", vec![good, ("origin", "https://pal.example.evil.example")]),
        ("ours as an end", vec![good, ("origin", "https://evil-pal.example")]),
        ("a neighbour", vec![good, ("origin", "https://www.pal.example")]),
        ("ours with a slash", vec![good, ("origin", "https://pal.example/")]),
        ("two origins", vec![good, own, ("origin", "https://evil.example")]),
        ("a list", vec![good, ("origin", "https://pal.example https://evil.example")]),
        ("cross-site", vec![good, ("sec-fetch-site", "cross-site")]),
        ("same-site", vec![good, ("sec-fetch-site", "same-site")]),
        ("typed", vec![good, ("sec-fetch-site", "none")]),
        ("cross-site with our origin", vec![good, own, ("sec-fetch-site", "cross-site")]),
        (
            "foreign with same-origin",
            vec![good, ("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        ),
        ("a referer", vec![good, ("referer", "https://pal.example/portal/")]),
        ("another session's token", vec![own, ("x-openpal-csrf", &foreign)]),
        ("an empty token", vec![own, ("x-openpal-csrf", "")]),
        ("a shorter token", vec![own, ("x-openpal-csrf", &csrf[1..])]),
        ("two tokens", vec![own, good, ("x-openpal-csrf", "x")]),
        ("the cookie for a token", vec![own, ("x-openpal-csrf", "cookie")]),
        ("the token elsewhere", vec![own, ("x-csrf-token", &csrf), ("authorization", &csrf)]),
        ("another method in a header", vec![own, ("x-http-method-override", "GET")]),
    ];
    for (method, path, body) in changes() {
        for (what, headers) in &rows {
            let mut headers = headers.clone();
            headers.push(("content-type", "application/json"));
            let answer = browser.send(method, &path, &headers, &body).await;
            let what = format!("{method} {path}: {what}");
            assert_eq!(answer.status, 403, "{what} {}", answer.body);
            assert!(answer.cookies().is_empty(), "{what}");
            unchanged(&mut browser, &before, &what).await;
        }
    }
    // Either way of saying that it is our page is enough.
    for headers in [[good, own], [good, ("sec-fetch-site", "same-origin")]] {
        let answer = browser.send("POST", "/portal/session/keep", &headers, "").await;
        assert_eq!(answer.status, 200, "{headers:?} {}", answer.body);
    }
}

/// A form, an image, a link of another site: none of them changes anything, with whatever method.
#[tokio::test]
async fn t42_no_get_changes_anything() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let before = browser.session().await;
    for (_, path, _) in changes() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let answer = browser.send(method, &path, &[], "").await;
            assert!(answer.cookies().is_empty(), "{method} {path}");
            unchanged(&mut browser, &before, &path).await;
        }
    }
    let out = browser.get("/portal/auth/sign-out?everywhere=true").await;
    assert_eq!(out.status, 405);
    unchanged(&mut browser, &before, "sign-out").await;
    // Reads that another site causes are refused as well: some are recorded.
    for site in ["cross-site", "same-site"] {
        let answer =
            browser.send("GET", "/portal/api/v1/me", &[("sec-fetch-site", site)], "").await;
        assert_eq!(answer.status, 403, "{site}");
    }
}

/// No other origin is ever allowed to read.
#[tokio::test]
async fn t42_there_is_no_cors() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    for method in ["GET", "OPTIONS", "POST"] {
        for path in ["/portal/session", "/portal/api/v1/me", "/portal/session/keep", "/portal/x"] {
            for origin in ["https://evil.example", "null", BASE] {
                let headers = [("origin", origin), ("access-control-request-method", "PUT")];
                let answer = browser.send(method, path, &headers, "").await;
                let names = answer.headers.keys().map(HeaderName::as_str);
                let cors = names.filter(|name| name.starts_with("access-control")).count();
                assert_eq!(cors, 0, "{method} {path} {origin}");
            }
        }
    }
}

/// A page that was made for Contoso changes nothing in Fabrikam, in whatever tab the switch was made.
#[tokio::test]
async fn p1_a_page_of_another_directory_changes_nothing() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let before = browser.csrf().await;
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    assert_eq!(browser.page("POST", "/portal/session/directory", &to).await.status, 200);
    let link = format!("{LINK}/5127255?{V}");
    let stale = browser.page_with(&before, "PUT", &link, "").await;
    assert_eq!((stale.status, stale.code().as_str()), (403, "SessionChanged"));
    let fresh = browser.page("PUT", &link, "").await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    assert_eq!(fresh.json()["properties"]["tenantId"], FABRIKAM);
}

#[tokio::test]
async fn t19_the_cookie_is_looked_at_below_portal_only() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let csrf = browser.csrf().await;
    for (method, path) in [
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/audit"),
        ("GET", "/providers/Microsoft.ManagementPartner/partners?api-version=2018-02-01"),
        ("PUT", "/providers/Microsoft.ManagementPartner/partners/5127255?api-version=2018-02-01"),
        ("GET", "/subscriptions?api-version=2022-12-01"),
        ("GET", "/tenants?api-version=2022-12-01"),
        ("GET", "/portalapi/v1/me"),
        ("GET", "/portal/arm/subscriptions?api-version=2022-12-01"),
    ] {
        let answer = browser.page_with(&csrf, method, path, "").await;
        assert!(matches!(answer.status, 401 | 404), "{method} {path}: {}", answer.status);
        let read = answer.body.contains("ada") || answer.body.contains("Ada");
        assert!(!read, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn t19_a_token_is_not_looked_at_below_portal() {
    let world = World::new().await;
    let token = world.token(BEN).await;
    let bearer = format!("Bearer {token}");
    let with = [("authorization", bearer.as_str()), ("origin", BASE)];
    let own = world.send("GET", "/api/v1/me", &with, "").await;
    assert_eq!(own.status, 200, "{}", own.body);
    for (method, path) in [
        ("GET", "/portal/api/v1/me".to_owned()),
        ("GET", format!("{LINK}?{V}")),
        ("PUT", format!("{LINK}/5127255?{V}")),
        ("POST", "/portal/session/keep".to_owned()),
    ] {
        let answer = world.send(method, &path, &with, "").await;
        assert_eq!(answer.status, 401, "{method} {path} {}", answer.body);
    }
    assert_eq!(world.send("GET", "/portal/session", &with, "").await.json()["signedIn"], false);
    // Beside a session it changes nothing: the session's account it is.
    let mut browser = world.signed_in(ADA).await;
    let me = browser.send("GET", "/portal/api/v1/me", &with[..1], "").await;
    assert_eq!(me.json()["name"], "Ada <b>", "{}", me.body);
}

/// Two cookies of one name: nobody can tell which is the right one.
#[tokio::test]
async fn cookies_that_are_not_one_session_are_none() {
    let world = World::new().await;
    let browser = world.signed_in(ADA).await;
    let good = browser.jar[SESSION].clone();
    for cookie in [
        format!("{SESSION}={good}; {SESSION}=x"),
        format!("{SESSION}=x; {SESSION}={good}"),
        format!("__host-openpal={good}"),
        format!("{SESSION}={good}x"),
        format!("{SESSION}={}", &good[1..]),
        format!("{SESSION}=\"{good}\""),
        format!("{SESSION}={}", "A".repeat(43)),
        format!("{SESSION}={}", "A".repeat(5_000)),
        format!("x{SESSION}={good}"),
    ] {
        let answer = world.send("GET", "/portal/session", &[("cookie", &cookie)], "").await;
        assert_eq!((answer.status, &answer.json()["signedIn"]), (200, &false.into()), "{cookie}");
        let answer = world.send("GET", "/portal/api/v1/me", &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status, 401, "{cookie}");
    }
    let answer =
        world.send("GET", "/portal/session", &[("cookie", &format!("{SESSION}={good}"))], "").await;
    assert_eq!(answer.json()["signedIn"], true);
}
