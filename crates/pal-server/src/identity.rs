//! From the configuration to a verifier and, where it is on, the embedded issuer.

use std::sync::Arc;

use pal_identity::{
    KeySource, NeededScope, SigningKeys, Tenants, TokenStyle, TrustedIssuer, Verifier,
};
use pal_issuer::{Issuer, Random};
use pal_model::{Instant, TenantId};
use pal_store::Store;

use crate::app::SystemRandomness;
use crate::authority::{Authority, AuthorityKind};
use crate::config::{IssuerKind, IssuerSettings, Settings};
use crate::fetch::Fetcher;
use crate::portal::{
    BackChannel, External, ExternalKind, Portal, PortalAssets, PortalIssuer, PortalOptions,
};
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
    Password(#[from] pal_issuer::PasswordError),
    /// The portal's client secret.
    #[error("portal.client_secret_file: {0}")]
    Secret(String),
}

/// What the service needs.
pub struct IdentitySetup {
    /// Judges tokens.
    pub verifier: Arc<Verifier>,
    /// Makes tokens.
    pub issuer: Option<Arc<Issuer>>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
    /// Reaches issuers.
    pub back: Arc<dyn BackChannel>,
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
) -> Result<IdentitySetup, IdentityError> {
    let random: Arc<dyn Random> = Arc::new(SystemRandomness::new());
    let fetcher =
        Fetcher::new(settings.identity.ca_file.as_deref()).map_err(IdentityError::Fetch)?;
    let mut trusted: Vec<TrustedIssuer> = settings.identity.issuers.iter().map(external).collect();
    let mut issuer = None;
    if settings.embedded_issuer() {
        let folder = KeyFolder::of(&settings.data_dir);
        let keys = Arc::new(SigningKeys::new(folder.read(now)?)?);
        trusted.push(embedded(base, &keys));
        let behaviour = pal_issuer::IssuerSettings {
            base: base.to_owned(),
            audiences: AZURE.map(str::to_owned).to_vec(),
            access_token_seconds: i64::from(settings.identity.access_token_minutes) * 60,
            device_code: settings.identity.device_code,
        };
        issuer = Some(Arc::new(Issuer::new(behaviour, keys, store, random.clone())?));
    }
    let back: Arc<dyn BackChannel> = Arc::new(fetcher);
    let verifier = Arc::new(Verifier::new(trusted, back.clone()));
    Ok(IdentitySetup { verifier, issuer, random, back })
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
        scope: NeededScope::default(),
        style: TokenStyle::Entra,
    }
}

/// The tenants of an issuer; [`Settings::check`] has refused what is none.
fn tenants(settings: &IssuerSettings) -> Vec<TenantId> {
    settings.tenants.iter().filter_map(|tenant| tenant.parse().ok()).collect()
}

/// The one tenant that an issuer speaks for, if it is only one.
fn only_tenant(settings: &IssuerSettings) -> Option<TenantId> {
    match tenants(settings).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// Where Entra ID, or another cloud's, signs people in: what stands before the tenant.
fn entra_address(settings: &IssuerSettings) -> String {
    let template = settings.issuer.as_deref().unwrap_or("https://login.microsoftonline.com/");
    template.split("/{tenantid}").next().unwrap_or(template).trim_end_matches('/').to_owned()
}

/// Where clients get tokens: at the embedded issuer where it is on, else at the first of the others.
pub fn authority(settings: &Settings, base: &str) -> Authority {
    let first = settings.identity.issuers.first().filter(|_| !settings.embedded_issuer());
    let Some(issuer) = first else { return Authority::embedded(base) };
    let (kind, address) = match issuer.kind {
        IssuerKind::Entra => (AuthorityKind::Entra, entra_address(issuer)),
        IssuerKind::Oidc => (AuthorityKind::Oidc, issuer.issuer.clone().unwrap_or_default()),
    };
    Authority {
        kind,
        address,
        audiences: issuer.audiences.clone(),
        tenant: only_tenant(issuer),
        client: issuer.client_id.clone(),
        scope: issuer.scope.clone(),
    }
}

/// What the configuration has checked already.
fn external(settings: &IssuerSettings) -> TrustedIssuer {
    let mut issuer = family(settings);
    let always = settings.kind == IssuerKind::Oidc && settings.scope.is_some();
    if let Some(name) = settings.scope.clone() {
        issuer.scope = NeededScope { name, always };
    }
    issuer
}

fn family(settings: &IssuerSettings) -> TrustedIssuer {
    let tenants = tenants(settings);
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

/// The portal, where it is on: at its client's issuer, else at the embedded one.
///
/// # Errors
/// The client's secret cannot be read.
pub fn portal(
    settings: &Settings,
    prepared: &IdentitySetup,
    secret: &[u8],
) -> Result<Option<Portal>, IdentityError> {
    if !settings.portal_is_on() {
        return Ok(None);
    }
    let wanted = &settings.portal;
    let issuer = match (&wanted.client_id, settings.identity.issuers.first(), &prepared.issuer) {
        (Some(client), Some(issuer), _) => {
            let secret = wanted.client_secret_file.as_deref().map(client_secret).transpose()?;
            let (kind, trusted) = (portal_kind(issuer), external(issuer));
            let client = client.trim().to_owned();
            let external = External::new(kind, client, secret, trusted, prepared.back.clone());
            PortalIssuer::External(Box::new(external))
        }
        (_, _, Some(issuer)) => PortalIssuer::Embedded(issuer.clone()),
        // The configuration has refused it.
        _ => return Ok(None),
    };
    let options = PortalOptions {
        idle_seconds: i64::from(wanted.idle_minutes) * 60,
        absolute_seconds: i64::from(wanted.absolute_hours) * 3_600,
        demo: wanted.demo,
    };
    Ok(Some(Portal::new(issuer, options, PortalAssets::embedded(), secret)))
}

/// Where an issuer's sign-in page is.
fn portal_kind(settings: &IssuerSettings) -> ExternalKind {
    match settings.kind {
        IssuerKind::Oidc => {
            ExternalKind::Oidc { issuer: settings.issuer.clone().unwrap_or_default() }
        }
        IssuerKind::Entra => ExternalKind::Entra {
            authority: entra_address(settings),
            tenant: only_tenant(settings),
        },
    }
}

/// A secret without the line end that editors put behind it.
fn client_secret(path: &std::path::Path) -> Result<secrecy::SecretString, IdentityError> {
    let told =
        |why: &dyn std::fmt::Display| IdentityError::Secret(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(told(&"the file is empty; put the client's secret into it"));
    }
    Ok(secret.to_owned().into())
}
