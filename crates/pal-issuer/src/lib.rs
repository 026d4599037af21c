//! The embedded issuer: protocol without HTTP. For one machine and for tests.
//!
//! It speaks as Entra ID does, because the clients know nothing else: the same addresses below the
//! tenant, the same fields, the same numbers in errors. It signs access tokens of fifteen minutes
//! and keeps no password and no token, only hashes.
//!
//! It never reads the clock or opens a socket: time and randomness come from the caller, accounts and the hashes of
//! refresh tokens are asked of the store.

mod answers;
mod assertion;
mod authorize;
mod certificate;
mod device;
mod discovery;
mod error;
mod form;
mod grants;
mod password;
mod portal;
mod random;
mod redirect;
mod sign_in;
mod throttle;
mod tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::SigningKeys;
use pal_model::{Guid, Instant, TenantId};
use pal_store::{Account, Login, Store};
use tokio::sync::Semaphore;

/// Reads a certificate as a text; whether it is one. For the fuzz targets only.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub fn reads_certificate(pem: &str) -> bool {
    certificate::Certificate::from_pem(pem).is_some()
}

pub use answers::{DeviceCodes, Discovery, ErrorBody, Tokens};
pub use authorize::{Authorization, ResponseMode};
pub use device::DeviceRequest;
pub use error::OAuthError;
pub use form::Form;
pub use password::{PasswordError, hash_password};
pub use portal::PortalPerson;
pub use random::Random;
pub use sign_in::SignedInPerson;
pub use tokens::Version;

use authorize::Code;
use device::Devices;
use throttle::Throttle;

/// Applications that need no secret, because they run on people's machines.
pub const PUBLIC_CLIENTS: [(&str, &str); 3] = [
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Azure CLI"),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"),
    (PAL_CLIENT, "OpenPAL CLI"),
];

/// The program `pal`.
pub const PAL_CLIENT: &str = "0a1b70a1-0000-4000-8000-00000000c11e";

/// The portal of this service: first-party, with one redirect address, and no client of the token
/// endpoint.
pub const PORTAL_CLIENT: &str = "0a1b70a1-0000-4000-8000-000000090a7a";

#[derive(Debug, Clone)]
pub struct IssuerSettings {
    /// The public address, without a slash at the end.
    pub base: String,
    /// Resources that access tokens may be for, beside the address itself.
    pub audiences: Vec<String>,
    /// Life of access tokens in seconds.
    pub access_token_seconds: i64,
    /// Whether the device code is offered.
    pub device_code: bool,
}

pub struct Issuer {
    settings: IssuerSettings,
    keys: Arc<SigningKeys>,
    store: Arc<dyn Store>,
    random: Arc<dyn Random>,
    codes: Mutex<HashMap<[u8; 32], Code>>,
    devices: Mutex<Devices>,
    assertions: Mutex<HashMap<[u8; 32], i64>>,
    throttle: Arc<Throttle>,
    /// Hashing is expensive on purpose: two at a time, so that sign-ins never starve the rest.
    hashing: Arc<Semaphore>,
    /// Checked when there is nobody of that name: the same work either way (T29).
    nobody: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestedTenant {
    /// `organizations`, `common`: wherever the person is at home.
    Home,
    One(TenantId),
}

impl Issuer {
    /// Over the accounts of this store, with these keys.
    ///
    /// # Errors
    /// Hashing does not work.
    pub fn new(
        settings: IssuerSettings,
        keys: Arc<SigningKeys>,
        store: Arc<dyn Store>,
        random: Arc<dyn Random>,
    ) -> Result<Self, PasswordError> {
        let nobody = hash_password("nobody has this password", random.as_ref())?;
        Ok(Self {
            settings,
            keys,
            store,
            random,
            codes: Mutex::default(),
            devices: Mutex::default(),
            assertions: Mutex::default(),
            throttle: Arc::default(),
            hashing: Arc::new(Semaphore::new(2)),
            nobody,
        })
    }

    pub fn keys(&self) -> &SigningKeys {
        &self.keys
    }

    pub(crate) async fn wanted(
        &self,
        tenant: &str,
        now: Instant,
    ) -> Result<RequestedTenant, OAuthError> {
        if ["organizations", "common"].iter().any(|word| word.eq_ignore_ascii_case(tenant)) {
            return Ok(RequestedTenant::Home);
        }
        let found = self.store.tenant_called(tenant, now).await?;
        found.map(|found| RequestedTenant::One(found.tenant)).ok_or_else(|| {
            let shown: String = tenant.chars().take(60).collect();
            OAuthError::request(
                90002,
                format!("Tenant '{shown}' not found. Check the tenant ID or domain."),
            )
        })
    }

    /// The account of a person in a tenant, which must be enabled.
    pub(crate) async fn account_of(
        &self,
        login: &Login,
        wanted: RequestedTenant,
        now: Instant,
    ) -> Result<Account, OAuthError> {
        let found = match wanted {
            RequestedTenant::Home => login.accounts.first(),
            RequestedTenant::One(tenant) => login.accounts.iter().find(|who| who.tenant == tenant),
        };
        let missing = || {
            OAuthError::grant(
                50020,
                "The user account does not exist in this tenant. Ask an administrator of the \
                 tenant to invite it, or sign in to another tenant.",
            )
        };
        let who = *found.ok_or_else(missing)?;
        match self.store.account(who, now).await? {
            Some(account) if account.may_link() => Ok(account),
            Some(_) => Err(OAuthError::grant(50057, "The user account is disabled.")),
            None => Err(missing()),
        }
    }

    /// A secret text: 256 bits.
    pub(crate) fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn codes(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn devices(&self) -> std::sync::MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn public_client(id: &str) -> Option<&'static str> {
    let known = PUBLIC_CLIENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(id));
    known.map(|(_, name)| *name)
}

pub(crate) fn is_portal(id: &str) -> bool {
    id.eq_ignore_ascii_case(PORTAL_CLIENT)
}

pub(crate) fn sha256(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    out
}

pub(crate) fn client_guid(id: &str) -> Result<Guid, OAuthError> {
    id.parse().map_err(|_| unknown_client(id))
}

pub(crate) fn unknown_client(id: &str) -> OAuthError {
    let shown: String = id.chars().take(60).collect();
    OAuthError::new(
        400,
        "unauthorized_client",
        700_016,
        format!("Application with identifier '{shown}' was not found in the directory."),
    )
}
