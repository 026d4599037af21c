//! Reports: pages, how far they reach, what is computed again, and what never changes.

use serde_json::Value;

use crate::service::sight::{NORTHWIND, ONE, TWO, world};
use crate::service::support::{ADA, Answer, DARA, EXECUTIVE, FABRIKAM, OPERATOR, World};

const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,\
                      ChargeCategory,ResourceId,SubAccountId\n";

/// A day's charge of a site.
fn row(subscription: &str, day: &str, site: u32, cost: &str) -> String {
    let next: u32 = day[8..].parse::<u32>().unwrap() + 1;
    format!(
        "{day}T00:00:00Z,{}{next:02}T00:00:00Z,{cost},EUR,Usage,/subscriptions/{subscription}/\
         resourceGroups/rg/providers/Microsoft.Web/sites/s{site},/subscriptions/{subscription}\n",
        &day[..8]
    )
}

/// Three months, two subscriptions.
fn usage(site_of_two: u32) -> String {
    let mut text = HEADER.to_owned();
    for month in ["2026-02", "2026-03", "2026-05"] {
        for site in 0..7 {
            text += &row(ONE, &format!("{month}-{:02}", 10 + site), site, "1.1");
        }
        text += &row(TWO, &format!("{month}-02"), site_of_two, "3.25");
    }
    text
}

async fn get(world: &World, object: &str, query: &str) -> Answer {
    let token = world.token_until(FABRIKAM, object, "2026-08-01T00:00:00Z");
    world.call("GET", format!("/api/v1/reports{query}"), &token).await
}

async fn csv(world: &World, query: &str) -> String {
    let answer = get(world, OPERATOR, &format!("?format=csv{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

fn value(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// Roles since January, so that the links of May have something to cover.
pub async fn with_usage() -> World {
    let world = world().await;
    world.usage(&usage(0)).await;
    world
}

const BY_SITE: &str = "group_by=month,partner_id,resource_id";

#[tokio::test]
async fn pages_together_are_the_download() {
    let world = with_usage().await;
    let answer = get(&world, OPERATOR, &format!("?format=json&{BY_SITE}")).await;
    let whole = value(&answer);
    assert!(whole.as_array().unwrap().len() > 5, "{whole}");
    let mut next = format!("?{BY_SITE}&$top=2");
    let mut pages = Vec::new();
    loop {
        let page = value(&get(&world, OPERATOR, &next).await);
        assert_eq!(page["completeUntil"], "2026-05-17T00:00:00Z");
        assert!(page["knownAt"].as_str().unwrap().starts_with("2026-05-03T08:00:00"));
        let values = page["value"].as_array().unwrap();
        assert!((1..=2).contains(&values.len()));
        pages.extend(values.clone());
        // What changes meanwhile changes nothing on the pages of this list.
        world.at("2026-05-04T08:00:00Z");
        world.restate(&format!("{HEADER}{}", row(TWO, "2026-05-02", 9, "9"))).await;
        let Some(link) = page["nextLink"].as_str() else { break };
        next = link.strip_prefix("https://pal.example/api/v1/reports").unwrap().to_owned();
    }
    assert_eq!(Value::Array(pages), whole);
    // A token is for its caller and its question.
    let first = value(&get(&world, OPERATOR, &format!("?{BY_SITE}&$top=2")).await);
    let link = first["nextLink"].as_str().unwrap();
    let link = link.strip_prefix("https://pal.example/api/v1/reports").unwrap();
    assert_eq!(get(&world, EXECUTIVE, link).await.status, 400);
    assert_eq!(get(&world, OPERATOR, &link.replace("top=2", "top=3")).await.status, 400);
    assert_eq!(get(&world, OPERATOR, &format!("{link}x")).await.status, 400);
    assert_eq!(get(&world, OPERATOR, "?$top=0").await.status, 400);
}

#[tokio::test]
async fn a_balance_has_pages_too_and_says_how_far_it_reaches() {
    let world = with_usage().await;
    let page = value(&get(&world, OPERATOR, "?balance=true").await);
    let lines: Vec<&str> =
        page["value"].as_array().unwrap().iter().map(|l| l["line"].as_str().unwrap()).collect();
    assert!(lines.contains(&"total") && lines.contains(&"credited"), "{lines:?}");
    let download = get(&world, OPERATOR, "?balance=true&format=csv&month=2026-03").await;
    assert_eq!(download.header("openpal-complete-until"), Some("2026-03-17T00:00:00Z"));
    assert!(download.header("openpal-known-at").unwrap().starts_with("2026-05-03T08:00:00"));
    assert!(download.header("openpal-revision").is_some());
    let none = get(&world, OPERATOR, "?format=csv&month=2026-04").await;
    assert_eq!((none.status, none.header("openpal-complete-until")), (200, None));
    assert_eq!(value(&get(&world, OPERATOR, "?month=2026-04").await)["completeUntil"], Value::Null);
}

/// Three months and two subscriptions are six shares.
#[tokio::test]
async fn only_what_changed_is_computed_again() {
    let world = with_usage().await;
    let made = async |query: &str| {
        let (kept, made) = world.shares();
        let text = csv(&world, query).await;
        let (kept_now, made_now) = world.shares();
        (kept_now - kept, made_now - made, text)
    };
    let by = format!("&{BY_SITE}");
    let (kept, fresh, first) = made(&by).await;
    assert_eq!((kept, fresh), (0, 6));
    let (kept, fresh, again) = made(&by).await;
    assert_eq!((kept, fresh, &again), (6, 0, &first));
    let (kept, fresh, _) = made(&format!("{by}&month=2026-03")).await;
    assert_eq!((kept, fresh), (2, 0), "a month is two of them");
    assert_eq!(made("&group_by=partner_id").await.1, 6, "another question");
    // One month of one subscription.
    world.restate(&format!("{HEADER}{}", row(TWO, "2026-05-02", 3, "7"))).await;
    let (kept, fresh, changed) = made(&by).await;
    assert_eq!((kept, fresh), (5, 1));
    assert!(changed.contains("sites/s3,1,7.0000000000"), "{changed}");
    // A fact of Northwind, where the subscription TWO is.
    let role = "{\"kind\":\"roleAssignment\",\"tenant\":\"NORTHWIND\",\"id\":\"9\",\"principal\":\"GUEST\",\"role\":\"Reader\",\"scope\":\"/subscriptions/TWO\"}";
    let role = role.replace("NORTHWIND", NORTHWIND).replace("GUEST", ADA).replace("TWO", TWO);
    world.import(&role).await;
    let (kept, fresh, _) = made(&by).await;
    assert_eq!((kept, fresh), (3, 3), "only Northwind's");
    // A link in Fabrikam ends.
    let path = "/providers/Microsoft.ManagementPartner/partners/5127255?api-version=2018-02-01";
    let token = world.token(ADA);
    assert_eq!(world.call("DELETE", path.to_owned(), &token).await.status, 200);
    let (kept, fresh, without) = made(&by).await;
    assert_eq!((kept, fresh), (3, 3), "only Fabrikam's");
    assert_ne!(without, changed);
    let (_, fresh, balance) = made("&balance=true").await;
    assert_eq!((fresh, made("&balance=true").await), (6, (6, 0, balance)));
}

/// A report of what was known at an instant is the same for ever, whatever is kept or happens.
#[tokio::test]
async fn p10_what_was_known_is_the_same_for_ever() {
    let world = with_usage().await;
    let questions = [
        format!("&{BY_SITE}"),
        "&month=2026-05".to_owned(),
        "&balance=true".to_owned(),
        "&policy=pec&group_by=month,subscription_id,resource_group".to_owned(),
    ];
    let mut taken: Vec<(String, String)> = Vec::new();
    for day in 5..15 {
        for question in &questions {
            let query = format!("{question}&known_at=2026-05-{:02}T08:00:00Z", day - 1);
            taken.push((query.clone(), csv(&world, &query).await));
        }
        world.at(&format!("2026-05-{day:02}T08:00:00Z"));
        let change = row(TWO, "2026-05-02", day, &format!("{day}.5"));
        world.restate(&format!("{HEADER}{change}")).await;
        let name = format!(
            "{{\"kind\":\"tenant\",\"tenant\":\"{NORTHWIND}\",\"name\":\"Northwind {day}\"}}"
        );
        world.import(&name).await;
    }
    let distinct: std::collections::BTreeSet<&str> =
        taken.iter().map(|(_, text)| text.as_str()).collect();
    assert!(distinct.len() > 20, "{} different reports", distinct.len());
    for (query, text) in &taken {
        assert_eq!(&csv(&world, query).await, text, "{query}");
    }
}

/// A large answer is sent as it is made; a small reader of it does no harm.
#[tokio::test]
async fn a_download_is_longer_than_a_piece() {
    let world = world().await;
    let mut text = HEADER.to_owned();
    for site in 0..2_000 {
        text += &row(ONE, "2026-05-02", site, "0.5");
    }
    world.usage(&text).await;
    let whole = csv(&world, "&group_by=month,partner_id,resource_id,subscription_name").await;
    assert!(whole.len() > 200_000, "{}", whole.len());
    assert_eq!(whole.lines().count(), 1 + 2 * 2_000, "two partners");
}

/// Two locations of one global account are credited with the same charges: for whoever adds them up,
/// each counts once (R27).
#[tokio::test]
async fn a_charge_of_two_locations_counts_once_where_they_are_added_up() {
    let world = with_usage().await;
    let path = "/providers/Microsoft.ManagementPartner/partners/5127256?api-version=2018-02-01";
    assert_eq!(world.call("PATCH", path.to_owned(), &world.token(DARA)).await.status, 200);
    world.usage(&format!("{HEADER}{}", row(ONE, "2026-05-20", 0, "10"))).await;
    world.at("2026-05-25T08:00:00Z");
    for who in [OPERATOR, EXECUTIVE] {
        let sum = async |query: &str| {
            let answer = get(&world, who, &format!("?month=2026-05&{query}")).await;
            let page = value(&answer);
            let rows = page["value"].as_array().unwrap().clone();
            let of_one = rows.iter().find(|row| row["subscription_id"] == ONE).unwrap().clone();
            (of_one["credited_cost"].as_str().unwrap().to_owned(), page["duplicates"].clone())
        };
        let by = "group_by=month,subscription_id";
        assert_eq!(sum(by).await, ("10.0000000000".to_owned(), "left-out".into()), "{who}");
        let all = sum(&format!("{by}&duplicates=counted")).await;
        assert_eq!(all, ("20.0000000000".to_owned(), "counted".into()));
        let global = sum("group_by=month,subscription_id,partner_global_id").await;
        assert_eq!(global, ("10.0000000000".to_owned(), "left-out".into()));
        let each = sum("group_by=month,subscription_id,partner_id").await;
        assert_eq!(each, ("10.0000000000".to_owned(), "counted".into()));
        let one = sum(&format!("{by}&partner=5127256")).await;
        assert_eq!(
            one,
            ("10.0000000000".to_owned(), "counted".into()),
            "one location is asked for"
        );
    }
    let download = get(&world, OPERATOR, "?format=csv&group_by=month").await;
    assert_eq!(download.header("openpal-duplicates"), Some("left-out"));
}

/// Policies are data: the operator's are files.
#[tokio::test]
async fn an_operators_policy_is_a_file() {
    let world = with_usage().await;
    let shipped = csv(&world, "&policy=incentive").await;
    assert_eq!(get(&world, OPERATOR, "?policy=own-2026").await.status, 400);
    assert_eq!(get(&world, OPERATOR, "?policy=../../etc/passwd").await.status, 400);
    let text = "name = 'own-2026'\nrevision = '1'\nroles = 'owner-or-contributor'\n\
                granularity = 'whole-day'\ndeny = 'full'\nexclude = []\n";
    world.policy("own-2026", text);
    let own = csv(&world, "&policy=own-2026").await;
    assert!(own.lines().count() > 1 && shipped.lines().count() > 1);
    world.policy("own-2026", &text.replace("own-2026", "other"));
    let refused = get(&world, OPERATOR, "?policy=own-2026").await;
    assert_eq!(refused.status, 422);
    assert!(refused.error().1.contains("it calls itself 'other'"), "{:?}", refused.error());
    world.policy("own-2026", "name = 1");
    assert_eq!(get(&world, OPERATOR, "?policy=own-2026").await.status, 422);
}
