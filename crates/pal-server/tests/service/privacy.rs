//! What partners see of a directory is said by its auditor, and by nobody else.

use serde_json::{Value, json};

use crate::service::sight::{NORTHWIND, world};
use crate::service::support::{ADA, AUDITOR, Answer, EXECUTIVE, FABRIKAM, OPERATOR, World};

const PATH: &str = "/api/v1/access/privacy";

async fn put(world: &World, object: &str, body: &str) -> Answer {
    world.send("PUT", PATH, &world.token(object), &[], body.into()).await
}

fn level(level: &str) -> String {
    json!({ "level": level }).to_string()
}

async fn get(world: &World, object: &str, path: &str) -> Value {
    let answer = world.call("GET", path.to_owned(), &world.token(object)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// The names and subscriptions that a partner reads.
async fn read(world: &World) -> Vec<(bool, bool)> {
    let path = "/api/v1/reports?group_by=customer_tenant_id,subscription_id,partner_id";
    let rows = get(world, EXECUTIVE, path).await["value"].as_array().unwrap().clone();
    let rows = rows.iter().filter(|row| row["customer_tenant_id"] != NORTHWIND);
    rows.map(|row| (row["customer_tenant_id"] == FABRIKAM, !row["subscription_id"].is_null()))
        .collect()
}

#[tokio::test]
async fn an_auditor_says_what_partners_see_from_now_on() {
    let world = world().await;
    assert_eq!(get(&world, AUDITOR, "/api/v1/access").await["privacy"], "subscription");
    for (said, name, subscription) in [
        ("masked", false, false),
        ("tenant-total", true, false),
        ("full", true, true),
        ("subscription", true, true),
    ] {
        let answer = put(&world, AUDITOR, &level(said)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.text(),
            format!("{{\"tenantId\":\"{FABRIKAM}\",\"privacy\":\"{said}\"}}")
        );
        assert_eq!(get(&world, AUDITOR, "/api/v1/access").await["privacy"], said);
        assert_eq!(read(&world).await, [(name, subscription)], "{said}");
        // The same again changes nothing, and is no news to the log.
        let records = world.records();
        assert_eq!(put(&world, AUDITOR, &level(said)).await.text(), answer.text());
        assert_eq!(world.records(), records);
    }
    let path = "/api/v1/audit?action=privacy-set";
    let records = get(&world, OPERATOR, path).await["value"].as_array().unwrap().clone();
    assert_eq!(records.len(), 4);
    assert_eq!(records[3]["actor"], json!({"tenantId": FABRIKAM, "objectId": AUDITOR}));
    assert_eq!(records[3]["target"], Value::Null);
    let detail = json!({"tenant": FABRIKAM, "level": "masked", "levelBefore": "subscription"});
    assert_eq!(records[3]["detail"], detail);
}

#[tokio::test]
async fn t70_nobody_else_does() {
    let world = world().await;
    let nothing = world.call("PUT", "/api/v1/nothing".to_owned(), &world.token(ADA)).await;
    for object in [OPERATOR, EXECUTIVE, ADA] {
        // Whatever is sent.
        for body in [level("masked"), "x".to_owned(), "x".repeat(10_000)] {
            let answer = put(&world, object, &body).await;
            assert_eq!((answer.status, &answer.body), (404, &nothing.body), "{object}");
        }
    }
    assert_eq!(world.send("PUT", PATH, "", &[], level("masked").into()).await.status, 401);
    // An auditor of one directory says nothing of another.
    let more = json!({"level": "masked", "tenantId": NORTHWIND}).to_string();
    assert_eq!(put(&world, AUDITOR, &more).await.status, 400);
    assert_eq!(get(&world, AUDITOR, "/api/v1/access").await["privacy"], "subscription");
}

#[tokio::test]
async fn what_is_no_level_changes_nothing() {
    let world = world().await;
    let records = world.records();
    for body in [
        "",
        "{}",
        "[]",
        "\"masked\"",
        "{\"level\":\"Masked\"}",
        "{\"level\":\"tenantTotal\"}",
        "{\"level\":null}",
        "{\"level\":[\"masked\"]}",
        "{\"level\":\"masked\",\"from\":\"2026-01-01T00:00:00Z\"}",
    ] {
        let answer = put(&world, AUDITOR, body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    let says = put(&world, AUDITOR, "{}").await.error().1;
    assert!(says.contains("full, subscription, tenant-total, masked"), "{says}");
    let kind = [("content-type", "text/plain")];
    let token = world.token(AUDITOR);
    assert_eq!(world.send("PUT", PATH, &token, &kind, level("masked").into()).await.status, 400);
    let query = format!("{PATH}?level=masked");
    assert_eq!(world.send("PUT", &query, &token, &[], level("masked").into()).await.status, 400);
    assert_eq!(put(&world, AUDITOR, &"x".repeat(10_000)).await.status, 413);
    assert_eq!(world.records(), records);
    // What is stated for later is not overruled.
    world
        .import(&format!(
            "{{\"kind\":\"privacy\",\"tenant\":\"{FABRIKAM}\",\"level\":\"full\",\"from\":\"2026-05-09T00:00:00Z\"}}"
        ))
        .await;
    let answer = put(&world, AUDITOR, &level("masked")).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (409, "Conflict"), "{}", answer.text());
}
