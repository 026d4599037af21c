//! The link, made and unmade by its owner through the portal; and what no body ever holds.

use pal_store::AuditFilter;

use serde_json::json;

use crate::portal::world::{
    ADA, ADA_GUEST, ADA_HOME, BASE, BEN, BEN_HOME, CONTOSO, FABRIKAM, LINK, PASSWORD, SESSION, V,
    World, who,
};

#[tokio::test]
async fn p1_p3_a_link_is_made_changed_and_removed_as_the_sessions_account() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let path = |id: &str| format!("{LINK}/{id}?{V}");
    for (method, id, version, state) in
        [("PUT", "5127255", 1, "Active"), ("PATCH", "5127256", 2, "Active")]
    {
        let answer = browser.page(method, &path(id), "").await;
        assert_eq!(answer.status, 200, "{method} {}", answer.body);
        let link = answer.json();
        let properties = &link["properties"];
        assert_eq!(properties["objectId"], ADA_HOME);
        assert_eq!(properties["tenantId"], CONTOSO);
        assert_eq!(
            (&properties["partnerId"], &properties["version"]),
            (&id.into(), &version.into())
        );
        assert_eq!(properties["state"], state);
    }
    let session = browser.session().await;
    let link = serde_json::json!({"partnerId": "5127256", "partnerName": "Contoso, Malmö"});
    assert_eq!(session["directories"][0]["link"], link);
    assert_eq!(session["directories"][1]["link"], serde_json::Value::Null);
    assert_eq!(browser.get(&format!("{LINK}?{V}")).await.json()["name"], "5127256");
    // The guest's link is another one.
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    browser.page("POST", "/portal/session/directory", &to).await;
    assert_eq!(browser.get(&format!("{LINK}?{V}")).await.status, 404);
    assert_eq!(browser.page("DELETE", &path("5127256"), "").await.status, 404);
    let guest = browser.page("PUT", &path("5127255"), "").await;
    assert_eq!(guest.json()["properties"]["objectId"], ADA_GUEST);
    let to = format!("{{\"tenantId\":\"{CONTOSO}\"}}");
    browser.page("POST", "/portal/session/directory", &to).await;
    let removed = browser.page("DELETE", &path("5127256"), "").await;
    assert_eq!((removed.status, removed.body.as_str()), (200, ""));

    // Who did it, with what, and in which session: never the cookie itself.
    let records = world.app.store.audit_records(AuditFilter::default(), 100).await.unwrap();
    let by: Vec<_> = records.iter().filter(|record| record.actor.client.is_some()).rev().collect();
    let who_did: Vec<_> = by.iter().map(|record| record.actor.principal.unwrap()).collect();
    let home = who(CONTOSO, ADA_HOME);
    assert_eq!(who_did, [home, home, who(FABRIKAM, ADA_GUEST), home]);
    let cookie = &browser.jar[SESSION];
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cookie.as_bytes());
    for record in by {
        assert_eq!(record.actor.client.as_deref(), Some("0a1b70a1-0000-4000-8000-000000090a7a"));
        assert_eq!(record.actor.token.as_deref(), Some(pal_store::hex(hash.as_ref()).as_str()));
        assert_eq!(record.target, record.actor.principal);
        assert!(!record.actor.request.is_empty());
    }
}

/// In Fabrikam: a role by a group on one subscription, one on a group in another, one to be activated on
/// a third, one that is denied on a fourth. Ben has none.
fn access() -> String {
    let subscription = |end: u8| format!("fab00000-5000-4000-8000-00000000000{end}");
    let group = "fab00000-2000-4000-8000-000000000001";
    let mut lines = vec![
        format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{group}\",\"type\":\"Group\",\"name\":\"Ops\"}}"
        ),
        format!(
            "{{\"kind\":\"membership\",\"tenant\":\"{FABRIKAM}\",\"group\":\"{group}\",\"member\":\"{ADA_GUEST}\"}}"
        ),
        format!(
            "{{\"kind\":\"denyAssignment\",\"tenant\":\"{FABRIKAM}\",\"id\":\"deny\",\"principals\":[\"{group}\"],\
             \"actions\":[\"*\"],\"scope\":\"/subscriptions/{}\"}}",
            subscription(4)
        ),
    ];
    for (end, who, role, below, rest) in [
        (1, group, "Reader", "", ""),
        (2, ADA_GUEST, "Contributor", "/resourceGroups/rg", ""),
        (3, ADA_GUEST, "Owner", "", ",\"eligible\":true"),
        (4, ADA_GUEST, "Owner", "", ""),
    ] {
        let id = subscription(end);
        lines.push(format!(
            "{{\"kind\":\"subscription\",\"tenant\":\"{FABRIKAM}\",\"subscription\":\"{id}\"}}"
        ));
        lines.push(format!(
            "{{\"kind\":\"roleAssignment\",\"tenant\":\"{FABRIKAM}\",\"id\":\"{end}\",\"principal\":\"{who}\",\
             \"role\":\"{role}\",\"scope\":\"/subscriptions/{id}{below}\"{rest}}}"
        ));
    }
    lines.join("\n")
}

#[tokio::test]
async fn own_links_are_those_of_all_directories() {
    let world = World::new().await;
    let mut browser = world.signed_in(ADA).await;
    let csrf = browser.csrf().await;
    let headers =
        [("x-openpal-csrf", csrf.as_str()), ("origin", BASE), ("x-openpal-directory", FABRIKAM)];
    assert_eq!(browser.send("PUT", &format!("{LINK}/5127255?{V}"), &headers, "").await.status, 200);
    world.import(&access()).await;
    let none =
        json!({"viewer": false, "linkAdministrator": false, "auditor": false, "operator": false});
    let with = |role: &str| {
        let mut roles = none.clone();
        roles[role] = true.into();
        roles
    };
    let own = browser.get("/portal/session/links").await;
    let time = "2026-05-03T08:00:00Z";
    let expected = json!({"value": [
        {"tenantId": CONTOSO, "tenantName": "Contoso", "domain": "contoso.example", "objectId": ADA_HOME,
         "name": "Ada <b>", "how": "member", "link": null, "access": {"subscriptions": 0, "role": null},
         "roles": with("operator")},
        {"tenantId": FABRIKAM, "tenantName": "Fabrikam", "domain": "fabrikam.example",
         "objectId": ADA_GUEST, "name": "Ada (Contoso)", "how": "guest",
         "link": {"partnerId": "5127255", "partnerName": "Contoso, Utrecht", "version": 1,
                  "createdTime": time, "updatedTime": time},
         "access": {"subscriptions": 2, "role": "Contributor"}, "roles": with("auditor")},
    ]});
    assert_eq!((own.status, own.json()), (200, expected));
    assert!(own.header("x-ms-ratelimit-remaining-tenant-reads").is_some());
    // Nothing of others, and nothing of what is over.
    let mut ben = world.signed_in(BEN).await;
    let own = ben.get("/portal/session/links").await.json();
    assert_eq!(own["value"].as_array().unwrap().len(), 1);
    assert_eq!(own["value"][0]["objectId"], BEN_HOME);
    assert_eq!(own["value"][0]["roles"], with("linkAdministrator"));
    browser.send("DELETE", &format!("{LINK}/5127255?{V}"), &headers, "").await;
    let own = browser.get("/portal/session/links").await.json();
    assert_eq!(own["value"][1]["link"], serde_json::Value::Null);
    world.disable(FABRIKAM, ADA_GUEST).await;
    let own = browser.get("/portal/session/links").await.json();
    assert_eq!(own["value"].as_array().unwrap().len(), 1, "{own}");
}

/// The paths may be written as Azure's clients write them, and mean the same to guard and router (T27).
#[tokio::test]
async fn t27_other_spellings_are_guarded_alike() {
    let world = World::new().await;
    for path in [
        "/portal/arm/PROVIDERS/microsoft.managementpartner/Partners/5127255",
        "//portal//arm//providers/Microsoft.ManagementPartner/partners/5127255/",
        "/%70ortal/arm/providers/Microsoft%2EManagementPartner/partners/5127255",
    ] {
        let path = format!("{path}?{V}");
        let answer = world.send("PUT", &path, &[("origin", crate::portal::world::BASE)], "").await;
        assert_eq!(answer.status, 401, "{path}");
        let mut browser = world.signed_in(ADA).await;
        let answer = browser.send("PUT", &path, &[], "").await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.header("content-security-policy").is_some());
        let answer = browser.page("PUT", &path, "").await;
        assert!(matches!(answer.status, 200 | 409), "{path} {}", answer.body);
    }
}

/// Nothing that opens anything is ever in a body, nor in an address that the portal makes.
#[tokio::test]
async fn t45_no_token_and_no_secret_reaches_a_page() {
    let world = World::new().await;
    let mut browser = world.browser();
    let mut told = Vec::new();
    let begun = browser.get("/portal/auth/sign-in?return=/portal/link").await;
    let address =
        begun.header("location").unwrap().strip_prefix(crate::portal::world::BASE).unwrap();
    let address = address.to_owned();
    told.push(begun);
    let back = browser.issuer(&address, ADA, PASSWORD).await;
    let begun_cookie = browser.jar[crate::portal::world::BEGUN].clone();
    told.push(browser.get(&back).await);
    for path in
        ["/portal/session", "/portal/api/v1/me", "/portal/", "/portal/api/v1/audit", "/portal/x"]
    {
        told.push(browser.get(path).await);
    }
    told.push(browser.page("PUT", &format!("{LINK}/5127255?{V}"), "").await);
    told.push(browser.page("POST", "/portal/session/keep", "").await);
    let cookie = browser.jar[SESSION].clone();
    told.push(browser.page("POST", "/portal/auth/sign-out", "").await);
    let secret = begun_cookie.split('.').next().unwrap();
    for answer in told {
        let text = format!("{}\n{}", answer.body, answer.header("location").unwrap_or_default());
        for hidden in [cookie.as_str(), secret, "access_token", "id_token", "refresh_token"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        let letters = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let jwt = |word: &str| word.starts_with("eyJ") && word.matches('.').count() == 2;
        assert!(!text.split(|c| !letters(c)).any(jwt), "{text}");
    }
}
