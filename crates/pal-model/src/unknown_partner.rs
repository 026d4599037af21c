//! Partners to whom somebody is linked and of whom no fact is known.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Facts, PartnerId};

/// A partner that links name and no fact: nobody can say whether it is active, so it earns no credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownPartner(pub PartnerId);

impl UnknownPartner {
    /// The fact that is missing, to be added as it is or with more fields.
    pub fn fact(self) -> String {
        format!("{{\"kind\":\"partner\",\"partner\":\"{}\",\"type\":\"location\"}}", self.0)
    }

    /// What to do, after a word about who is linked.
    pub fn advice(self) -> String {
        format!(
            "linked to partner {}, of which no fact is known: no credit; add this fact: {}",
            self.0,
            self.fact()
        )
    }
}

impl fmt::Display for UnknownPartner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "somebody is {}", self.advice())
    }
}

impl Facts {
    /// Partners of links of which no fact is known, by number.
    pub fn unknown_partners(&self) -> Vec<UnknownPartner> {
        let mut linked: BTreeMap<u64, PartnerId> =
            self.links.iter().map(|link| (link.fact.partner.number(), link.fact.partner)).collect();
        for partner in &self.partners {
            linked.remove(&partner.fact.partner.number());
        }
        linked.into_values().map(UnknownPartner).collect()
    }
}
