//! Combinations that cannot be, said before anything is started.

use pal_model::Principal;
use pal_usage::counting::{Dataset, Ignored};
use url::Url;

use super::UsageSettings;
use super::{IssuerKind, IssuerSettings, Settings};

/// `TENANT/OBJECT`.
pub fn pair(text: &str) -> Option<Principal> {
    let (tenant, object) = text.split_once('/')?;
    Some(Principal::new(tenant.trim().parse().ok()?, object.trim().parse().ok()?))
}

impl Settings {
    /// The first thing that is wrong: the key, why, and what to do.
    ///
    /// # Errors
    /// Something is.
    pub fn check(&self) -> Result<(), String> {
        if self.data_dir.as_os_str().is_empty() {
            return Err("data_dir is empty: name a folder".to_owned());
        }
        self.check_usage()?;
        self.check_http()?;
        self.check_public_url()?;
        if self.embedded_issuer() && !self.is_loopback() && !self.identity.allow_embedded_issuer {
            return Err(format!(
                "http.listen is {}, which others can reach, and the embedded issuer is on: it is \
                 meant for one machine. Configure an issuer of your own (identity.issuers), or say \
                 --allow-embedded-issuer",
                self.http.listen
            ));
        }
        if !self.embedded_issuer() && self.identity.issuers.is_empty() {
            return Err("identity.embedded is off and identity.issuers is empty: nobody could \
                        sign in. Configure an issuer"
                .to_owned());
        }
        self.check_portal()?;
        let minutes = self.identity.access_token_minutes;
        if !(1..=60).contains(&minutes) {
            return Err(format!(
                "identity.access_token_minutes is {minutes}; it must be from 1 to 60"
            ));
        }
        for (at, issuer) in self.identity.issuers.iter().enumerate() {
            check_issuer(issuer).map_err(|why| format!("identity.issuers[{at}]: {why}"))?;
        }
        for text in &self.operators {
            if pair(text).is_none() {
                return Err(format!("operators: '{text}' is not TENANT/OBJECT, two GUIDs"));
            }
        }
        if let Some(listen) = self.metrics.listen.filter(|listen| !listen.ip().is_loopback()) {
            return Err(format!(
                "metrics.listen is {listen}: metrics are not for others; use a loopback address"
            ));
        }
        Ok(())
    }

    /// What commands on a data folder need of it.
    pub(super) fn check_usage(&self) -> Result<(), String> {
        counting(&self.usage)?;
        pal_usage::check_home(&self.usage.store)
    }

    fn check_http(&self) -> Result<(), String> {
        let http = &self.http;
        if http.plain_http && !self.is_loopback() {
            return Err(format!(
                "http.plain_http without TLS is for loopback behind a proxy, and http.listen is {}",
                http.listen
            ));
        }
        if http.tls_cert.is_some() != http.tls_key.is_some() {
            return Err("http.tls_cert and http.tls_key belong together: set both".to_owned());
        }
        if http.plain_http && http.tls_cert.is_some() {
            return Err("http.plain_http and http.tls_cert exclude each other".to_owned());
        }
        if http.max_header_bytes < 8_192 {
            let bytes = http.max_header_bytes;
            return Err(format!("http.max_header_bytes is {bytes}; it must be at least 8192"));
        }
        for (key, seconds) in
            [("http.header_seconds", http.header_seconds), ("http.body_seconds", http.body_seconds)]
        {
            if !(1..=600).contains(&seconds) {
                return Err(format!("{key} is {seconds}; it must be from 1 to 600"));
            }
        }
        if http.max_connections == 0 {
            return Err("http.max_connections is 0; it must be at least 1".to_owned());
        }
        Ok(())
    }

    fn check_public_url(&self) -> Result<(), String> {
        let Some(text) = &self.public_url else {
            let unspecified = self.http.listen.ip().is_unspecified();
            return if unspecified {
                Err(format!(
                    "http.listen is {}: say by which address clients reach it (public_url)",
                    self.http.listen
                ))
            } else {
                Ok(())
            };
        };
        // Whoever puts a password here must not find it in a log.
        let shown = without_user(text);
        let url = Url::parse(text).map_err(|error| {
            format!("public_url '{shown}' is no URL ({error}); write https:// and a host")
        })?;
        let plain = self.http.plain_http && url.scheme() == "http";
        if url.scheme() != "https" && !plain {
            return Err(format!("public_url '{shown}' must begin with https://"));
        }
        if shown != text {
            return Err(format!("public_url '{shown}' must have no user name and no password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("public_url '{shown}' must have no path: sign-in needs the root"));
        }
        // It is compared letter by letter later: a URL that only means the same is not enough.
        let origin = url.origin().ascii_serialization();
        let written = text.strip_suffix('/').unwrap_or(text);
        let port = if plain { ":80" } else { ":443" };
        let bare = written.strip_suffix(port).unwrap_or(written);
        if !bare.eq_ignore_ascii_case(&origin) {
            return Err(format!("public_url '{shown}' must be written {origin}"));
        }
        Ok(())
    }
}

/// A URL without what is before its `@`.
fn without_user(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, host)| host)
}

/// The settings of what counts.
pub(super) fn counting(usage: &UsageSettings) -> Result<pal_usage::counting::Settings, String> {
    let dataset = match usage.dataset.as_str() {
        "" => None,
        name => Some(Dataset::named(name).ok_or_else(|| {
            format!("usage.dataset is '{name}'; it must be one of {}", Dataset::words())
        })?),
    };
    let ignored = |text: &String| {
        Ignored::parse(text).ok_or_else(|| {
            format!(
                "usage.ignore: '{text}' is not SCOPE or SCOPE DATASET; a scope begins with '/', \
                 datasets are {}",
                Dataset::words()
            )
        })
    };
    let ignored = usage.ignore.iter().map(ignored).collect::<Result<_, _>>()?;
    Ok(pal_usage::counting::Settings { dataset, ignored })
}

fn check_issuer(issuer: &IssuerSettings) -> Result<(), String> {
    if issuer.audiences.is_empty() || issuer.audiences.iter().any(String::is_empty) {
        return Err(
            "audiences is empty, or one of them is: tokens for anybody else would be taken"
                .to_owned(),
        );
    }
    for tenant in &issuer.tenants {
        tenant.parse::<pal_model::TenantId>().map_err(|error| format!("tenants: {error}"))?;
    }
    if issuer.kind == IssuerKind::Oidc {
        if issuer.issuer.is_none() {
            return Err("issuer is missing".to_owned());
        }
        if issuer.tenants.len() != 1 && issuer.tenant_claim.is_none() {
            return Err("name the one tenant it speaks for (tenants), or the claim that says it \
                        (tenant_claim) with the tenants it may name"
                .to_owned());
        }
        if issuer.tenant_claim.is_some() && issuer.tenants.is_empty() {
            return Err("tenants is empty: say which tenants it may speak for".to_owned());
        }
    }
    for (key, url) in [("issuer", &issuer.issuer), ("jwks_url", &issuer.jwks_url)] {
        let Some(text) = url else { continue };
        let shown = without_user(text);
        let url =
            Url::parse(text).map_err(|error| format!("{key} '{shown}' is no URL ({error})"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("{key} '{shown}' must have no user name and no password"));
        }
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(loopback && url.scheme() == "http") {
            return Err(format!("{key} '{shown}' must begin with https://"));
        }
    }
    Ok(())
}
