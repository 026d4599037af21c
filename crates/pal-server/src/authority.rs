//! Where clients get tokens for this service, as they are told it: by the metadata, and by a 401.

use pal_model::TenantId;

/// The family of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityKind {
    /// The embedded issuer, or Entra ID: below the address there is a place for each tenant.
    Entra,
    /// Any other: its discovery document is below its name.
    Oidc,
}

/// An issuer, and what to ask it for.
#[derive(Debug, Clone)]
pub struct Authority {
    pub kind: AuthorityKind,
    /// Its address, without a tenant and without a slash at the end; of another issuer its name.
    pub address: String,
    /// What its tokens are for; the first is what clients ask for.
    pub audiences: Vec<String>,
    /// The one tenant that it speaks for, if there is only one.
    pub tenant: Option<TenantId>,
    /// A public client there, for `pal login`.
    pub client: Option<String>,
    /// The scope that clients ask for where the audience does not say it.
    pub scope: Option<String>,
}

impl Authority {
    /// The embedded issuer of the service at `base`.
    pub fn embedded(base: &str) -> Self {
        Self {
            kind: AuthorityKind::Entra,
            address: base.to_owned(),
            audiences: vec![format!("{base}/")],
            tenant: None,
            client: None,
            scope: None,
        }
    }

    /// The name of the tenant in addresses.
    pub fn tenant_name(&self) -> String {
        self.tenant.map_or_else(|| "common".to_owned(), |id| id.to_string().to_ascii_lowercase())
    }

    /// What the challenge of a 401 leads to.
    pub fn sign_in_address(&self) -> String {
        match self.kind {
            AuthorityKind::Entra => {
                format!("{}/{}/oauth2/v2.0/authorize", self.address, self.tenant_name())
            }
            AuthorityKind::Oidc => self.address.clone(),
        }
    }

    /// What clients ask tokens for.
    pub fn audience(&self) -> &str {
        self.audiences.first().map_or("", String::as_str)
    }
}
