//! `/tenants`, `/subscriptions` and `/api/v1/me`: what a caller can see.

use serde_json::Value;

use crate::service::support::{ADA, CONTOSO, FABRIKAM, World};

const SUBSCRIPTION: &str = "fab00000-5000-4000-8000-000000000001";

async fn get(world: &World, path: &str, object: &str) -> Value {
    let answer = world.call("GET", path.to_owned(), &world.token(object)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn a_role_makes_a_subscription_visible_at_once() {
    let world = World::new().await;
    let path = "/subscriptions?api-version=2022-12-01";
    let nothing = get(&world, path, ADA).await;
    assert_eq!(nothing["value"], Value::Array(Vec::new()));
    assert_eq!(nothing["count"]["value"], 0);
    world
        .import(&format!(
            "{{\"kind\":\"subscription\",\"tenant\":\"{FABRIKAM}\",\"subscription\":\"{SUBSCRIPTION}\",\"name\":\"prod-01\"}}\n\
             {{\"kind\":\"roleAssignment\",\"tenant\":\"{FABRIKAM}\",\"id\":\"1\",\"principal\":\"{ADA}\",\
             \"role\":\"b24988ac-6180-42a0-ab88-20f7382dd24c\",\"scope\":\"/subscriptions/{SUBSCRIPTION}\"}}"
        ))
        .await;
    let seen = get(&world, path, ADA).await;
    assert_eq!(seen["value"][0]["subscriptionId"], SUBSCRIPTION);
    assert_eq!(seen["value"][0]["displayName"], "prod-01");
    assert_eq!(seen["value"][0]["tenantId"], FABRIKAM);
    assert_eq!(get(&world, path, crate::service::support::DARA).await["count"]["value"], 0);
    let one =
        format!("/Subscriptions/{}?api-version=2022-12-01", SUBSCRIPTION.to_ascii_uppercase());
    assert_eq!(get(&world, &one, ADA).await["subscriptionId"], SUBSCRIPTION);
    let hidden = world.call("GET", one, &world.token(crate::service::support::DARA)).await;
    assert_eq!((hidden.status, hidden.error().0.as_str()), (404, "SubscriptionNotFound"));
}

#[tokio::test]
async fn the_own_tenant_is_listed_with_its_names() {
    let world = World::new().await;
    for version in ["2022-12-01", "2016-06-01"] {
        let seen = get(&world, &format!("/tenants?api-version={version}"), ADA).await;
        assert_eq!(seen["value"].as_array().unwrap().len(), 1);
        assert_eq!(seen["value"][0]["tenantId"], FABRIKAM);
        assert_eq!(seen["value"][0]["displayName"], "Fabrikam");
        assert_eq!(seen["value"][0]["defaultDomain"], "fabrikam.example");
    }
    let elsewhere = world.token_in(CONTOSO, ADA);
    let answer = world.call("GET", "/tenants?api-version=2022-12-01".to_owned(), &elsewhere).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn me_warns_of_a_link_without_access() {
    let world = World::new().await;
    let me = get(&world, "/api/v1/me", ADA).await;
    assert_eq!((me["link"].clone(), me["warnings"].clone()), (Value::Null, Value::Array(vec![])));
    let path = "/providers/Microsoft.ManagementPartner/partners/5127255?api-version=2018-02-01";
    let linked = world.call("PUT", path.to_owned(), &world.token(ADA)).await;
    assert_eq!(linked.status, 200);
    let me = get(&world, "/api/v1/me", ADA).await;
    assert_eq!(me["link"]["partnerId"], "5127255");
    assert_eq!(me["warnings"][0], "no-access");
    assert_eq!(me["guest"], true);
    assert_eq!(me["tenantDomain"], "fabrikam.example");
}
