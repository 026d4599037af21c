//! From the head of a charge's scope chain and its period to an outcome, each computed once.
//!
//! The resolver is shared by the reading threads. Its lock guards look-ups only: what takes time
//! (resolving a coverage, judging a stretch) is computed outside, and if two threads compute the
//! same, the first to store it wins; both results are equal.

use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use pal_model::{Instant, Interval, SubscriptionId, TenantId};

use super::lock;
use crate::access::{Access, Coverage, Outcome, subscription_of};
use crate::ingest::{Codes, NONE, Texts};

/// What rows with the same head share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Which class of heads it is in: heads of a class have the same outcomes.
    pub class: u32,
    /// Code of the subscription in the resource id.
    pub subscription: u32,
    /// Code of the resource group in the resource id.
    pub group: u32,
}

/// The coverage to use by the start of a charge. In order of time; gaps = unknown subscription.
pub(super) type Class = Vec<(Interval, Arc<Shared>)>;

/// A coverage and its code.
pub(super) struct Shared {
    pub code: u32,
    pub coverage: Coverage,
}

/// Grants and denies on the fixed part of a chain, below a subscription seen from a tenant.
type CoverageKey = (SubscriptionId, TenantId, Vec<u32>, Vec<u32>);

pub(super) struct Resolver<'a> {
    access: &'a Access<'a>,
    codes: &'a Codes,
    known: Mutex<Resolved>,
}

#[derive(Default)]
struct Resolved {
    /// By codes of resource, group and subscription.
    heads: HashMap<(u32, u32, u32), Head>,
    classes: Vec<Arc<Class>>,
    class_codes: HashMap<Vec<(Interval, u32)>, u32>,
    coverages: HashMap<CoverageKey, Arc<Shared>>,
    outcomes: Vec<Arc<Outcome>>,
    outcome_codes: HashMap<Arc<Outcome>, u32>,
}

impl Resolved {
    fn outcome(&mut self, outcome: Outcome) -> u32 {
        let next = self.outcomes.len() as u32;
        let outcome = Arc::new(outcome);
        let code = *self.outcome_codes.entry(outcome.clone()).or_insert(next);
        if code == next {
            self.outcomes.push(outcome);
        }
        code
    }
}

impl<'a> Resolver<'a> {
    /// Outcome code of a charge without a known subscription.
    pub const UNKNOWN: u32 = 0;

    pub fn new(access: &'a Access<'a>, codes: &'a Codes) -> Self {
        let mut known = Resolved::default();
        known.outcome(Outcome::UNKNOWN);
        Self { access, codes, known: Mutex::new(known) }
    }

    /// The outcomes found from code `first` on.
    pub fn outcomes(&self, first: usize) -> Vec<Arc<Outcome>> {
        lock(&self.known).outcomes[first..].to_vec()
    }

    /// The class behind a code.
    pub fn class(&self, code: u32) -> Arc<Class> {
        lock(&self.known).classes[code as usize].clone()
    }

    /// The head of a charge: its resource, else its resource group, else its subscription (R16).
    pub fn head(&self, resource: u32, group: u32, subscription: u32) -> Head {
        let asked = (resource, group, subscription);
        if let Some(&head) = lock(&self.known).heads.get(&asked) {
            return head;
        }
        let head = self.new_head(resource, group, subscription);
        lock(&self.known).heads.insert(asked, head);
        head
    }

    fn new_head(&self, resource: u32, group: u32, subscription: u32) -> Head {
        let chain = match self.codes.resources.folded(resource) {
            Some(resource) => tidy(&resource),
            None => match self.codes.subscriptions.folded(subscription) {
                None => String::new(),
                Some(subscription) => match self.codes.groups.folded(group) {
                    None => format!("/subscriptions/{subscription}"),
                    Some(group) => format!("/subscriptions/{subscription}/resourcegroups/{group}"),
                },
            },
        };
        // Where spellings are kept apart, the group is spelled as this resource id spells it.
        let apart = self.codes.resources.apart(resource).map(|text| tidy(&text));
        let (subscription, group) = named(&chain);
        let group = apart.as_deref().map_or(group, |text| named(text).1);
        let code = |texts: &Texts, text: &str| match text {
            "" => NONE,
            text => texts.code(text),
        };
        Head {
            class: self.class_of(&chain),
            subscription: code(&self.codes.subscriptions, subscription),
            group: code(&self.codes.groups, group),
        }
    }

    fn class_of(&self, chain: &str) -> u32 {
        let mut class = Class::new();
        if let Some(subscription) = subscription_of(chain) {
            let (grants, denies) = self.access.on_chain(chain);
            for stated in self.access.hierarchy.facts(subscription) {
                let key = (subscription, stated.fact.tenant, grants.clone(), denies.clone());
                class.push((stated.during, self.coverage(key)));
            }
        }
        let key: Vec<_> = class.iter().map(|(during, shared)| (*during, shared.code)).collect();
        let mut known = lock(&self.known);
        let next = known.classes.len() as u32;
        let code = *known.class_codes.entry(key).or_insert(next);
        if code == next {
            known.classes.push(Arc::new(class));
        }
        code
    }

    fn coverage(&self, key: CoverageKey) -> Arc<Shared> {
        if let Some(shared) = lock(&self.known).coverages.get(&key) {
            return shared.clone();
        }
        let coverage = self.access.cover(key.0, key.1, &key.2, &key.3);
        let mut known = lock(&self.known);
        let code = known.coverages.len() as u32;
        known.coverages.entry(key).or_insert_with(|| Arc::new(Shared { code, coverage })).clone()
    }

    /// The time that is looked at for a charge of `period`.
    pub fn window(&self, period: Interval) -> Interval {
        self.access.policy.granularity.window(period)
    }

    /// The outcome of charges of a class with this period, and the stretch of time in which other
    /// charges of the class have the same, if their counted windows lie inside it.
    pub fn outcome(&self, class: &Class, period: Interval) -> (u32, Option<Interval>) {
        let start = period.from();
        let Some((_, shared)) = class.iter().find(|(during, _)| during.contains(start)) else {
            return (Self::UNKNOWN, None);
        };
        let borders = &shared.coverage.borders;
        // `period` lies inside its window, so a window without a border inside is enough.
        let window = self.window(period);
        let stretch = borders.partition_point(|border| *border <= window.from());
        let from = stretch.checked_sub(1).map_or(Instant::MIN, |before| borders[before]);
        let to = borders.get(stretch).copied().unwrap_or(Instant::MAX);
        let inside = window.to() <= to;
        let outcome = self.access.judge(&shared.coverage, period, inside);
        let same = Interval::new(from, to).ok().filter(|_| inside);
        (lock(&self.known).outcome(outcome), same)
    }
}

/// Doubled and trailing slashes are noise, also in cost exports.
fn tidy(resource: &str) -> String {
    if !resource.contains("//") && !resource.ends_with('/') {
        return resource.to_owned();
    }
    let path: Result<pal_model::ScopePath, _> = resource.parse();
    path.map_or_else(|_| resource.to_owned(), |path| path.text().to_owned())
}

/// Subscription and resource group that a chain's first element names; empty = none.
fn named(head: &str) -> (&str, &str) {
    const PREFIX: &str = "/subscriptions/";
    let inside = head.get(..PREFIX.len()).is_some_and(|p| p.eq_ignore_ascii_case(PREFIX));
    let mut segments = head.get(PREFIX.len()..).filter(|_| inside).unwrap_or_default().split('/');
    let subscription = segments.next().unwrap_or_default();
    let grouped = segments.next().is_some_and(|s| s.eq_ignore_ascii_case("resourceGroups"));
    (subscription, segments.next().filter(|_| grouped).unwrap_or_default())
}
