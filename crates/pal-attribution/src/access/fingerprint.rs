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

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pal_model::{Facts, Principal, ScopePath, Stated, TenantId, fold};

use super::Casing;
use circles::Circles;
use lines::{Line, Written, sha256};

/// SHA-256.
type Digest = [u8; 32];

/// Fingerprints of the subscriptions of a set of facts.
#[derive(Debug, Clone)]
pub struct Fingerprints {
    /// What does not depend on links.
    base: Arc<Base>,
    /// Of accounts and groups, with their links.
    circles: HashMap<usize, Digest>,
    tenants: HashMap<TenantId, Digest>,
    /// By subscription, folded.
    subscriptions: HashMap<Arc<str>, Digest>,
}

impl Fingerprints {
    /// Takes the fingerprints of facts that have passed [`Facts::check`]. The order of facts does
    /// not count, nor does where they are written or when they became known.
    pub fn new(facts: &Facts) -> Self {
        let base = Arc::new(Base::new(facts));
        let mut links = base.links(facts, |_| true);
        let known = base.lines.keys().chain(links.keys()).copied().collect::<BTreeSet<_>>();
        let circle = |circle| Some((circle, base.circle(circle, links.remove(&circle))?));
        let circles = known.into_iter().filter_map(circle).collect();
        let (tenants, subscriptions) = (HashMap::new(), HashMap::new());
        let mut made = Self { base, circles, tenants, subscriptions };
        let base = made.base.clone();
        made.renew(base.below.keys().copied(), base.own_of_subscriptions());
        made
    }

    /// The fingerprints of facts that are others in nothing but the links of some accounts: the same as
    /// [`Fingerprints::new`] takes of them, without another look at everything else.
    #[must_use]
    pub fn with_links(&self, facts: &Facts, changed: &BTreeSet<Principal>) -> Self {
        let base = self.base.clone();
        let changed: BTreeSet<usize> =
            changed.iter().filter_map(|account| base.circles.of(*account)).collect();
        let mut links = base.links(facts, |circle| changed.contains(&circle));
        let mut made = self.clone();
        let (mut tenants, mut subscriptions) = (BTreeSet::new(), BTreeSet::new());
        for circle in changed {
            match base.circle(circle, links.remove(&circle)) {
                Some(digest) => drop(made.circles.insert(circle, digest)),
                None => drop(made.circles.remove(&circle)),
            }
            for place in base.held.get(&circle).into_iter().flatten() {
                match place {
                    ScopeOwner::Tenant(tenant) => drop(tenants.insert(*tenant)),
                    ScopeOwner::Subscription(id) => drop(subscriptions.insert(id.clone())),
                }
            }
        }
        for tenant in &tenants {
            subscriptions.extend(base.below.get(tenant).into_iter().flatten().cloned());
        }
        made.renew(tenants.into_iter(), subscriptions.into_iter());
        made
    }

    /// Takes the digests of some tenants and then of some subscriptions again.
    fn renew(
        &mut self,
        tenants: impl Iterator<Item = TenantId>,
        subscriptions: impl Iterator<Item = Arc<str>>,
    ) {
        for tenant in tenants.filter(|tenant| self.base.below.contains_key(tenant)) {
            let digest = together(self.at(&ScopeOwner::Tenant(tenant)).collect());
            self.tenants.insert(tenant, digest);
        }
        for id in subscriptions {
            let place = ScopeOwner::Subscription(id.clone());
            if !self.base.own.contains_key(&place) {
                continue;
            }
            let above = self.base.tenants.get(&id).into_iter().flatten();
            let above = above.filter_map(|tenant| self.tenants.get(tenant)).copied();
            let digest = together(self.at(&place).chain(above).collect());
            self.subscriptions.insert(id, digest);
        }
    }

    /// What is stated at a place, and the circles of those who hold roles there.
    fn at<'s>(&'s self, place: &ScopeOwner) -> impl Iterator<Item = Digest> + 's {
        let own = self.base.own.get(place).copied();
        let holders = self.base.holders.get(place).into_iter().flatten();
        own.into_iter().chain(holders.filter_map(|circle| self.circles.get(circle)).copied())
    }

    /// The fingerprint of what is known about some subscriptions together, those without a fact
    /// included. Their order and case do not count.
    pub fn of<'s>(&self, subscriptions: impl IntoIterator<Item = &'s str>) -> [u8; 32] {
        let asked: BTreeSet<String> = subscriptions.into_iter().map(fold).collect();
        let mut line = Line::new("subscriptions");
        line.bytes(&self.base.common);
        for id in &asked {
            line.text(id);
            line.bytes(self.subscriptions.get(id.as_str()).map_or(&[], Digest::as_slice));
        }
        line.digest()
    }
}

/// What facts other than links say.
#[derive(Debug)]
struct Base {
    /// What matters for every subscription.
    common: Digest,
    /// By place, what is stated there.
    own: HashMap<ScopeOwner, Digest>,
    /// By place, the circles of those who hold a role.
    holders: HashMap<ScopeOwner, BTreeSet<usize>>,
    /// By circle, the places where somebody of it holds a role.
    held: HashMap<usize, Vec<ScopeOwner>>,
    /// By circle, its accounts, groups and memberships.
    lines: HashMap<usize, Digest>,
    circles: Circles,
    /// The tenants that subscriptions were ever in, and the other way round.
    tenants: HashMap<Arc<str>, BTreeSet<TenantId>>,
    below: HashMap<TenantId, BTreeSet<Arc<str>>>,
}

impl Base {
    fn new(facts: &Facts) -> Self {
        let circles = Circles::new(facts);
        let mut topics = Topics::default();
        topics.gather(facts, &circles);
        let mut held: HashMap<usize, Vec<ScopeOwner>> = HashMap::new();
        for (place, holders) in &topics.holders {
            for circle in holders {
                held.entry(*circle).or_default().push(place.clone());
            }
        }
        let mut below: HashMap<TenantId, BTreeSet<Arc<str>>> = HashMap::new();
        for (id, tenants) in &topics.tenants {
            for tenant in tenants {
                below.entry(*tenant).or_default().insert(id.clone());
            }
        }
        let digests = |lines: Vec<Digest>| together(lines);
        Self {
            common: together(topics.common),
            own: topics.places.into_iter().map(|(place, lines)| (place, digests(lines))).collect(),
            holders: topics.holders,
            held,
            lines: topics.circles.into_iter().map(|(at, lines)| (at, digests(lines))).collect(),
            circles,
            tenants: topics.tenants,
            below,
        }
    }

    /// The links of circles that are wanted. Those of somebody whom no fact names and who holds no role
    /// lead nowhere.
    fn links(&self, facts: &Facts, wanted: impl Fn(usize) -> bool) -> HashMap<usize, Vec<Digest>> {
        let mut links: HashMap<usize, Vec<Digest>> = HashMap::new();
        for stated in &facts.links {
            let circle = self.circles.of(stated.fact.principal());
            if let Some(circle) = circle.filter(|circle| wanted(*circle)) {
                links.entry(circle).or_default().push(Line::of(stated));
            }
        }
        links
    }

    /// The digest of a circle with its links; `None` = nothing is stated of it.
    fn circle(&self, circle: usize, links: Option<Vec<Digest>>) -> Option<Digest> {
        let (own, links) = (self.lines.get(&circle), links.map(together));
        if own.is_none() && links.is_none() {
            return None;
        }
        let mut line = Line::new("circle");
        line.bytes(own.map_or(&[], Digest::as_slice));
        line.bytes(links.as_ref().map_or(&[], Digest::as_slice));
        Some(line.digest())
    }

    fn own_of_subscriptions(&self) -> impl Iterator<Item = Arc<str>> {
        self.own.keys().filter_map(|place| match place {
            ScopeOwner::Subscription(id) => Some(id.clone()),
            ScopeOwner::Tenant(_) => None,
        })
    }
}

/// Where a role or a deny sits, as far as it is told apart here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum ScopeOwner {
    /// At a subscription, folded, or below.
    Subscription(Arc<str>),
    /// Above all subscriptions of a tenant.
    Tenant(TenantId),
}

impl ScopeOwner {
    fn of(tenant: TenantId, scope: &ScopePath) -> Self {
        // What is inside one subscription is on the way up from no resource of another.
        let inside = scope.subscription().map(|id| Self::Subscription(id.into()));
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
    tenants: HashMap<Arc<str>, BTreeSet<TenantId>>,
}

impl Topics {
    fn gather(&mut self, facts: &Facts, circles: &Circles) {
        self.common.extend(facts.partners.iter().map(Line::of));
        self.common.extend(facts.role_definitions.iter().map(Line::of));
        self.directories(facts, circles);
        self.spellings(facts);
        for stated in &facts.subscriptions {
            let id = fold(&stated.fact.subscription.to_string());
            self.tenants.entry(id.into()).or_default().insert(stated.fact.tenant);
        }
        self.put(&facts.tenants, |t| ScopeOwner::Tenant(t.tenant));
        self.put(&facts.management_groups, |m| ScopeOwner::Tenant(m.tenant));
        self.put(&facts.subscriptions, |s| {
            ScopeOwner::Subscription(fold(&s.subscription.to_string()).into())
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
    fn directories(&mut self, facts: &Facts, circles: &Circles) {
        let mut put = |principal, digest| {
            if let Some(circle) = circles.of(principal) {
                self.circles.entry(circle).or_default().push(digest);
            }
        };
        facts.principals.iter().for_each(|s| put(s.fact.principal(), Line::of(s)));
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
            put(ScopeOwner::Subscription(id.into()), &shown);
        }
    }
}

/// One digest of many, whatever their order.
fn together(mut digests: Vec<Digest>) -> Digest {
    digests.sort_unstable();
    sha256(digests.as_flattened())
}
