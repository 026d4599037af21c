//! The known causes of credit that is missing, in the order in which they are checked.
//!
//! The list is of documented and reported causes of the original. Numbers and codes do not change.
//! What facts, policy and cost files can decide is decided in `checks.rs`; for the others this
//! table says which data would decide, and where to look. People read `docs/reference/causes.md`.

/// How a cause is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// By what this program is given: which of it.
    By(&'static str),
    /// By data it is not given: what that is, and where to look.
    Outside(&'static str),
}

/// A cause of missing credit.
#[derive(Debug, Clone, Copy)]
pub struct KnownCause {
    /// Which.
    pub id: CauseId,
    /// Stable code.
    pub code: &'static str,
    /// What it means.
    pub means: &'static str,
    /// How it is decided.
    pub decided: Decided,
}

impl KnownCause {
    /// Its number, from 1.
    pub const fn number(&self) -> u8 {
        self.id as u8 + 1
    }

    /// Whether other data would be needed.
    pub const fn is_outside(&self) -> bool {
        matches!(self.decided, Decided::Outside(_))
    }
}

macro_rules! causes {
    ($($id:ident $code:literal $means:literal $how:ident $text:literal;)*) => {
        /// A cause by name; its place in [`CAUSES`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum CauseId {
            $(
                #[doc = $means]
                $id,
            )*
        }

        /// Every cause, in order.
        pub static CAUSES: [KnownCause; 28] = [
            $(KnownCause {
                id: CauseId::$id,
                code: $code,
                means: $means,
                decided: Decided::$how($text),
            },)*
        ];
    };
}

causes! {
    NoRole "no-role"
        "the linked identity holds no role on anything of the customer"
        By "role assignments, memberships";
    NoUsage "no-usage"
        "there is no usage here in the month"
        By "cost files";
    ReportFilter "report-filter"
        "the report looked at leaves out Partner Admin Link"
        Outside "a report elsewhere may be filtered to another association type: look at its filters";
    NotLinked "not-linked"
        "nobody who has access is linked to the partner"
        By "links, role assignments, delegations";
    LinkedElsewhere "linked-elsewhere"
        "the link is in another tenant than the access"
        By "links, role assignments, delegations";
    WrongPartnerId "wrong-partner-id"
        "the link names another partner ID than the one meant"
        By "links, partners";
    PartnerInactive "partner-inactive"
        "the partner ID is not active then"
        By "partners";
    IdentityInactive "identity-inactive"
        "the linked identity is disabled or does not exist then"
        By "principals";
    RoleNotRecognised "role-not-recognised"
        "the policy does not count the role"
        By "role assignments, delegations, role definitions, the policy";
    EligibleOnly "eligible-only"
        "the role must be activated first, or is active for a part of the time only"
        By "role assignments, delegations";
    NotAMember "not-a-member"
        "access is by a group that the linked identity is not in then, or the group was linked"
        By "memberships, principals";
    Denied "denied"
        "a deny assignment takes the access away"
        By "deny assignments, the policy";
    NotDelegated "not-delegated"
        "the delegation has ended, or does not authorise the linked identity"
        By "delegations, memberships";
    DelegatedAdministration "delegated-administration"
        "access is delegated administration (AOBO, GDAP), which is no Partner Admin Link"
        Outside "relationships of resellers are in no fact: look at them in Partner Center";
    ScopeTooSmall "scope-too-small"
        "the linked identity has a role at the customer, but none that reaches this scope"
        By "role assignments, delegations";
    ChargesExcluded "charges-excluded"
        "all charges here are of kinds that are no consumed cost"
        By "cost files, the policy";
    ProgrammeRules "programme-rules"
        "a programme leaves out the offer or the customer"
        Outside "offers (support, internal, trial), thresholds and credit offers are the programme's: \
                 look at its own figures and reason codes";
    TooEarly "too-early"
        "the report looked at is not up to date yet"
        Outside "this program reads no clock: usage takes days to arrive in the original, \
                 a new link up to a week, a month closes some days after its end";
    LinkOutsidePeriod "link-outside-period"
        "the link begins later or has ended: nothing counts backwards"
        By "links";
    ViewerLimited "viewer-limited"
        "nobody may read the reports of the partner, or only without money"
        By "viewers, partners";
    CustomerRenamed "customer-renamed"
        "the customer is shown under a pseudonym"
        By "privacy";
    Duplicate "duplicate"
        "the credit is marked as a duplicate, because another location of the organisation counts"
        By "partners, the policy";
    SubscriptionMoved "subscription-moved"
        "the subscription went to another tenant, or is described by no fact then"
        By "subscriptions, role assignments";
    SovereignCloud "sovereign-cloud"
        "the customer is in a sovereign cloud, where Partner Admin Link is not offered"
        Outside "facts do not say in which cloud a tenant is: look at its portal's address";
    LookBack "look-back"
        "the month is further back than the report looked at goes"
        Outside "reports elsewhere end after a number of months: this program has no such end";
    OtherMechanism "other-mechanism"
        "another mechanism was set instead: a tracking GUID (also by Terraform), DPOR, CPOR"
        Outside "facts have partner admin links only: look at deployments and claims";
    ClassicAdministrator "classic-administrator"
        "access is by a classic administrator, which is not counted"
        Outside "facts have no classic administrators, who were retired: look for a role assignment";
    PecConditions "pec-conditions"
        "partner earned credit wants more: whole days, and the right organisation"
        By "the policy, and all facts of the day";
}

impl CauseId {
    /// The row of the table.
    pub fn row(self) -> &'static KnownCause {
        &CAUSES[self as usize]
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }
}

/// The causes that need other data, as sentences.
pub(super) fn outside() -> Vec<String> {
    let outside = CAUSES.iter().filter(|cause| cause.is_outside());
    outside.map(|cause| format!("{} ({})", cause.means, cause.code)).collect()
}
