//! Which issuers are believed, and what each may say.

use pal_model::TenantId;

/// Where an issuer's keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A JWKS document at this address.
    Url(String),
    /// Given: the embedded issuer's own, in this process.
    Embedded(crate::PublicKeys),
}

/// The tenants that an issuer may speak for.
#[derive(Debug, Clone)]
pub enum Tenants {
    /// Whichever tenant its template names: the `iss` of a token must be that of its tenant.
    Any,
    List(Vec<TenantId>),
}

/// How access tokens of an issuer are told from its other tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStyle {
    /// Entra ID and the embedded issuer: `appid` or `azp`, and `scp`, `roles` or `idtyp`.
    Entra,
    /// Others: no claim `typ`, or `typ` = `Bearer`; a `client_id` or `azp`.
    Oidc,
}

/// The scope that a token needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededScope {
    /// A token with the claim `scp` must have it there.
    pub name: String,
    /// Whether a token without `scp` must have it in the claim `scope`.
    pub always: bool,
}

impl NeededScope {
    /// What Azure calls the one scope of its resource manager, and every guide the first of an API of one's own.
    pub const USUAL: &'static str = "user_impersonation";
}

impl Default for NeededScope {
    fn default() -> Self {
        Self { name: Self::USUAL.to_owned(), always: false }
    }
}

#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// What `iss` must be; `{tenantid}` stands for the token's tenant. One of several forms.
    pub issuers: Vec<String>,
    pub keys: KeySource,
    /// What `aud` must be: one of these.
    pub audiences: Vec<String>,
    /// The tenants it may speak for.
    pub tenants: Tenants,
    /// The claim that names the tenant; `None` = the one tenant of the list, whatever is claimed.
    pub tenant_claim: Option<String>,
    pub object_claim: String,
    pub scope: NeededScope,
    pub style: TokenStyle,
}

impl TrustedIssuer {
    /// Entra ID in the public cloud: v1 and v2 tokens of these tenants (empty = any).
    pub fn entra(audiences: Vec<String>, tenants: Vec<TenantId>) -> Self {
        Self {
            issuers: vec![
                "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
                "https://sts.windows.net/{tenantid}/".to_owned(),
            ],
            keys: KeySource::Url(
                "https://login.microsoftonline.com/common/discovery/v2.0/keys".to_owned(),
            ),
            audiences,
            tenants: if tenants.is_empty() { Tenants::Any } else { Tenants::List(tenants) },
            tenant_claim: Some("tid".to_owned()),
            object_claim: "oid".to_owned(),
            scope: NeededScope::default(),
            style: TokenStyle::Entra,
        }
    }

    /// Any other issuer, for one tenant or for those that a claim names.
    pub fn oidc(
        issuer: String,
        jwks: String,
        audiences: Vec<String>,
        tenants: Vec<TenantId>,
        tenant_claim: Option<String>,
        object_claim: Option<String>,
    ) -> Self {
        Self {
            issuers: vec![issuer],
            keys: KeySource::Url(jwks),
            audiences,
            tenants: Tenants::List(tenants),
            tenant_claim,
            object_claim: object_claim.unwrap_or_else(|| "sub".to_owned()),
            scope: NeededScope::default(),
            style: TokenStyle::Oidc,
        }
    }
}
