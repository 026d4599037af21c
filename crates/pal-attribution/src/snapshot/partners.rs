//! Partners that links name and no fact describes.

use std::collections::BTreeSet;

use pal_model::{Fact, Partner, PartnerId, PartnerKind};

use super::ledger::{Line, Start};
use super::merge::Merge;

impl Merge<'_> {
    /// Facts for partners that links of the directory name and no fact describes. A partner that no fact
    /// describes is not active, and its links would count for nobody without a word. That it exists
    /// is known, since Azure takes no other ID; that it was always active is assumed.
    pub fn propose_partners(&mut self) -> Vec<PartnerId> {
        let (mut described, mut linked) = (BTreeSet::new(), BTreeSet::new());
        for line in &self.lines {
            match &line.fact {
                Fact::Partner(fact) => described.insert(fact.partner),
                Fact::Link(fact) if fact.tenant == self.snapshot.tenant => {
                    linked.insert(fact.partner)
                }
                _ => false,
            };
        }
        let proposed: Vec<PartnerId> = linked.difference(&described).copied().collect();
        for &partner in &proposed {
            let name = self.snapshot.entries.iter().find_map(|entry| match &entry.fact {
                Fact::Link(fact) if fact.partner == partner => entry.partner_name.clone(),
                _ => None,
            });
            let kind = PartnerKind::Location;
            let fact = Partner { partner, name, kind, parent: None, home_tenant: None };
            let start = Start { from: None, assumed: true };
            self.lines.push(Line::new(fact.into(), start, None, self.at));
            self.count("partner").added += 1;
        }
        proposed
    }
}
