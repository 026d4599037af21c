//! What an explanation says, as data: steps of a way, what was found of a cause, and the change that
//! would mend it. Each is told in one sentence, here and nowhere else; portals have their own.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nouns::joined;
use super::{Holders, Named, Role, Scope, Span, Times};
use crate::access::Unjudged;

/// An enum of which each variant has fields and the sentence made of them.
macro_rules! sentences {
    ($(#[$about:meta])* $name:ident by $tag:literal {
        $($variant:ident $({ $($field:ident: $type:ty),* })? $text:literal $(, $word:ident = $value:expr)*;)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = $tag, rename_all = "kebab-case")]
        pub enum $name {
            $(
                #[doc = $text]
                $variant $({ $(#[doc(hidden)] $field: $type),* })?,
            )*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant $({ $($field),* })? => write!(f, $text $(, $word = $value)*),)*
                }
            }
        }
    };
}

sentences! {
    /// A fact on the way from the charge to the partner.
    Step by "step" {
        Grant { holder: Named, role: Role, class: String, scope: Scope, conditional: bool }
            "{holder} has the role {role} (class {class}) at {scope}{condition}",
            condition = if *conditional { " (its condition is not evaluated, R24)" } else { "" };
        Delegation { holder: Named, role: Role, class: String, scope: Scope, tenant: String }
            "{holder} has the role {role} (class {class}) at {scope}, delegated to tenant {tenant}";
        Membership { group: Named, member: Named } "group {group} has the member {member}";
        InGroup { group: Named, member: Named }
            "{member} is in the group {group}, directly or by other groups";
        Identity { who: Named, account: String } "{who} is an enabled {account}";
        Link { who: Named, partner: String } "{who} is linked to partner {partner}";
        Partner { partner: Named }
            "partner {id} ({name}) is active", id = partner.id, name = name_of(partner);
    }
}

sentences! {
    /// What was found of a cause.
    Finding by "kind" {
        // Links and partners.
        NobodyLinked { partner: String, held: Option<Holders> }
            "nobody is linked to {partner}{by}", by = held_by(held.as_ref());
        NoneOfThemLinked { partner: String, held: Holders }
            "access here is held by {held}, and none of it is linked to {partner}";
        Linked { who: Named, partner: String } "{who} is linked to {partner}";
        LinkedWhen { who: Named, partner: String, during: Times }
            "{who} is linked to {partner} {during}";
        LinkInForce { during: Times } "linked {during}";
        LinkedInOtherTenant { partner: String, tenant: String, who: Named, held: Option<Holders> }
            "{partner} is linked in tenant {tenant} ({who}), and not in one that gives access here{by}",
            by = held_by(held.as_ref());
        LinkWhereAccessIs { tenant: String } "the link is in tenant {tenant}, as access is";
        LinkWhereAccessMustBe { tenant: String }
            "the link is in tenant {tenant}, as access must be";
        LinkedWithoutRole { who: Named, partner: String, held: Option<Holders> }
            "{who} is linked to {partner}, but no role of it reaches this scope{by}",
            by = held_by(held.as_ref());
        LinkNames { partner: Named }
            "the link names {name} ({id})", name = name_of(partner), id = partner.id;
        LinkNamesUnknown { who: Named, partner: String }
            "{who} is linked to {partner}, which no fact describes";
        HolderLinkedToUnknown { who: Named, linked: String }
            "{who} has access here and is linked to {linked}, which no fact describes";
        HolderLinkedToSibling { who: Named, linked: String, partner: String }
            "{who} has access here and is linked to {linked}, another ID of the organisation of {partner}";
        HolderLinkedFromHome { who: Named, linked: String, partner: String }
            "{who} has access here and is linked to {linked}, and its tenant is the home of {partner}";
        NobodyIsLinked "nobody is linked";
        NobodyLinkedAlike "nobody who has access is linked to an ID alike";
        NobodyLinkedFromTenants "no identity of a tenant that has access here is linked";
        PartnerUnknown { partner: String }
            "linked to partner {partner}, of which no fact is known: no credit";
        PartnerActive { partner: String, during: Times } "partner {partner} is active {during}";
        IdentityActive { who: Named, during: Times } "{who} exists and is enabled {during}";
        // Roles, groups, delegations.
        NoGrant "no role assignment or delegation reaches this scope at all";
        NoAccessHere "nobody has access here";
        HasRole { who: Named, role: Role, scope: Scope } "{who} has the role {role} at {scope}";
        RoleReaches { scope: Scope } "the role at {scope} reaches here";
        RoleElsewhere { who: Named, role: Role, scope: Scope }
            "{who} has the role {role} at {scope}, which does not reach here";
        RoleAtOtherTime { who: Named, role: Role, during: Times }
            "{who} has the role {role} here {during}, not then";
        RoleCounted { policy: String, role: Role } "policy {policy} counts {role}";
        RoleNotCounted { role: Role, policy: String }
            "{role} is not among the roles of policy {policy}";
        RoleNotCountedThen "the policy does not count the role then";
        OnlyEligible { who: Named, role: Role, scope: Scope }
            "{who} is only eligible for {role} at {scope}";
        ToBeActivated "there is one, to be activated first";
        RoleActive { during: Times } "the role is active {during}";
        RoleHours { active: i64, whole: i64, covered: i64 }
            "the role is active for {active} h of {whole} h; the partner is covered for {covered} h";
        NoActiveRole "no linked identity has an active role here";
        NoRoleBeside "no linked identity has a role beside this scope";
        RoleOfItsOwn "the linked identity has the role itself";
        InGroup { who: Named, group: Named } "{who} is in the group {group}";
        ReachesHolder { who: Named, role: Role, during: Times }
            "{who} reaches the holder of {role} {during}";
        GroupLinked { who: Named } "{who} is a group: a link of it counts for nobody";
        ByAssignment "access is by a role assignment";
        ByDelegation "access would be by a delegation";
        NothingDelegated "nothing is delegated to the tenant of a link";
        Authorised { who: Named, delegation: String }
            "{who} is authorised by delegation {delegation}";
        NotAuthorised { delegation: String, who: Named }
            "delegation {delegation} does not authorise {who}, and no group it is in";
        DelegatedAtOtherTime { delegation: String, during: Times }
            "delegation {delegation} holds {during}, not then";
        // Denies.
        Denied { deny: String, scope: Scope } "deny assignment {deny} at {scope}";
        DeniedForAPart { deny: String, scope: Scope }
            "deny assignment {deny} at {scope} takes away a part of the time";
        DenyNotJudged { deny: String, scope: Scope, role: Role, why: Unjudged }
            "deny assignment {deny} at {scope} cannot be judged for the role {role}, because {reason}; \
             the role counts as not denied",
            reason = why.reason();
        NoDeny "there is no deny assignment here";
        NotDenied "no deny assignment here takes the role away";
        // Time.
        NeverTogether "role, membership, identity, link and partner never hold at one instant";
        PartApart { part: Part, during: Times } "{part} {during}, and never together with the rest";
        NotWholeDay { hours: i64 } "covered {hours} h, but not every instant of the day (R34)";
        WholeDay "every instant of the day is covered; whether the partner is of the organisation \
                  that sells is in no fact";
        PartsOfDaysCount { policy: String }
            "parts of a day count in this question (policy {policy})";
        NothingCovered "no instant of the day is covered";
        // The subscription.
        InNoTenant { at: String, known: Option<Span> }
            "no fact says to which tenant the subscription belongs at {at}{but}",
            but = known.as_ref().map_or_else(String::new, |span| format!("; one holds {span}"));
        TenantNotKnown "it is not known in which tenant the subscription is then";
        OwnerNotKnown "it is not known whose subscription it is then";
        InTenant { tenant: String, during: Times }
            "the subscription is in tenant {tenant} {during}";
        RoleInFormerTenant { tenant: String, during: Times, who: Named, other: String }
            "the subscription is in tenant {tenant} {during}; {who} has a role in tenant {other}, \
             where it is at another time";
        LinkInFormerTenant { tenant: String, during: Times, who: Named, other: String }
            "the subscription is in tenant {tenant} {during}; {who} is linked in tenant {other}, \
             where it is at another time";
        // Charges.
        ChargesCredited { charges: u64, month: String } "{charges} charges of {month} are credited";
        ChargesStart { charges: u64, month: String }
            "{charges} charges here and below start in {month}";
        ChargesThere { month: String } "there are charges in {month}";
        NoCharge { month: String } "there is no charge here or below that starts in {month}";
        NoChargeInFiles { month: String }
            "the cost files have no charge here or below that starts in {month}";
        NoCharges "there are no charges";
        ChargesNotShown "charges are not shown where there is no credit";
        SomeConsumed "there are charges that are consumed cost";
        NoneConsumed "none of the charges here is consumed cost";
        AllConsumed { charges: u64 } "{charges} charges, all of them consumed cost";
        PartConsumed { consumed: u64, charges: u64, excluded: Vec<Excluded> }
            "{consumed} of {charges} charges are consumed cost; left out: {reasons}",
            reasons = joined(excluded, "; ");
        // What is shown, and to whom.
        NotADuplicate "the credit is not marked as a duplicate";
        Duplicate { partner: String, counts: Option<String> }
            "{partner} is credited, and marked as a duplicate: {one} counts for the organisation (R27)",
            one = location(counts.as_deref());
        NoCredit "there is no credit to be counted twice";
        YouMayRead { partner: String } "you may read the reports of {partner}, with money";
        YouMayReadWithoutMoney { partner: String }
            "you may read the reports of {partner}, but without money";
        MayRead { who: Named, partner: String }
            "{who} may read the reports of {partner}, with money";
        MayReadWithoutMoney { who: Named, partner: String }
            "{who} may read the reports of {partner}, but without money";
        NobodyMayRead { partner: String } "nobody but operators may read the reports of {partner}";
        ReadersNotKnown "no fact says who may read reports";
        ReadersNotShown "who reads a partner's reports is not shown";
        NameShown "no fact hides the customer's name";
        NameShownAtLevel { tenant: String, level: String }
            "partners see tenant {tenant} by its name (level {level})";
        Pseudonym { tenant: String } "partners see a pseudonym in the place of tenant {tenant}";
    }
}

sentences! {
    /// A change that would give credit, or is the nearest to one.
    Change by "kind" {
        LinkHere { partner: String } "one who has access here must link to {partner}";
        LinkIdentity { partner: String } "an identity that has access must link to {partner}";
        LinkHolder { partner: String } "one who has access must link to {partner}";
        LinkMembers { partner: String } "its members must link to {partner}";
        LinkInTenantOfAccess { partner: String }
            "link {partner} in the tenant in which access is held (R11, R18)";
        LinkActive "link an active location";
        KeepLink "nothing gives credit for the time before a link; keep the link from now on";
        ChangeLink { who: Named, partner: String } "{who} must change its link to {partner}";
        DescribePartner { partner: String }
            "link the ID that is meant, or import a 'partner' fact for {partner}";
        AddFact { line: String } "add this fact: {line}";
        EnableIdentity "enable the identity, or link another one that has access";
        JoinGroup "make the identity a member of the group again, or give it a role of its own";
        Assign { scope: String, partner: String }
            "assign a role at {scope} or above to an identity linked to {partner}";
        AssignOrLink { scope: String, partner: String }
            "assign a role at {scope} or above to an identity linked to {partner}, or let one who has \
             access link";
        AssignInTenant { tenant: String } "assign a role in tenant {tenant}, and link its holder";
        AssignRecognised "assign a role that the policy recognises, Contributor for example";
        Activate
            "activate the role, or assign one permanently (Support Request Contributor is enough)";
        Authorise { delegation: String }
            "authorise it, or a group it is in, in the delegation {delegation}";
        Delegate { scope: Scope } "delegate {scope} again";
        LiftDeny "the deny assignment must go, or exclude the identity";
        Overlap "let the link and the access overlap in time";
        WholeDays "access and link must last whole UTC days";
        ImportSubscription "import a 'subscription' fact that holds then";
        AskWhoseSubscription "ask the operator of the service whose subscription it is then";
        CheckExport "nothing to credit; is the export of that month whole?";
        NothingConsumed "nothing: only consumed cost counts (R38)";
        LookAtDuplicate { counts: Option<String> }
            "look at {one}, or do not leave out duplicates", one = location(counts.as_deref());
        AskExecutive "ask the operator for the level executive";
        AddViewer { partner: String } "a 'viewer' fact for {partner} or its global account";
        RaiseViewer "a 'viewer' fact of the level executive";
        LookForPseudonym "look for the pseudonym, or agree on another level with the customer";
    }
}

impl Step {
    /// The rule, by its number in `docs/concepts/attribution.md`.
    pub(super) const fn rule(&self) -> &'static str {
        match self {
            Self::Grant { .. } => "R14, R16",
            Self::Delegation { .. } => "R18",
            Self::Membership { .. } | Self::InGroup { .. } => "R17",
            Self::Identity { .. } => "R9",
            Self::Link { .. } => "R3",
            Self::Partner { .. } => "R10",
        }
    }
}

/// A part of a way that does not last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The partner ID is active.
    Partner,
    /// The identity is enabled.
    Identity,
    /// The role is active.
    Role,
    /// The identity is in the group.
    Group,
    /// The link is in force.
    Link,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Partner => "the partner is active",
            Self::Identity => "the identity is enabled",
            Self::Role => "the role is active",
            Self::Group => "the identity is in the group",
            Self::Link => "the link is in force",
        })
    }
}

/// Charges of one kind that are no consumed cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excluded {
    /// Why they are none.
    pub reason: String,
    /// How many.
    pub charges: u64,
    /// What they come to, with 10 digits.
    pub cost: String,
    /// In this currency.
    pub currency: String,
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, charges, cost, currency } = self;
        write!(f, "{reason} {charges} charges, {cost} {currency}")
    }
}

/// Who has access, as the end of a sentence; nothing for readers who are not told.
fn held_by(held: Option<&Holders>) -> String {
    held.map_or_else(String::new, |held| format!("; access here is held by {held}"))
}

/// A location of an organisation; the reader may not see which.
fn location(id: Option<&str>) -> &str {
    id.unwrap_or("another location")
}

fn name_of(partner: &Named) -> &str {
    partner.name.as_deref().unwrap_or("without a name")
}
