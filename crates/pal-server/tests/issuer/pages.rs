//! The pages: nothing runs in them, nobody frames them, nobody else's page posts to them.

use crate::issuer::flow::{authorize, page, submit, wish};
use crate::issuer::support::{ADA, AZ, CONTOSO, PASSWORD, World};
use crate::issuer::wire::{Answer, Fields};

/// Every page there is.
async fn all_pages(world: &World, languages: &str) -> Vec<(&'static str, Answer)> {
    let speaks = [("accept-language", languages)];
    let query = |wish: &Fields| {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish.0).finish();
        format!("{}?{query}", authorize(CONTOSO))
    };
    let posting = |shown: &Answer| {
        let cookie = shown.cookie().unwrap();
        (shown.hidden(), vec![("cookie", cookie), ("accept-language", languages.to_owned())])
    };
    let post = async |path: &str, fields: &Fields, headers: &[(&str, String)]| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.post(path, fields, &headers).await
    };
    let sign_in = world.get(&query(&wish()), &speaks).await;
    let (fields, headers) = posting(&sign_in);
    let wrong = fields.clone().and("username", ADA).and("password", "wrong");
    let wrong = post(&authorize(CONTOSO), &wrong, &headers).await;
    let stale = post(&authorize(CONTOSO), &fields, &headers[1..]).await;
    let right = fields.and("username", ADA).and("password", PASSWORD);
    let onwards = right.and("response_mode", "form_post");
    let onwards = post(&authorize(CONTOSO), &onwards, &headers).await;
    let cannot = world.get(&query(&wish().without("client_id")), &speaks).await;
    let client = Fields::of(&[("client_id", AZ)]);
    let device = world.post(&format!("/{CONTOSO}/oauth2/v2.0/devicecode"), &client, &[]).await;
    let device = device.json();
    let code = world.get("/device", &speaks).await;
    let old = world.get("/common/oauth2/deviceauth", &speaks).await;
    let (fields, headers) = posting(&code);
    let code_wrong = post("/device", &fields.clone().and("code", "BBBBBBBB"), &headers).await;
    let fields = fields.and("code", device["user_code"].as_str().unwrap());
    let person = post("/device", &fields, &headers).await;
    let declined = post("/device", &fields.clone().and("answer", "no"), &headers).await;
    let signed_out = world.get(&format!("/{CONTOSO}/oauth2/v2.0/logout"), &speaks).await;
    vec![
        ("sign in", sign_in),
        ("wrong password", wrong),
        ("not from here", stale),
        ("onwards", onwards),
        ("cannot go on", cannot),
        ("device code", code),
        ("device code, old address", old),
        ("wrong device code", code_wrong),
        ("device, who", person),
        ("device, no", declined),
        ("signed out", signed_out),
    ]
}

fn statuses(pages: &[(&str, Answer)]) -> Vec<u16> {
    pages.iter().map(|(_, page)| page.status).collect()
}

const STATUSES: [u16; 11] = [200, 400, 400, 200, 400, 200, 200, 400, 200, 200, 200];

#[tokio::test]
async fn every_page_says_what_it_may_do() {
    let world = World::new().await;
    let pages = all_pages(&world, "en").await;
    assert_eq!(statuses(&pages), STATUSES);
    let mut numbers = std::collections::HashSet::new();
    for (what, page) in &pages {
        let policy = page.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.split(';').any(|known| known.trim() == part), "{what}: {policy}");
        }
        assert!(policy.contains("form-action 'self'"), "{what}: {policy}");
        for part in ["unsafe", "data:", "https:", " *", "strict-dynamic"] {
            assert!(!policy.contains(part), "{what}: {policy}");
        }
        assert_eq!(policy.contains("script-src"), *what == "onwards", "{what}: {policy}");
        let number = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(numbers.insert(number.to_owned()), "{what}: a number is used once");
        for tag in ["<style", "<script"] {
            for piece in page.body.split(tag).skip(1) {
                assert!(piece.starts_with(&format!(" nonce=\"{number}\">")), "{what}: {piece}");
            }
        }
        for inline in
            [" style=", " onclick", " onload", " onsubmit", "javascript:", " src=", "href="]
        {
            assert!(!page.body.contains(inline), "{what}: {inline}");
        }
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(page.header(name), Some(value), "{what}");
        }
        assert!(page.header("cache-control").unwrap().contains("no-store"), "{what}");
    }
    // The way back to the program is no page, but it holds a code.
    let shown = page(&world, CONTOSO, &wish()).await;
    let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
    assert_eq!((answer.status, answer.body.len()), (303, 0));
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn every_page_speaks_three_languages() {
    let world = World::new().await;
    for (languages, language, words) in [
        ("en", "en", ["Sign in", "Password", "You are signed out.", "Did somebody send you"]),
        ("nl-BE, en", "nl", ["Aanmelden", "Wachtwoord", "U bent afgemeld.", "Heeft iemand u"]),
        ("sv-SE,sv;q=0.9", "sv", ["Logga in", "Lösenord", "Du är utloggad.", "Har någon skickat"]),
    ] {
        let pages = all_pages(&world, languages).await;
        assert_eq!(statuses(&pages), STATUSES, "{languages}");
        for (what, page) in &pages {
            let head = format!("<html lang=\"{language}\">");
            assert!(page.body.contains(&head), "{languages} {what}: {}", page.body);
            for open in ["{app}", "{directory}", "{seconds}"] {
                assert!(!page.body.contains(open), "{languages} {what}: {open}");
            }
        }
        let all: String = pages.into_iter().map(|(_, page)| page.body).collect();
        for word in words {
            assert!(all.contains(word), "{languages}: {word}");
        }
    }
}

#[tokio::test]
async fn the_language_is_the_first_one_there_is() {
    let world = World::new().await;
    for (accepts, asks, language) in [
        ("", "", "en"),
        ("de, fr", "", "en"),
        ("de, sv;q=0.8, nl;q=0.7", "", "sv"),
        ("NL", "", "nl"),
        ("nl", "sv", "sv"),
        ("nl", "sv-FI en", "sv"),
        ("sv", "en", "en"),
        ("nlx", "", "en"),
        ("\"><script>", "\"><script>", "en"),
    ] {
        let wish = if asks.is_empty() { wish() } else { wish().and("ui_locales", asks) };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish.0).finish();
        let path = format!("{}?{query}", authorize(CONTOSO));
        let shown = world.get(&path, &[("accept-language", accepts)]).await;
        let head = format!("<html lang=\"{language}\">");
        assert!(shown.body.contains(&head), "{accepts} {asks}: {}", shown.body);
        assert!(!shown.body.contains("<script"), "{}", shown.body);
    }
}

#[tokio::test]
async fn what_comes_from_outside_is_text() {
    let world = World::new().await;
    let evil = "\"><script>alert('1')</script><b a='";
    let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&lt;b a=&#39;";
    for name in ["state", "nonce", "scope", "login_hint", "ui_locales"] {
        let shown = page(&world, CONTOSO, &wish().with(name, evil)).await;
        assert!(shown.status == 200 && !shown.body.contains("<script"), "{name}: {}", shown.body);
        assert_eq!(shown.hidden().get(name), Some(evil));
        assert!(shown.body.contains(escaped), "{name}: {}", shown.body);
    }
    let shown = page(&world, CONTOSO, &wish()).await;
    let answer = submit(&world, CONTOSO, &shown, evil, evil).await;
    assert!(answer.status == 400 && !answer.body.contains("<script"), "{}", answer.body);
    assert_eq!(answer.body.matches(escaped).count(), 1, "the name, not the password");
    let tenant = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for answer in [
        page(&world, CONTOSO, &wish().with("client_id", evil)).await,
        page(&world, tenant, &wish()).await,
        world.get(&format!("/device?code={tenant}"), &[]).await,
    ] {
        assert!(answer.body.contains("&lt;script&gt;"), "{}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
    }
    let twice = wish().and("state", evil).and(evil, evil);
    let answer = page(&world, CONTOSO, &twice).await;
    assert!(answer.status == 400 && !answer.body.contains("<script"), "{}", answer.body);
}
