//! Lists in pages: all of one state, and tokens that are good for nothing else (T31, T32).

use serde_json::Value;

use crate::service::sight::{GUEST, NORTHWIND, world};
use crate::service::support::{
    ADA, AUDITOR, Answer, FABRIKAM, LINK_ADMINISTRATOR, OPERATOR, VIEWER, World,
};

async fn get(world: &World, path: &str, object: &str) -> Answer {
    world.call("GET", path.to_owned(), &world.token(object)).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// The path and query of the next page.
fn next(body: &Value) -> Option<String> {
    let link = body.get("nextLink")?.as_str().unwrap();
    Some(link.strip_prefix("https://pal.example").unwrap().to_owned())
}

/// Every page from a path on: how many entries each had, and all entries.
async fn walk(world: &World, path: &str, object: &str) -> (Vec<usize>, Vec<Value>) {
    let (mut sizes, mut all, mut path) = (Vec::new(), Vec::new(), Some(path.to_owned()));
    while let Some(asked) = path {
        let body = json(&get(world, &asked, object).await);
        let values = body["value"].as_array().unwrap();
        sizes.push(values.len());
        all.extend(values.iter().cloned());
        path = next(&body);
    }
    (sizes, all)
}

async fn link(world: &World, method: &str, tenant: &str, object: &str, partner: &str) {
    let path =
        format!("/providers/Microsoft.ManagementPartner/partners/{partner}?api-version=2018-02-01");
    let answer = world.call(method, path, &world.token_in(tenant, object)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn pages_together_are_the_list() {
    let world = world().await;
    for (path, object) in [
        ("/api/v1/links", OPERATOR),
        ("/api/v1/links", LINK_ADMINISTRATOR),
        ("/api/v1/links/gaps", OPERATOR),
        ("/api/v1/access", AUDITOR),
        ("/api/v1/alerts?within=60", OPERATOR),
    ] {
        let whole = json(&get(&world, path, object).await);
        assert!(next(&whole).is_none());
        let whole = whole["value"].as_array().unwrap().clone();
        let and = if path.contains('?') { '&' } else { '?' };
        for top in [1, 2, 1000] {
            let paged = format!("{path}{and}$top={top}");
            let (sizes, all) = walk(&world, &paged, object).await;
            assert_eq!(all, whole, "{paged}");
            assert_eq!(sizes.len(), whole.len().div_ceil(top).max(1), "{paged}: {sizes:?}");
        }
    }
}

#[tokio::test]
async fn t31_the_next_page_is_at_our_own_address() {
    let world = world().await;
    let hostile = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("referer", "https://evil.example/"),
    ];
    let token = world.token(OPERATOR);
    let answer = world.send("GET", "/api/v1/links?$top=1", &token, &hostile, Vec::new()).await;
    assert!(!answer.text().contains("evil"), "{}", answer.text());
    let link = json(&answer)["nextLink"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://pal.example/api/v1/links?%24top=1&%24skiptoken="), "{link}");
}

#[tokio::test]
async fn all_pages_are_of_one_state() {
    let world = world().await;
    let (_, whole) = walk(&world, "/api/v1/links", OPERATOR).await;
    let first = json(&get(&world, "/api/v1/links?$top=1", OPERATOR).await);
    world.at("2026-05-03T09:00:00Z");
    // The link that was shown ends, one that was not becomes another, a new one begins.
    link(&world, "DELETE", FABRIKAM, ADA, "5127255").await;
    link(&world, "PATCH", NORTHWIND, ADA, "5127256").await;
    link(&world, "PUT", NORTHWIND, GUEST, "5127255").await;
    let mut seen = first["value"].as_array().unwrap().clone();
    let (_, rest) = walk(&world, &next(&first).unwrap(), OPERATOR).await;
    seen.extend(rest);
    assert_eq!(seen, whole);
    let (_, now) = walk(&world, "/api/v1/links?$top=1", OPERATOR).await;
    assert_ne!(now, whole, "a list that is begun now is of now");
}

#[tokio::test]
async fn rights_are_those_of_now_and_not_of_the_first_page() {
    let world = world().await;
    let role = |rest: &str| {
        format!(
            "{{\"kind\":\"linkAdministrator\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{LINK_ADMINISTRATOR}\",{rest}}}"
        )
    };
    world.import(&role("\"partner\":\"6203118\"")).await;
    let first = json(&get(&world, "/api/v1/links?$top=1", LINK_ADMINISTRATOR).await);
    let path = next(&first).unwrap();
    world.at("2026-05-03T09:00:00Z");
    world.import(&role("\"partner\":\"6203118\",\"to\":\"2026-05-03T09:00:00Z\"")).await;
    let answer = get(&world, &path, LINK_ADMINISTRATOR).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.error().1.contains("the list has changed"), "{}", answer.text());
    world.import(&role("\"partner\":\"5127254\",\"to\":\"2026-05-03T09:00:00Z\"")).await;
    assert_eq!(get(&world, &path, LINK_ADMINISTRATOR).await.status, 404);
}

#[tokio::test]
async fn t32_a_token_is_good_for_one_caller_list_and_place() {
    let world = world().await;
    for (kind, object, partner) in
        [("linkAdministrator", VIEWER, "5127254"), ("auditor", OPERATOR, "")]
    {
        let partner =
            if partner.is_empty() { String::new() } else { format!(",\"partner\":\"{partner}\"") };
        world
            .import(&format!(
                "{{\"kind\":\"{kind}\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{object}\"{partner}}}"
            ))
            .await;
    }
    let first = json(&get(&world, "/api/v1/links?$top=1", OPERATOR).await);
    let path = next(&first).unwrap();
    assert_eq!(get(&world, &path, OPERATOR).await.status, 200);
    let (start, token) = path.split_once("skiptoken=").unwrap();
    let refused = async |path: &str, object: &str| {
        let answer = get(&world, path, object).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        let (code, message) = answer.error();
        assert_eq!(code, "BadRequest", "{path}");
        assert!(message.starts_with("$skiptoken: "), "{path}: {message}");
    };
    // Another caller who has the same list, or who sees the same caller in another directory.
    for object in [LINK_ADMINISTRATOR, VIEWER] {
        refused(&path, object).await;
    }
    // Another list, other parameters.
    for list in ["links/gaps", "access", "alerts"] {
        refused(&path.replace("/links?", &format!("/{list}?")), OPERATOR).await;
    }
    refused(&path.replace("top=1", "top=2"), OPERATOR).await;
    refused(&format!("/api/v1/links?$skiptoken={token}"), OPERATOR).await;
    // Any letter changed, left out or put in.
    for at in 0..token.len() {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        let altered = format!("{start}skiptoken={}{other}{}", &token[..at], &token[at + 1..]);
        refused(&altered, OPERATOR).await;
    }
    for altered in
        [&token[1..], &token[..token.len() - 1], &format!("{token}A"), "", "1", "…", "../"]
    {
        refused(&format!("{start}skiptoken={altered}"), OPERATOR).await;
    }
    // Parameters are a set: their order and spelling mean nothing.
    let other_order = format!("/API/v1/links/?$skiptoken={token}&%24top=1");
    assert_eq!(get(&world, &other_order, OPERATOR).await.status, 200);
}

#[tokio::test]
async fn t32_there_are_bounds_on_a_page() {
    let world = world().await;
    for top in ["0", "1001", "-1", "%2B1", "01", "1.0", "99999999999999999999", "", "x"] {
        let answer = get(&world, &format!("/api/v1/links?$top={top}"), OPERATOR).await;
        assert_eq!(answer.status, 400, "{top}: {}", answer.text());
        assert!(answer.error().1.contains("from 1 to 1000"), "{}", answer.text());
    }
    for top in ["1", "1000"] {
        let answer = get(&world, &format!("/api/v1/links?$top={top}"), OPERATOR).await;
        assert_eq!(answer.status, 200, "{top}");
    }
    // A hundred, if nothing is said.
    let mut facts = Vec::new();
    for number in 0..101 {
        let object = format!("40770000-1000-4000-8000-0000000{number:05}");
        facts.push(format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{NORTHWIND}\",\"object\":\"{object}\",\"type\":\"User\",\"name\":\"{number}@contoso.example\"}}\n\
             {{\"kind\":\"roleAssignment\",\"tenant\":\"{NORTHWIND}\",\"id\":\"more{number}\",\"principal\":\"{object}\",\"role\":\"Contributor\",\"scope\":\"/subscriptions/{}\"}}",
            crate::service::sight::TWO
        ));
    }
    world.import(&facts.join("\n")).await;
    let (sizes, all) = walk(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await;
    assert_eq!((sizes, all.len()), (vec![100, 2], 102));
    let names: std::collections::BTreeSet<&str> =
        all.iter().map(|value| value["objectId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 102);
}
