//! Combinations that cannot be, said before anything is started.

use std::net::SocketAddr;

use pal_model::Principal;
use pal_usage::counting::{Dataset, Ignored};
use url::{Host, Url};

use super::UsageSettings;
use super::{IssuerKind, IssuerSettings, Settings};

/// Values that do not go together, or one that cannot be.
#[derive(Debug)]
pub struct Conflict {
    /// The keys of these values, to say where each was set.
    pub(super) keys: &'static [&'static str],
    /// What is wrong, and what to do.
    pub(super) why: String,
}

impl Conflict {
    pub(super) fn of(keys: &'static [&'static str], why: impl Into<String>) -> Self {
        Self { keys, why: why.into() }
    }
}

/// `TENANT/OBJECT`.
pub fn pair(text: &str) -> Option<Principal> {
    let (tenant, object) = text.split_once('/')?;
    Some(Principal::new(tenant.trim().parse().ok()?, object.trim().parse().ok()?))
}

impl Settings {
    /// The first conflict.
    ///
    /// # Errors
    /// Something is.
    pub fn check(&self) -> Result<(), Conflict> {
        if self.data_dir.as_os_str().is_empty() {
            return Err(Conflict::of(&["data_dir"], "data_dir is empty: name a folder"));
        }
        self.check_usage()?;
        self.check_http()?;
        self.check_public_url()?;
        self.check_embedded_issuer()?;
        if !self.embedded_issuer() && self.identity.issuers.is_empty() {
            return Err(Conflict::of(
                &["identity.embedded", "identity.issuers"],
                "identity.embedded is off and identity.issuers is empty: nobody could \
                        sign in. Configure an issuer",
            ));
        }
        self.check_portal()?;
        let minutes = self.identity.access_token_minutes;
        if !(1..=60).contains(&minutes) {
            return Err(Conflict::of(
                &["identity.access_token_minutes"],
                format!("identity.access_token_minutes is {minutes}; it must be from 1 to 60"),
            ));
        }
        for (at, issuer) in self.identity.issuers.iter().enumerate() {
            check_issuer(issuer).map_err(|why| {
                Conflict::of(&["identity.issuers"], format!("identity.issuers[{at}]: {why}"))
            })?;
        }
        for text in &self.operators {
            if pair(text).is_none() {
                return Err(Conflict::of(
                    &["operators"],
                    format!("operators: '{text}' is not TENANT/OBJECT, two GUIDs"),
                ));
            }
        }
        let remote = |listen: &SocketAddr| !listen.ip().is_loopback() && !self.metrics.allow_remote;
        if let Some(listen) = self.metrics.listen.filter(remote) {
            return Err(Conflict::of(
                &["metrics.listen"],
                format!(
                    "metrics.listen is {listen}: metrics have no sign-in; use a loopback address, or \
                     allow it by metrics.allow_remote"
                ),
            ));
        }
        Ok(())
    }

    /// The embedded issuer is for this machine: neither the listener nor the address that clients use,
    /// which may be that of a proxy, may be for others (T51).
    fn check_embedded_issuer(&self) -> Result<(), Conflict> {
        const INSTEAD: &str = "the embedded issuer is on: it is meant for one machine. Configure an \
             issuer of your own (identity.issuers), or say --allow-embedded-issuer";
        if !self.embedded_issuer() || self.identity.allow_embedded_issuer {
            return Ok(());
        }
        if !self.is_loopback() {
            let listen = self.http.listen;
            let why = format!("http.listen is {listen}, which others can reach, and {INSTEAD}");
            return Err(Conflict::of(&["http.listen", "identity.issuers"], why));
        }
        let Some(url) = self.public_url.as_deref().filter(|url| !is_of_this_machine(url)) else {
            return Ok(());
        };
        let (keys, how): (&'static [&'static str], _) = match self.http.plain_http {
            true => (
                &["public_url", "http.plain_http", "identity.issuers"],
                "others reach it through a proxy",
            ),
            false => (&["public_url", "identity.issuers"], "others can reach it"),
        };
        Err(Conflict::of(keys, format!("public_url is {url}, so {how}, and {INSTEAD}")))
    }

    /// What commands on a data folder need of it.
    pub(super) fn check_usage(&self) -> Result<(), Conflict> {
        counting(&self.usage)?;
        // Numbers beyond these would be too much for the system's clocks and limits.
        let usage = &self.usage;
        for (key, value, least, most) in [
            (&["usage.watch_seconds"], usage.watch_seconds, 0, 86_400),
            (&["usage.max_upload_mib"], usage.max_upload_mib, 1, 1 << 24),
            (&["usage.decode_memory_mib"], usage.decode_memory_mib, 1, 1 << 24),
            (&["usage.decode_seconds"], usage.decode_seconds, 1, 7 * 86_400),
        ] {
            within(key, value, least, most)?;
        }
        pal_usage::check_home(&self.usage.store).map_err(|why| Conflict::of(&["usage.store"], why))
    }

    fn check_http(&self) -> Result<(), Conflict> {
        let http = &self.http;
        if http.plain_http && !self.is_loopback() && !http.allow_remote_plain_http {
            return Err(Conflict::of(
                &["http.listen", "http.plain_http"],
                format!(
                    "http.plain_http without TLS is for loopback behind a proxy, and http.listen is {}; \
                     http.allow_remote_plain_http allows it",
                    http.listen
                ),
            ));
        }
        if http.tls_cert.is_some() != http.tls_key.is_some() {
            return Err(Conflict::of(
                &["http.tls_cert", "http.tls_key"],
                "http.tls_cert and http.tls_key belong together: set both",
            ));
        }
        if http.plain_http && http.tls_cert.is_some() {
            return Err(Conflict::of(
                &["http.plain_http", "http.tls_cert"],
                "http.plain_http and http.tls_cert exclude each other",
            ));
        }
        for (key, value, least, most) in [
            (&["http.header_seconds"], http.header_seconds, 1, 600),
            (&["http.body_seconds"], http.body_seconds, 1, 600),
            (&["http.shutdown_seconds"], http.shutdown_seconds, 0, 3_600),
            (&["http.max_connections"], http.max_connections as u64, 1, 1 << 20),
            (
                &["http.max_connections_per_address"],
                http.max_connections_per_address as u64,
                1,
                1 << 20,
            ),
            (&["http.max_header_bytes"], http.max_header_bytes as u64, 8_192, 1 << 20),
            (&["http.max_body_bytes"], http.max_body_bytes as u64, 1, 1 << 30),
            (&["http.max_facts_bytes"], http.max_facts_bytes as u64, 1, 1 << 34),
        ] {
            within(key, value, least, most)?;
        }
        Ok(())
    }

    fn check_public_url(&self) -> Result<(), Conflict> {
        let Some(text) = &self.public_url else {
            let unspecified = self.http.listen.ip().is_unspecified();
            return if unspecified {
                Err(Conflict::of(
                    &["public_url", "http.listen"],
                    format!(
                        "http.listen is {}: say by which address clients reach it (public_url)",
                        self.http.listen
                    ),
                ))
            } else {
                Ok(())
            };
        };
        // Whoever puts a password here must not find it in a log.
        let shown = without_user(text);
        let wrong =
            |why: String| Conflict::of(&["public_url"], format!("public_url '{shown}' {why}"));
        let url = Url::parse(text)
            .map_err(|error| wrong(format!("is no URL ({error}); write https:// and a host")))?;
        let plain = self.http.plain_http && url.scheme() == "http";
        if url.scheme() != "https" && !plain {
            return Err(wrong("must begin with https://".to_owned()));
        }
        if shown != text {
            return Err(wrong("must have no user name and no password".to_owned()));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must have no path: sign-in needs the root".to_owned()));
        }
        // It is compared letter by letter later: a URL that only means the same is not enough.
        let origin = url.origin().ascii_serialization();
        let written = text.strip_suffix('/').unwrap_or(text);
        let port = if plain { ":80" } else { ":443" };
        let bare = written.strip_suffix(port).unwrap_or(written);
        if !bare.eq_ignore_ascii_case(&origin) {
            return Err(wrong(format!("must be written {origin}")));
        }
        Ok(())
    }
}

/// Whether a URL leads nowhere else. Only this name is sure to: others depend on who looks them up.
fn is_of_this_machine(url: &str) -> bool {
    let url = Url::parse(url).ok();
    url.is_some_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

fn within(key: &'static [&'static str], value: u64, least: u64, most: u64) -> Result<(), Conflict> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Conflict::of(key, format!("{} is {value}; it must be from {least} to {most}", key[0])))
}

/// A URL without what is before its `@`.
fn without_user(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, host)| host)
}

pub(super) fn counting(usage: &UsageSettings) -> Result<pal_usage::counting::Settings, Conflict> {
    let dataset = match usage.dataset.as_str() {
        "" => None,
        name => Some(Dataset::named(name).ok_or_else(|| {
            let why = format!("usage.dataset is '{name}'; it must be one of {}", Dataset::words());
            Conflict::of(&["usage.dataset"], why)
        })?),
    };
    let ignored = |text: &String| {
        Ignored::parse(text).ok_or_else(|| {
            let why = format!(
                "usage.ignore: '{text}' is not SCOPE or SCOPE DATASET; a scope begins with '/', \
                 datasets are {}",
                Dataset::words()
            );
            Conflict::of(&["usage.ignore"], why)
        })
    };
    let ignored = usage.ignore.iter().map(ignored).collect::<Result<_, _>>()?;
    Ok(pal_usage::counting::Settings { dataset, ignored })
}

/// Whether a text can stand in a header between quotes, and between spaces.
fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && !"\"\\".contains(c))
}

fn check_issuer(issuer: &IssuerSettings) -> Result<(), String> {
    if issuer.audiences.is_empty() || issuer.audiences.iter().any(String::is_empty) {
        return Err(
            "audiences is empty, or one of them is: tokens for anybody else would be taken"
                .to_owned(),
        );
    }
    if let Some(odd) = issuer.audiences.iter().find(|text| !is_word(text)) {
        return Err(format!(
            "audiences: '{odd}' must be visible letters without spaces and quotes"
        ));
    }
    for (key, text) in [("scope", &issuer.scope), ("client_id", &issuer.client_id)] {
        if text.as_ref().is_some_and(|text| text.is_empty() || !is_word(text)) {
            return Err(format!("{key} must be one word"));
        }
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
