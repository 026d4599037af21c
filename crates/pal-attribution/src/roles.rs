//! What is known of roles: the built-in ones and the dated PEC table, shipped as data.

use std::collections::HashMap;

use pal_model::{
    FactError, FactProblem, Facts, RoleClass, RoleDefinition, RoleId, RoleKind, RoleName, fold,
};
use serde::Deserialize;

const OWNER: u128 = 0x8e3a_f657_a8ff_443c_a75c_2fe8_c4bc_b635;

/// Built-in roles, the definitions of a few, and the PEC table.
pub struct RoleData {
    built_in: HashMap<RoleId, RoleDefinition>,
    /// Whether a built-in role can do more than read.
    writes: HashMap<RoleId, bool>,
    pec: HashMap<RoleId, bool>,
    by_name: HashMap<String, RoleId>,
    names: HashMap<RoleId, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuiltIn {
    role: RoleId,
    name: String,
    actions: Vec<String>,
    not_actions: Vec<String>,
    data_actions: Vec<String>,
    not_data_actions: Vec<String>,
}

/// A built-in role of which less is shipped than its definition.
#[derive(Deserialize)]
struct KnownRole {
    role: RoleId,
    name: String,
    writes: bool,
}

#[derive(Deserialize)]
struct PecRole {
    role: RoleId,
    name: String,
    eligible: bool,
}

#[derive(Deserialize)]
struct Table<T> {
    roles: Vec<T>,
}

impl RoleData {
    /// The shipped tables.
    ///
    /// # Errors
    /// None in practice: the files are part of the program, and a test reads them.
    pub fn shipped() -> serde_json::Result<Self> {
        let built_in: Table<BuiltIn> =
            serde_json::from_str(include_str!("../data/roles/built-in.json"))?;
        let known: Table<KnownRole> =
            serde_json::from_str(include_str!("../data/roles/built-in-classes.json"))?;
        let pec: Table<PecRole> =
            serde_json::from_str(include_str!("../data/roles/pec-2022-11.json"))?;
        let mut data = Self {
            built_in: HashMap::new(),
            writes: HashMap::new(),
            pec: HashMap::new(),
            by_name: HashMap::new(),
            names: HashMap::new(),
        };
        for role in pec.roles {
            data.by_name.insert(fold(&role.name), role.role);
            data.names.insert(role.role, role.name);
            data.pec.insert(role.role, role.eligible);
        }
        // Roles are renamed: an old name goes on to be understood, the newest is shown.
        for role in known.roles {
            data.by_name.insert(fold(&role.name), role.role);
            data.names.insert(role.role, role.name);
            data.writes.insert(role.role, role.writes);
        }
        for role in built_in.roles {
            data.built_in.insert(role.role, role.into());
        }
        Ok(data)
    }

    pub fn built_in(&self, role: RoleId) -> Option<&RoleDefinition> {
        self.built_in.get(&role)
    }

    /// Whether a built-in role has an action or data action that does not end in `/read`; `None` =
    /// it is no built-in role.
    pub fn writes(&self, role: RoleId) -> Option<bool> {
        self.writes.get(&role).copied()
    }

    /// Whether the PEC table calls a role eligible; `None` = it is not in the table.
    pub fn pec_eligible(&self, role: RoleId) -> Option<bool> {
        self.pec.get(&role).copied()
    }

    pub fn is_owner(role: RoleId) -> bool {
        role.guid().value() == OWNER
    }

    /// The built-in role of a name, whatever its case.
    pub fn by_name(&self, name: &str) -> Option<RoleId> {
        self.by_name.get(&fold(name)).copied()
    }

    pub fn name(&self, role: RoleId) -> Option<&str> {
        self.names.get(&role).map(String::as_str)
    }

    /// Class of a role with this definition (R15).
    pub fn class(&self, role: RoleId, definition: Option<&RoleDefinition>) -> RoleClass {
        if Self::is_owner(role) {
            return RoleClass::Owner;
        }
        let writes = || match definition {
            Some(d) => {
                let mut actions = d.actions.iter().chain(&d.data_actions);
                actions.any(|action| !action.to_ascii_lowercase().ends_with("/read"))
            }
            None => self.writes(role) == Some(true),
        };
        match self.pec_eligible(role) {
            Some(true) => RoleClass::Contributor,
            None if writes() => RoleClass::Contributor,
            Some(false) | None => RoleClass::Reader,
        }
    }

    /// Replaces built-in roles' names by their GUIDs.
    ///
    /// # Errors
    /// A name that is no built-in role's, with the line that uses it.
    pub fn resolve_names(&self, facts: &mut Facts) -> Result<(), FactError> {
        let mut wrong = Vec::new();
        let mut resolve = |role: &mut RoleName, source| {
            if let RoleName::Name(name) = role {
                match self.by_name(name) {
                    Some(id) => *role = RoleName::Id(id),
                    None => wrong.push((source, FactProblem::Role(name.clone()))),
                }
            }
        };
        for stated in &mut facts.role_assignments {
            resolve(&mut stated.fact.role, stated.source);
        }
        for stated in &mut facts.delegations {
            for authorization in &mut stated.fact.authorizations {
                resolve(&mut authorization.role, stated.source);
            }
        }
        match wrong.into_iter().min_by_key(|(source, _)| *source) {
            Some((source, problem)) => Err(facts.error(source, problem)),
            None => Ok(()),
        }
    }
}

impl From<BuiltIn> for RoleDefinition {
    fn from(role: BuiltIn) -> Self {
        Self {
            role: role.role,
            name: Some(role.name),
            kind: RoleKind::BuiltIn,
            actions: role.actions,
            not_actions: role.not_actions,
            data_actions: role.data_actions,
            not_data_actions: role.not_data_actions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_tables_are_whole() {
        let data = RoleData::shipped().unwrap();
        let eligible = data.pec.values().filter(|e| **e).count();
        assert_eq!((eligible, data.pec.len() - eligible), (98, 24));
        for name in ["owner", "Contributor", "READER", "User Access Administrator"] {
            let role = data.by_name(name).unwrap();
            assert!(!data.built_in(role).unwrap().actions.is_empty(), "{name}");
        }
        assert!(RoleData::is_owner(data.by_name("Owner").unwrap()));
        let reads = data.writes.values().filter(|writes| !**writes).count();
        assert_eq!((data.writes.len(), reads), (928, 116));
        // What the three files say of a role agrees.
        for (role, definition) in &data.built_in {
            let whole = data.class(*role, Some(definition));
            assert_eq!(data.class(*role, None), whole, "{role}");
            assert_eq!(data.name(*role), definition.name.as_deref());
        }
        for role in data.pec.keys() {
            assert!(data.writes.contains_key(role), "{role}");
        }
    }

    /// A deny of some actions is judged by the actions of a role. A bare `*` among those is known
    /// of every role that has it.
    #[test]
    fn roles_that_can_do_everything_ship_whole() {
        #[derive(Deserialize)]
        struct Wild {
            role: RoleId,
            wildcard: bool,
        }
        let data = RoleData::shipped().unwrap();
        let known: Table<Wild> =
            serde_json::from_str(include_str!("../data/roles/built-in-classes.json")).unwrap();
        for Wild { role, wildcard } in known.roles {
            let whole = data.built_in(role).is_some_and(|d| d.actions.iter().any(|a| a == "*"));
            assert_eq!(whole, wildcard, "{role}");
        }
    }

    #[test]
    fn a_built_in_role_has_a_name_and_a_class() {
        let data = RoleData::shipped().unwrap();
        for (name, class) in [
            ("Azure Kubernetes Service RBAC Writer", RoleClass::Contributor), // not in the PEC table
            ("Storage File Data Privileged Reader", RoleClass::Contributor),
            ("Monitoring Reader", RoleClass::Reader), // the PEC table comes first
            ("AcrPull", RoleClass::Contributor),
            ("Managed Applications Reader", RoleClass::Reader), // renamed since
        ] {
            let role = data.by_name(name).unwrap();
            assert_eq!(data.class(role, None), class, "{name}");
        }
        let renamed = data.by_name("Managed Applications Reader").unwrap();
        assert_eq!(data.name(renamed), Some("Managed Application Publisher Operator"));
    }

    #[test]
    fn classes_follow_the_table_then_the_actions() {
        let data = RoleData::shipped().unwrap();
        let class = |name: &str| data.class(data.by_name(name).unwrap(), None);
        assert_eq!(class("Owner"), RoleClass::Owner);
        assert_eq!(class("Support Request Contributor"), RoleClass::Contributor);
        assert_eq!(class("Reader"), RoleClass::Reader);
        let custom: RoleDefinition = serde_json::from_str(
            r#"{"role":"00000000-0000-0000-0000-00000000c001","type":"CustomRole",
                "actions":["Microsoft.Compute/*/READ"],"dataActions":["a/b/read"]}"#,
        )
        .unwrap();
        assert_eq!(data.class(custom.role, Some(&custom)), RoleClass::Reader);
        let writer = RoleDefinition { data_actions: vec!["a/b/write".into()], ..custom.clone() };
        assert_eq!(data.class(custom.role, Some(&writer)), RoleClass::Contributor);
        assert_eq!(data.class(custom.role, None), RoleClass::Reader);
    }
}
