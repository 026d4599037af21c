//! The whole sign-in, and everything that is no answer to it (T42, T46 – T48).

use crate::portal::world::{
    ADA, ADA_GUEST, ADA_HOME, BASE, BEGUN, BEN, CEM, CONTOSO, FABRIKAM, PASSWORD, SESSION, World,
};

#[tokio::test]
async fn a_person_signs_in_and_is_who_they_are() {
    let world = World::new().await;
    let mut browser = world.browser();
    assert_eq!(browser.session().await, serde_json::json!({"signedIn": false}));
    let answer = browser.sign_in(ADA, PASSWORD, "?return=/portal/link?tab=1").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/portal/link?tab=1")));
    let session = browser.session().await;
    assert_eq!(session["signedIn"], true);
    assert_eq!(session["demo"], false);
    assert_eq!(session["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        session["account"],
        serde_json::json!({
            "tenantId": CONTOSO, "tenantName": "Contoso", "domain": "contoso.example",
            "objectId": ADA_HOME, "name": "Ada <b>", "erasedTime": null,
            "userType": "Member",
        })
    );
    assert_eq!(session["expiresAt"], "2026-05-03T08:30:00Z");
    assert_eq!(
        session["directories"],
        serde_json::json!([
            {"tenantId": CONTOSO, "tenantName": "Contoso", "domain": "contoso.example",
             "objectId": ADA_HOME, "how": "member", "link": null},
            {"tenantId": FABRIKAM, "tenantName": "Fabrikam", "domain": "fabrikam.example",
             "objectId": ADA_GUEST, "how": "guest", "link": null},
        ])
    );
    assert_eq!(
        session["roles"],
        serde_json::json!({"viewer": false, "linkAdministrator": false, "auditor": false,
            "operator": true})
    );
    let me = browser.get("/portal/api/v1/me").await;
    assert_eq!((me.status, &me.json()["objectId"]), (200, &ADA_HOME.into()), "{}", me.body);
}

#[tokio::test]
async fn a_directory_can_be_asked_for() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in(ADA, PASSWORD, &format!("?tenant={FABRIKAM}")).await;
    let session = browser.session().await;
    assert_eq!(session["account"]["tenantId"], FABRIKAM);
    assert_eq!(session["account"]["userType"], "Guest");
    assert_eq!(session["roles"]["auditor"], true);
    assert_eq!(session["roles"]["operator"], false);
    let answer = world.browser().get("/portal/auth/sign-in?tenant=contoso.example").await;
    assert_eq!(answer.status, 400);
    let twice = format!("/portal/auth/sign-in?tenant={FABRIKAM}&tenant={CONTOSO}");
    assert_eq!(world.browser().get(&twice).await.status, 400);
}

/// T42: what JavaScript cannot read, what no other host gets, what no other site's form sends.
#[tokio::test]
async fn t42_cookies_are_for_this_host_and_no_script() {
    let world = World::new().await;
    let mut browser = world.browser();
    let begun = browser.get("/portal/auth/sign-in").await;
    let [set] = begun.cookies()[..] else { panic!("{:?}", begun.cookies()) };
    assert!(set.starts_with(&format!("{BEGUN}=")), "{set}");
    assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"), "{set}");
    let answer = browser.sign_in(ADA, PASSWORD, "").await;
    let [session, gone] = answer.cookies()[..] else { panic!("{:?}", answer.cookies()) };
    assert!(session.starts_with(&format!("{SESSION}=")), "{session}");
    assert!(session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{session}");
    let value = session.split([';', '=']).nth(1).unwrap();
    assert_eq!(value.len(), 43, "256 bits");
    assert!(gone.starts_with(&format!("{BEGUN}=;")) && gone.ends_with("Max-Age=0"), "{gone}");
    let kept = std::fs::read(world.folder.path().join("openpal.db")).unwrap();
    let wal = std::fs::read(world.folder.path().join("openpal.db-wal")).unwrap_or_default();
    for bytes in [kept, wal] {
        let found = bytes.windows(value.len()).any(|part| part == value.as_bytes());
        assert!(!found, "only its hash is kept");
    }
}

/// What the issuer is asked: S256, one redirect address, marks that are new each time.
#[tokio::test]
async fn t47_t48_the_issuer_is_asked_with_pkce_state_and_nonce() {
    let world = World::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let begun = world.browser().get("/portal/auth/sign-in").await;
        let to = begun.header("location").unwrap();
        assert!(to.starts_with(&format!("{BASE}/organizations/oauth2/v2.0/authorize?")), "{to}");
        let query = begun.query();
        assert_eq!(query["redirect_uri"], format!("{BASE}/portal/auth/callback"));
        assert_eq!(query["code_challenge_method"], "S256");
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(query[name].len(), 43, "{name}");
            assert!(seen.insert(query[name].clone()), "{name} comes again");
        }
        // What goes round in addresses is not what the cookie is made of.
        let set = begun.cookies()[0].to_owned();
        assert!(
            ["state", "nonce", "code_challenge"].iter().all(|name| !set.contains(&query[*name]))
        );
    }
}

#[tokio::test]
async fn t46_the_portals_codes_go_to_its_own_address_only() {
    let world = World::new().await;
    let begun = world.browser().get("/portal/auth/sign-in").await;
    let address = begun.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
    let good = "redirect_uri=https%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback";
    assert!(address.contains(good));
    for bad in [
        "https%3A%2F%2Fevil.example%2Fportal%2Fauth%2Fcallback",
        "https%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback%2F",
        "https%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback%2F..%2Fx",
        "https%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback%3Fx",
        "https%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback%23x",
        "https%3A%2F%2Fpal.example%2Fportal%2F",
        "https%3A%2F%2Fpal.example.evil.example%2Fportal%2Fauth%2Fcallback",
        "https%3A%2F%2Fpal.example%40evil.example%2Fportal%2Fauth%2Fcallback",
        "https%3A%2F%2FPAL.example%2Fportal%2Fauth%2Fcallback",
        "http%3A%2F%2Fpal.example%2Fportal%2Fauth%2Fcallback",
        "http%3A%2F%2Flocalhost%3A8400",
        "http%3A%2F%2F127.0.0.1%2Fportal%2Fauth%2Fcallback",
        "%2Fportal%2Fauth%2Fcallback",
    ] {
        let asked = address.replace(good, &format!("redirect_uri={bad}"));
        let answer = world.browser().get(&asked).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{bad}");
    }
    // Native applications do not get there either.
    let az = address
        .replace("0a1b70a1-0000-4000-8000-000000090a7a", "04b07795-8ddb-461a-bbee-02f9e1bf7b46");
    assert_ne!(az, address);
    assert_eq!(world.browser().get(&az).await.status, 400);
}

/// The token endpoint has nothing for the portal: its codes are used up inside the service.
#[tokio::test]
async fn t47_a_stolen_code_is_of_no_use_over_the_network() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    let code = form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("client_id", "0A1B70A1-0000-4000-8000-000000090A7A"),
            ("code", &code),
            ("redirect_uri", &format!("{BASE}/portal/auth/callback")),
            ("code_verifier", &"v".repeat(43)),
        ])
        .finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let answer = world.send("POST", "/common/oauth2/v2.0/token", &[kind], &form).await;
    assert_eq!(answer.json()["error"], "unauthorized_client", "{}", answer.body);
    // Nor in another browser, with the code or with all that stands in the address.
    let answer = world.browser().get(&back).await;
    assert_eq!((answer.status, answer.cookies().len()), (400, 0));
    let mut other = world.browser();
    other.get("/portal/auth/sign-in").await;
    let answer = other.get(&back).await;
    assert_eq!((answer.status, answer.cookies().len()), (400, 0));
    // And it has not been used up meanwhile.
    assert_eq!(browser.get(&back).await.status, 303);
}

#[tokio::test]
async fn t47_t48_what_is_no_answer_to_what_was_begun_signs_nobody_in() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    let (path, query) = back.split_once('?').unwrap();
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let with = |name: &str, value: Option<&str>| {
        let mut fields = fields.clone();
        fields.retain(|(known, _)| known != name);
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        format!("{path}?{query}")
    };
    let state = &fields.iter().find(|(name, _)| name == "state").unwrap().1;
    let twice = format!("{back}&state={state}");
    // The state is looked at first: none of these uses the code up.
    for wrong in [
        with("state", None),
        with("state", Some("")),
        with("state", Some("another")),
        with("state", Some(&state[1..])),
        with("state", Some(&format!("{state}x"))),
        twice,
        format!("{back}&code=another"),
    ] {
        let answer = browser.clone().get(&wrong).await;
        assert_eq!((answer.status, answer.cookies().len()), (400, 0), "{wrong}");
        assert!(answer.body.contains("/portal/auth/sign-in"), "{wrong}");
    }
    for (name, value) in [
        ("iss", None),
        ("iss", Some("https://evil.example/v2.0")),
        ("code", None),
        ("code", Some("another")),
    ] {
        let mut fresh = world.browser();
        let back = fresh.answer_of_issuer(ADA, PASSWORD, "").await;
        let (_, query) = back.split_once('?').unwrap();
        let mut fields: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        fields.retain(|(known, _)| known != name);
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let answer = fresh.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status, 400, "{name} {value:?}");
        assert!(!fresh.jar.contains_key(SESSION), "{name} {value:?}");
        assert!(!fresh.jar.contains_key(BEGUN), "{name} {value:?}");
    }
    assert_eq!(browser.get(&back).await.status, 303);
}

/// The nonce is the one of this sign-in: a code that was begun with another one is not taken, also when
/// its state was exchanged.
#[tokio::test]
async fn t48_a_code_of_another_sign_in_is_not_taken() {
    let world = World::new().await;
    let mut attacker = world.browser();
    let stolen = attacker.answer_of_issuer(BEN, PASSWORD, "").await;
    let mut victim = world.browser();
    let own = victim.answer_of_issuer(ADA, PASSWORD, "").await;
    let value = |back: &str, wanted: &str| {
        let query = back.split_once('?').unwrap().1.to_owned();
        let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        found.unwrap().1.into_owned()
    };
    let mixed = own.replace(&value(&own, "code"), &value(&stolen, "code"));
    assert_ne!(mixed, own);
    let answer = victim.get(&mixed).await;
    assert_eq!((answer.status, victim.jar.contains_key(SESSION)), (400, false));
}

/// A code that was asked for with our challenge and state, and with a nonce that is not ours.
#[tokio::test]
async fn t48_a_code_of_another_nonce_is_not_taken() {
    let world = World::new().await;
    for exchanged in [true, false] {
        let mut browser = world.browser();
        let begun = browser.get("/portal/auth/sign-in").await;
        let nonce = begun.query()["nonce"].clone();
        let mut address = begun.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
        if exchanged {
            address = address.replace(&nonce, &"n".repeat(43));
        }
        let back = browser.issuer(&address, ADA, PASSWORD).await;
        let status = if exchanged { 400 } else { 303 };
        assert_eq!(browser.get(&back).await.status, status, "{exchanged}");
        assert_eq!(browser.jar.contains_key(SESSION), !exchanged);
    }
}

#[tokio::test]
async fn t47_a_code_works_once_and_for_a_minute() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    let mut again = browser.clone();
    assert_eq!(browser.get(&back).await.status, 303);
    assert_eq!(again.get(&back).await.status, 400, "with the same cookie");
    assert!(!again.jar.contains_key(SESSION));
    let mut late = world.browser();
    let back = late.answer_of_issuer(ADA, PASSWORD, "").await;
    world.later(60);
    assert_eq!(late.get(&back).await.status, 400);
}

/// Ten minutes for the sign-in page; after that the cookie is no good, whatever the browser thinks.
#[tokio::test]
async fn a_sign_in_is_begun_for_ten_minutes() {
    for (seconds, status) in [(599, 303), (600, 400)] {
        let world = World::new().await;
        // Begun long ago, signed in just now.
        let mut slow = world.browser();
        let begun = slow.get("/portal/auth/sign-in").await;
        let address = begun.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
        world.later(seconds);
        let back = slow.issuer(&address, ADA, PASSWORD).await;
        assert_eq!(slow.get(&back).await.status, status, "{seconds}");
    }
}

/// A cookie that this service has not made, or that somebody has changed.
#[tokio::test]
async fn t42_a_forged_begin_is_not_taken() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    let good = browser.jar[BEGUN].clone();
    let parts: Vec<&str> = good.split('.').collect();
    for forged in [
        String::new(),
        "x".to_owned(),
        parts[..4].join("."),
        format!("{good}A"),
        format!("A{good}"),
        [parts[0], "99999999999", parts[2], parts[3], parts[4]].join("."),
        [parts[0], parts[1], FABRIKAM, parts[3], parts[4]].join("."),
        [parts[0], parts[1], parts[2], "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv", parts[4]].join("."),
    ] {
        let mut other = browser.clone();
        other.jar.insert(BEGUN.to_owned(), forged.clone());
        assert_eq!(other.get(&back).await.status, 400, "{forged}");
        assert!(!other.jar.contains_key(SESSION), "{forged}");
    }
    assert_eq!(browser.get(&back).await.status, 303);
}

/// A cookie that somebody has planted before the sign-in is not the session afterwards.
#[tokio::test]
async fn sessions_are_not_fixed() {
    let world = World::new().await;
    let mut browser = world.browser();
    let planted = "A".repeat(43);
    browser.jar.insert(SESSION.to_owned(), planted.clone());
    browser.sign_in(ADA, PASSWORD, "").await;
    let first = browser.jar[SESSION].clone();
    assert_ne!(first, planted);
    // Nor is the session before it, which ends.
    let mut before = browser.clone();
    browser.sign_in(BEN, PASSWORD, "").await;
    assert_ne!(browser.jar[SESSION], first);
    assert_eq!(before.session().await["signedIn"], false);
    let mut attacker = world.browser();
    attacker.jar.insert(SESSION.to_owned(), planted);
    assert_eq!(attacker.session().await["signedIn"], false);
}

#[tokio::test]
async fn t17_a_disabled_account_is_not_signed_in() {
    let world = World::new().await;
    let mut browser = world.browser();
    let begun = browser.get("/portal/auth/sign-in").await;
    let address = begun.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
    assert!(browser.try_issuer(&address, CEM, PASSWORD).await.is_err());
    // Disabled between the issuer's page and our own.
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    world.disable(CONTOSO, ADA_HOME).await;
    let answer = browser.get(&back).await;
    assert_eq!((answer.status, browser.jar.contains_key(SESSION)), (403, false));
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_signs_nobody_in() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.answer_of_issuer(ADA, PASSWORD, "").await;
    world.set_password(ADA, "another").await;
    assert_eq!(browser.get(&back).await.status, 400);
    assert!(!browser.jar.contains_key(SESSION));
}

/// The issuer's own words are not shown: they could be anybody's.
#[tokio::test]
async fn t43_a_refusal_is_told_in_our_words() {
    let world = World::new().await;
    let mut browser = world.browser();
    let state = browser.get("/portal/auth/sign-in").await.query()["state"].clone();
    let path = format!(
        "/portal/auth/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=%3Cimg%20src=x%3E\
         &state={state}"
    );
    let answer = browser.send("GET", &path, &[("accept-language", "sv")], "").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("<html lang=\"sv\">"), "{}", answer.body);
    assert!(!answer.body.contains("script") && !answer.body.contains("img"), "{}", answer.body);
}
