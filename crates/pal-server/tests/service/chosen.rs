//! Parts of reports that are asked for: months, a customer, a subscription, and what they give away.

use serde_json::{Value, json};

use crate::service::sight::{NORTHWIND, ONE, TWO, world};
use crate::service::support::{AUDITOR, Answer, EXECUTIVE, FABRIKAM, OPERATOR, VIEWER, World};

const BY: &str = "group_by=month,partner_id,customer_tenant_id,subscription_id";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

/// Charges of ONE and TWO in three months, beside those of May that the world begins with.
async fn with_usage() -> World {
    let world = world().await;
    let mut usage =
        "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                     ResourceId,SubAccountId\n"
            .to_owned();
    // The links were made on 1 May: all of these are credited.
    for (day, next, cost) in [
        ("2026-05-02", "2026-05-03", "1.1"),
        ("2026-06-30", "2026-07-01", "2.2"),
        ("2026-07-01", "2026-07-02", "0.7"),
    ] {
        for id in [ONE, TWO] {
            let row = format!(
                "{day}T00:00:00Z,{next}T00:00:00Z,{cost},EUR,Usage,/subscriptions/{id}/resourceGroups/rg/\
                 providers/Microsoft.Web/sites/more,/subscriptions/{id}\n"
            );
            usage.push_str(&row);
        }
    }
    world.at("2026-07-03T08:00:00Z");
    world.restate(&usage).await;
    world
}

async fn get(world: &World, object: &str, query: &str) -> Answer {
    let token = world.token_until(FABRIKAM, object, "2026-08-01T00:00:00Z");
    world.call("GET", format!("/api/v1/reports?{query}"), &token).await
}

async fn rows(world: &World, object: &str, query: &str) -> Vec<Value> {
    let answer = get(world, object, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let page: Value = serde_json::from_slice(&answer.body).unwrap();
    page["value"].as_array().unwrap().clone()
}

/// Of rows those that have this in a column.
fn of(rows: &[Value], column: &str, name: &str) -> Vec<Value> {
    rows.iter().filter(|row| row[column] == name).cloned().collect()
}

#[tokio::test]
async fn a_part_is_the_rows_of_the_whole() {
    let world = with_usage().await;
    let whole = rows(&world, OPERATOR, BY).await;
    assert!(whole.len() > 6, "{whole:?}");
    for (parameter, column, names) in [
        ("customer", "customer_tenant_id", [FABRIKAM, NORTHWIND, UNKNOWN]),
        ("subscription", "subscription_id", [ONE, TWO, UNKNOWN]),
    ] {
        for name in names {
            let expected = of(&whole, column, name);
            assert_eq!(expected.is_empty(), name == UNKNOWN);
            for name in [name.to_owned(), name.to_ascii_uppercase()] {
                let found = rows(&world, OPERATOR, &format!("{BY}&{parameter}={name}")).await;
                assert_eq!(found, expected, "{parameter} {name}");
            }
        }
    }
    let both = format!("{BY}&customer={FABRIKAM}&subscription={TWO}");
    assert_eq!(rows(&world, OPERATOR, &both).await, Vec::<Value>::new());
    for (range, months) in [
        ("2026-05..2026-06", &["2026-05", "2026-06"][..]),
        ("2026-07..2026-07", &["2026-07"]),
        ("2025-12..2026-05", &["2026-05"]),
        ("2027-01..2027-02", &[]),
    ] {
        let expected: Vec<Value> =
            whole.iter().filter(|row| months.iter().any(|m| row["month"] == *m)).cloned().collect();
        assert_eq!(
            rows(&world, OPERATOR, &format!("{BY}&month={range}")).await,
            expected,
            "{range}"
        );
    }
    // Downloads are the same, and without the columns all of it is added up.
    let query = format!("group_by=partner_id&month=2026-05..2026-06&customer={NORTHWIND}");
    let csv = get(&world, OPERATOR, &format!("{query}&format=csv")).await;
    let lines = "partner_id,charges,cost,credited_cost\n5127255,2,3.3000000000,3.3000000000\n";
    assert_eq!(csv.text(), lines);
    assert_eq!(csv.header("openpal-complete-until"), Some("2026-07-01T00:00:00Z"));
    let page = rows(&world, OPERATOR, &query).await;
    assert_eq!(
        page,
        [
            json!({"partner_id": "5127255", "charges": 2, "cost": "3.3000000000", "credited_cost": "3.3000000000"})
        ]
    );
}

#[tokio::test]
async fn t41_a_mask_is_not_lifted_by_asking() {
    let world = with_usage().await;
    let fact = |level: &str| {
        format!("{{\"kind\":\"privacy\",\"tenant\":\"{NORTHWIND}\",\"level\":\"{level}\"}}")
    };
    world.import(&fact("masked")).await;
    let whole = rows(&world, EXECUTIVE, BY).await;
    let names: Vec<&str> =
        whole.iter().map(|row| row["customer_tenant_id"].as_str().unwrap()).collect();
    let masked = *names.iter().find(|name| name.starts_with("customer-")).unwrap();
    assert!(!names.contains(&NORTHWIND));
    let by = |customer: &str| format!("{BY}&customer={customer}");
    let found = rows(&world, EXECUTIVE, &by(masked)).await;
    assert_eq!(found, of(&whole, "customer_tenant_id", masked));
    assert!(!found.is_empty());
    // Its own name, that of nobody, and the pseudonym of nobody: one and the same.
    let nobody = get(&world, EXECUTIVE, &by(UNKNOWN)).await.text();
    for customer in [NORTHWIND, "customer-0000000000000000"] {
        assert_eq!(get(&world, EXECUTIVE, &by(customer)).await.text(), nobody, "{customer}");
    }
    let subscription = |id: &str| format!("{BY}&subscription={id}");
    for id in [TWO, UNKNOWN] {
        assert_eq!(get(&world, EXECUTIVE, &subscription(id)).await.text(), nobody, "{id}");
        let both = format!("{}&customer={masked}", subscription(id));
        assert_eq!(get(&world, EXECUTIVE, &both).await.text(), nobody, "{id}");
    }
    // Operators see it, and know no pseudonyms.
    assert!(!rows(&world, OPERATOR, &by(NORTHWIND)).await.is_empty());
    assert!(rows(&world, OPERATOR, &by(masked)).await.is_empty());
    // Only the sum: the customer has a name, its subscriptions have none.
    world.import(&fact("tenant-total")).await;
    assert!(!rows(&world, EXECUTIVE, &by(NORTHWIND)).await.is_empty());
    assert!(rows(&world, EXECUTIVE, &subscription(TWO)).await.is_empty());
    assert!(!rows(&world, EXECUTIVE, &subscription(ONE)).await.is_empty());
    // Nobody sees more by choosing: another's customer, another directory.
    assert!(rows(&world, VIEWER, &by(NORTHWIND)).await.is_empty());
    assert!(rows(&world, AUDITOR, &by(NORTHWIND)).await.is_empty());
    let own = rows(&world, AUDITOR, BY).await;
    assert_eq!(rows(&world, AUDITOR, &by(FABRIKAM)).await, own);
}

/// Shares are kept of all customers: the second one asked for reads no usage.
#[tokio::test]
async fn another_customer_computes_nothing_again() {
    let world = with_usage().await;
    let made = async |query: &str| {
        let before = world.shares();
        rows(&world, OPERATOR, query).await;
        let after = world.shares();
        (after.0 - before.0, after.1 - before.1)
    };
    assert_eq!(made(&format!("group_by=partner_id&customer={FABRIKAM}")).await, (0, 6));
    assert_eq!(made(&format!("group_by=partner_id&customer={NORTHWIND}")).await, (6, 0));
    let range = format!("group_by=partner_id&customer={NORTHWIND}&month=2026-05..2026-06");
    assert_eq!(made(&range).await, (4, 0));
    // Of one subscription only its own usage is read.
    assert_eq!(made(&format!("group_by=partner_id&subscription={ONE}")).await, (0, 3));
    assert_eq!(made(&format!("group_by=partner_id&subscription={TWO}")).await, (0, 3));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused() {
    let world = with_usage().await;
    for (query, says) in [
        (
            "month=2026-06..2026-05",
            "'2026-06..2026-05' ends before it begins; write 2026-05..2026-06",
        ),
        ("month=2026-05..", "a range has a first and a last month"),
        ("month=..2026-05", "a range has a first and a last month"),
        ("month=2026-05...2026-06", "is not a month"),
        ("month=2026-05&month=2026-06", "twice"),
        ("customer=Fabrikam", "customer: take the customer_tenant_id of the report"),
        ("customer=customer-xyz", "customer: take"),
        ("customer=", "customer: take"),
        ("subscription=prod", "subscription: "),
        (&format!("balance=true&customer={FABRIKAM}"), "A balance has no customers"),
        (&format!("balance=true&subscription={ONE}"), "A balance has no customers"),
    ] {
        let answer = get(&world, OPERATOR, query).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.error().1.contains(says), "{query}: {}", answer.text());
    }
    let range = rows(&world, OPERATOR, "balance=true&month=2026-05..2026-06").await;
    let months: Vec<&str> = range.iter().map(|line| line["month"].as_str().unwrap()).collect();
    assert!(months.contains(&"2026-05") && months.contains(&"2026-06"));
    assert!(!months.contains(&"2026-07"));
    // An explanation is of one month.
    let token = world.token_until(FABRIKAM, OPERATOR, "2026-08-01T00:00:00Z");
    let path = format!("/api/v1/explain?resource=/subscriptions/{ONE}&month=2026-05..2026-06");
    assert_eq!(world.call("GET", path, &token).await.status, 400);
}
