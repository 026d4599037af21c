//! From the configuration to a verifier and, where it is on, the embedded issuer.

use std::sync::Arc;

use pal_identity::{
    Issuer, KeySource, Random, SigningKeys, Tenants, TokenStyle, TrustedIssuer, Verifier,
};
use pal_model::{Instant, TenantId};
use pal_store::Store;

use crate::app::SystemRandomness;
use crate::config::{IssuerKind, IssuerSettings, Settings};
use crate::fetch::Fetcher;
use crate::oauth::StoreAccounts;
use crate::signing::{KeyFolder, SigningError};

/// Why nobody could sign in.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A key file cannot be read or written.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The keys cannot be used.
    #[error(transparent)]
    Key(#[from] pal_identity::KeyError),
    /// Certificate authorities for fetching keys.
    #[error("identity.ca_file: {0}")]
    Fetch(String),
    /// The embedded issuer.
    #[error(transparent)]
    Password(#[from] pal_identity::PasswordError),
}

/// What the service needs.
pub struct Prepared {
    /// Judges tokens.
    pub verifier: Arc<Verifier>,
    /// Makes tokens.
    pub issuer: Option<Arc<Issuer>>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
}

/// Resources that Azure's clients ask for when they are not told another.
const AZURE: [&str; 2] = ["https://management.azure.com/", "https://management.core.windows.net/"];

/// Reads keys, makes those that are not there.
///
/// # Errors
/// See [`IdentityError`].
pub fn prepare(
    settings: &Settings,
    store: Arc<dyn Store>,
    base: &str,
    now: Instant,
) -> Result<Prepared, IdentityError> {
    let random: Arc<dyn Random> = Arc::new(SystemRandomness::new());
    let fetcher =
        Fetcher::new(settings.identity.ca_file.as_deref()).map_err(IdentityError::Fetch)?;
    let mut trusted: Vec<TrustedIssuer> = settings.identity.issuers.iter().map(external).collect();
    let mut issuer = None;
    if settings.embedded_issuer() {
        let folder = KeyFolder::of(&settings.data_dir);
        let keys = Arc::new(SigningKeys::new(folder.read(now)?)?);
        trusted.push(embedded(base, &keys));
        let behaviour = pal_identity::IssuerSettings {
            base: base.to_owned(),
            audiences: AZURE.map(str::to_owned).to_vec(),
            access_token_seconds: i64::from(settings.identity.access_token_minutes) * 60,
            device_code: settings.identity.device_code,
        };
        let accounts = Arc::new(StoreAccounts::new(store));
        issuer = Some(Arc::new(Issuer::new(behaviour, keys, accounts, random.clone())?));
    }
    let verifier = Arc::new(Verifier::new(trusted, Arc::new(fetcher)));
    Ok(Prepared { verifier, issuer, random })
}

fn embedded(base: &str, keys: &SigningKeys) -> TrustedIssuer {
    let mut audiences = vec![base.to_owned(), format!("{base}/")];
    for azure in AZURE {
        audiences.extend([azure.to_owned(), azure.trim_end_matches('/').to_owned()]);
    }
    TrustedIssuer {
        issuers: vec![format!("{base}/{{tenantid}}/v2.0"), format!("{base}/{{tenantid}}/")],
        keys: KeySource::Embedded(keys.public()),
        audiences,
        tenants: Tenants::Any,
        tenant_claim: Some("tid".to_owned()),
        object_claim: "oid".to_owned(),
        style: TokenStyle::Entra,
    }
}

/// What the configuration has checked already.
fn external(settings: &IssuerSettings) -> TrustedIssuer {
    let tenants: Vec<TenantId> =
        settings.tenants.iter().filter_map(|tenant| tenant.parse().ok()).collect();
    let audiences = settings.audiences.clone();
    let mut issuer = match settings.kind {
        IssuerKind::Entra => TrustedIssuer::entra(audiences, tenants),
        IssuerKind::Oidc => {
            let name = settings.issuer.clone().unwrap_or_default();
            let certs = || format!("{}/protocol/openid-connect/certs", name.trim_end_matches('/'));
            let jwks = settings.jwks_url.clone().unwrap_or_else(certs);
            let claim = settings.tenant_claim.clone();
            let object = settings.object_claim.clone();
            return TrustedIssuer::oidc(name, jwks, audiences, tenants, claim, object);
        }
    };
    // Another cloud of Entra ID: its own template and keys.
    if let Some(template) = &settings.issuer {
        issuer.issuers = vec![template.clone()];
    }
    if let Some(url) = &settings.jwks_url {
        issuer.keys = KeySource::Url(url.clone());
    }
    issuer
}
