//! The configuration: defaults, one file, the environment, flags; later ones win.

mod check;
mod keys;
mod load;
mod portal;
mod refusal;

pub use keys::{KEYS, Key, page};
pub use load::{ConfigError, Loaded, Sources, load, load_folder};
pub use portal::{PortalEnabled, PortalSettings};

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pal_model::Principal;
use pal_store::PartnerRules;
use serde::{Deserialize, Serialize};

use crate::limits::{Bounds, Quotas};
use pal_usage::{Decoder, DecoderBounds, Home, HomeError};

/// Everything that can be set. What each key means: [`KEYS`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the meaning of each key is in KEYS, from which the page is made")]
pub struct Settings {
    pub data_dir: PathBuf,
    pub public_url: Option<String>,
    pub http: Http,
    pub metrics: Metrics,
    pub identity: Identity,
    pub portal: PortalSettings,
    pub partners: Partners,
    pub usage: UsageSettings,
    pub limits: LimitSettings,
    pub operators: Vec<String>,
    pub log: Log,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct Http {
    pub listen: SocketAddr,
    pub plain_http: bool,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub header_seconds: u64,
    pub body_seconds: u64,
    pub max_body_bytes: usize,
    pub max_facts_bytes: usize,
    pub max_header_bytes: usize,
    pub max_connections: usize,
    pub shutdown_seconds: u64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct Metrics {
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct Identity {
    pub embedded: Embedded,
    pub allow_embedded_issuer: bool,
    pub device_code: bool,
    pub access_token_minutes: u32,
    pub ca_file: Option<PathBuf>,
    pub issuers: Vec<IssuerSettings>,
}

/// Whether the embedded issuer is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Embedded {
    /// When no other issuer is configured.
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}

/// The family of an issuer's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IssuerKind {
    /// Entra ID: many tenants behind one template.
    Entra,
    /// Any other `OpenID` Connect issuer: one tenant.
    Oidc,
}

/// An issuer whose tokens are taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct IssuerSettings {
    pub kind: IssuerKind,
    #[serde(default)]
    pub issuer: Option<String>,
    #[serde(default)]
    pub jwks_url: Option<String>,
    pub audiences: Vec<String>,
    #[serde(default)]
    pub tenants: Vec<String>,
    #[serde(default)]
    pub tenant_claim: Option<String>,
    #[serde(default)]
    pub object_claim: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct Partners {
    pub allow_global: bool,
    pub open_registration: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct UsageSettings {
    pub watch: PathBuf,
    pub watch_seconds: u64,
    pub max_upload_mib: u64,
    pub decode_memory_mib: u64,
    pub decode_seconds: u64,
    pub store: String,
    pub dataset: String,
    pub ignore: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct LimitSettings {
    pub reads_per_hour: NonZeroU32,
    pub writes_per_hour: NonZeroU32,
    pub link_writes_per_minute: NonZeroU32,
    pub link_writes_per_day: NonZeroU32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as Settings")]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("pal-data"),
            public_url: None,
            http: Http::default(),
            metrics: Metrics::default(),
            identity: Identity::default(),
            portal: PortalSettings::default(),
            partners: Partners::default(),
            usage: UsageSettings::default(),
            limits: LimitSettings::default(),
            operators: Vec::new(),
            log: Log::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            plain_http: false,
            tls_cert: None,
            tls_key: None,
            header_seconds: 10,
            body_seconds: 30,
            max_body_bytes: 1 << 20,
            max_facts_bytes: 64 << 20,
            max_header_bytes: 32 << 10,
            max_connections: 4_096,
            shutdown_seconds: 10,
        }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            embedded: Embedded::Auto,
            allow_embedded_issuer: false,
            device_code: false,
            access_token_minutes: 15,
            ca_file: None,
            issuers: Vec::new(),
        }
    }
}

impl Default for UsageSettings {
    fn default() -> Self {
        let bounds = DecoderBounds::default();
        Self {
            watch: PathBuf::from("usage"),
            watch_seconds: 60,
            max_upload_mib: 8_192,
            decode_memory_mib: bounds.memory_mib,
            decode_seconds: bounds.seconds,
            store: String::new(),
            dataset: String::new(),
            ignore: Vec::new(),
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        let few = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            reads_per_hour: few(15_000),
            writes_per_hour: few(1_200),
            link_writes_per_minute: few(20),
            link_writes_per_day: few(200),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Http {
    /// Bounds of a body of at most so many bytes.
    pub const fn bounds(&self, bytes: usize) -> Bounds {
        Bounds { bytes, time: Duration::from_secs(self.body_seconds) }
    }
}

impl Settings {
    /// The public address, without a slash at the end; `bound` is where the socket really is.
    pub fn base(&self, bound: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        let scheme = if self.http.plain_http { "http" } else { "https" };
        let host = match bound.ip() {
            ip if ip.is_loopback() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        format!("{scheme}://{host}:{}", bound.port())
    }

    /// Whether only this machine reaches the service.
    pub fn is_loopback(&self) -> bool {
        self.http.listen.ip().is_loopback()
    }

    /// Whether the embedded issuer is on.
    pub fn embedded_issuer(&self) -> bool {
        match self.identity.embedded {
            Embedded::Auto => self.identity.issuers.is_empty(),
            Embedded::On => true,
            Embedded::Off => false,
        }
    }

    /// Which partner IDs may be linked.
    pub const fn partner_rules(&self) -> PartnerRules {
        PartnerRules {
            allow_global: self.partners.allow_global,
            open_registration: self.partners.open_registration,
        }
    }

    /// How much a caller may ask.
    pub const fn quotas(&self) -> Quotas {
        Quotas {
            reads_per_hour: self.limits.reads_per_hour,
            writes_per_hour: self.limits.writes_per_hour,
            link_writes_per_minute: self.limits.link_writes_per_minute,
            link_writes_per_day: self.limits.link_writes_per_day,
        }
    }

    /// The folder whose exports are taken in by themselves; `None` = there is none.
    pub fn watched(&self) -> Option<PathBuf> {
        let watch = &self.usage.watch;
        (!watch.as_os_str().is_empty()).then(|| self.data_dir.join(watch))
    }

    /// Where cost exports are decoded: in a process of this program.
    ///
    /// # Errors
    /// The system does not say where this program is.
    pub fn decoder(&self) -> std::io::Result<Decoder> {
        let bounds = DecoderBounds {
            memory_mib: self.usage.decode_memory_mib,
            seconds: self.usage.decode_seconds,
            ..DecoderBounds::default()
        };
        Decoder::of_this_program(bounds)
    }

    /// Where charge files are kept; `None` = in the data folder.
    ///
    /// # Errors
    /// They cannot be kept there, or are kept elsewhere.
    pub fn home(&self) -> Result<Option<Arc<dyn Home>>, HomeError> {
        pal_usage::home(&self.data_dir, &self.usage.store)
    }

    /// What is settled of usage that several exports state; [`load`] has refused what does not parse.
    pub fn counting(&self) -> pal_usage::counting::Settings {
        check::counting(&self.usage).unwrap_or_default()
    }

    /// The operators that parse; [`load`] has refused the others.
    pub fn operators(&self) -> Vec<Principal> {
        self.operators.iter().filter_map(|text| check::pair(text)).collect()
    }
}
