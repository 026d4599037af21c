//! How ids of facts are spelled in reports.

use std::collections::HashMap;

use pal_model::{Facts, Source, SubscriptionId, TenantId};

/// Tenant and subscription ids in the casing of the first line that has them.
pub(crate) struct Casing {
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
