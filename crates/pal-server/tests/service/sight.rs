//! Who sees what: partners, customers, operators, and nobody else's.

use serde_json::Value;

use crate::service::support::{
    ADA, AUDITOR, Answer, CONTOSO, DARA, EXECUTIVE, FABRIKAM, LINK_ADMINISTRATOR, OPERATOR, VIEWER,
    World,
};

pub const NORTHWIND: &str = "40770000-0000-4000-8000-000000000000";
/// A guest there, of Contoso by name.
pub const GUEST: &str = "40770000-1000-4000-8000-00000000009e";
pub const ONE: &str = "fab00000-5000-4000-8000-000000000001";
pub const TWO: &str = "40770000-5000-4000-8000-000000000002";

/// Ada (5127255, Contoso) and Dara (6203118, Adatum) are Contributors of Fabrikam's subscription, Ada
/// of Northwind's, too; each subscription costs 10 on 2 May.
pub async fn world() -> World {
    let world = World::new().await;
    let mut facts = vec![format!(
        "{{\"kind\":\"tenant\",\"tenant\":\"{NORTHWIND}\",\"name\":\"Northwind\"}}\n\
         {{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\",\"name\":\"Contoso\",\"domain\":\"contoso.example\"}}\n\
         {{\"kind\":\"partner\",\"partner\":\"5127255\",\"name\":\"Contoso Services, Utrecht\",\"type\":\"location\",\"parent\":\"5127254\",\"homeTenant\":\"{CONTOSO}\"}}"
    )];
    for (tenant, object) in [(NORTHWIND, ADA), (NORTHWIND, GUEST)] {
        facts.push(format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\"type\":\"User\",\"name\":\"guest@contoso.example\"}}"
        ));
    }
    for (tenant, subscription) in [(FABRIKAM, ONE), (NORTHWIND, TWO)] {
        facts.push(format!(
            "{{\"kind\":\"subscription\",\"tenant\":\"{tenant}\",\"subscription\":\"{subscription}\",\"name\":\"prod\"}}"
        ));
    }
    let grants = [
        (FABRIKAM, ADA, ONE),
        (FABRIKAM, DARA, ONE),
        (NORTHWIND, ADA, TWO),
        (NORTHWIND, GUEST, TWO),
    ];
    for (id, (tenant, object, subscription)) in grants.into_iter().enumerate() {
        facts.push(format!(
            "{{\"kind\":\"roleAssignment\",\"tenant\":\"{tenant}\",\"id\":\"{id}\",\"principal\":\"{object}\",\"role\":\"Contributor\",\"scope\":\"/subscriptions/{subscription}\"}}"
        ));
    }
    world.import(&facts.join("\n")).await;
    world.at("2026-05-01T08:00:00Z");
    for (tenant, object, partner) in
        [(FABRIKAM, ADA, "5127255"), (NORTHWIND, ADA, "5127255"), (FABRIKAM, DARA, "6203118")]
    {
        let path = format!(
            "/providers/Microsoft.ManagementPartner/partners/{partner}?api-version=2018-02-01"
        );
        let answer = world.call("PUT", path, &world.token_in(tenant, object)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    world.at("2026-05-03T08:00:00Z");
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                  ResourceId,x_ResourceGroupName,SubAccountId";
    let row = |subscription| {
        format!(
            "2026-05-02T00:00:00Z,2026-05-03T00:00:00Z,10,EUR,Usage,\
             /subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Web/sites/secret-name,\
             rg,/subscriptions/{subscription}"
        )
    };
    world.usage(&[header.to_owned(), row(ONE), row(TWO)].join("\n")).await;
    world
}

const COLUMNS: &str = "partner_id,customer_tenant_name,subscription_id,resource_id";

async fn report(world: &World, object: &str, query: &str) -> Answer {
    let path = format!("/api/v1/reports?format=csv&group_by={COLUMNS}{query}");
    world.call("GET", path, &world.token(object)).await
}

async fn rows(world: &World, object: &str, query: &str) -> Vec<String> {
    let answer = report(world, object, query).await;
    assert_eq!(answer.status, 200, "{object} {query}: {}", answer.text());
    answer.text().lines().map(|line| line.replace(ONE, "ONE").replace(TWO, "TWO")).collect()
}

const MONEY: &str =
    "partner_id,customer_tenant_name,subscription_id,resource_id,charges,cost,credited_cost";
const NO_MONEY: &str = "partner_id,customer_tenant_name,subscription_id,resource_id,charges";

#[tokio::test]
async fn a_partner_sees_its_own_rows_and_no_resources() {
    let world = world().await;
    assert_eq!(
        rows(&world, EXECUTIVE, "").await,
        [
            MONEY,
            "5127255,Fabrikam,ONE,,1,10.0000000000,10.0000000000",
            "5127255,Northwind,TWO,,1,10.0000000000,10.0000000000",
        ]
    );
    assert_eq!(rows(&world, VIEWER, "").await, [NO_MONEY, "6203118,Fabrikam,ONE,,1"]);
    // Somebody else's partner and one that there is not read the same.
    for foreign in ["6203118", "99"] {
        assert_eq!(rows(&world, EXECUTIVE, &format!("&partner={foreign}")).await, [MONEY]);
    }
    assert_eq!(rows(&world, EXECUTIVE, "&partner=5127255").await.len(), 3);
}

#[tokio::test]
async fn a_customer_decides_how_much_partners_see() {
    let world = world().await;
    for (level, fabrikam) in [
        (
            "full",
            "5127255,Fabrikam,ONE,/subscriptions/ONE/resourceGroups/rg/providers/Microsoft.Web/sites/secret-name",
        ),
        ("subscription", "5127255,Fabrikam,ONE,"),
        ("tenant-total", "5127255,Fabrikam,,"),
        ("masked", "5127255,customer-"),
    ] {
        let fact =
            format!("{{\"kind\":\"privacy\",\"tenant\":\"{FABRIKAM}\",\"level\":\"{level}\"}}");
        world.import(&fact).await;
        let seen = rows(&world, EXECUTIVE, "").await;
        let row = seen.iter().find(|row| row.starts_with(fabrikam));
        let row = row.unwrap_or_else(|| panic!("{level}: {seen:#?}"));
        assert!(row.ends_with(",1,10.0000000000,10.0000000000"), "{level}: {row}");
        assert!(seen.iter().any(|row| row.starts_with("5127255,Northwind,TWO,,")), "{seen:#?}");
        if level == "masked" {
            assert!(!seen.concat().contains("Fabrikam") && !seen.concat().contains("ONE"));
            assert_eq!(rows(&world, EXECUTIVE, "").await, seen, "the name lasts");
        }
        // Operator and auditor see all of it, whatever partners see.
        for whole in [OPERATOR, AUDITOR] {
            let seen = rows(&world, whole, "").await.concat();
            assert!(seen.contains("Fabrikam,ONE,/subscriptions/ONE/resourceGroups/rg"), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_customer_sees_itself_and_an_operator_everything() {
    let world = world().await;
    let customer = rows(&world, AUDITOR, "").await;
    assert_eq!(customer.len(), 3, "{customer:#?}");
    assert!(customer[1..].iter().all(|row| row.contains(",Fabrikam,ONE,")));
    assert_eq!(rows(&world, OPERATOR, "").await.len(), 4);
    let balance = world
        .call("GET", "/api/v1/reports?format=csv&balance=true".to_owned(), &world.token(OPERATOR))
        .await;
    assert!(balance.text().contains(",credited,"), "{}", balance.text());
    let balance = world
        .call("GET", "/api/v1/reports?format=csv&balance=true".to_owned(), &world.token(AUDITOR))
        .await;
    assert_eq!((balance.status, balance.error().0.as_str()), (400, "BadRequest"));
    // Nobody takes a role that is not theirs.
    for (object, role) in
        [(EXECUTIVE, "operator"), (EXECUTIVE, "customer"), (AUDITOR, "partner"), (ADA, "partner")]
    {
        assert_eq!(report(&world, object, &format!("&as={role}")).await.status, 404, "{role}");
    }
    assert_eq!(report(&world, ADA, "").await.status, 404);
    assert_eq!(report(&world, OPERATOR, "&as=king").await.status, 400);
}

#[tokio::test]
async fn a_role_that_ends_ends_at_once() {
    let world = world().await;
    assert_eq!(report(&world, EXECUTIVE, "").await.status, 200);
    world
        .import(&format!(
            "{{\"kind\":\"viewer\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{EXECUTIVE}\",\"partner\":\"5127254\",\
             \"level\":\"executive\",\"to\":\"2026-05-03T07:00:00Z\"}}"
        ))
        .await;
    assert_eq!(report(&world, EXECUTIVE, "").await.status, 404);
    // Also for what was known when it still held.
    assert_eq!(report(&world, EXECUTIVE, "&known_at=2026-05-02T00:00:00Z").await.status, 404);
}

#[tokio::test]
async fn every_read_of_money_is_in_the_audit_log() {
    let world = world().await;
    let before = world.records();
    assert_eq!(report(&world, VIEWER, "").await.status, 200);
    assert_eq!(report(&world, ADA, "").await.status, 404);
    assert_eq!(world.records(), before, "no money was read");
    for object in [EXECUTIVE, AUDITOR, OPERATOR] {
        assert_eq!(report(&world, object, "").await.status, 200);
    }
    assert_eq!(world.records(), before + 3);
}

async fn list(world: &World, path: &str, object: &str) -> Vec<Value> {
    let answer = world.call("GET", path.to_owned(), &world.token(object)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["value"].as_array().unwrap().clone()
}

fn texts<'v>(values: &'v [Value], name: &str) -> Vec<&'v str> {
    values.iter().map(|value| value[name].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_partner_sees_who_of_it_is_linked_and_who_is_not() {
    let world = world().await;
    let linked = list(&world, "/api/v1/links", LINK_ADMINISTRATOR).await;
    assert_eq!(texts(&linked, "partnerId"), ["5127255", "5127255"]);
    let mut tenants = texts(&linked, "tenantName");
    tenants.sort_unstable();
    assert_eq!(tenants, ["Fabrikam", "Northwind"]);
    assert!(linked.iter().all(|l| l["warnings"].as_array().unwrap().is_empty()), "{linked:#?}");
    let gaps = list(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await;
    assert_eq!(texts(&gaps, "objectId"), [GUEST], "{gaps:#?}");
    assert_eq!(gaps[0]["subscriptions"][0]["subscriptionId"], TWO);
    assert_eq!(list(&world, "/api/v1/links", OPERATOR).await.len(), 3);
    // Access that goes, an account that is disabled: said, not left out.
    let off = |object: &str, tenant: &str| {
        format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\"type\":\"User\",\"enabled\":false,\"from\":\"2026-05-03T00:00:00Z\"}}"
        )
    };
    world.import(&off(ADA, NORTHWIND)).await;
    world.import(&off(GUEST, NORTHWIND)).await;
    let linked = list(&world, "/api/v1/links", LINK_ADMINISTRATOR).await;
    let north = linked.iter().find(|l| l["tenantName"] == "Northwind").unwrap();
    assert!(north["warnings"].as_array().unwrap().contains(&"disabled".into()), "{north}");
    assert!(list(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await.is_empty());
}

/// Whatever people are called: by every domain of the partner's home.
#[tokio::test]
async fn people_are_found_by_the_name_they_sign_in_with() {
    let world = world().await;
    let guest = |name: &str, sign_in: &str| {
        format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{NORTHWIND}\",\"object\":\"{GUEST}\",\"type\":\"User\",\"userType\":\"Guest\",\"name\":\"{name}\",\"signInName\":\"{sign_in}\",\"assumed\":true}}"
        )
    };
    world.import(&guest("Bo Ek", "bo@Mail.Contoso.example")).await;
    assert!(list(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await.is_empty());
    world
        .import(&format!(
            "{{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\",\"name\":\"Contoso\",\"domain\":\"contoso.onmicrosoft.example\",\"domains\":[\"contoso.example\",\"mail.contoso.example\"]}}"
        ))
        .await;
    let gaps = list(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await;
    assert_eq!(texts(&gaps, "signInName"), ["bo@Mail.Contoso.example"], "{gaps:#?}");
    assert_eq!((&gaps[0]["name"], &gaps[0]["assumed"]), (&"Bo Ek".into(), &true.into()));
    // The name that is shown does not decide where there is one to sign in with.
    world.import(&guest("bo@contoso.example", "bo@elsewhere.example")).await;
    assert!(list(&world, "/api/v1/links/gaps", LINK_ADMINISTRATOR).await.is_empty());
    let linked = list(&world, "/api/v1/links", LINK_ADMINISTRATOR).await;
    assert!(linked.iter().all(|link| link["sinceAssumed"] == false), "{linked:#?}");
}

#[tokio::test]
async fn a_customer_sees_who_is_linked_in_it() {
    let world = world().await;
    let answer = world.call("GET", "/api/v1/access".to_owned(), &world.token(AUDITOR)).await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&body["tenantId"], &body["privacy"]), (&FABRIKAM.into(), &"subscription".into()));
    let linked = body["value"].as_array().unwrap();
    let mut partners = texts(linked, "partnerId");
    partners.sort_unstable();
    assert_eq!(partners, ["5127255", "6203118"]);
    for link in linked {
        assert_eq!(link["tenantId"], FABRIKAM);
        assert_eq!(link["subscriptions"].as_array().unwrap().len(), 1, "{link}");
    }
}

/// What will be lost is told to those who can mend it, and money to those who may read it.
#[tokio::test]
async fn everybody_is_alerted_of_their_own() {
    let world = world().await;
    // Dara's role ends in a week: Adatum's only access to Fabrikam.
    let role = "\"kind\":\"roleAssignment\",\"id\":\"1\",\"role\":\"Contributor\"";
    world
        .import(&format!(
            "{{{role},\"tenant\":\"{FABRIKAM}\",\"principal\":\"{DARA}\",\"scope\":\"/subscriptions/{ONE}\",\"to\":\"2026-05-10T00:00:00Z\"}}"
        ))
        .await;
    let codes = async |object: &str, query: &str| {
        let path = format!("/api/v1/alerts{query}");
        let found = list(&world, &path, object).await;
        let of = |alert: &Value| {
            let text = |name: &str| alert[name].as_str().unwrap_or("-").to_owned();
            format!("{} {}", text("code"), text("partnerId"))
        };
        found.iter().map(of).collect::<Vec<String>>()
    };
    assert_eq!(codes(OPERATOR, "").await, ["access-ending 6203118"]);
    assert_eq!(codes(AUDITOR, "").await, ["access-ending 6203118"]);
    assert_eq!(codes(LINK_ADMINISTRATOR, "").await, [""; 0], "another partner's");
    assert_eq!(codes(OPERATOR, "?within=6").await, [""; 0]);
    // A month with charges and one with fewer: money for those who may read it.
    world.at("2026-07-02T08:00:00Z");
    let row = |day: &str, next: &str, cost: u32| {
        format!(
            "{day}T00:00:00Z,{next}T00:00:00Z,{cost},EUR,Usage,/subscriptions/{TWO}/resourceGroups/rg,/subscriptions/{TWO}"
        )
    };
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                  ResourceId,SubAccountId";
    let rows = [row("2026-05-10", "2026-05-11", 100), row("2026-06-10", "2026-06-11", 10)];
    world.usage(&[&[header.to_owned()][..], &rows].concat().join("\n")).await;
    let token = |object: &str| world.token_until(FABRIKAM, object, "2026-08-01T00:00:00Z");
    let dropped = async |object: &str| {
        let answer = world.call("GET", "/api/v1/alerts".to_owned(), &token(object)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().contains("credit-dropped")
    };
    let before = world.records();
    assert!(dropped(OPERATOR).await);
    assert_eq!(world.records(), before + 1, "money was read");
    assert!(!dropped(LINK_ADMINISTRATOR).await, "looks after links, does not read money");
    assert!(!dropped(AUDITOR).await, "it is Northwind's");
    let executive = format!(
        "{{\"kind\":\"viewer\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{LINK_ADMINISTRATOR}\",\"partner\":\"5127254\",\"level\":\"executive\"}}"
    );
    world.import(&executive).await;
    assert!(dropped(LINK_ADMINISTRATOR).await);
    let masked =
        format!("{{\"kind\":\"privacy\",\"tenant\":\"{NORTHWIND}\",\"level\":\"masked\"}}");
    world.import(&masked).await;
    assert!(!dropped(LINK_ADMINISTRATOR).await, "the customer is not named");
}
