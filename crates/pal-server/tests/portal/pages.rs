//! Files: what is sent for which path, how it is packed, and what is said when there are none.

use pal_server::{Portal, PortalAssets, PortalIssuer};

use crate::portal::world::{OPTIONS, World};

#[tokio::test]
async fn every_page_is_the_page() {
    let world = World::new().await;
    for path in ["/portal", "/portal/", "/portal/link", "/portal/a/b/c?d=e", "/portal/index.html"] {
        let answer = world.send("GET", path, &[], "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(answer.body.contains("<title>the page</title>"), "{path}");
        assert!(answer.cookies().is_empty());
    }
    let home = world.send("GET", "/", &[], "").await;
    assert_eq!((home.status, home.header("location")), (303, Some("/portal/")));
}

/// The nonce in the page is the one in its policy, and another one each time.
#[tokio::test]
async fn t43_styles_have_a_nonce() {
    let world = World::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let answer = world.send("GET", "/portal/", &[], "").await;
        let nonce = answer.body.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(nonce.len(), 24);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains(&format!("style-src 'self' 'nonce-{nonce}';")), "{policy}");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert!(seen.insert(nonce.to_owned()));
    }
}

#[tokio::test]
async fn files_are_packed_as_the_browser_takes_them() {
    let world = World::new().await;
    let path = "/portal/assets/index-B1.js";
    for (accepted, body, encoding) in [
        ("gzip, deflate, br, zstd", "packed by brotli", Some("br")),
        ("gzip, deflate", "packed by gzip", Some("gzip")),
        ("BR;q=0.5", "packed by brotli", Some("br")),
        ("br;q=0, gzip;q=1.0", "packed by gzip", Some("gzip")),
        ("br; q=0.0,gzip;q=0", "plain script", None),
        ("identity", "plain script", None),
        ("", "plain script", None),
    ] {
        let answer = world.send("GET", path, &[("accept-encoding", accepted)], "").await;
        assert_eq!(answer.body, body, "{accepted}");
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable"),
            "{accepted}"
        );
        assert!(answer.header("vary").unwrap().contains("Accept-Encoding"));
    }
    let icon = world.send("GET", "/portal/favicon.svg", &[], "").await;
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    assert_eq!(icon.header("cache-control"), Some("no-store"));
    for missing in [
        "/portal/assets/index-B2.js",
        "/portal/assets/../index.html",
        "/portal/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/portal/assets/..%2f..%2fCargo.toml",
        "/portal/assets//etc/passwd",
        "/portal/assets",
    ] {
        let answer = world.send("GET", missing, &[], "").await;
        assert_eq!(answer.status, 404, "{missing} {}", answer.body);
    }
}

#[tokio::test]
async fn without_pages_it_is_said_how_to_come_by_them() {
    let world = World::with(|issuer| {
        let issuer = PortalIssuer::Embedded(issuer);
        Some(Portal::new(issuer, OPTIONS, PortalAssets::default(), b"a secret"))
    })
    .await;
    let answer = world.send("GET", "/portal/link", &[], "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("cargo xtask portal"), "{}", answer.body);
    assert!(!world.portal.as_ref().unwrap().has_pages());
    assert!(World::new().await.portal.as_ref().unwrap().has_pages());
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(world.send("GET", "/portal/session", &[], "").await.status, 200);
}
