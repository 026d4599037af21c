//! What a caller may look at: roles are facts, and those of now decide, also about the past.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pal_attribution::engine::{PrivacyLevels, View};
use pal_model::{
    Facts, Instant, PartnerId, Principal, PrivacyLevel, Stated, TenantId, ViewerLevel,
};

use super::caller::SignedIn;
use super::error::HttpError;
use crate::App;

/// What a caller may look at.
pub struct Sight {
    pub operator: bool,
    /// Reports of these partner IDs.
    pub views: BTreeMap<PartnerId, ViewerLevel>,
    /// Links to these partner IDs.
    pub administers: BTreeSet<PartnerId>,
    /// Everything about the own directory.
    pub audits: bool,
    pub who: Principal,
    /// The facts it comes from, as known now.
    pub facts: Arc<Facts>,
    pub now: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Operator,
    Partner,
    Customer,
}

impl Role {
    pub const NAMES: [(&'static str, Self); 3] =
        [("operator", Self::Operator), ("partner", Self::Partner), ("customer", Self::Customer)];

    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// Facts that hold at an instant.
pub fn now<T>(stated: &[Stated<T>], at: Instant) -> impl Iterator<Item = &Stated<T>> {
    stated.iter().filter(move |s| s.during.contains(at))
}

impl Sight {
    /// Of a caller, whose account must be there and enabled.
    ///
    /// # Errors
    /// It is not, or the facts cannot be read.
    pub async fn of(app: &App, signed: &SignedIn) -> Result<Self, HttpError> {
        let (who, at) = (signed.caller.principal, app.now());
        super::account(app, who, at).await?;
        let facts = app.live.facts().await?;
        let mut views: BTreeMap<PartnerId, ViewerLevel> = BTreeMap::new();
        for fact in now(&facts.viewers, at).map(|s| &s.fact).filter(|f| f.principal() == who) {
            for id in with_locations(&facts, fact.partner) {
                let level = views.entry(id).or_insert(fact.level);
                *level = fact.level.max(*level);
            }
        }
        let administers = now(&facts.link_administrators, at)
            .filter(|s| s.fact.principal() == who)
            .flat_map(|s| with_locations(&facts, s.fact.partner))
            .collect();
        let audits = now(&facts.auditors, at).any(|s| s.fact.principal() == who);
        let operator = app.operators.contains(&who);
        Ok(Self { operator, views, administers, audits, who, facts, now: at })
    }

    /// As whom a report is read; `asked` = the caller's wish. "Not yours" reads as "not there".
    ///
    /// # Errors
    /// The caller may not.
    pub fn role(&self, asked: Option<Role>) -> Result<Role, HttpError> {
        let may = |role: &Role| match role {
            Role::Operator => self.operator,
            Role::Partner => !self.views.is_empty(),
            Role::Customer => self.audits,
        };
        let wanted = asked.map_or_else(|| Role::NAMES.map(|(_, role)| role).to_vec(), |r| vec![r]);
        wanted.into_iter().find(may).ok_or_else(HttpError::no_such_path)
    }

    /// The part of a report that a role sees, of one partner if that is asked for.
    pub fn view(&self, app: &App, role: Role, partner: Option<PartnerId>) -> View {
        let one = |id: &PartnerId| partner.is_none_or(|asked| asked == *id);
        match role {
            Role::Operator | Role::Customer => View {
                partners: partner.map(|id| BTreeSet::from([id])),
                customer: (role == Role::Customer).then_some(self.who.tenant),
                ..View::default()
            },
            Role::Partner => {
                let seen: BTreeMap<_, _> = self.views.iter().filter(|(id, _)| one(id)).collect();
                View {
                    without_money: seen.values().any(|level| **level < ViewerLevel::Executive),
                    partners: Some(seen.into_keys().copied().collect()),
                    without_duplicates: false,
                    customer: None,
                    privacy: Some(self.privacy(app)),
                }
            }
        }
    }

    /// Whether all locations of each global account that a role sees one of are seen: only then can it
    /// be told which of them counts.
    pub fn sees_globals_whole(&self, role: Role) -> bool {
        let parent = |id: &PartnerId| {
            let stated = self.facts.partners.iter().filter(|s| s.fact.partner == *id);
            stated.filter_map(|s| s.fact.parent).collect::<Vec<_>>()
        };
        role != Role::Partner
            || self.views.keys().flat_map(parent).all(|global| {
                with_locations(&self.facts, global)
                    .iter()
                    .all(|id| *id == global || self.views.contains_key(id))
            })
    }

    fn privacy(&self, app: &App) -> PrivacyLevels {
        let levels: BTreeMap<TenantId, PrivacyLevel> = now(&self.facts.privacy, self.now)
            .map(|stated| (stated.fact.tenant, stated.fact.level))
            .collect();
        let masked = levels.iter().filter(|(_, level)| **level == PrivacyLevel::Masked);
        let pseudonyms = masked.map(|(id, _)| (*id, app.pseudonyms.of(*id))).collect();
        PrivacyLevels { levels, pseudonyms }
    }

    pub fn privacy_of(&self, tenant: TenantId) -> PrivacyLevel {
        let stated = now(&self.facts.privacy, self.now).find(|s| s.fact.tenant == tenant);
        stated.map(|s| s.fact.level).unwrap_or_default()
    }
}

/// A partner ID and, if it is a global account, every location that ever was below it: what a
/// closed location earned is still its organisation's.
fn with_locations(facts: &Facts, id: PartnerId) -> BTreeSet<PartnerId> {
    let below = facts.partners.iter().filter(|s| s.fact.parent == Some(id));
    below.map(|s| s.fact.partner).chain([id]).collect()
}
