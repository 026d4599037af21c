//! How far reports can be relied on: which starts are assumed, and what nothing confirms any more.

use std::collections::BTreeMap;

use pal_model::{Facts, Instant, Months, Source, Stated, SubscriptionId, TenantId};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reliance {
    /// How many facts have a start that is assumed.
    pub assumed: usize,
    /// From when on reports depend on nothing that is assumed: the latest of the first looks at each
    /// kind of fact in each directory.
    pub dependable_from: Option<Instant>,
    /// Subscriptions that the lists lack, without evidence that they ended.
    pub unconfirmed: Vec<Unconfirmed>,
}

/// A subscription that nothing confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    pub subscription: SubscriptionId,
    pub tenant: TenantId,
    pub name: Option<String>,
    /// When the first list lacked it.
    pub since: Instant,
}

/// First looks, by directory and kind.
struct Looks<'f>(&'f Facts, BTreeMap<(Option<TenantId>, &'static str), Instant>);

impl Looks<'_> {
    fn add<T>(
        &mut self,
        kind: &'static str,
        stated: &[Stated<T>],
        of: impl Fn(&T) -> (Option<TenantId>, &'static str),
    ) {
        let is_assumed = |source: Source| self.0.mark(source).assumed;
        for one in stated.iter().filter(|one| is_assumed(one.source)) {
            let Some(recorded) = one.recorded_at else { continue };
            let (tenant, list) = of(&one.fact);
            let kind = if list.is_empty() { kind } else { list };
            let look = self.1.entry((tenant, kind)).or_insert(recorded);
            *look = recorded.min(*look);
        }
    }
}

impl Reliance {
    pub fn of(facts: &Facts) -> Self {
        let mut looks = Looks(facts, BTreeMap::new());
        looks.add("tenant", &facts.tenants, |f| (Some(f.tenant), ""));
        looks.add("principal", &facts.principals, |f| (Some(f.tenant), f.kind.name()));
        looks.add("membership", &facts.memberships, |f| (Some(f.tenant), ""));
        looks.add("managementGroup", &facts.management_groups, |f| (Some(f.tenant), ""));
        looks.add("subscription", &facts.subscriptions, |f| (Some(f.tenant), ""));
        looks.add("roleDefinition", &facts.role_definitions, |_| (None, ""));
        looks.add("roleAssignment", &facts.role_assignments, |f| (Some(f.tenant), ""));
        looks.add("denyAssignment", &facts.deny_assignments, |f| (Some(f.tenant), ""));
        looks.add("delegation", &facts.delegations, |f| (Some(f.tenant), ""));
        looks.add("link", &facts.links, |f| (Some(f.tenant), ""));
        let unconfirmed = facts.subscriptions.iter().filter_map(|stated| {
            Some(Unconfirmed {
                since: facts.mark(stated.source).unconfirmed_since?,
                subscription: stated.fact.subscription,
                tenant: stated.fact.tenant,
                name: stated.fact.name.clone(),
            })
        });
        Self {
            assumed: facts.marks.values().filter(|mark| mark.assumed).count(),
            dependable_from: looks.1.into_values().max(),
            unconfirmed: unconfirmed.collect(),
        }
    }

    /// What a reader of figures of these months must know; `None` = of all.
    pub fn remarks_for(&self, months: Option<Months>) -> Vec<String> {
        let first =
            |(year, month): (i16, i8)| format!("{year:04}-{month:02}-01T00:00:00Z").parse().ok();
        let next = |(year, month): (i16, i8)| {
            if month == 12 { (year.saturating_add(1), 1) } else { (year, month + 1) }
        };
        let from = months.and_then(|months| first(months.first()));
        self.remarks(from, months.and_then(|months| first(next(months.last()))))
    }

    /// What a reader of figures of a time must know; `None` = from the beginning, to the end.
    pub fn remarks(&self, from: Option<Instant>, to: Option<Instant>) -> Vec<String> {
        let mut remarks: Vec<String> = (self.unconfirmed.iter())
            .filter(|one| to.is_none_or(|to| one.since < to))
            .map(|one| {
                let name = one.name.as_deref().unwrap_or("without a name");
                format!(
                    "subscription {} ({name}) is unconfirmed since {}: the lists lack it, and nothing \
                     proves that it ended",
                    one.subscription, one.since
                )
            })
            .collect();
        let before = self.dependable_from.filter(|look| from.is_none_or(|from| from < *look));
        if let Some(look) = before {
            remarks.push(format!(
                "figures before {look} rest on starts that are assumed, {} in all; 'pal explain' names \
                 those behind a figure",
                self.assumed
            ));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "00000000-0000-4000-8000-00000000000a";

    #[test]
    fn reports_are_dependable_from_the_last_first_look() {
        let line = |kind: &str, rest: &str, recorded: &str| {
            format!(
                "{{\"kind\":\"{kind}\",\"tenant\":\"{TENANT}\",{rest},\"recordedAt\":\"{recorded}\"}}\n"
            )
        };
        let user = |n: u8| {
            format!(
                "\"object\":\"00000000-0000-4000-8000-0000000000{n}\",\"type\":\"User\",\"assumed\":true"
            )
        };
        let sub = format!(
            "\"subscription\":\"{TENANT}\",\"assumed\":true,\"unconfirmedSince\":\"2026-11-05T00:00:00Z\""
        );
        let text = line("principal", &user(10), "2026-11-02T00:00:00Z")
            + &line("principal", &user(11), "2026-11-09T00:00:00Z")
            + &line("subscription", &sub, "2026-11-01T00:00:00Z");
        let mut facts = Facts::default();
        facts.read("f", &text, None).unwrap();
        let reliance = Reliance::of(&facts);
        let at = |text: &str| Some(text.parse::<Instant>().unwrap());
        assert_eq!((reliance.assumed, reliance.dependable_from), (3, at("2026-11-02T00:00:00Z")));
        assert_eq!(reliance.remarks(None, None).len(), 2);
        assert_eq!(reliance.remarks(at("2026-11-02T00:00:00Z"), None).len(), 1);
        let before = reliance.remarks(at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z"));
        assert!(before[0].starts_with("figures before 2026-11-02T00:00:00Z"), "{before:?}");
        assert_eq!(before.len(), 1);
    }
}
