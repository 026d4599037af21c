//! Facts seen from an instant: what is near it, and what things are called then.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use pal_model::{
    Instant, PartnerId, Principal, PrincipalFact, RoleId, Source, Stated, SubscriptionId, TenantId,
};

use crate::access::{Access, Origin, at_or_next};

/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;

/// The time that is looked at, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub from: Instant,
    pub now: Instant,
    pub to: Instant,
}

impl Window {
    /// So many days of 24 hours before and after.
    pub fn new(now: Instant, days: u32) -> Self {
        let length = i128::from(days) * DAY;
        let at = |ns| Instant::from_nanoseconds(ns);
        Self {
            from: at(now.nanoseconds() - length).unwrap_or(Instant::MIN),
            now,
            to: at(now.nanoseconds() + length).unwrap_or(Instant::MAX),
        }
    }

    /// Whether a fact that ends then ends in the window; the end of time is no end.
    pub fn has(self, end: Instant) -> bool {
        self.from <= end && end <= self.to && end < Instant::MAX
    }
}

pub(super) struct Moment<'a> {
    pub access: &'a Access<'a>,
    pub window: Window,
    principals: HashMap<Principal, Vec<&'a Stated<PrincipalFact>>>,
}

impl<'a> Moment<'a> {
    pub fn new(access: &'a Access<'a>, window: Window) -> Self {
        let mut principals: HashMap<Principal, Vec<&Stated<PrincipalFact>>> = HashMap::new();
        for stated in &access.facts.principals {
            principals.entry(stated.fact.principal()).or_default().push(stated);
        }
        for list in principals.values_mut() {
            list.sort_by_key(|s| s.during.from());
        }
        Self { access, window, principals }
    }

    /// The facts of an identity or a group, in order of time.
    pub fn stated(&self, principal: Principal) -> &[&'a Stated<PrincipalFact>] {
        self.principals.get(&principal).map_or(&[], Vec::as_slice)
    }

    /// `name (id)`.
    pub fn principal(&self, principal: Principal) -> String {
        let name = self.shown(self.stated(principal)).and_then(|p| p.name.as_deref());
        named(name, principal.object)
    }

    /// `name (id)`.
    pub fn partner(&self, partner: PartnerId) -> String {
        named(self.shown(self.access.partner(partner)).and_then(|p| p.name.as_deref()), partner)
    }

    /// `name (id)`.
    pub fn tenant(&self, tenant: TenantId) -> String {
        named(self.shown(self.access.tenant(tenant)).and_then(|t| t.name.as_deref()), tenant)
    }

    /// `name (id)`.
    pub fn subscription(&self, id: SubscriptionId) -> String {
        named(self.shown(self.access.hierarchy.facts(id)).and_then(|s| s.name.as_deref()), id)
    }

    /// The name of a role, else its id.
    pub fn role(&self, role: Option<RoleId>) -> String {
        let Some(role) = role else { return "a role".to_owned() };
        let mut stated = self.access.facts.role_definitions.iter();
        let stated = stated.find(|s| s.fact.role == role).and_then(|s| s.fact.name.clone());
        let shipped = || self.access.roles.name(role).map(str::to_owned);
        stated.or_else(shipped).unwrap_or_else(|| role.to_string())
    }

    pub fn grant_source(&self, grant: u32) -> Source {
        match self.access.grant(grant).origin {
            Origin::Assignment(index) => self.access.facts.role_assignments[index].source,
            Origin::Delegation(index, _) => self.access.facts.delegations[index].source,
        }
    }

    /// Lines as they are shown, in their order, each once.
    pub fn places(&self, sources: impl IntoIterator<Item = Source>) -> Vec<String> {
        let sources: BTreeSet<Source> = sources.into_iter().collect();
        sources.into_iter().map(|source| self.access.facts.place(source)).collect()
    }

    /// The fact that gives the name: of now, else the next, else the last.
    fn shown<T>(&self, stated: &[&'a Stated<T>]) -> Option<&'a T> {
        at_or_next(stated, self.window.now).or(stated.last().map(|s| &s.fact))
    }
}

fn named(name: Option<&str>, id: impl fmt::Display) -> String {
    name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
}

/// An instant that says something; since always says nothing.
pub(super) fn said(at: Instant) -> Option<Instant> {
    (at != Instant::MIN).then_some(at)
}
