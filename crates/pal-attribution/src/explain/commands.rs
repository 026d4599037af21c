//! Changes that give credit, as commands to type: of az for access, of `pal` for links.
//!
//! They name what the facts name, and nothing has been tried. A change that is no command of
//! anybody's, such as the end of a deny assignment, has none.

use pal_model::{Principal, PrincipalKind, ScopePath};

use super::attempts::Case;
use super::{Cause, Explainer, Scope};
use crate::access::Origin;
use crate::policy::RoleFilter;

impl Explainer<'_> {
    /// What would mend a case, in order; nothing where no command would.
    pub(super) fn commands(&self, case: &Case) -> Vec<String> {
        let all = case.causes.iter().map(|failed| self.command(case, failed.cause));
        // All of the causes must go: half of the commands would give nothing.
        let all: Option<Vec<Vec<String>>> = all.collect();
        let mut commands = Vec::new();
        for command in all.into_iter().flatten().flatten() {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        commands
    }

    /// The commands against one cause; `None` = there are none.
    fn command(&self, case: &Case, cause: Cause) -> Option<Vec<String>> {
        let coverage = case.coverage?;
        let link = case.link.map(|link| &self.access.facts.links[link]);
        let who = link.map(|stated| stated.fact.principal());
        // Roles are assigned in the customer's own directory.
        let at_customer = who.filter(|who| who.tenant == coverage.customer);
        match cause {
            Cause::NoAssignment | Cause::NoAccess | Cause::EligibleOnly => {
                Some(vec![self.assign(at_customer?, &case.question.resource)])
            }
            Cause::RoleNotRecognised => {
                let grant = self.access.grant(case.grant?);
                let seen = matches!(self.scope(grant.scope, grant.customer), Scope::Path(_));
                let assigned = matches!(grant.origin, Origin::Assignment(_)) && seen;
                let (who, scope) = (at_customer?, grant.scope);
                assigned.then(|| vec![self.assign(who, scope)])
            }
            Cause::NotLinked | Cause::LinkedElsewhere => {
                Some(vec![login(coverage.customer), link_to(case.partner)])
            }
            Cause::LinkOutsidePeriod if link?.during.to() <= case.window.from() => {
                Some(vec![login(who?.tenant), link_to(case.partner)])
            }
            Cause::NotAMember => {
                let group = self.access.grant(case.grant?).principal;
                let (group, member) = (group.object, who?.object);
                Some(vec![format!("az ad group member add --group {group} --member-id {member}")])
            }
            Cause::IdentityInactive => self.enable(case, who?),
            _ => None,
        }
    }

    fn kind(&self, who: Principal) -> Option<PrincipalKind> {
        self.stated(who).last().map(|s| s.fact.kind)
    }

    fn assign(&self, who: Principal, scope: &ScopePath) -> String {
        let kind = match self.kind(who) {
            Some(PrincipalKind::User) | None => "User",
            Some(PrincipalKind::Group) => "Group",
            Some(PrincipalKind::ServicePrincipal | PrincipalKind::ManagedIdentity) => {
                "ServicePrincipal"
            }
        };
        let role = match self.access.policy.roles {
            RoleFilter::OwnerOrContributor => "Contributor",
            RoleFilter::All | RoleFilter::PecTable => "Support Request Contributor",
        };
        format!(
            "az role assignment create --assignee-object-id {} --assignee-principal-type {kind} \
             --role '{role}' --scope {}",
            who.object,
            quoted(scope.text())
        )
    }

    fn enable(&self, case: &Case, who: Principal) -> Option<Vec<String>> {
        let mut stated = self.stated(who).iter();
        stated.find(|s| !s.fact.enabled && s.during.overlaps(case.window))?;
        match self.kind(who)? {
            PrincipalKind::User => {
                Some(vec![format!("az ad user update --id {} --account-enabled true", who.object)])
            }
            PrincipalKind::ServicePrincipal => {
                Some(vec![format!("az ad sp update --id {} --set accountEnabled=true", who.object)])
            }
            PrincipalKind::ManagedIdentity | PrincipalKind::Group => None,
        }
    }
}

fn login(tenant: pal_model::TenantId) -> String {
    format!("pal login --tenant {tenant}")
}

fn link_to(partner: pal_model::PartnerId) -> String {
    format!("pal managementpartner create --partner-id {partner}")
}

/// A path as one word of a shell: it comes from whoever asks, and is there to be pasted.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[test]
fn a_path_cannot_be_more_than_a_word() {
    assert_eq!(
        quoted("/subscriptions/a-1/resourceGroups/rg_x.y"),
        "/subscriptions/a-1/resourceGroups/rg_x.y"
    );
    assert_eq!(quoted("/a b;$(rm)'x"), "'/a b;$(rm)'\\''x'");
}
