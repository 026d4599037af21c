//! What is for operators: partners, facts, the audit log.

use serde_json::{Value, json};

use crate::service::support::{
    ADA, Answer, CONTOSO, EXECUTIVE, FABRIKAM, LINK_ADMINISTRATOR, OPERATOR, World,
};

async fn get(world: &World, path: &str, object: &str) -> Answer {
    world.call("GET", path.to_owned(), &world.token(object)).await
}

async fn post(world: &World, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    world.send("POST", path, &world.token(OPERATOR), &[], body.into()).await
}

fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

fn next(body: &Value) -> Option<String> {
    Some(body.get("nextLink")?.as_str().unwrap().replace("https://pal.example", ""))
}

fn numbers(body: &Value) -> Vec<i64> {
    let values = body["value"].as_array().unwrap();
    values.iter().map(|value| value["number"].as_i64().unwrap()).collect()
}

async fn link(world: &World, method: &str, partner: &str) {
    let path =
        format!("/providers/Microsoft.ManagementPartner/partners/{partner}?api-version=2018-02-01");
    assert_eq!(world.call(method, path, &world.token(ADA)).await.status, 200);
}

#[tokio::test]
async fn a_partner_is_told_by_its_number_to_whoever_might_link_to_it() {
    let world = World::new().await;
    let found = body(&get(&world, "/api/v1/partners/5127255", ADA).await);
    assert_eq!(
        found,
        json!({
            "partnerId": "5127255", "name": "Contoso Services, Utrecht", "status": "active",
            "type": "location", "parentId": "5127254", "locations": [],
        })
    );
    let global = body(&get(&world, "/api/v1/partners/5127254", ADA).await);
    assert_eq!((&global["type"], &global["parentId"]), (&"global".into(), &Value::Null));
    // The closed one in Gent is not offered.
    assert_eq!(
        global["locations"],
        json!([
            { "partnerId": "5127255", "name": "Contoso Services, Utrecht" },
            { "partnerId": "5127256", "name": "Contoso Services, Malmö" },
        ])
    );
    let closed = body(&get(&world, "/api/v1/partners/5127257", ADA).await);
    assert_eq!(
        (&closed["status"], &closed["name"]),
        (&"inactive".into(), &"Contoso Services, Gent".into())
    );
    // What facts state now: a name of a later time is not told yet, one that ended is.
    world
        .import(
            "{\"kind\":\"partner\",\"partner\":\"5127256\",\"name\":\"Malmö AB\",\"type\":\"location\",\"parent\":\"5127254\",\"from\":\"2026-05-10T00:00:00Z\"}\n\
             {\"kind\":\"partner\",\"partner\":\"777\",\"name\":\"Soon\",\"type\":\"location\",\"from\":\"2026-05-10T00:00:00Z\"}",
        )
        .await;
    let name = async |at: &str| {
        world.at(at);
        body(&get(&world, "/api/v1/partners/5127256", ADA).await)["name"].clone()
    };
    assert_eq!(name("2026-05-09T23:59:59Z").await, "Contoso Services, Malmö");
    assert_eq!(body(&get(&world, "/api/v1/partners/777", ADA).await)["status"], "inactive");
    assert_eq!(name("2026-05-10T00:00:00Z").await, "Malmö AB");
    for (id, status) in
        [("4040404", 404), ("0", 400), ("12x", 400), ("12345678901", 400), ("1%2F2", 400)]
    {
        let answer = get(&world, &format!("/api/v1/partners/{id}"), ADA).await;
        assert_eq!(answer.status, status, "{id}: {}", answer.text());
    }
    assert_eq!(get(&world, "/api/v1/partners/5127255?x=1", ADA).await.status, 400);
}

/// Asking for numbers tells what linking to them tells, so there is no more of it.
#[tokio::test]
async fn t29_t30_partners_cannot_be_gathered_by_trying_numbers() {
    let world = World::new().await;
    for number in 1..=20 {
        let answer = get(&world, &format!("/api/v1/partners/{}", 900 + number), ADA).await;
        assert_eq!(answer.status, 404, "{number}");
    }
    let refused = get(&world, "/api/v1/partners/5127255", ADA).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (429, "TooManyRequests"));
    assert!(refused.header("retry-after").is_some());
    assert!(!refused.text().contains("Utrecht"));
    // It costs nobody else, and not the links.
    assert_eq!(get(&world, "/api/v1/partners/5127255", EXECUTIVE).await.status, 200);
    link(&world, "PUT", "5127255").await;
    for object in [ADA, EXECUTIVE, LINK_ADMINISTRATOR] {
        assert_eq!(get(&world, "/api/v1/partners", object).await.status, 404);
    }
}

#[tokio::test]
async fn operators_have_all_partners_in_pages() {
    let world = World::new().await;
    let all = body(&get(&world, "/api/v1/partners", OPERATOR).await);
    let ids = |body: &Value| -> Vec<String> {
        let values = body["value"].as_array().unwrap().iter();
        values.map(|partner| partner["partnerId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&all), ["5127254", "5127255", "5127256", "5127257", "6203118"]);
    let first = body(&get(&world, "/api/v1/partners?$top=3", OPERATOR).await);
    world.at("2026-05-03T09:00:00Z");
    world
        .import(
            "{\"kind\":\"partner\",\"partner\":\"6000000\",\"name\":\"New\",\"type\":\"location\"}",
        )
        .await;
    let second = body(&get(&world, &next(&first).unwrap(), OPERATOR).await);
    assert_eq!(ids(&second), ["5127257", "6203118"], "one state");
    assert!(next(&second).is_none());
}

#[tokio::test]
async fn facts_that_go_out_are_those_that_came_in() {
    let world = World::new().await;
    let answer = get(&world, "/api/v1/facts", OPERATOR).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/jsonl")));
    let before = answer.text();
    assert!(before.contains("Contoso Services, Utrecht"));
    world.at("2026-05-03T09:00:00Z");
    let new = format!(
        "{{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\",\"name\":\"Contoso\"}}\n\
         {{\"kind\":\"partner\",\"partner\":\"6203118\",\"name\":\"Adatum\",\"type\":\"location\"}}\n\n\
         {{\"kind\":\"partner\",\"partner\":\"5127254\",\"name\":\"Contoso\",\"type\":\"global\"}}"
    );
    let done = body(&post(&world, "/api/v1/facts", new.clone()).await);
    let counts = |done: &Value| {
        ["added", "replaced", "ended", "unchanged"].map(|name| done[name].as_i64().unwrap())
    };
    assert_eq!(counts(&done), [1, 1, 0, 1]);
    let after = get(&world, "/api/v1/facts", OPERATOR).await.text();
    assert!(after.contains("\"name\":\"Adatum\"") && !after.contains("Adatum Consulting"));
    let known = get(&world, "/api/v1/facts?known_at=2026-05-03T08:30:00Z", OPERATOR).await.text();
    assert_eq!(known, before);
    // A directory's, and partners.
    let one = get(&world, &format!("/api/v1/facts?tenant={CONTOSO}"), OPERATOR).await.text();
    assert!(!one.contains(FABRIKAM) && one.contains("Adatum") && one.contains(CONTOSO), "{one}");
    // Once more changes nothing.
    let again = body(&post(&world, "/api/v1/facts", new).await);
    assert_eq!(counts(&again), [0, 0, 0, 3]);
    for query in ["known_at=yesterday", "tenant=fabrikam", "tenant=", "x=1"] {
        let answer = get(&world, &format!("/api/v1/facts?{query}"), OPERATOR).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn facts_are_taken_whole_or_not_at_all_and_the_line_is_named() {
    let world = World::new().await;
    let good = format!("{{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\",\"name\":\"Contoso\"}}\n");
    let before = get(&world, "/api/v1/facts", OPERATOR).await.text();
    let link = format!(
        "{{\"kind\":\"link\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{ADA}\",\"partner\":\"6203118\"}}\n"
    );
    let role = format!(
        "{{\"kind\":\"roleAssignment\",\"tenant\":\"{FABRIKAM}\",\"id\":\"1\",\"principal\":\"{ADA}\",\"role\":\"No Such Role\",\"scope\":\"/subscriptions/fab00000-5000-4000-8000-000000000001\"}}\n"
    );
    let records = world.records();
    for (wrong, says) in [
        (b"{\"kind\":\"tenant\"}\n".to_vec(), "facts:2:"),
        (b"nonsense".to_vec(), "facts:2:"),
        (b"\xff\n".to_vec(), "facts:2: not UTF-8 text"),
        (link.into_bytes(), "facts:2: "),
        (role.into_bytes(), "No Such Role"),
    ] {
        let answer = post(&world, "/api/v1/facts", [good.as_bytes(), &wrong].concat()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let (code, message) = answer.error();
        assert_eq!(code, "FactsRefused", "{message}");
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(get(&world, "/api/v1/facts", OPERATOR).await.text(), before);
    assert_eq!(world.records(), records);
    // More than other bodies may have, and less than the bound of facts.
    let long = good.clone() + &" ".repeat(2 << 20);
    assert_eq!(post(&world, "/api/v1/facts", long).await.status, 200);
    let longer = good + &" ".repeat(5 << 20);
    let answer = post(&world, "/api/v1/facts", longer).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (413, "RequestEntityTooLarge"));
    assert_eq!(answer.header("connection"), Some("close"));
    // Nobody else's body is even looked at.
    let token = world.token(EXECUTIVE);
    let answer = world.send("POST", "/api/v1/facts", &token, &[], b"nonsense".to_vec()).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn p13_who_imported_facts_is_in_the_audit_log() {
    let world = World::new().await;
    let fact = format!("{{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\",\"name\":\"Contoso\"}}");
    let answer = post(&world, "/api/v1/facts", fact).await;
    let log = body(&get(&world, "/api/v1/audit?$top=1", OPERATOR).await);
    let record = &log["value"][0];
    assert_eq!(record["action"], "facts-import");
    assert_eq!(record["actor"], json!({ "tenantId": FABRIKAM, "objectId": OPERATOR }));
    assert_eq!(record["clientId"], "04b07795-8ddb-461a-bbee-02f9e1bf7b46");
    assert_eq!(record["requestId"], answer.header("x-ms-request-id").unwrap());
    assert_eq!(record["detail"]["added"], 1);
}

#[tokio::test]
async fn the_audit_log_is_read_newest_first_by_who_what_and_when() {
    let world = World::new().await;
    for (at, method, partner) in [
        ("2026-05-03T09:00:00Z", "PUT", "5127255"),
        ("2026-05-03T10:00:00Z", "PATCH", "5127256"),
        ("2026-05-03T11:00:00Z", "DELETE", "5127256"),
    ] {
        world.at(at);
        link(&world, method, partner).await;
    }
    let log = body(&get(&world, "/api/v1/audit", OPERATOR).await);
    // The second says that serving has begun.
    assert_eq!(numbers(&log), [5, 4, 3, 2, 1]);
    assert_eq!(log["value"][3]["action"], "store-state");
    assert_eq!(log["value"][3]["evidence"]["revision"], 1);
    let update = &log["value"][1];
    assert_eq!(
        (&update["action"], &update["at"]),
        (&"link-update".into(), &"2026-05-03T10:00:00Z".into())
    );
    assert_eq!(update["target"], json!({ "tenantId": FABRIKAM, "objectId": ADA }));
    assert_eq!((&update["versionBefore"], &update["versionAfter"]), (&1.into(), &2.into()));
    assert_eq!(update["detail"]["partner"], "5127256");
    assert_eq!(update["previous"], log["value"][2]["hash"]);
    for (query, found) in [
        ("action=link-create", vec![3]),
        (&format!("tenant={FABRIKAM}"), vec![5, 4, 3]),
        (&format!("tenant={FABRIKAM}&object={ADA}"), vec![5, 4, 3]),
        (&format!("tenant={FABRIKAM}&object={EXECUTIVE}"), vec![]),
        (&format!("tenant={CONTOSO}&object={ADA}"), vec![]),
        ("from=2026-05-03T10:00:00Z", vec![5, 4]),
        ("from=2026-05-03T09:00:00Z&to=2026-05-03T11:00:00Z", vec![4, 3]),
    ] {
        let found_now = body(&get(&world, &format!("/api/v1/audit?{query}"), OPERATOR).await);
        assert_eq!(numbers(&found_now), found, "{query}");
    }
    for query in ["action=king", "tenant=x", &format!("object={ADA}"), "from=x", "$top=0"] {
        let answer = get(&world, &format!("/api/v1/audit?{query}"), OPERATOR).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    }
    // Pages, while the log grows.
    let first = body(&get(&world, "/api/v1/audit?$top=2", OPERATOR).await);
    world.at("2026-05-03T12:00:00Z");
    link(&world, "PUT", "5127255").await;
    let second = body(&get(&world, &next(&first).unwrap(), OPERATOR).await);
    assert_eq!((numbers(&first), numbers(&second)), (vec![5, 4], vec![3, 2]));
    let third = body(&get(&world, &next(&second).unwrap(), OPERATOR).await);
    assert_eq!(numbers(&third), [1]);
    assert!(next(&third).is_none());
    let forged = next(&first).unwrap().replace("audit?", "audit/checkpoints?");
    assert_eq!(get(&world, &forged, OPERATOR).await.status, 400);
}

#[tokio::test]
async fn p13_checkpoints_and_verification_over_the_wire() {
    let world = World::new().await;
    link(&world, "PUT", "5127255").await;
    let none = body(&get(&world, "/api/v1/audit/checkpoints", OPERATOR).await);
    assert_eq!(none["value"], json!([]));
    world.checkpoint();
    world.at("2026-05-03T09:00:00Z");
    link(&world, "DELETE", "5127255").await;
    world.checkpoint();
    let found = body(&get(&world, "/api/v1/audit/checkpoints?$top=1", OPERATOR).await);
    assert_eq!(numbers(&found), [5]);
    let newest = &found["value"][0];
    let text = |name: &str| newest[name].as_str().unwrap();
    let message = pal_store::Checkpoint::message(5, text("hash"), text("at"));
    let key = found["publicKey"].as_str().unwrap();
    assert!(pal_store::is_sealed(key, message.as_bytes(), text("signature")));
    let rest = body(&get(&world, &next(&found).unwrap(), OPERATOR).await);
    assert_eq!(numbers(&rest), [3]);
    // The last record says that it was signed.
    let log = body(&get(&world, "/api/v1/audit?$top=2", OPERATOR).await);
    assert_eq!(log["value"][0]["detail"]["signed"], 5);
    assert_eq!(log["value"][1]["hash"], newest["hash"]);
    let report = body(&post(&world, "/api/v1/audit/verify", "").await);
    assert_eq!(
        report,
        json!({ "whole": true, "records": 6, "checkpoints": 2, "links": 1, "findings": [], "notes": [] })
    );
    // Somebody puts another hash into what was signed.
    let signed = std::fs::read_to_string(world.checkpoints()).unwrap();
    let forged = signed.replace(newest["hash"].as_str().unwrap(), &"0".repeat(64));
    std::fs::write(world.checkpoints(), forged).unwrap();
    let report = body(&post(&world, "/api/v1/audit/verify", "").await);
    assert_eq!((&report["whole"], &report["checkpoints"]), (&false.into(), &1.into()));
    let finding = report["findings"][0].as_str().unwrap();
    assert!(finding.contains("line 2 of the checkpoints is not signed"), "{report}");
}
