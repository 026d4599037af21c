//! Fingerprints of facts: whether what is known about a subscription is still what it was.
//!
//! # The idea
//!
//! What becomes of a charge depends on few of the facts: who has which role on the way up from its
//! resource, who is in those groups, who of them is linked, which partners there are. A fingerprint
//! is a digest of all facts that could matter for the charges of a subscription. Equal fingerprints,
//! equal rows; another fingerprint says nothing: more facts are taken in than decide anything.
//!
//! Facts are put into *topics*, and a subscription has a fingerprint of its topics:
//!
//! - itself: its own facts; assignments, denies and delegations at it and below;
//! - each tenant it was ever in: management groups, and what is assigned or denied above
//!   subscriptions;
//! - the *circles* of those who hold these roles, here or in a managing tenant: a circle is all that
//!   memberships connect, whenever they hold, with accounts, groups and links;
//! - everybody's: partners and role definitions.
//!
//! # Worked example
//!
//! Customers C and D delegate a subscription each to tenant P, C to the group Operators, D to the
//! account Zoe, who is in no group. Ann is an operator. A link of Ann changes what is known about
//! C's subscription and leaves D's; so does a new member of Operators, even if that is Zoe: then her
//! circle is theirs, and D's changes, too. A role somewhere in C's directory leaves D's alone.
//!
//! Only rows of reports and lines of balances are promised: an explanation shows more of the facts,
//! and what a reader may see is asked elsewhere.

mod circles;
mod lines;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pal_model::{Facts, Principal, ScopePath, Stated, TenantId, fold};

use super::Casing;
use circles::Circles;
use lines::{Line, Written, sha256};

/// SHA-256.
type Digest = [u8; 32];

#[derive(Debug, Clone)]
pub struct Fingerprints {
    common: Digest,
    /// By subscription, folded.
    subscriptions: HashMap<String, Digest>,
}

impl Fingerprints {
    /// Takes the fingerprints of facts that have passed [`Facts::check`]. The order of facts does
    /// not count, nor does where they are written or when they became known.
    pub fn new(facts: &Facts) -> Self {
        let mut topics = Topics::default();
        topics.gather(facts);
        let circles = std::mem::take(&mut topics.circles);
        let circles: HashMap<usize, Digest> =
            circles.into_iter().map(|(circle, lines)| (circle, together(lines))).collect();
        let holders = |place: &ScopeOwner| {
            let holders = topics.holders.get(place).into_iter().flatten();
            holders.filter_map(|circle| circles.get(circle)).copied()
        };
        let tenant = |tenant: &TenantId| {
            let place = ScopeOwner::Tenant(*tenant);
            let lines = topics.places.get(&place).into_iter().flatten().copied();
            together(lines.chain(holders(&place)).collect())
        };
        let tenants: HashMap<TenantId, Digest> =
            topics.tenants.values().flatten().map(|id| (*id, tenant(id))).collect();
        let mut subscriptions = HashMap::new();
        for (place, lines) in &topics.places {
            let ScopeOwner::Subscription(id) = place else { continue };
            let own = [together(lines.clone())].into_iter();
            let above = topics.tenants.get(id).into_iter().flatten().map(|id| tenants[id]);
            let digest = together(own.chain(above).chain(holders(place)).collect());
            subscriptions.insert(id.clone(), digest);
        }
        Self { common: together(topics.common), subscriptions }
    }

    /// The fingerprint of what is known about some subscriptions together, those without a fact
    /// included. Their order and case do not count.
    pub fn of<'s>(&self, subscriptions: impl IntoIterator<Item = &'s str>) -> [u8; 32] {
        let asked: BTreeSet<String> = subscriptions.into_iter().map(fold).collect();
        let mut line = Line::new("subscriptions");
        line.bytes(&self.common);
        for id in &asked {
            line.text(id);
            line.bytes(self.subscriptions.get(id).map_or(&[], Digest::as_slice));
        }
        line.digest()
    }
}

/// Where a role or a deny sits, as far as it is told apart here.
#[derive(Debug, PartialEq, Eq, Hash)]
enum ScopeOwner {
    /// At a subscription, folded, or below.
    Subscription(String),
    /// Above all subscriptions of a tenant.
    Tenant(TenantId),
}

impl ScopeOwner {
    fn of(tenant: TenantId, scope: &ScopePath) -> Self {
        // What is inside one subscription is on the way up from no resource of another.
        let inside = scope.subscription().map(|id| Self::Subscription(id.to_owned()));
        inside.unwrap_or(Self::Tenant(tenant))
    }
}

/// Digests of facts by what they are about.
#[derive(Default)]
struct Topics {
    common: Vec<Digest>,
    places: HashMap<ScopeOwner, Vec<Digest>>,
    /// Circles of those who hold a role.
    holders: HashMap<ScopeOwner, BTreeSet<usize>>,
    circles: HashMap<usize, Vec<Digest>>,
    tenants: BTreeMap<String, BTreeSet<TenantId>>,
}

impl Topics {
    fn gather(&mut self, facts: &Facts) {
        self.common.extend(facts.partners.iter().map(Line::of));
        self.common.extend(facts.role_definitions.iter().map(Line::of));
        self.directories(facts);
        self.spellings(facts);
        for stated in &facts.subscriptions {
            let id = fold(&stated.fact.subscription.to_string());
            self.tenants.entry(id).or_default().insert(stated.fact.tenant);
        }
        self.put(&facts.tenants, |t| ScopeOwner::Tenant(t.tenant));
        self.put(&facts.management_groups, |m| ScopeOwner::Tenant(m.tenant));
        self.put(&facts.subscriptions, |s| {
            ScopeOwner::Subscription(fold(&s.subscription.to_string()))
        });
        self.put(&facts.role_assignments, |a| ScopeOwner::of(a.tenant, &a.scope));
        self.put(&facts.deny_assignments, |d| ScopeOwner::of(d.tenant, &d.scope));
        self.put(&facts.delegations, |d| ScopeOwner::of(d.tenant, &d.scope));
    }

    fn put<T: Written>(&mut self, list: &[Stated<T>], place: impl Fn(&T) -> ScopeOwner) {
        for stated in list {
            self.places.entry(place(&stated.fact)).or_default().push(Line::of(stated));
        }
    }

    /// Who is who, and who of them holds roles where. A deny is about somebody who holds one.
    fn directories(&mut self, facts: &Facts) {
        let circles = Circles::new(facts);
        let mut put = |principal, digest| {
            if let Some(circle) = circles.of(principal) {
                self.circles.entry(circle).or_default().push(digest);
            }
        };
        facts.principals.iter().for_each(|s| put(s.fact.principal(), Line::of(s)));
        facts.links.iter().for_each(|s| put(s.fact.principal(), Line::of(s)));
        for stated in &facts.memberships {
            put(Principal::new(stated.fact.tenant, stated.fact.group), Line::of(stated));
        }
        let mut hold = |place, principal| {
            self.holders.entry(place).or_default().extend(circles.of(principal));
        };
        for stated in &facts.role_assignments {
            let fact = &stated.fact;
            hold(
                ScopeOwner::of(fact.tenant, &fact.scope),
                Principal::new(fact.tenant, fact.principal),
            );
        }
        for stated in &facts.delegations {
            let fact = &stated.fact;
            for line in &fact.authorizations {
                let holder = Principal::new(fact.managing_tenant, line.principal);
                hold(ScopeOwner::of(fact.tenant, &fact.scope), holder);
            }
        }
    }

    /// Ids are shown as the first line that has them spells them, whatever it is about.
    fn spellings(&mut self, facts: &Facts) {
        let casing = Casing::new(facts);
        let of_tenants = facts.tenants.iter().map(|s| s.fact.tenant);
        let of_subscriptions = facts.subscriptions.iter().map(|s| s.fact.tenant);
        let tenants: BTreeSet<TenantId> = of_tenants.chain(of_subscriptions).collect();
        let mut put = |place, shown: &str| {
            let mut line = Line::new("shown");
            line.text(shown);
            self.places.entry(place).or_default().push(line.digest());
        };
        for id in &tenants {
            put(ScopeOwner::Tenant(*id), &casing.tenant(*id));
        }
        let ids: BTreeSet<_> = facts.subscriptions.iter().map(|s| s.fact.subscription).collect();
        for id in ids {
            let id = fold(&id.to_string());
            let shown = casing.subscription(&id);
            put(ScopeOwner::Subscription(id), &shown);
        }
    }
}

/// One digest of many, whatever their order.
fn together(mut digests: Vec<Digest>) -> Digest {
    digests.sort_unstable();
    sha256(digests.as_flattened())
}
