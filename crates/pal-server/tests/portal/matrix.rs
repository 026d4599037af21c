//! Every route of the portal: who is let in, with which headers, and that a mirror answers as its
//! original does (T44, T70).

use std::collections::BTreeSet;

use pal_server::{Audience, PORTAL_MIRRORS, Route, portal_routes, routes};

use crate::portal::world::{ADA, Answer, BASE, BEN, V, World};

/// Headers of every answer below `/portal`, whatever it is.
fn is_sealed(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{what}"));
    for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{what}: {policy}");
    }
    for loose in ["unsafe-inline", "unsafe-eval", "*", "http:"] {
        assert!(!policy.contains(loose), "{what}: {policy}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}");
    }
    let kept = answer.header("cache-control").unwrap();
    // The description of the API says nothing about anybody, and has an entity tag.
    let same_for_all = kept == "no-cache" && what.ends_with("/openapi.json");
    let is_packed = what.contains("/assets/index");
    assert!(kept == "no-store" || same_for_all || is_packed, "{what}: {kept}");
}

fn paths() -> Vec<(&'static str, String)> {
    let own = portal_routes().into_iter().map(|route| (route.method, route.path.to_owned()));
    own.chain(mirrors().into_iter().map(|(method, path, _)| (method, path))).collect()
}

/// The routes of programs that the portal has, too: method, path there, who may call it.
fn mirrors() -> Vec<(&'static str, String, Audience)> {
    let mut all = Vec::new();
    for Route { method, path, audience, .. } in routes() {
        for (below, before) in PORTAL_MIRRORS {
            if path.starts_with(below) {
                all.push((method, format!("{before}{path}"), audience));
            }
        }
    }
    all
}

fn filled(path: &str) -> String {
    let query = if path.contains("/arm/") { format!("?{V}") } else { String::new() };
    path.replace("{id}", "5127255").replace("{number}", "999").replace("{*rest}", "link") + &query
}

#[tokio::test]
async fn t44_every_answer_is_sealed() {
    let world = World::new().await;
    let mut ada = world.signed_in(ADA).await;
    let more = [
        "/portal/nothing/here",
        "/portal/assets/nothing.js",
        "/portal/assets/index-B1.js",
        "/portal/api/v1/nothing",
        "/portal/arm/nothing",
        "/portal/auth/nothing",
        "/portal/api",
    ];
    let more = more.into_iter().map(|path| ("GET", path.to_owned()));
    let mut statuses = BTreeSet::new();
    for (method, path) in paths().into_iter().chain(more).filter(|(_, path)| path != "/") {
        for method in [method, "GET", "POST", "TRACE", "OPTIONS"] {
            let path = filled(&path);
            let what = format!("{method} {path}");
            if path.contains("sign-out") {
                continue;
            }
            for answer in [
                world.send(method, &path, &[], "").await,
                ada.send(method, &path, &[], "").await,
                ada.page(method, &path, "").await,
            ] {
                is_sealed(&what, &answer);
                statuses.insert(answer.status);
                assert!(answer.status < 500, "{what} {}", answer.body);
            }
        }
    }
    for status in [200, 303, 400, 401, 403, 404, 405] {
        assert!(statuses.contains(&status), "no answer with {status}: {statuses:?}");
    }
}

#[tokio::test]
async fn t70_without_a_session_only_open_routes_answer() {
    let world = World::new().await;
    for Route { method, path, audience, .. } in portal_routes() {
        let answer = world.send(method, &filled(path), &[("origin", BASE)], "").await;
        let session = audience == Audience::Account;
        assert_eq!(answer.status == 401, session, "{method} {path}: {}", answer.status);
        assert!(answer.status != 404, "{method} {path} is not there");
    }
    let all = mirrors();
    assert!(all.len() > 25, "{}", all.len());
    for (method, path, _) in all {
        for cookie in ["", "__Host-openpal=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let headers = [("origin", BASE), ("cookie", cookie), ("x-openpal-csrf", "x")];
            let answer = world.send(method, &filled(&path), &headers, "").await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.code(), "AuthenticationFailed");
            assert_eq!(answer.header("www-authenticate"), None);
        }
    }
}

/// What a session reads is what its account's own token reads, and a change ends alike.
#[tokio::test]
async fn t70_a_mirror_answers_as_its_original() {
    let reading = World::new().await;
    for (method, path, audience) in mirrors() {
        // What changes something gets a world of its own, for each of the two.
        let own =
            if method == "GET" { None } else { Some((World::new().await, World::new().await)) };
        let (one, other) = own.as_ref().map_or((&reading, &reading), |(one, other)| (one, other));
        for upn in [ADA, BEN] {
            let mut browser = one.signed_in(upn).await;
            let token = format!("Bearer {}", other.token(upn).await);
            let here = filled(&path);
            let there = here.replacen("/portal/arm", "", 1).replacen("/portal/api", "/api", 1);
            let own = browser.page(method, &here, "").await;
            let original = other.send(method, &there, &[("authorization", &token)], "").await;
            let what = format!("{method} {here} {audience:?} as {upn}");
            assert_eq!(own.status, original.status, "{what}: {}", own.body);
            if !path.contains("audit") {
                assert_eq!(own.body, original.body, "{what}");
            }
        }
    }
}

/// The next page of a list is one of the portal's, too.
#[tokio::test]
async fn next_links_stay_in_the_portal() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let first = browser.get("/portal/api/v1/audit?$top=1").await;
    let next = first.json()["nextLink"].as_str().unwrap().to_owned();
    let path = next.strip_prefix(BASE).unwrap();
    assert!(path.starts_with("/portal/api/v1/audit?"), "{next}");
    let second = browser.get(path).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_ne!(first.json()["value"], second.json()["value"]);
    let token = format!("Bearer {}", world.token(ADA).await);
    let plain = world.send("GET", "/api/v1/audit?$top=1", &[("authorization", &token)], "").await;
    let next = plain.json()["nextLink"].as_str().unwrap().to_owned();
    assert!(next.starts_with(&format!("{BASE}/api/v1/audit?")), "{next}");
}

/// Without a portal there is none: not even the paths are there.
#[tokio::test]
async fn without_a_portal_nothing_is_there() {
    let world = World::with(|_| None).await;
    for (method, path) in paths() {
        let answer = world.send(method, &filled(&path), &[("origin", BASE)], "").await;
        assert_eq!(answer.status, 404, "{method} {path}");
    }
}
