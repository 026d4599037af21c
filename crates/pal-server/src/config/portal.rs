//! The portal's part of the configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Conflict;
use super::{Settings, Switch};

/// The portal: whether it is on, how people sign in to it, how long a session lasts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PortalSettings {
    /// The portal below `/portal`: `on`, `off`, or `auto` = on when people can sign in to it, at the
    /// embedded issuer or with `portal.client_id`.
    pub enabled: Switch,
    /// The portal's client ID at the first of `identity.issuers`, with the redirect URI
    /// `/portal/auth/callback` below the service's address. Not set: the embedded issuer, which needs
    /// none.
    pub client_id: Option<String>,
    /// A file with the client's secret, readable by the service only. Not set: a public client, with
    /// PKCE alone.
    pub client_secret_file: Option<PathBuf>,
    /// A session of the portal that is not used ends after so many minutes.
    pub idle_minutes: u32,
    /// A session ends after so many hours, however much it is used.
    pub absolute_hours: u32,
    /// Say on every page that the data are a demo's.
    pub demo: bool,
}

impl Default for PortalSettings {
    fn default() -> Self {
        Self {
            enabled: Switch::Auto,
            client_id: None,
            client_secret_file: None,
            idle_minutes: 30,
            absolute_hours: 8,
            demo: false,
        }
    }
}

impl Settings {
    /// Whether the portal is on: with a client at an issuer elsewhere, or with the embedded issuer.
    pub fn portal_is_on(&self) -> bool {
        let possible = self.portal.client_id.is_some() || self.embedded_issuer();
        match self.portal.enabled {
            Switch::Auto => possible,
            Switch::On => true,
            Switch::Off => false,
        }
    }

    pub(super) fn check_portal(&self) -> Result<(), Conflict> {
        let portal = &self.portal;
        if portal.enabled == Switch::On && portal.client_id.is_none() && !self.embedded_issuer() {
            return Err(Conflict::of(
                &["portal.enabled", "portal.client_id"],
                "portal.enabled is on and portal.client_id is not set: nobody could sign in to \
                        the portal. Register it at the issuer as a web application, with \
                        /portal/auth/callback below the service's address, and give its client ID"
                    .to_owned(),
            ));
        }
        if portal.client_id.as_ref().is_some_and(|id| id.trim().is_empty()) {
            return Err(Conflict::of(
                &["portal.client_id"],
                "portal.client_id is empty: give the client ID, or leave the key out",
            ));
        }
        if portal.client_id.is_some() && self.identity.issuers.is_empty() {
            return Err(Conflict::of(
                &["identity.issuers", "portal.client_id"],
                "portal.client_id is set and identity.issuers is empty: the embedded issuer \
                        knows the portal without it. Configure the issuer it is of, or leave it out"
                    .to_owned(),
            ));
        }
        if portal.client_secret_file.is_some() && portal.client_id.is_none() {
            return Err(Conflict::of(
                &["portal.client_id", "portal.client_secret_file"],
                "portal.client_secret_file is set and portal.client_id is not: set both",
            ));
        }
        for (key, value, most) in [
            (&["portal.idle_minutes"], portal.idle_minutes, 1_440),
            (&["portal.absolute_hours"], portal.absolute_hours, 168),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Conflict::of(
                    key,
                    format!("{} is {value}; it must be from 1 to {most}", key[0]),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{IssuerKind, IssuerSettings};

    #[test]
    fn it_is_on_where_people_can_sign_in() {
        let elsewhere = IssuerSettings {
            kind: IssuerKind::Entra,
            issuer: None,
            jwks_url: None,
            audiences: vec!["api://openpal".to_owned()],
            tenants: Vec::new(),
            tenant_claim: None,
            object_claim: None,
            scope: None,
            client_id: None,
        };
        for (enabled, external, client, on, good) in [
            (Switch::Auto, false, false, true, true),
            (Switch::Off, false, false, false, true),
            (Switch::On, false, false, true, true),
            (Switch::Auto, true, false, false, true),
            (Switch::On, true, false, true, false),
            (Switch::Auto, true, true, true, true),
            (Switch::Off, true, true, false, true),
            (Switch::Auto, false, true, true, false),
        ] {
            let mut settings = Settings::default();
            settings.portal.enabled = enabled;
            settings.portal.client_id = client.then(|| "a client".to_owned());
            settings.identity.issuers = external.then(|| elsewhere.clone()).into_iter().collect();
            let what = format!("{enabled:?}, issuer {external}, client {client}");
            assert_eq!(settings.portal_is_on(), on, "{what}");
            assert_eq!(settings.check().is_ok(), good, "{what}: {:?}", settings.check());
        }
    }
}
