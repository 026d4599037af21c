//! A person is erased: nobody is shown the name any more, at no instant, and the person sees when it went.

use pal_model::Instant;
use pal_store::PersonErasure;
use serde_json::Value;

use crate::service::support::{ADA, AUDITOR, FABRIKAM, OPERATOR, World};
use crate::support::{actor, who};

async fn get(world: &World, path: &str, object: &str) -> Value {
    let answer = world.call("GET", path.to_owned(), &world.token(object)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// The name of Ada, as known at an instant (`None` = now).
async fn name(world: &World, known_at: Option<Instant>) -> Option<String> {
    let facts = world.app.live.facts_at(known_at).await.unwrap();
    let ada = facts.principals.iter().find(|stated| stated.fact.principal() == who(FABRIKAM, ADA));
    ada.unwrap().fact.name.clone()
}

#[tokio::test]
async fn p1_an_erased_name_is_gone_from_what_was_kept_in_memory() {
    let world = World::new().await;
    let earlier = Some(world.app.now());
    world.later(60);
    world.import("{\"kind\":\"partner\",\"partner\":\"1\",\"type\":\"location\"}\n").await;
    let path = "/providers/Microsoft.ManagementPartner/partners/5127255?api-version=2018-02-01";
    assert_eq!(world.call("PUT", path.to_owned(), &world.token(ADA)).await.status, 200);
    world.later(60);
    for known_at in [None, earlier] {
        assert_eq!(name(&world, known_at).await.as_deref(), Some("ada@contoso.example"));
    }
    let access = world.call("GET", "/api/v1/access".to_owned(), &world.token(AUDITOR)).await;
    assert!(access.text().contains("ada@contoso.example"), "{}", access.text());
    let me = get(&world, "/api/v1/me", ADA).await;
    assert_eq!((&me["name"], &me["erasedTime"]), (&"ada@contoso.example".into(), &Value::Null));

    let (accounts, at) = (vec![who(FABRIKAM, ADA)], world.app.now());
    let erasure = PersonErasure { accounts, at, actor: actor() };
    assert_eq!(world.app.store.erase_person(erasure).await.unwrap().not_overwritten, None);

    for known_at in [None, earlier] {
        assert_eq!(name(&world, known_at).await, None, "{known_at:?}");
    }
    let access = world.call("GET", "/api/v1/access".to_owned(), &world.token(AUDITOR)).await;
    assert!(!access.text().contains("ada@contoso.example"), "{}", access.text());
    let after = get(&world, "/api/v1/me", ADA).await;
    assert_eq!((&after["name"], &after["link"]), (&Value::Null, &me["link"]));
    assert_eq!(after["erasedTime"], at.to_string());
    let log = get(&world, "/api/v1/audit?action=person-erase", OPERATOR).await;
    assert_eq!(log["value"][0]["target"]["objectId"], ADA, "{log}");
}
