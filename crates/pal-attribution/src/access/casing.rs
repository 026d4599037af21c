//! How ids of facts are spelled in reports.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use pal_model::{Facts, SubscriptionId, TenantId, fold};

/// Tenant and subscription ids in the casing of the facts, of several the one that is first as bytes.
pub(crate) struct Casing {
    tenants: HashMap<TenantId, String>,
    subscriptions: HashMap<SubscriptionId, String>,
}

impl Casing {
    pub fn new(facts: &Facts) -> Self {
        let tenants = facts.tenants.iter().map(|s| s.fact.tenant);
        let of_subscriptions = facts.subscriptions.iter().map(|s| s.fact.tenant);
        Self {
            tenants: least(tenants.chain(of_subscriptions)),
            subscriptions: least(facts.subscriptions.iter().map(|s| s.fact.subscription)),
        }
    }

    pub fn tenant(&self, tenant: TenantId) -> String {
        self.tenants.get(&tenant).cloned().unwrap_or_else(|| tenant.to_string())
    }

    /// The subscription as the facts write it, else folded.
    pub fn subscription(&self, text: &str) -> String {
        let stated = text.parse().ok().and_then(|id: SubscriptionId| self.subscriptions.get(&id));
        stated.map_or_else(|| fold(text), String::clone)
    }
}

fn least<I: Copy + Eq + Hash + Display>(ids: impl Iterator<Item = I>) -> HashMap<I, String> {
    let mut shown: HashMap<I, String> = HashMap::new();
    for id in ids {
        let text = id.to_string();
        let first = shown.entry(id).or_insert_with(|| text.clone());
        if text < *first {
            *first = text;
        }
    }
    shown
}
