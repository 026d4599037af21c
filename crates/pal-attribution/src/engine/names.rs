//! What subscriptions and tenants are shown as.

use std::collections::HashMap;

use pal_model::{Facts, Instant, Source, SubscriptionId, TenantId};

use crate::access::{Hierarchy, at_or_next};
use crate::ingest::{Codes, NONE};

/// Names of subscriptions as codes (from 1; 0 = no name).
pub(super) struct Names<'a> {
    hierarchy: &'a Hierarchy<'a>,
    codes: &'a Codes,
    by_name: HashMap<&'a str, u32>,
    names: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub fn new(hierarchy: &'a Hierarchy<'a>, codes: &'a Codes) -> Self {
        Self { hierarchy, codes, by_name: HashMap::new(), names: Vec::new() }
    }

    /// The name of a subscription at an instant, or the next it gets.
    pub fn subscription(&mut self, code: u32, at: Instant) -> u32 {
        let folded = self.codes.subscriptions.folded(code);
        let id = folded.and_then(|text| text.parse::<SubscriptionId>().ok());
        let stated = id.map_or(&[][..], |id| self.hierarchy.facts(id));
        let Some(name) = at_or_next(stated, at).and_then(|s| s.name.as_deref()) else {
            return NONE;
        };
        let next = self.names.len() as u32 + 1;
        let code = *self.by_name.entry(name).or_insert(next);
        if code == next {
            self.names.push(name);
        }
        code
    }

    /// The names by code, from 1.
    pub fn all(&self) -> &[&'a str] {
        &self.names
    }
}

/// Tenant and subscription ids in the casing of the first line that has them.
pub(super) struct Casing {
    tenants: HashMap<TenantId, (Source, TenantId)>,
    subscriptions: HashMap<SubscriptionId, (Source, SubscriptionId)>,
}

impl Casing {
    pub fn new(facts: &Facts) -> Self {
        let mut casing = Self { tenants: HashMap::new(), subscriptions: HashMap::new() };
        let tenants = facts.tenants.iter().map(|s| (s.fact.tenant, s.source));
        let of_subscriptions = facts.subscriptions.iter().map(|s| (s.fact.tenant, s.source));
        for (tenant, source) in tenants.chain(of_subscriptions) {
            let entry = casing.tenants.entry(tenant).or_insert((source, tenant));
            *entry = if source < entry.0 { (source, tenant) } else { *entry };
        }
        for stated in &facts.subscriptions {
            let (id, source) = (stated.fact.subscription, stated.source);
            let entry = casing.subscriptions.entry(id).or_insert((source, id));
            *entry = if source < entry.0 { (source, id) } else { *entry };
        }
        casing
    }

    pub fn tenant(&self, tenant: TenantId) -> String {
        self.tenants.get(&tenant).map_or(tenant, |(_, shown)| *shown).to_string()
    }

    /// The subscription as the facts write it, else as the usage does.
    pub fn subscription(&self, text: &str) -> String {
        let stated = text.parse().ok().and_then(|id: SubscriptionId| self.subscriptions.get(&id));
        stated.map_or_else(|| text.to_owned(), |(_, shown)| shown.to_string())
    }
}
