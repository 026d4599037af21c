//! What is asked of a charge before anybody's access: does it count, in which time, and where is it.

use pal_model::{Charge, ChargeTraits, Exclusion, Instant, Interval, ScopePath, SubscriptionId};

use super::names::plain;
use crate::policy::{Granularity, Policy};

/// The reasons why a charge is no consumed revenue, in the order in which they are tried (R38).
const REASONS: [Exclusion; 10] = [
    Exclusion::CostAllocation,
    Exclusion::Tax,
    Exclusion::Credit,
    Exclusion::Adjustment,
    Exclusion::Purchase,
    Exclusion::UnusedCommitment,
    Exclusion::Support,
    Exclusion::Marketplace,
    Exclusion::Spot,
    Exclusion::Commitment,
];

/// The first reason of the policy that applies to a charge.
pub(super) fn excluded(charge: &Charge, policy: &Policy) -> Option<Exclusion> {
    let applies = |reason: &Exclusion| charge.traits.has(ChargeTraits::of(*reason));
    REASONS.into_iter().find(|reason| policy.exclude.contains(reason) && applies(reason))
}

/// The time in which access counts: the charge period, or every UTC day that it touches (R34).
pub(super) fn window(granularity: Granularity, period: Interval) -> Interval {
    const DAY: i128 = 24 * 60 * 60 * 1_000_000_000;
    if granularity != Granularity::WholeDay {
        return period;
    }
    let first = period.from().nanoseconds().div_euclid(DAY);
    let last = (period.to().nanoseconds() - 1).div_euclid(DAY);
    let midnight = |day: i128| Instant::from_nanoseconds(day * DAY);
    let from = midnight(first).unwrap_or(Instant::MIN);
    let to = midnight(last + 1).unwrap_or(Instant::MAX);
    Interval::new(from, to).unwrap_or(period)
}

/// The part of a charge's scope chain that never moves: resource to subscription, nearest first, in
/// small letters.
pub(super) struct ChainStart {
    pub elements: Vec<String>,
    pub subscription: SubscriptionId,
}

/// Where the chain of a charge starts: its resource, else its resource group, else its subscription.
pub(super) fn place_of(charge: &Charge) -> Option<ChainStart> {
    let path = match (&charge.resource, &charge.resource_group, &charge.subscription) {
        (Some(resource), ..) => resource.clone(),
        (None, Some(group), Some(id)) => format!("/subscriptions/{id}/resourceGroups/{group}"),
        (None, None, Some(id)) => format!("/subscriptions/{id}"),
        (None, _, None) => return None,
    };
    let path: ScopePath = path.parse().ok()?;
    let path = plain(path.text());
    let segments: Vec<&str> = path[1..].split('/').collect();
    let ["subscriptions", id, ..] = segments[..] else { return None };
    // Every element is a kind and a name below the one before. `providers` and a namespace say of what
    // kind the next one is, and are none themselves.
    let mut elements = Vec::new();
    let mut end = 0;
    for pair in segments.chunks(2) {
        end += pair.iter().map(|segment| 1 + segment.len()).sum::<usize>();
        if pair[0] != "providers" || end == path.len() {
            elements.push(path[..end].to_owned());
        }
    }
    elements.reverse();
    Some(ChainStart { elements, subscription: id.parse().ok()? })
}
