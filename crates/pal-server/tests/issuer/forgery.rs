//! A form counts only in the browser that it was shown in.

use crate::issuer::flow::{authorize, page, wish};
use crate::issuer::support::{ADA, CONTOSO, PASSWORD, World};

const COOKIE: &str = "__Host-openpal-signin=";

#[tokio::test]
async fn the_cookie_is_for_this_host_and_for_no_script() {
    let world = World::new().await;
    for shown in [page(&world, CONTOSO, &wish()).await, world.get("/device", &[]).await] {
        let set = shown.header("set-cookie").unwrap();
        let mut parts = set.split("; ");
        let value = parts.next().unwrap().strip_prefix(COOKIE).unwrap();
        assert_eq!(value.len(), 43, "256 bits");
        let mut parts: Vec<&str> = parts.collect();
        parts.sort_unstable();
        assert_eq!(parts, ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
        assert!(!shown.body.contains(value), "the page does not say it");
        // A browser that has one keeps it; what is no cookie of ours is replaced.
        let again = world.get("/device", &[("cookie", &format!("{COOKIE}{value}"))]).await;
        assert_eq!(again.header("set-cookie"), None);
        assert_eq!(again.hidden().get("mark"), shown.hidden().get("mark"));
        let short = world.get("/device", &[("cookie", &format!("{COOKIE}short"))]).await;
        assert!(short.header("set-cookie").is_some());
    }
    let out = world.get(&format!("/{CONTOSO}/oauth2/v2.0/logout"), &[]).await;
    let set = out.header("set-cookie").unwrap();
    assert!(set.starts_with(&format!("{COOKIE}; ")) && set.contains("Max-Age=0"), "{set}");
}

#[tokio::test]
async fn a_form_of_another_page_is_not_taken() {
    let world = World::new().await;
    let (one, two) = (page(&world, CONTOSO, &wish()).await, page(&world, CONTOSO, &wish()).await);
    let (cookie, other) = (one.cookie().unwrap(), two.cookie().unwrap());
    let right = one.hidden().and("username", ADA).and("password", PASSWORD);
    let mark = one.hidden().get("mark").unwrap().to_owned();
    let theirs = two.hidden().get("mark").unwrap().to_owned();
    let renamed = cookie.replace("__Host-", "");
    let value = cookie.strip_prefix(COOKIE).unwrap();
    for (what, fields, cookie) in [
        ("no cookie", right.clone(), ""),
        ("no mark", right.clone().without("mark"), &*cookie),
        ("neither", right.clone().without("mark"), ""),
        ("an empty mark", right.clone().with("mark", ""), &*cookie),
        ("another mark", right.clone().with("mark", &"A".repeat(43)), &*cookie),
        ("the mark of another browser", right.clone().with("mark", &theirs), &*cookie),
        ("the cookie of another browser", right.clone(), &*other),
        ("the cookie as the mark", right.clone().with("mark", value), &*cookie),
        ("the mark as the cookie", right.clone(), &*format!("{COOKIE}{mark}")),
        ("the mark's beginning", right.clone().with("mark", &mark[..42]), &*cookie),
        ("an empty cookie", right.clone(), COOKIE),
        ("a cookie that any host may set", right.clone(), &*renamed),
        ("another casing of its name", right.clone(), &*cookie.replace("Host", "host")),
    ] {
        let answer = world.post(&authorize(CONTOSO), &fields, &[("cookie", cookie)]).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{what}");
        assert!(answer.body.contains("This page was open for too long"), "{what}");
        assert!(!answer.body.contains("name=\"code\""), "{what}: {}", answer.body);
        assert!(!answer.body.contains(PASSWORD), "{what}");
    }
    // All of these were no tries: the form of the page works.
    let headers = [("cookie", &*cookie)];
    assert_eq!(world.post(&authorize(CONTOSO), &right, &headers).await.status, 303);
}

/// Browsers send one line; by HTTP/2 they may send each cookie in a line of its own.
#[tokio::test]
async fn the_cookie_is_found_among_others() {
    let world = World::new().await;
    let shown = page(&world, CONTOSO, &wish()).await;
    let cookie = shown.cookie().unwrap();
    let right = shown.hidden().and("username", ADA).and("password", PASSWORD);
    let (before, after) = (format!("a=b; {cookie}"), format!("{cookie};c=d"));
    for cookies in [
        vec![&*before],
        vec![&*after],
        vec!["a=b", &*cookie],
        vec![&*cookie, "a=b"],
        vec!["a=b; c=d", "e", &*cookie, "f=g"],
    ] {
        let headers: Vec<_> = cookies.iter().map(|value| ("cookie", *value)).collect();
        let answer = world.post(&authorize(CONTOSO), &right, &headers).await;
        assert_eq!(answer.status, 303, "{cookies:?}: {}", answer.body);
    }
}
