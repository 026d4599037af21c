//! From the head of a charge's scope chain and its period to an outcome, each computed once.

use std::collections::HashMap;
use std::sync::Arc;

use pal_model::{Interval, SubscriptionId, TenantId};

use crate::access::{Access, Coverage, Outcome, subscription_of};
use crate::ingest::{Codes, NONE, Seen};

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

/// The tenant of a charge by its start, and the coverage to use. In order of time; gaps = unknown.
type Class = Vec<(Interval, u32)>;

/// Grants and denies on the fixed part of a chain, below a subscription seen from a tenant.
type CoverageKey = (SubscriptionId, TenantId, Vec<u32>, Vec<u32>);

/// Shared by the reading threads behind a lock; each keeps its own copy of what it has asked.
pub(super) struct Resolver<'a> {
    access: &'a Access<'a>,
    codes: &'a Codes,
    classes: Vec<Class>,
    class_codes: HashMap<Class, u32>,
    coverages: Vec<Coverage>,
    coverage_codes: HashMap<CoverageKey, u32>,
    outcomes: Vec<Arc<Outcome>>,
    outcome_codes: HashMap<Arc<Outcome>, u32>,
    /// By (coverage, stretch between two borders).
    stretches: HashMap<(u32, usize), u32>,
    /// By (coverage, period), where a border lies inside.
    crossing: HashMap<(u32, Interval), u32>,
}

impl<'a> Resolver<'a> {
    /// Outcome code of a charge without a known subscription.
    pub const UNKNOWN: u32 = 0;

    pub fn new(access: &'a Access<'a>, codes: &'a Codes) -> Self {
        let unknown = Arc::new(Outcome::UNKNOWN);
        Self {
            access,
            codes,
            classes: Vec::new(),
            class_codes: HashMap::new(),
            coverages: Vec::new(),
            coverage_codes: HashMap::new(),
            outcomes: vec![unknown.clone()],
            outcome_codes: HashMap::from([(unknown, Self::UNKNOWN)]),
            stretches: HashMap::new(),
            crossing: HashMap::new(),
        }
    }

    /// The outcomes found, by code.
    pub fn outcomes(&self) -> &[Arc<Outcome>] {
        &self.outcomes
    }

    /// The head of a charge: its resource, else its resource group, else its subscription (R16).
    pub fn head(&mut self, resource: u32, group: u32, subscription: u32) -> Head {
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
        let class = self.class(&chain);
        let late = Seen::derived(u64::MAX);
        let mut segments = chain.strip_prefix("/subscriptions/").unwrap_or_default().split('/');
        let subscription = segments.next().unwrap_or_default();
        let group = match segments.next() {
            Some("resourcegroups") => segments.next().unwrap_or_default(),
            _ => "",
        };
        let code = |texts: &crate::ingest::Texts, text: &str| match text {
            "" => NONE,
            text => texts.code(text, late),
        };
        Head {
            class,
            subscription: code(&self.codes.subscriptions, subscription),
            group: code(&self.codes.groups, group),
        }
    }

    fn class(&mut self, chain: &str) -> u32 {
        let mut class = Class::new();
        if let Some(subscription) = subscription_of(chain) {
            let (grants, denies) = self.access.on_chain(chain);
            for stated in self.access.hierarchy.facts(subscription) {
                let key = (subscription, stated.fact.tenant, grants.clone(), denies.clone());
                let coverage = self.coverage(key);
                class.push((stated.during, coverage));
            }
        }
        if let Some(&code) = self.class_codes.get(&class) {
            return code;
        }
        let code = self.classes.len() as u32;
        self.classes.push(class.clone());
        self.class_codes.insert(class, code);
        code
    }

    fn coverage(&mut self, key: CoverageKey) -> u32 {
        if let Some(&code) = self.coverage_codes.get(&key) {
            return code;
        }
        let code = self.coverages.len() as u32;
        self.coverages.push(self.access.cover(key.0, key.1, &key.2, &key.3));
        self.coverage_codes.insert(key, code);
        code
    }

    /// The outcome of charges of a class with this period.
    pub fn outcome(&mut self, class: u32, period: Interval) -> u32 {
        let start = period.from();
        let stated = self.classes[class as usize].iter().find(|(during, _)| during.contains(start));
        let Some(&(_, code)) = stated else { return Self::UNKNOWN };
        let coverage = &self.coverages[code as usize];
        // `period` lies inside its window, so a window without a border inside is enough.
        let window = self.access.policy.granularity.window(period);
        let stretch = coverage.borders.partition_point(|border| *border <= window.from());
        let whole = coverage.borders.get(stretch).is_none_or(|border| window.to() <= *border);
        let known = match whole {
            true => self.stretches.get(&(code, stretch)),
            false => self.crossing.get(&(code, period)),
        };
        if let Some(&outcome) = known {
            return outcome;
        }
        let outcome = Arc::new(self.access.judge(coverage, period));
        let next = self.outcomes.len() as u32;
        let outcome_code = *self.outcome_codes.entry(outcome.clone()).or_insert(next);
        if outcome_code == next {
            self.outcomes.push(outcome);
        }
        match whole {
            true => self.stretches.insert((code, stretch), outcome_code),
            false => self.crossing.insert((code, period), outcome_code),
        };
        outcome_code
    }
}

/// Doubled and trailing slashes are noise, also in cost exports.
fn tidy(resource: &str) -> String {
    if !resource.contains("//") && !resource.ends_with('/') {
        return resource.to_owned();
    }
    let path: Result<pal_model::ScopePath, _> = resource.parse();
    path.map_or_else(|_| resource.to_owned(), |path| path.folded().to_owned())
}

/// Gives groups that only resource ids name the casing of the first resource id that does.
pub(super) fn settle_groups(codes: &Codes) {
    if !codes.groups.any_derived() {
        return;
    }
    for (order, resource) in codes.resources.in_order().iter().enumerate() {
        let mut segments = resource.split('/').filter(|s| !s.is_empty()).skip(2);
        let named = segments.next().is_some_and(|s| s.eq_ignore_ascii_case("resourceGroups"));
        if let Some(group) = segments.next().filter(|_| named) {
            codes.groups.code(group, Seen::derived(order as u64));
        }
    }
}
