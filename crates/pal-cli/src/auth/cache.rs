//! The sign-ins of one person: `sign-ins.json`, readable by its owner only (T52).

use std::collections::BTreeMap;
use std::path::PathBuf;

use pal_model::is_same_name;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Secret;
use crate::config_dir::ConfigDir;
use crate::printer::Failure;

const FILE: &str = "sign-ins.json";

/// All sign-ins, in all clouds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    #[serde(default)]
    pub sessions: Vec<Session>,
    /// For each cloud, what commands work with.
    #[serde(default)]
    pub current: BTreeMap<String, Target>,
}

/// Which sign-in, and which directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub session: String,
    pub tenant: String,
}

/// One sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: String,
    pub cloud: String,
    /// Name of the user, or id of the application.
    pub username: String,
    pub client_id: String,
    pub home_tenant: String,
    pub credential: Credential,
    pub accounts: Vec<Account>,
}

/// How a new token is got.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Credential {
    /// A user's refresh token: each is used once, and comes back as another.
    Refresh(Secret),
    /// A service principal's secret.
    Secret(Secret),
    /// The file with its certificate and key.
    Certificate(PathBuf),
    /// The file with another issuer's token.
    Federated(PathBuf),
    /// The Azure CLI is asked each time.
    AzureCli,
}

/// An account in one directory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Seconds since 1970.
    #[serde(default)]
    pub expires: i64,
}

impl Account {
    /// "Fabrikam (fabrikam.example)", or what is known of it.
    pub fn directory(&self) -> String {
        match (&self.name, &self.domain) {
            (Some(name), Some(domain)) => format!("{name} ({domain})"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => self.tenant.clone(),
        }
    }

    /// Whether people may mean this directory by the text.
    pub fn is_called(&self, text: &str) -> bool {
        let names = [Some(&self.tenant), self.name.as_ref(), self.domain.as_ref()];
        names.into_iter().flatten().any(|name| is_same_name(name, text))
    }
}

impl Session {
    /// Whether it is a person's.
    pub const fn is_user(&self) -> bool {
        matches!(self.credential, Credential::Refresh(_) | Credential::AzureCli)
    }

    /// The account in a directory, made where there is none.
    pub fn account(&mut self, tenant: &str) -> &mut Account {
        let known = self.accounts.iter().position(|account| account.tenant == tenant);
        let at = known.unwrap_or_else(|| {
            self.accounts.push(Account { tenant: tenant.to_owned(), ..Account::default() });
            self.accounts.len() - 1
        });
        &mut self.accounts[at]
    }

    /// An account as az shows one.
    pub fn shown(&self, account: &Account, current: bool) -> Value {
        json!({
            "environmentName": self.cloud,
            "homeTenantId": self.home_tenant,
            "id": account.tenant,
            "isDefault": current,
            "name": account.name.as_ref().or(account.domain.as_ref()).unwrap_or(&account.tenant),
            "objectId": account.object,
            "state": "Enabled",
            "tenantDefaultDomain": account.domain,
            "tenantDisplayName": account.name,
            "tenantId": account.tenant,
            "user": {
                "name": self.username,
                "type": if self.is_user() { "user" } else { "servicePrincipal" },
            },
        })
    }
}

impl Cache {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it is there and cannot be read.
    pub fn load(dir: &ConfigDir) -> Result<Self, Failure> {
        Ok(dir.read(FILE)?.unwrap_or_default())
    }

    /// Writes the file; the folder's lock must be held.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn save(&self, dir: &ConfigDir) -> Result<(), Failure> {
        dir.write(FILE, self)
    }

    /// What commands work with in a cloud.
    ///
    /// # Errors
    ///
    /// When nobody is signed in there.
    pub fn target(&self, cloud: &str) -> Result<Target, Failure> {
        let known = self.current.get(cloud).filter(|target| self.find(target).is_ok());
        known.cloned().ok_or_else(|| {
            Failure::failed(format!(
                "Nobody is signed in to the cloud '{cloud}'.\nTo sign in: pal login"
            ))
        })
    }

    /// The sign-in of a target.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn find(&self, target: &Target) -> Result<&Session, Failure> {
        let found = self.sessions.iter().find(|session| session.id == target.session);
        found.ok_or_else(signed_out)
    }

    /// The same, to change it.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn find_mut(&mut self, target: &Target) -> Result<&mut Session, Failure> {
        let found = self.sessions.iter_mut().find(|session| session.id == target.session);
        found.ok_or_else(signed_out)
    }

    /// Adds a sign-in, instead of an earlier one of the same name, and makes it current.
    pub fn add(&mut self, session: Session, tenant: &str) {
        let same = |s: &Session| s.cloud == session.cloud && s.username == session.username;
        self.sessions.retain(|other| !same(other));
        let target = Target { session: session.id.clone(), tenant: tenant.to_owned() };
        self.current.insert(session.cloud.clone(), target);
        self.sessions.push(session);
    }

    /// Removes the sign-ins of a cloud that `gone` names; how many.
    pub fn remove(&mut self, cloud: &str, gone: impl Fn(&Session) -> bool) -> usize {
        let before = self.sessions.len();
        self.sessions.retain(|session| session.cloud != cloud || !gone(session));
        let known = |target: &Target| self.sessions.iter().any(|s| s.id == target.session);
        if !self.current.get(cloud).is_some_and(known) {
            let next = self.sessions.iter().find(|session| session.cloud == cloud);
            match next.and_then(|s| s.accounts.first().map(|a| (s.id.clone(), a.tenant.clone()))) {
                Some((session, tenant)) => {
                    self.current.insert(cloud.to_owned(), Target { session, tenant });
                }
                None => {
                    self.current.remove(cloud);
                }
            }
        }
        before - self.sessions.len()
    }
}

fn signed_out() -> Failure {
    Failure::failed("The sign-in is gone.\nTo sign in again: pal login")
}
