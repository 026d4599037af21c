//! Outcome: who is credited with a charge of a given period, and with which share of it.

use pal_model::{Instant, Interval, IntervalSet, PartnerId, RoleClass, TenantId, Uncredited};

use super::{Access, Coverage, OpenDeny, index_at_or_next};
use crate::policy::Granularity;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The tenant its resource belongs to, and which of its facts names it (see
    /// [`Access::customer_name`]).
    pub customer: Option<(TenantId, Option<u32>)>,
    /// Who is credited, by partner; empty = nobody.
    pub credits: Vec<Credit>,
    pub reason: Option<Uncredited>,
    /// Denies that could not be judged for those who are credited, in order.
    pub(crate) open: Vec<OpenDeny>,
}

/// A partner's share of a charge. No texts: outcomes are compared and hashed by the million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Credit {
    pub partner: PartnerId,
    /// Which of its facts names it (see [`Access::partner_name`]).
    pub shown: Option<u32>,
    /// The global account above it.
    pub global: Option<PartnerId>,
    /// The share as a fraction in lowest terms; (1, 1) = all of it.
    pub weight: (i64, i64),
    /// Highest class among the paths that cover any of the counted window (R15).
    pub class: RoleClass,
    /// Whether such a path has an eligible role of the PEC table.
    pub pec_eligible: bool,
    /// Whether another location of the global account counts instead (R27).
    pub duplicate: bool,
}

impl Outcome {
    /// A charge whose subscription is not known at its start.
    pub const UNKNOWN: Self = Self {
        customer: None,
        credits: Vec::new(),
        reason: Some(Uncredited::UnknownSubscription),
        open: Vec::new(),
    };
}

struct Gathered {
    partner: PartnerId,
    /// Covered time inside the window; `None` = all of it.
    when: Option<Vec<Interval>>,
    class: RoleClass,
    pec_eligible: bool,
    linked_from: Instant,
}

impl Access<'_> {
    /// Judges a charge of `period` under `coverage`. `inside` = no border of the coverage lies
    /// inside the counted window, so that its first instant speaks for all of it.
    pub(crate) fn judge(&self, coverage: &Coverage, period: Interval, inside: bool) -> Outcome {
        let window = self.policy.granularity.window(period);
        let mut gathered: Vec<Gathered> = Vec::new();
        for span in &coverage.spans {
            let covers = match inside {
                true => span.when.contains(window.from()),
                false => span.when.overlaps(window),
            };
            if !covers {
                continue;
            }
            // Spans are in order of partners.
            if gathered.last().is_none_or(|last| last.partner != span.partner) {
                gathered.push(Gathered {
                    partner: span.partner,
                    when: (!inside).then(Vec::new),
                    class: span.class,
                    pec_eligible: false,
                    linked_from: span.linked_from,
                });
            }
            let Some(entry) = gathered.last_mut() else { continue };
            if let Some(when) = &mut entry.when {
                when.extend(span.when.clip(window).iter());
            }
            entry.class = entry.class.max(span.class);
            entry.pec_eligible |= span.pec_eligible;
            entry.linked_from = entry.linked_from.min(span.linked_from);
        }
        let start = period.from();
        let mut credits = Vec::new();
        let mut linked_from = Vec::new();
        for gathered in gathered {
            let weight = match gathered.when {
                None => Some((1, 1)),
                Some(when) => {
                    let covered: IntervalSet = when.into_iter().collect();
                    self.weight(covered.length(), window.length())
                }
            };
            let Some(weight) = weight else { continue };
            let stated = self.partner(gathered.partner);
            let shown = index_at_or_next(stated, start);
            linked_from.push(gathered.linked_from);
            credits.push(Credit {
                partner: gathered.partner,
                shown,
                global: shown.and_then(|at| stated[at as usize].fact.parent),
                weight,
                class: gathered.class,
                pec_eligible: gathered.pec_eligible,
                duplicate: false,
            });
        }
        flag_duplicates(&mut credits, &linked_from);
        let name = index_at_or_next(self.tenant(coverage.customer), start);
        let reason = credits.is_empty().then(|| uncredited(coverage, period, inside));
        let open = open_denies(coverage, &credits, window, inside);
        Outcome { customer: Some((coverage.customer, name)), credits, reason, open }
    }

    pub(crate) fn partner_name(&self, credit: &Credit) -> Option<&str> {
        self.partner(credit.partner).get(credit.shown? as usize)?.fact.name.as_deref()
    }

    pub(crate) fn customer_name(&self, outcome: &Outcome) -> Option<&str> {
        let (tenant, shown) = outcome.customer?;
        self.tenant(tenant).get(shown? as usize)?.fact.name.as_deref()
    }

    /// Covered time as a share; `None` = no credit.
    fn weight(&self, covered: i128, length: i128) -> Option<(i64, i64)> {
        match self.policy.granularity {
            Granularity::Proportional if covered == length => Some((1, 1)),
            Granularity::Proportional => {
                let divisor = gcd(covered, length);
                // Charge periods are at most a century (checked at reading), so 64 bits hold them.
                let share = |ns: i128| i64::try_from(ns / divisor).ok();
                Some((share(covered)?, share(length)?))
            }
            Granularity::WholeDay => (covered == length).then_some((1, 1)),
            Granularity::Any => Some((1, 1)),
        }
    }
}

const fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The denies that could not be judged for what is credited.
fn open_denies(
    coverage: &Coverage,
    credits: &[Credit],
    window: Interval,
    inside: bool,
) -> Vec<OpenDeny> {
    let then = |when: &IntervalSet| match inside {
        true => when.contains(window.from()),
        false => when.overlaps(window),
    };
    let all = coverage.grants.iter().flat_map(|(_, grant)| &grant.open);
    let met = all.filter(|(_, when)| then(when)).map(|(open, _)| *open);
    let credited = |open: &OpenDeny| credits.iter().any(|c| c.partner == open.partner);
    let mut met: Vec<OpenDeny> = met.filter(credited).collect();
    met.sort_unstable();
    met.dedup();
    met
}

/// Of the locations of one global account the first by class, then by earliest link, then by lowest
/// number counts; the others are duplicates (R27).
fn flag_duplicates(credits: &mut [Credit], linked_from: &[Instant]) {
    let rank = |i: usize, credits: &[Credit]| {
        (std::cmp::Reverse(credits[i].class), linked_from[i], credits[i].partner)
    };
    for i in 0..credits.len() {
        let Some(global) = credits[i].global else { continue };
        let siblings = (0..credits.len()).filter(|&j| credits[j].global == Some(global));
        let first = siblings.min_by_key(|&j| rank(j, credits));
        credits[i].duplicate = first != Some(i);
    }
}

/// The first reason that applies.
fn uncredited(coverage: &Coverage, period: Interval, inside: bool) -> Uncredited {
    let linked = || match inside {
        true => coverage.linked.contains(period.from()),
        // Reached at one instant and linked at another is enough.
        false => coverage
            .grants
            .iter()
            .flat_map(|(_, grant)| &grant.reached)
            .any(|(reached, linked)| reached.overlaps(period) && linked.overlaps(period)),
    };
    if !coverage.granted.overlaps(period) {
        Uncredited::NoAssignment
    } else if !linked() {
        Uncredited::NoLink
    } else {
        Uncredited::NotActive
    }
}
