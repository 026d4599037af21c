//! What holds in every world: generated ones, in which the rules collide often. `PAL_WORLDS` sets
//! how many.

use crate::support::world as generated;

use std::collections::BTreeSet;

use pal_attribution::explain::{
    Cause, Check, Decided, Explainer, Explanation, Question, Verdict, instant,
};
use pal_attribution::roles::RoleData;
use pal_model::{PartnerId, ScopePath};

use crate::causes::world::facts;

/// Causes of what is not seen although it is credited.
const BESIDE: [Cause; 5] = [
    Cause::NoUsage,
    Cause::ChargesExcluded,
    Cause::ViewerLimited,
    Cause::CustomerRenamed,
    Cause::Duplicate,
];

fn check(answer: &Explanation, told: &mut BTreeSet<Cause>) -> Result<(), String> {
    let checks = answer.checks.as_ref().ok_or("no walk")?;
    if !checks.iter().map(|check| check.code).eq(Cause::numbered()) {
        return Err(format!("the causes are {checks:?}"));
    }
    for check in checks {
        let asked = !matches!(check.code, Cause::NoUsage | Cause::ChargesExcluded);
        let fails = check.verdict == Verdict::Fails;
        let is_outside = matches!(check.code.decided(), Decided::Outside(_));
        let right = !check.detail().is_empty()
            && (check.verdict == Verdict::Outside) == is_outside
            && (check.verdict == Verdict::NotAsked) != asked
            && check.change.is_some() == fails;
        if !right {
            return Err(format!("{check:?}"));
        }
    }
    let fails = |check: &&Check| check.verdict == Verdict::Fails;
    let access = |check: &&Check| fails(check) && !BESIDE.contains(&check.code);
    let first = checks.iter().find(access);
    match answer.not_credited.first() {
        None if first.is_some() => Err(format!("credited, and yet {first:?}")),
        None => Ok(()),
        Some(denied) => {
            let reason = denied.reason;
            let same = checks.iter().filter(fails).any(|check| check.code == reason);
            if reason.number().is_some() && !same {
                return Err(format!("the reason is {}, and passes", denied.reason));
            }
            told.insert(first.ok_or_else(|| format!("no cause for {}", denied.reason))?.code);
            Ok(())
        }
    }
}

#[test]
fn the_walk_agrees_with_the_answer() {
    let roles = RoleData::shipped().unwrap();
    let (mut told, mut asked) = (BTreeSet::new(), 0);
    let worlds = std::env::var("PAL_WORLDS").map_or(150, |text| text.parse().unwrap());
    for seed in 0..worlds {
        let world = generated::world(seed);
        let facts = facts(&world.facts, &roles);
        let explainer = Explainer::new(&facts, &roles, &world.policy);
        let partners: BTreeSet<PartnerId> = facts.links.iter().map(|l| l.fact.partner).collect();
        for charge in &world.charges {
            let Some(resource) = &charge.resource else { continue };
            let Ok(resource) = resource.parse::<ScopePath>() else { continue };
            let start = instant(charge.period.from()).unwrap();
            for (&partner, period) in partners.iter().flat_map(|p| [(p, charge.period), (p, start)])
            {
                let question =
                    Question { resource: resource.clone(), period, partner: Some(partner) };
                let Ok(answer) = explainer.explain(&question) else { continue };
                asked += 1;
                if let Err(wrong) = check(&answer, &mut told) {
                    panic!("world {seed}, {resource}, {period}, {partner}: {wrong}");
                }
            }
        }
    }
    // Worlds that ask nothing would agree about nothing.
    assert!(asked > 1_000 && told.len() > 10, "{asked} questions, causes {told:?}");
}
