//! The store, as the issuer asks it.

use std::sync::Arc;

use async_trait::async_trait;
use pal_issuer::{Accounts, AccountsError, IssuerAccount, IssuerApp, IssuerLogin, Rotation};
use pal_model::{Guid, Instant, Principal, TenantId};
use pal_store::{NewRefreshToken, RefreshError, Store, StoreError};

/// Accounts out of the directory facts and the credentials beside them.
pub struct StoreAccounts(Arc<dyn Store>);

impl StoreAccounts {
    /// Over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: StoreError) -> AccountsError {
    AccountsError(error.to_string())
}

#[async_trait]
impl Accounts for StoreAccounts {
    async fn tenant(&self, text: &str, now: Instant) -> Result<Option<TenantId>, AccountsError> {
        let found = match text.parse::<TenantId>() {
            Ok(id) => self.0.tenant(id, now).await,
            Err(_) => self.0.tenant_by_domain(text, now).await,
        };
        Ok(found.map_err(failed)?.map(|tenant| tenant.tenant))
    }

    async fn login(&self, upn: &str) -> Result<Option<IssuerLogin>, AccountsError> {
        let login = self.0.login(upn).await.map_err(failed)?;
        Ok(login.map(|login| IssuerLogin {
            upn: login.upn,
            password_hash: login.password_hash,
            accounts: login.accounts,
        }))
    }

    async fn app(
        &self,
        client: Guid,
        tenant: Option<TenantId>,
    ) -> Result<Option<IssuerApp>, AccountsError> {
        let app = self.0.app(client, tenant).await.map_err(failed)?;
        Ok(app.map(|app| IssuerApp {
            client: app.client,
            principal: app.principal,
            secret_hash: app.secret_hash,
            certificates: app.certificates,
        }))
    }

    async fn account(
        &self,
        who: Principal,
        now: Instant,
    ) -> Result<Option<IssuerAccount>, AccountsError> {
        let account = self.0.account(who, now).await.map_err(failed)?;
        Ok(account.map(|account| IssuerAccount { enabled: account.may_link(), name: account.name }))
    }

    async fn keep_refresh_token(
        &self,
        hash: [u8; 32],
        family: [u8; 16],
        upn: &str,
        client: &str,
        expires: Instant,
    ) -> Result<(), AccountsError> {
        let (upn, client) = (upn.to_owned(), client.to_owned());
        let token = NewRefreshToken { hash, family, upn, client, expires };
        self.0.keep_refresh_token(token).await.map_err(failed)
    }

    async fn refresh_token_owner(&self, hash: [u8; 32]) -> Result<Option<String>, AccountsError> {
        self.0.refresh_token_owner(hash).await.map_err(failed)
    }

    async fn rotate_refresh_token(
        &self,
        hash: [u8; 32],
        client: &str,
        successor: [u8; 32],
        now: Instant,
    ) -> Result<Rotation, AccountsError> {
        match self.0.rotate_refresh_token(hash, client, successor, now).await {
            Ok(token) => Ok(Rotation::Rotated { upn: token.upn, expires: token.expires }),
            Err(RefreshError::Invalid) => Ok(Rotation::Invalid),
            Err(RefreshError::Reused) => Ok(Rotation::Reused),
            Err(RefreshError::Store(error)) => Err(failed(error)),
        }
    }

    async fn revoke_family(&self, family: [u8; 16]) -> Result<(), AccountsError> {
        self.0.revoke_refresh_family(family).await.map_err(failed)
    }
}
