//! The known causes of credit that is missing, in the order in which they are checked.
//!
//! 28 of them are documented and reported causes of the original: they have a number, and are walked
//! through for one partner. Four more are wider, and are only reasons. Numbers and codes do not
//! change. People read `docs/reference/causes.md`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a cause is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// By trying links with grants: it can be the reason why a partner is not credited.
    Tried,
    /// By facts, policy or cost files beside such an attempt.
    Seen,
    /// By data that this program is not given: what that is, and where to look.
    Outside(&'static str),
}

macro_rules! causes {
    ($($number:literal $cause:ident $code:literal $means:literal $how:ident $(($needs:literal))?;)*) => {
        /// A cause of missing credit. The order is that of the checks.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Cause {
            $(
                #[doc = $means]
                $cause,
            )*
        }

        impl Cause {
            /// All, in order.
            pub const ALL: [Self; 32] = [$(Self::$cause),*];

            /// Its number, from 1; the wider ones have none.
            pub const fn number(self) -> Option<u8> {
                let number: u8 = match self { $(Self::$cause => $number,)* };
                if number == 0 { None } else { Some(number) }
            }

            /// Its stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$cause => $code,)* }
            }

            /// What it means.
            pub const fn means(self) -> &'static str {
                match self { $(Self::$cause => $means,)* }
            }

            /// How it is decided.
            pub const fn decided(self) -> Decided {
                match self { $(Self::$cause => Decided::$how $(($needs))?,)* }
            }
        }
    };
}

causes! {
    0 UnknownSubscription "unknown-subscription"
        "no fact says to which tenant the subscription belongs"
        Tried;
    0 NoAssignment "no-assignment"
        "no role assignment or delegation reaches the scope at all"
        Tried;
    1 NoRole "no-role"
        "the linked identity holds no role on anything of the customer"
        Seen;
    2 NoUsage "no-usage"
        "there is no usage here in the month"
        Seen;
    3 ReportFilter "report-filter"
        "the report looked at leaves out Partner Admin Link"
        Outside("a report elsewhere may be filtered to another association type: look at its filters");
    4 NotLinked "not-linked"
        "nobody who has access is linked to the partner"
        Tried;
    5 LinkedElsewhere "linked-elsewhere"
        "the link is in another tenant than the access"
        Tried;
    0 NoAccess "no-access"
        "an identity is linked to the partner, but no role of it reaches the scope"
        Tried;
    6 WrongPartnerId "wrong-partner-id"
        "the link names another partner ID than the one meant"
        Seen;
    7 PartnerInactive "partner-inactive"
        "the partner ID is not active then"
        Tried;
    8 IdentityInactive "identity-inactive"
        "the linked identity is disabled or does not exist then"
        Tried;
    9 RoleNotRecognised "role-not-recognised"
        "the policy does not count the role"
        Tried;
    10 EligibleOnly "eligible-only"
        "the role must be activated first, or is active for a part of the time only"
        Tried;
    11 NotAMember "not-a-member"
        "access is by a group that the linked identity is not in then, or the group was linked"
        Tried;
    12 Denied "denied"
        "a deny assignment takes the access away"
        Tried;
    13 NotDelegated "not-delegated"
        "the delegation has ended, or does not authorise the linked identity"
        Seen;
    14 DelegatedAdministration "delegated-administration"
        "access is delegated administration (AOBO, GDAP), which is no Partner Admin Link"
        Outside("relationships of resellers are in no fact: look at them in Partner Center");
    15 ScopeTooSmall "scope-too-small"
        "the linked identity has a role at the customer, but none that reaches this scope"
        Seen;
    16 ChargesExcluded "charges-excluded"
        "all charges here are of kinds that are no consumed cost"
        Seen;
    17 ProgrammeRules "programme-rules"
        "a programme leaves out the offer or the customer"
        Outside("offers (support, internal, trial), thresholds and credit offers are the programme's: \
                 look at its own figures and reason codes");
    18 TooEarly "too-early"
        "the report looked at is not up to date yet"
        Outside("this program reads no clock: usage takes days to arrive in the original, \
                 a new link up to a week, a month closes some days after its end");
    19 LinkOutsidePeriod "link-outside-period"
        "the link begins later or has ended: nothing counts backwards"
        Tried;
    20 ViewerLimited "viewer-limited"
        "nobody may read the reports of the partner, or only without money"
        Seen;
    21 CustomerRenamed "customer-renamed"
        "the customer is shown under a pseudonym"
        Seen;
    22 Duplicate "duplicate"
        "the credit is marked as a duplicate, because another location of the organisation counts"
        Seen;
    23 SubscriptionMoved "subscription-moved"
        "the subscription went to another tenant, or is described by no fact then"
        Seen;
    24 SovereignCloud "sovereign-cloud"
        "the customer is in a sovereign cloud, where Partner Admin Link is not offered"
        Outside("facts do not say in which cloud a tenant is: look at its portal's address");
    25 LookBack "look-back"
        "the month is further back than the report looked at goes"
        Outside("reports elsewhere end after a number of months: this program has no such end");
    26 OtherMechanism "other-mechanism"
        "another mechanism was set instead: a tracking GUID (also by Terraform), DPOR, CPOR"
        Outside("facts have partner admin links only: look at deployments and claims");
    27 ClassicAdministrator "classic-administrator"
        "access is by a classic administrator, which is not counted"
        Outside("facts have no classic administrators, who were retired: look for a role assignment");
    28 PecConditions "pec-conditions"
        "partner earned credit wants more: whole days, and the right organisation"
        Seen;
    0 NeverAtOnce "never-at-once"
        "everything holds at some time, but never together, or not for a whole day"
        Tried;
}

impl Cause {
    /// The 28 that have a number.
    pub fn numbered() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|cause| cause.number().is_some())
    }

    /// Those that only other data show.
    pub(super) fn outside() -> Vec<Self> {
        let is_outside = |cause: &Self| matches!(cause.decided(), Decided::Outside(_));
        Self::ALL.into_iter().filter(is_outside).collect()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
