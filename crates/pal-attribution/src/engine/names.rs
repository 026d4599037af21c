//! What subscriptions are shown as.

use std::collections::HashMap;

use pal_model::{Instant, SubscriptionId};

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
