//! What Azure's clients are told of links that cannot be.

use axum::http::StatusCode;
use pal_store::{Account, LinkError, TenantInfo};

use crate::http::HttpError;

fn named(partner: impl std::fmt::Display, name: Option<&str>) -> String {
    name.map_or_else(|| partner.to_string(), |name| format!("{name} ({partner})"))
}

/// A time without its fraction: for people.
fn to_the_second(time: &str) -> String {
    format!("{}Z", time.split(['.', 'Z']).next().unwrap_or_default())
}

impl From<LinkError> for HttpError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NoAccount => Self::no_account(),
            LinkError::Disabled => Self::disabled(),
            LinkError::AlreadyLinked { partner, name, since } => Self::new(
                StatusCode::CONFLICT,
                "Conflict",
                format!(
                    "This account is linked to {} since {}. To change the partner ID, update \
                     the link; to end it, delete the link first.",
                    named(partner, name.as_deref()),
                    to_the_second(&since)
                ),
            )
            .detail("PartnerIdAlreadyLinked", "A partner ID is linked to this account already."),
            LinkError::NotLinked => Self::not_found("No partner ID is linked to this account."),
            LinkError::OtherPartner => other_partner(),
            LinkError::NotAhead { since } => Self::new(
                StatusCode::CONFLICT,
                "DateNotAhead",
                format!(
                    "This link is dated {}, which is not ahead of this service's clock. Nothing was \
                     changed: only a date that has not come yet can be corrected.",
                    to_the_second(&since)
                ),
            ),
            LinkError::UnknownPartner(partner) => Self::bad_request(format!(
                "There is no partner with the ID {partner}. Check the Associated Partner ID of your \
                 partner profile."
            )),
            LinkError::InactivePartner { partner, name } => Self::bad_request(format!(
                "The partner ID {} is no longer active. Use another location of the partner.",
                named(partner, name.as_deref())
            )),
            LinkError::GlobalPartner { partner, name, locations } => {
                let shown: Vec<String> = (locations.iter().take(20))
                    .map(|(id, name)| match name {
                        Some(name) => format!("{id} ({name})"),
                        None => id.to_string(),
                    })
                    .collect();
                let advice = if shown.is_empty() {
                    "It has no active location: ask the partner's administrator.".to_owned()
                } else {
                    format!("Use one of: {}.", shown.join(", "))
                };
                let name = name.as_deref().unwrap_or("a partner");
                Self::bad_request(format!(
                    "{partner} is the global account of {name}; links use a location ID. {advice}"
                ))
            }
            LinkError::Store(error) => error.into(),
        }
    }
}

/// 404: the caller has no link.
pub fn not_linked(account: &Account, tenant: Option<&TenantInfo>) -> HttpError {
    let who = account.name.as_deref().unwrap_or("this account");
    let whose = tenant.and_then(|t| Some((t.name.as_deref()?, t.domain.as_deref()?)));
    let place = match whose {
        Some((name, domain)) => format!("directory '{name}' ({domain})"),
        None => format!("directory {}", account.principal.tenant),
    };
    HttpError::not_found(format!("No partner ID is linked to {who} in {place}."))
}

/// 404: the caller's link names another partner than the path.
pub fn other_partner() -> HttpError {
    HttpError::not_found(
        "This account is not linked to the partner ID asked for. Leave the partner ID out to see \
         what it is linked to.",
    )
}
