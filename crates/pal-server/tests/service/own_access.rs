//! `/api/v1/me/access`: what earns, for whom, by which way; about the caller and nobody else.

use serde_json::{Value, json};

use crate::service::support::{ADA, CONTOSO, DARA, FABRIKAM, GROUP, World};

const ONE: &str = "fab00000-5000-4000-8000-000000000001";
const TWO: &str = "fab00000-5000-4000-8000-000000000002";
const OUTER: &str = "fab00000-2000-4000-8000-000000000002";
const HOME: &str = "c0750000-1000-4000-8000-000000000ada";
const CUSTOM: &str = "fab00000-4000-4000-8000-000000000001";

fn facts() -> String {
    let fabrikam = |kind: &str, rest: &str| {
        format!("{{\"kind\":\"{kind}\",\"tenant\":\"{FABRIKAM}\",{rest}}}\n")
    };
    let role = |id: u8, who: &str, role: &str, scope: &str, rest: &str| {
        fabrikam(
            "roleAssignment",
            &format!(
                "\"id\":\"{id}\",\"principal\":\"{who}\",\"role\":\"{role}\",\"scope\":\"{scope}\"{rest}"
            ),
        )
    };
    let (one, two) = (format!("/subscriptions/{ONE}"), format!("/subscriptions/{TWO}"));
    let landing = "/providers/Microsoft.Management/managementGroups/Landing";
    let condition = ",\"condition\":\"@Resource[a] StringEquals 'b'\"";
    let deny = "\"id\":\"x\",\"principals\":[\"00000000-0000-0000-0000-000000000000\"],\
                \"actions\":[\"*\"],\"scope\":\"SCOPE\",\"to\":\"2027-01-01T00:00:00Z\"";
    [
        fabrikam("subscription", &format!("\"subscription\":\"{ONE}\",\"name\":\"prod-01\",\"managementGroup\":\"landing\"")),
        fabrikam("subscription", &format!("\"subscription\":\"{TWO}\"")),
        fabrikam("managementGroup", "\"name\":\"landing\",\"displayName\":\"Landing zones\""),
        fabrikam("principal", &format!("\"object\":\"{OUTER}\",\"type\":\"Group\"")),
        fabrikam("membership", &format!("\"group\":\"{GROUP}\",\"member\":\"{ADA}\",\"from\":\"2026-03-01T00:00:00Z\"")),
        fabrikam("membership", &format!("\"group\":\"{OUTER}\",\"member\":\"{GROUP}\"")),
        format!("{{\"kind\":\"roleDefinition\",\"role\":\"{CUSTOM}\",\"type\":\"CustomRole\",\"name\":\"Lab Operator\",\"actions\":[\"a/write\"]}}\n"),
        role(1, OUTER, "Reader", landing, ",\"to\":\"2026-12-01T00:00:00Z\""),
        role(2, ADA, "Owner", &one, ",\"eligible\":true"),
        role(3, ADA, CUSTOM, &format!("{one}/resourceGroups/Rg-App"), condition),
        role(4, ADA, "Contributor", &format!("{two}/resourceGroups/locked"), ""),
        // Before, later, nobody's, of others, elsewhere.
        role(5, ADA, "Owner", &two, ",\"to\":\"2026-05-03T08:00:00Z\""),
        role(6, ADA, "Owner", &two, ",\"from\":\"2026-05-03T08:00:01Z\""),
        role(7, ADA, "Owner", "/subscriptions/fab00000-5000-4000-8000-000000000009", ""),
        role(8, DARA, "Owner", &two, ""),
        fabrikam("denyAssignment", &deny.replace("SCOPE", &format!("{two}/resourceGroups/locked"))),
        format!("{{\"kind\":\"principal\",\"tenant\":\"{CONTOSO}\",\"object\":\"{HOME}\",\"type\":\"User\"}}\n"),
        fabrikam("delegation", &format!(
            "\"id\":\"del-1\",\"scope\":\"{two}\",\"managingTenant\":\"{CONTOSO}\",\"authorizations\":[\
             {{\"principal\":\"{HOME}\",\"role\":\"Support Request Contributor\"}}],\"from\":\"2026-02-01T00:00:00Z\""
        )),
    ]
    .concat()
}

async fn world() -> World {
    let world = World::new().await;
    world.import(&facts()).await;
    world
}

async fn read(world: &World, path: &str, token: &str) -> Value {
    let answer = world.call("GET", path.to_owned(), token).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn own_access_has_ways_classes_and_times() {
    let world = world().await;
    let one = format!("/subscriptions/{ONE}");
    let entry = |scope: &str, name: &str, role: &str, class: &str, rest: Value| {
        let mut entry = json!({
            "scope": scope, "scopeName": name, "customerTenantId": FABRIKAM,
            "customerTenantName": "Fabrikam", "role": role, "roleClass": class,
            "pecEligible": false, "via": [], "from": null, "to": null, "eligibleOnly": false,
            "denied": false, "condition": false, "assumed": false,
        });
        entry.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        entry
    };
    let via = json!([
        {"kind": "group", "id": GROUP, "name": "Contoso Ops"},
        {"kind": "group", "id": OUTER, "name": null},
    ]);
    let expected = [
        entry(
            "/providers/Microsoft.Management/managementGroups/Landing",
            "Landing zones",
            "Reader",
            "Reader",
            json!({"via": via, "from": "2026-03-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}),
        ),
        entry(
            &one,
            "prod-01",
            "Owner",
            "Owner",
            json!({"pecEligible": true, "eligibleOnly": true}),
        ),
        entry(
            &format!("{one}/resourceGroups/Rg-App"),
            "Rg-App",
            "Lab Operator",
            "Contributor",
            json!({"condition": true}),
        ),
        entry(
            &format!("/subscriptions/{TWO}/resourceGroups/locked"),
            "locked",
            "Contributor",
            "Contributor",
            json!({"pecEligible": true, "denied": true}),
        ),
    ];
    let found = read(&world, "/api/v1/me/access", &world.token(ADA)).await;
    assert_eq!(found, json!({ "value": expected }));
    // At home it is by delegation, to that directory's account.
    let found = read(&world, "/api/v1/me/access", &world.token_in(CONTOSO, HOME)).await;
    let mut delegated = entry(
        &format!("/subscriptions/{TWO}"),
        "",
        "Support Request Contributor",
        "Contributor",
        json!({"pecEligible": true, "via": [{"kind": "delegation", "id": "del-1", "name": null}],
               "from": "2026-02-01T00:00:00Z"}),
    );
    delegated["scopeName"] = Value::Null;
    assert_eq!(found, json!({ "value": [delegated] }));
    let me = read(&world, "/api/v1/me", &world.token(ADA)).await;
    assert_eq!(me["subscriptions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn own_access_comes_in_pages_and_as_of_the_first() {
    let world = world().await;
    let token = world.token(ADA);
    let whole = read(&world, "/api/v1/me/access", &token).await["value"].clone();
    let mut next = "/api/v1/me/access?$top=3".to_owned();
    let mut found = Vec::new();
    loop {
        let page = read(&world, &next, &token).await;
        found.extend(page["value"].as_array().unwrap().clone());
        let Some(link) = page["nextLink"].as_str() else { break };
        next = link.strip_prefix("https://pal.example").unwrap().to_owned();
        // A group that ends now was there when the list began.
        world.at("2026-05-03T09:00:00Z");
        world.import(&format!(
            "{{\"kind\":\"membership\",\"tenant\":\"{FABRIKAM}\",\"group\":\"{GROUP}\",\"member\":\"{ADA}\",\
             \"from\":\"2026-03-01T00:00:00Z\",\"to\":\"2026-05-03T08:30:00Z\"}}"
        )).await;
    }
    assert_eq!(Value::Array(found), whole);
    // An hour later the group is left, and another role has begun.
    let later = read(&world, "/api/v1/me/access", &token).await["value"].clone();
    let scope = |at: usize| later[at]["scope"].as_str().unwrap();
    assert_eq!((later.as_array().unwrap().len(), scope(0)), (4, &*format!("/subscriptions/{ONE}")));
    assert_eq!(later[2]["from"], "2026-05-03T08:00:01Z");
    let others = world.call("GET", next.clone(), &world.token(DARA)).await;
    assert_eq!(others.status, 400, "{next}");
    for query in ["?tenant=x", "?object=x", "?$top=0"] {
        let answer = world.call("GET", format!("/api/v1/me/access{query}"), &token).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}
