//! What is missing before there can be credit, and from when reports can be relied on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pal_model::{Instant, PartnerId, TenantId, fold};
use serde_json::Value;

use super::entry::Body;
use super::ledger::Line;
use super::merge::Merge;
use super::start::{Start, class};

/// Something without which nobody can be credited, or one cannot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacking {
    /// No subscription.
    Subscriptions,
    /// No role assignment and no delegation.
    Access,
    /// No link.
    Links,
    /// No account with this object, which is linked.
    Account(String),
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscriptions => f.write_str(
                "no subscription is known, so every charge is 'unknown-subscription'; export the subscriptions",
            ),
            Self::Access => f.write_str(
                "no role assignment and no delegation is known; export them for each subscription",
            ),
            Self::Links => f.write_str(
                "nobody is linked to a partner; export partner links, or write a 'link' fact for each",
            ),
            Self::Account(object) => write!(
                f,
                "the linked account {object} is in no list; export the users and service principals"
            ),
        }
    }
}

/// What is missing for a directory, as customer or as managing one.
pub fn lacking<'l>(
    lines: &(impl Iterator<Item = &'l Line> + Clone),
    tenant: TenantId,
) -> Vec<Lacking> {
    let is = |line: &&Line, field: &str| line.field(field).parse() == Ok(tenant);
    let of = |kind: &'static str| lines.clone().filter(move |line| line.kind == kind);
    let own = |kind: &'static str| of(kind).filter(move |line| is(line, "tenant"));
    let manages = of("delegation").any(|line| is(&line, "managingTenant"));
    let managing: BTreeSet<String> =
        own("delegation").map(|line| fold(line.field("managingTenant"))).collect();
    let mut lacking = Vec::new();
    if own("subscription").next().is_none() && !manages {
        lacking.push(Lacking::Subscriptions);
    }
    let has_access = own("roleAssignment").next().is_some() || !managing.is_empty() || manages;
    if !has_access {
        lacking.push(Lacking::Access);
    }
    let delegated = |line: &Line| managing.contains(&fold(line.field("tenant")));
    if own("link").next().is_none() && !of("link").any(delegated) {
        lacking.push(Lacking::Links);
    }
    let accounts: BTreeSet<String> =
        own("principal").map(|line| fold(line.field("object"))).collect();
    let linked: BTreeSet<String> = own("link").map(|line| fold(line.field("object"))).collect();
    lacking.extend(linked.difference(&accounts).cloned().map(Lacking::Account));
    lacking
}

/// From when on nothing is assumed: the latest of the first looks at each kind.
pub fn dependable_from<'l>(own: impl Iterator<Item = &'l Line> + Clone) -> Option<Instant> {
    let mut first: BTreeMap<&'static str, Instant> = BTreeMap::new();
    for line in own.clone().filter(|line| line.mark.assumed) {
        let Some(recorded) = line.recorded_at else { continue };
        let look = first.entry(class(line.kind, line.field("type"))).or_insert(recorded);
        *look = recorded.min(*look);
    }
    first.into_values().max().or_else(|| own.filter_map(|line| line.recorded_at).min())
}

impl Merge<'_> {
    /// Facts for partners that links of the directory name and no fact describes. A partner that no fact
    /// describes is not active, and its links would count for nobody without a word. That it exists
    /// is known, since Azure takes no other ID; that it was always active is assumed.
    pub fn propose_partners(&mut self) -> Vec<PartnerId> {
        let id = |line: &Line| match line.body.get("partner")? {
            Value::String(text) => text.parse::<PartnerId>().ok(),
            Value::Number(number) => number.to_string().parse().ok(),
            _ => None,
        };
        let of = |kind: &'static str| self.lines.iter().filter(move |line| line.kind == kind);
        let described: BTreeSet<PartnerId> = of("partner").filter_map(id).collect();
        let is_own = |line: &&Line| super::merge::is_of(line, self.snapshot);
        let linked: BTreeSet<PartnerId> = of("link").filter(is_own).filter_map(id).collect();
        let proposed: Vec<PartnerId> = linked.difference(&described).copied().collect();
        for partner in &proposed {
            let links = self.snapshot.entries.iter().filter(|entry| entry.kind == "link");
            let name = links
                .filter(|entry| entry.body["partner"] == partner.to_string())
                .find_map(|entry| entry.partner_name.clone());
            let mut body = Body::new();
            body.insert("partner".to_owned(), partner.to_string().into());
            body.extend(name.map(|name| ("name".to_owned(), name.into())));
            body.insert("type".to_owned(), "location".into());
            let start = Start { from: None, assumed: true };
            self.lines.push(Line::new("partner", body, start, None, self.at));
            self.count("partner").added += 1;
        }
        proposed
    }
}
