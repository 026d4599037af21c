//! Explanations over the API: each reader its own, and "not yours" reads as "not there".

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::service::sight::world as seen;
use crate::service::support::{
    ADA, AUDITOR, Answer, EXECUTIVE, FABRIKAM, LINK_ADMINISTRATOR, OPERATOR, VIEWER, World,
};

/// Fabrikam's, Northwind's, a stranger's, and nobody's.
const ONE: &str = "/subscriptions/fab00000-5000-4000-8000-000000000001";
const TWO: &str = "/subscriptions/40770000-5000-4000-8000-000000000002";
const THREE: &str = "/subscriptions/57a46e40-5000-4000-8000-000000000003";
const NONE: &str = "/subscriptions/00000000-5000-4000-8000-00000000dead";
const SITE: &str = "/subscriptions/fab00000-5000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Web/sites/secret-name";
const DAY: &str = "&at=2026-05-02T12:00:00Z";

/// Fabrikam's people and a stranger, who are none of a partner's business.
async fn world() -> World {
    let world = seen().await;
    let stranger = "57a46e40-0000-4000-8000-000000000000";
    let lines = [
        format!(r#"{{"kind":"tenant","tenant":"{stranger}","name":"Stranger CANARY"}}"#),
        format!(
            r#"{{"kind":"subscription","tenant":"{stranger}","subscription":"57a46e40-5000-4000-8000-000000000003","name":"CANARY"}}"#
        ),
        format!(
            r#"{{"kind":"principal","tenant":"{FABRIKAM}","object":"fab00000-1000-4000-8000-00000000ca11","type":"User","name":"CANARY person"}}"#
        ),
        format!(
            r#"{{"kind":"roleAssignment","tenant":"{FABRIKAM}","id":"CANARY","principal":"fab00000-1000-4000-8000-00000000ca11","role":"Owner","scope":"{ONE}/resourceGroups/CANARY"}}"#
        ),
        format!(
            r#"{{"kind":"roleAssignment","tenant":"{FABRIKAM}","id":"CANARY2","principal":"fab00000-1000-4000-8000-00000000ca11","role":"Owner","scope":"{ONE}"}}"#
        ),
    ];
    world.import(&lines.join("\n")).await;
    world
}

async fn ask(world: &World, object: &str, resource: &str, rest: &str) -> Answer {
    let path = format!("/api/v1/explain?resource={resource}{rest}");
    world.call("GET", path, &world.token(object)).await
}

/// What is told, as JSON and as text.
async fn told(world: &World, object: &str, resource: &str, rest: &str) -> String {
    let json = ask(world, object, resource, rest).await;
    assert_eq!(json.status, 200, "{object} {resource} {rest}: {}", json.text());
    let text = ask(world, object, resource, &format!("{rest}&format=text")).await;
    format!("{}\n{}", json.text(), text.text())
}

/// The partners that are credited in full, and those that are not credited, each with the reason.
fn partners(told: &str) -> (Vec<String>, Vec<(String, String)>) {
    let answer: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let list = |name: &str| answer[name].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let full = |one: &Value| one["weight"][0] == one["weight"][1];
    let credited = list("credited").into_iter().filter(full);
    let denied = list("not_credited").into_iter();
    (
        credited.map(|one| text(&one["partner"]["id"])).collect(),
        denied.map(|one| (text(&one["partner"]["id"]), text(&one["reason"]))).collect(),
    )
}

#[track_caller]
fn never(text: &str, words: &[&str]) {
    for word in words {
        assert!(!text.contains(word), "'{word}' in\n{text}");
    }
}

async fn privacy(world: &World, level: &str) {
    let fact = format!(r#"{{"kind":"privacy","tenant":"{FABRIKAM}","level":"{level}"}}"#);
    world.import(&fact).await;
}

/// What Contoso's viewer may never read, whatever is asked.
const OTHERS: [&str; 6] = ["CANARY", "Adatum", "6203118", "dara", "frida", "register:"];

#[tokio::test]
async fn each_reader_is_told_its_own() {
    let world = world().await;
    for rest in ["", "&partner=5127255", "&usage=true", "&partner=5127255&usage=true"] {
        let rest = format!("{DAY}{rest}");
        let own = told(&world, EXECUTIVE, ONE, &rest).await;
        assert_eq!(partners(&own).0, ["5127255"], "{own}");
        assert!(own.contains("ada@contoso.example") && own.contains("Fabrikam"), "{own}");
        never(&own, &OTHERS);
        never(&own, &["secret-name", "20.0000000000"]);
        assert_eq!(own.contains("10.0000000000"), rest.contains("usage"), "{own}");
    }
    // Without money: the same ways and no amounts.
    let own = told(&world, VIEWER, ONE, &format!("{DAY}&usage=true&partner=6203118")).await;
    assert_eq!(partners(&own).0, ["6203118"], "{own}");
    let answer: Value = serde_json::from_str(own.lines().next().unwrap()).unwrap();
    let amount = &answer["amounts"][0];
    assert_eq!((&amount["partner"], &amount["currency"]), (&json!("6203118"), &json!("EUR")));
    assert_eq!(amount["charges"], 1);
    never(&own, &["10.0000000000", "credited_cost", "Contoso", "5127255", "ada@", "CANARY"]);
    // The customer: all partners, all people, nothing of others.
    let whole = told(&world, AUDITOR, ONE, &format!("{DAY}&usage=true")).await;
    assert_eq!(partners(&whole).0, ["5127255", "6203118"], "{whole}");
    never(&whole, &["Stranger", "Northwind", "register:"]);
    let walk = told(&world, AUDITOR, SITE, &format!("{DAY}&partner=6203118")).await;
    assert!(walk.contains("Adatum") && walk.contains("viewer-limited"), "{walk}");
    never(&walk, &["somebody@fabrikam.example"]);
    // The operator: all of it, with the places.
    let whole = told(&world, OPERATOR, TWO, DAY).await;
    assert!(whole.contains("Northwind") && whole.contains("register:"), "{whole}");
}

#[tokio::test]
async fn what_is_not_yours_is_not_there_to_the_byte() {
    let world = world().await;
    let refused = async |object: &str, resource: &str, rest: &str| {
        let answer = ask(&world, object, resource, &format!("{DAY}{rest}")).await;
        (answer.status, answer.text())
    };
    let nobody = refused(EXECUTIVE, NONE, "").await;
    assert_eq!(nobody.0, 404);
    never(&nobody.1, &["dead", "CANARY"]);
    for rest in ["", "&usage=true", "&format=text", "&partner=5127255"] {
        assert_eq!(refused(EXECUTIVE, NONE, rest).await, nobody);
        assert_eq!(refused(EXECUTIVE, THREE, rest).await, nobody, "{rest}");
        // A resource is not shown at the level that holds without a fact.
        assert_eq!(refused(EXECUTIVE, SITE, rest).await, nobody, "{rest}");
    }
    for foreign in ["6203118", "99"] {
        assert_eq!(refused(EXECUTIVE, ONE, &format!("&partner={foreign}")).await, nobody);
        assert_eq!(refused(EXECUTIVE, THREE, &format!("&partner={foreign}")).await, nobody);
    }
    for level in ["tenant-total", "masked"] {
        privacy(&world, level).await;
        for resource in [ONE, SITE] {
            assert_eq!(refused(EXECUTIVE, resource, "").await, nobody, "{level}");
            assert_eq!(refused(VIEWER, resource, "&usage=true").await, nobody, "{level}");
        }
        assert_eq!(refused(EXECUTIVE, TWO, "").await.0, 200, "another customer's choice");
    }
    privacy(&world, "full").await;
    assert_eq!(refused(EXECUTIVE, SITE, "").await.0, 200);
    assert_eq!(refused(EXECUTIVE, ONE, "").await.0, 200);
    // An auditor has one directory.
    for resource in [NONE, TWO, THREE] {
        assert_eq!(refused(AUDITOR, resource, "").await, nobody);
    }
}

#[tokio::test]
async fn nobody_takes_a_role_that_is_not_theirs() {
    let world = world().await;
    for (object, role) in [(EXECUTIVE, "operator"), (EXECUTIVE, "customer"), (AUDITOR, "partner")] {
        assert_eq!(ask(&world, object, ONE, &format!("{DAY}&as={role}")).await.status, 404);
    }
    for object in [ADA, LINK_ADMINISTRATOR] {
        assert_eq!(ask(&world, object, ONE, DAY).await.error().1, {
            let path = "/api/v1/nothing".to_owned();
            world.call("GET", path, &world.token(object)).await.error().1
        });
    }
    assert_eq!(ask(&world, EXECUTIVE, ONE, &format!("{DAY}&as=partner")).await.status, 200);
    assert_eq!(ask(&world, EXECUTIVE, ONE, "").await.status, 400);
    assert_eq!(ask(&world, EXECUTIVE, "/nowhere", DAY).await.status, 400);
}

#[tokio::test]
async fn money_that_is_read_is_in_the_audit_log() {
    let world = world().await;
    let before = world.records();
    ask(&world, EXECUTIVE, ONE, DAY).await;
    ask(&world, VIEWER, ONE, &format!("{DAY}&usage=true")).await;
    ask(&world, ADA, ONE, &format!("{DAY}&usage=true")).await;
    assert_eq!(world.records(), before, "no money was read");
    for object in [EXECUTIVE, AUDITOR, OPERATOR] {
        ask(&world, object, ONE, &format!("{DAY}&usage=true")).await;
    }
    assert_eq!(world.records(), before + 3);
}

/// A customer that the partner works for and earns nothing with: why, and of others nothing.
#[tokio::test]
async fn why_a_customer_is_missing_is_answered() {
    let world = world().await;
    let subscription = "fab00000-5000-4000-8000-000000000009";
    world
        .import(&format!(
            r#"{{"kind":"subscription","tenant":"{FABRIKAM}","subscription":"{subscription}","name":"test"}}"#
        ))
        .await;
    let resource = format!("/subscriptions/{subscription}");
    let own = told(&world, EXECUTIVE, &resource, &format!("{DAY}&partner=5127255")).await;
    assert_eq!(partners(&own).1, [("5127255".to_owned(), "no-access".to_owned())], "{own}");
    assert!(own.contains("scope-too-small"), "{own}");
    never(&own, &OTHERS);
}

/// The cells of a default report, added up over what an explanation does not tell apart.
async fn cells(world: &World, object: &str) -> BTreeMap<[String; 4], i128> {
    let path = "/api/v1/reports?format=csv".to_owned();
    let report = world.call("GET", path, &world.token(object)).await;
    assert_eq!(report.status, 200, "{}", report.text());
    let text = report.text();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let keys = ["month", "partner_id", "subscription_id", "currency"].map(column);
    let credited = column("credited_cost");
    let mut cells: BTreeMap<[String; 4], i128> = BTreeMap::new();
    for row in lines {
        *cells.entry(keys.map(|key| row[key].to_owned())).or_default() += units(row[credited]);
    }
    cells
}

/// An amount in units of its tenth digit.
fn units(text: &str) -> i128 {
    let (_, digits) = text.split_once('.').unwrap();
    assert_eq!(digits.len(), 10, "{text}");
    text.replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn every_cell_of_a_report_is_explained_by_its_number() {
    let world = world().await;
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                  ResourceId,SubAccountId";
    let mut rows = vec![header.to_owned()];
    for (day, next, cost, currency) in
        [("01", "02", "10", "EUR"), ("02", "03", "7.77", "EUR"), ("02", "03", "3.1", "USD")]
    {
        for (subscription, name) in [(ONE, "a"), (ONE, "b"), (TWO, "a")] {
            rows.push(format!(
                "2026-05-{day}T00:00:00Z,2026-05-{next}T00:00:00Z,{cost},{currency},Usage,\
                 {subscription}/resourceGroups/rg/providers/Microsoft.Web/sites/{name},{subscription}"
            ));
        }
    }
    world.usage(&rows.join("\n")).await;
    for (object, expected) in [(OPERATOR, 6), (EXECUTIVE, 4), (AUDITOR, 4)] {
        let cells = cells(&world, object).await;
        assert_eq!(cells.len(), expected, "{cells:#?}");
        for ([month, partner, subscription, currency], credited) in cells {
            let rest = format!("&month={month}&partner={partner}&usage=true");
            let resource = format!("/subscriptions/{subscription}");
            let answer = ask(&world, object, &resource, &rest).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            let amounts = body["amounts"].as_array().unwrap();
            let amount = amounts.iter().find(|a| a["currency"] == *currency).unwrap();
            assert_eq!(units(amount["credited_cost"].as_str().unwrap()), credited, "{amount}");
            assert_eq!(amount["equal"], true, "{amount}");
            assert_eq!(amount["partner"], *partner);
        }
    }
}
