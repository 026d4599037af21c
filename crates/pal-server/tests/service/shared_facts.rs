//! One parsed state of facts is shared by all readers and changed by what changed: whichever way it came
//! to be, it is what a service that has just been started reads.

use std::sync::Arc;

use pal_attribution::roles::RoleData;
use pal_model::Facts;
use pal_server::{Live, parse_facts};
use pal_store::{LinkAction, LinkChange, PartnerRules};
use pal_usage::{Decoder, Intake};

use crate::service::support::{ADA, DARA, FABRIKAM, OPERATOR, World};
use crate::support::{actor, who};

/// What somebody reads who has kept nothing.
async fn anew(world: &World) -> Facts {
    let read = world.app.store.read_facts(None, None).await.unwrap();
    parse_facts(read.news, Facts::default(), &world.app.live.roles).unwrap()
}

async fn change(world: &World, owner: &str, action: LinkAction) {
    world.later(1);
    let (owner, at) = (who(FABRIKAM, owner), world.now());
    let rules = PartnerRules::default();
    let change = LinkChange { owner, action, at, rules, actor: actor() };
    world.app.store.change_link(change).await.unwrap();
}

fn id(number: &str) -> pal_model::PartnerId {
    number.parse().unwrap()
}

#[tokio::test]
async fn a_link_is_put_into_the_facts_that_are_kept() {
    let world = World::new().await;
    let mut before = world.app.live.facts().await.unwrap();
    let (one, other) = (id("5127255"), id("5127256"));
    for (owner, action) in [
        (DARA, LinkAction::Create(one)),
        (ADA, LinkAction::Create(one)),
        (OPERATOR, LinkAction::Create(other)),
        (DARA, LinkAction::Update(other)),
        (ADA, LinkAction::Delete(None)),
        (ADA, LinkAction::Create(other)),
        (OPERATOR, LinkAction::Delete(None)),
    ] {
        change(&world, owner, action).await;
        let kept = world.app.live.facts().await.unwrap();
        assert_eq!(format!("{kept:?}"), format!("{:?}", anew(&world).await), "{owner}");
        assert_eq!(before.principals.as_ptr(), kept.principals.as_ptr(), "read again");
        before = kept;
    }
    world
        .import(&format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\
         \"fab00000-1000-4000-8000-00000000feed\",\"type\":\"User\"}}"
        ))
        .await;
    let kept = world.app.live.facts().await.unwrap();
    assert_eq!(kept.principals.len(), before.principals.len() + 1);
    assert_eq!(format!("{kept:?}"), format!("{:?}", anew(&world).await));
}

#[tokio::test]
async fn what_was_known_is_read_once_too() {
    let world = World::new().await;
    change(&world, ADA, LinkAction::Create(id("5127255"))).await;
    let early = world.now();
    world.later(60);
    change(&world, ADA, LinkAction::Update(id("5127256"))).await;
    let live = &world.app.live;
    let now = live.facts().await.unwrap();
    let then = live.facts_at(Some(early)).await.unwrap();
    assert_eq!((then.links.len(), now.links.len()), (1, 2));
    assert_eq!(then.links[0].fact.partner, id("5127255"));
    assert!(Arc::ptr_eq(&then, &live.facts_at(Some(early)).await.unwrap()), "read again");
    // Nothing has changed since the last link: what is known at a later instant is what is known now.
    world.later(60);
    assert!(Arc::ptr_eq(&now, &live.facts_at(Some(world.now())).await.unwrap()), "read again");
    change(&world, ADA, LinkAction::Delete(None)).await;
    assert_eq!(live.facts().await.unwrap().links.len(), 2);
}

/// Readers that come while somebody reads share what comes of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_that_come_together_read_once() {
    let world = World::new().await;
    let intake = Intake::new(world.app.store.clone(), world.folder.path(), Decoder::Here);
    let live = Arc::new(Live::new(intake, Arc::new(RoleData::shipped().unwrap())));
    let reads = (0..32).map(|_| {
        let live = live.clone();
        tokio::spawn(async move { live.facts().await.unwrap() })
    });
    let mut all = Vec::new();
    for read in reads.collect::<Vec<_>>() {
        all.push(read.await.unwrap());
    }
    assert!(all.iter().all(|facts| Arc::ptr_eq(facts, &all[0])), "read more than once");
}
