//! Facts as bytes: what of each kind can show in a report or a balance.
//!
//! Every field is named here, those that show nowhere as `_`: a new field does not compile until
//! somebody has decided. Where a fact is written, and when it became known, is not part of it.

use aws_lc_rs::digest::{SHA256, digest};
use pal_model::{
    Authorization, Delegation, DenyAssignment, DenyEffect, Guid, Link, ManagementGroup, Membership,
    Partner, PrincipalFact, RoleAssignment, RoleDefinition, RoleName, Stated, Subscription, Tenant,
    fold,
};

use super::Digest;

/// A fact being written: numbers of one size, and texts with their length before them, so that no
/// two facts are the same bytes.
pub(super) struct Line(Vec<u8>);

impl Line {
    /// `kind` is not the kind of another line.
    pub fn new(kind: &str) -> Self {
        let mut line = Self(Vec::with_capacity(128));
        line.text(kind);
        line
    }

    pub fn of<T: Written>(stated: &Stated<T>) -> Digest {
        let mut line = Self::new(T::KIND);
        line.number(stated.during.from().nanoseconds().cast_unsigned());
        line.number(stated.during.to().nanoseconds().cast_unsigned());
        stated.fact.write(&mut line);
        line.digest()
    }

    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u128);
        self.0.extend_from_slice(bytes);
    }

    pub fn digest(&self) -> Digest {
        sha256(&self.0)
    }

    fn number(&mut self, number: u128) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn id(&mut self, id: Guid) {
        self.number(id.value());
    }

    fn flag(&mut self, flag: bool) {
        self.number(u128::from(flag));
    }

    fn optional(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        self.text(text.unwrap_or_default());
    }

    fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u128);
        for text in texts {
            self.text(text);
        }
    }

    fn role(&mut self, role: &RoleName) {
        match role {
            RoleName::Id(id) => self.id(id.guid()),
            RoleName::Name(name) => self.text(&fold(name)),
        }
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = Digest::default();
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// A kind of fact that reports depend on.
pub(super) trait Written {
    const KIND: &str;
    fn write(&self, line: &mut Line);
}

impl Written for Partner {
    const KIND: &str = "partner";
    fn write(&self, line: &mut Line) {
        let Self { partner, name, kind: _, parent, home_tenant: _ } = self;
        line.number(u128::from(partner.number()));
        line.optional(name.as_deref());
        line.number(parent.map_or(0, |parent| u128::from(parent.number())));
    }
}

impl Written for RoleDefinition {
    const KIND: &str = "roleDefinition";
    fn write(&self, line: &mut Line) {
        let Self { role, name, kind: _, actions, not_actions, data_actions, not_data_actions } =
            self;
        line.id(role.guid());
        line.optional(name.as_deref());
        for actions in [actions, not_actions, data_actions, not_data_actions] {
            line.texts(actions);
        }
    }
}

impl Written for Tenant {
    const KIND: &str = "tenant";
    fn write(&self, line: &mut Line) {
        let Self { tenant, name, domain: _, domains: _ } = self;
        line.id(tenant.guid());
        line.optional(name.as_deref());
    }
}

impl Written for ManagementGroup {
    const KIND: &str = "managementGroup";
    fn write(&self, line: &mut Line) {
        let Self { tenant, name, display_name: _, parent } = self;
        line.id(tenant.guid());
        line.text(&fold(name));
        line.optional(parent.as_deref().map(fold).as_deref());
    }
}

impl Written for Subscription {
    const KIND: &str = "subscription";
    fn write(&self, line: &mut Line) {
        let Self { tenant, subscription, name, management_group } = self;
        line.id(tenant.guid());
        line.id(subscription.guid());
        line.optional(name.as_deref());
        line.optional(management_group.as_deref().map(fold).as_deref());
    }
}

impl Written for PrincipalFact {
    const KIND: &str = "principal";
    fn write(&self, line: &mut Line) {
        let Self { tenant, object, kind, user_type: _, name: _, sign_in_name: _, enabled } = self;
        line.id(tenant.guid());
        line.id(object.guid());
        line.text(kind.name());
        line.flag(*enabled);
    }
}

impl Written for Membership {
    const KIND: &str = "membership";
    fn write(&self, line: &mut Line) {
        let Self { tenant, group, member } = self;
        line.id(tenant.guid());
        line.id(group.guid());
        line.id(member.guid());
    }
}

impl Written for Link {
    const KIND: &str = "link";
    fn write(&self, line: &mut Line) {
        let Self { tenant, object, partner } = self;
        line.id(tenant.guid());
        line.id(object.guid());
        line.number(u128::from(partner.number()));
    }
}

impl Written for RoleAssignment {
    const KIND: &str = "roleAssignment";
    fn write(&self, line: &mut Line) {
        let Self { tenant, id: _, principal, role, scope, eligible, condition: _ } = self;
        line.id(tenant.guid());
        line.id(principal.guid());
        line.role(role);
        line.text(scope.folded());
        line.flag(*eligible);
    }
}

impl Written for DenyAssignment {
    const KIND: &str = "denyAssignment";
    fn write(&self, line: &mut Line) {
        let Self {
            tenant,
            id,
            principals,
            exclude_principals,
            actions,
            not_actions,
            scope,
            do_not_apply_to_child_scopes,
            effect,
        } = self;
        line.id(tenant.guid());
        // A report names the denies that it could not judge.
        line.text(id);
        for list in [principals, exclude_principals] {
            line.number(list.len() as u128);
            for object in list {
                line.id(object.guid());
            }
        }
        line.texts(actions);
        line.texts(not_actions);
        line.text(scope.text());
        line.flag(*do_not_apply_to_child_scopes);
        line.flag(*effect == DenyEffect::Audit);
    }
}

impl Written for Delegation {
    const KIND: &str = "delegation";
    fn write(&self, line: &mut Line) {
        let Self { tenant, id: _, scope, managing_tenant, authorizations } = self;
        line.id(tenant.guid());
        line.text(scope.folded());
        line.id(managing_tenant.guid());
        line.number(authorizations.len() as u128);
        for Authorization { principal, role, eligible } in authorizations {
            line.id(principal.guid());
            line.role(role);
            line.flag(*eligible);
        }
    }
}
