//! Alerts: what will cost a partner credit, or already does, seen from one instant.
//!
//! Who is covered when comes from [`Access`], the same that reports use; an alert adds no rule of
//! credit. It compares the cover at an instant with the cover some days before and after it, and
//! names the facts that make the difference.
//!
//! # Worked example
//!
//! Alice is the only one who is linked to 111111 in Fabrikam; her account ends on 20 October. Asked
//! on 1 October with a horizon of 30 days: `last-linked-leaving` at 20 October, with the line of her
//! account and of her link. Asked on 21 October: `last-linked-gone`. If Bob is linked to 111111 too
//! and has access until December, the first is said about Bob, in November.

mod credit;
mod endings;
mod idle;
mod moment;
mod output;
mod people;
mod survey;
mod unlinked;

use std::collections::HashSet;
use std::fmt;

use pal_model::{Facts, Instant, PartnerId, Principal, ScopePath, TenantId};

pub use credit::{Amounts, TwoMonths, two_months};
pub use output::{COLUMNS, row, write_csv};

use crate::access::Access;
use crate::answer::Basis;
use moment::{Moment, Window};
use survey::Survey;

/// What an alert is about. The names are stable; the order is that of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The last identity that earns a partner credit in a customer ends soon.
    LastLinkedLeaving,
    /// It ended a short time ago, and nobody else earns credit there.
    LastLinkedGone,
    /// A role assignment or delegation that alone gives credit ends soon.
    AccessEnding,
    /// A link that no access goes with.
    LinkedWithoutAccess,
    /// A link to a partner ID that is not active (R10).
    PartnerInactive,
    /// A person of a partner with access by delegation and no link.
    AccessWithoutLink,
    /// Credit fell against the month before.
    CreditDropped,
}

impl Code {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::LastLinkedLeaving,
        Self::LastLinkedGone,
        Self::AccessEnding,
        Self::LinkedWithoutAccess,
        Self::PartnerInactive,
        Self::AccessWithoutLink,
        Self::CreditDropped,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::LastLinkedLeaving => "last-linked-leaving",
            Self::LastLinkedGone => "last-linked-gone",
            Self::AccessEnding => "access-ending",
            Self::LinkedWithoutAccess => "linked-without-access",
            Self::PartnerInactive => "partner-inactive",
            Self::AccessWithoutLink => "access-without-link",
            Self::CreditDropped => "credit-dropped",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Info,
    /// Credit will be lost, or fell.
    Warning,
    Critical,
}

impl Severity {
    /// All, from the least.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub code: Code,
    pub severity: Severity,
    pub partner: Option<PartnerId>,
    /// The customer; for a link or a person, the directory that it is in.
    pub tenant: TenantId,
    /// The identity, or the group that holds a role.
    pub principal: Option<Principal>,
    pub scope: Option<ScopePath>,
    /// When it happens or happened; `None` = since always, or it is no event.
    pub at: Option<Instant>,
    /// For people. Begins with a word of this program, never with a text from the facts.
    pub message: String,
    /// The lines that say so, `file:line`, in their order.
    pub facts: Vec<String>,
    pub assumed: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How far to look ahead and back, in days of 24 hours; an end after exactly so many counts.
    pub within_days: u32,
    /// A fall of credit by more than this, in percent of the month before (0 to 100), is told.
    pub drop_percent: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { within_days: 30, drop_percent: 20 }
    }
}

/// The alerts at an instant, in order of code, tenant, partner, principal, scope and time. Equal
/// input gives equal alerts. Without `credit`, no [`Code::CreditDropped`].
///
/// Facts must have passed [`pal_model::Facts::check`] and
/// [`crate::roles::RoleData::resolve_names`].
pub fn alerts(
    basis: Basis,
    now: Instant,
    limits: &Limits,
    credit: Option<&TwoMonths>,
) -> Vec<Alert> {
    let access = Access::new(basis.facts, basis.roles, basis.policy);
    let moment = Moment::new(&access, Window::new(now, limits.within_days));
    let survey = Survey::new(&access, moment.window);
    let mut alerts = people::last_linked(&moment, &survey);
    alerts.extend(endings::access_ending(&moment, &survey));
    alerts.extend(idle::linked_without_access(&moment, &survey));
    alerts.extend(idle::partner_inactive(&moment));
    alerts.extend(unlinked::access_without_link(&moment));
    let dropped = credit.map(|credit| credit::dropped(&moment, credit, limits.drop_percent));
    alerts.extend(dropped.into_iter().flatten());
    in_order(with_assumed(alerts, basis.facts))
}

fn with_assumed(mut alerts: Vec<Alert>, facts: &Facts) -> Vec<Alert> {
    let assumed = facts.marks.iter().filter(|(_, mark)| mark.assumed);
    let assumed: HashSet<String> = assumed.map(|(source, _)| facts.place(*source)).collect();
    for alert in &mut alerts {
        alert.assumed =
            alert.facts.iter().filter(|line| assumed.contains(*line)).cloned().collect();
    }
    alerts
}

/// Codes that were not looked at, and why: what was not given cannot be told.
pub fn not_looked_at(
    facts: &Facts,
    now: Instant,
    credit: Option<&TwoMonths>,
) -> Vec<(Code, String)> {
    let mut left_out = Vec::new();
    if unlinked::nobody_belongs(facts, now) {
        let why = "no active partner has a homeTenant, so no fact tells who belongs to one";
        left_out.push((Code::AccessWithoutLink, why.to_owned()));
    }
    if let Some(why) = credit::not_compared(credit) {
        left_out.push((Code::CreditDropped, why));
    }
    left_out
}

/// Sorts, and makes one of alerts that differ in the lines only: facts may be stated twice.
fn in_order(mut alerts: Vec<Alert>) -> Vec<Alert> {
    alerts.sort_by(|a, b| {
        let scope = |alert: &Alert| alert.scope.as_ref().map(|scope| scope.folded().to_owned());
        let keys = |alert: &Alert| (alert.code, alert.tenant, alert.partner, alert.principal);
        let rest = |alert: &Alert| (scope(alert), alert.at, alert.message.clone());
        keys(a).cmp(&keys(b)).then_with(|| rest(a).cmp(&rest(b)))
    });
    alerts.dedup_by(|later, kept| {
        let bare =
            |alert: &Alert| Alert { facts: Vec::new(), assumed: Vec::new(), ..alert.clone() };
        let same = bare(later) == bare(kept);
        if same {
            let fresh: Vec<String> =
                later.facts.drain(..).filter(|place| !kept.facts.contains(place)).collect();
            kept.facts.extend(fresh);
            let fresh: Vec<String> =
                later.assumed.drain(..).filter(|place| !kept.assumed.contains(place)).collect();
            kept.assumed.extend(fresh);
        }
        same
    });
    alerts
}
