//! The configuration: defaults, one file, the environment, flags; later ones win.

mod check;
mod layers;
mod load;
mod portal;
mod refusal;
mod schema;
mod settings;

pub use load::{ConfigError, Loaded, Sources, load, load_folder};
pub use portal::PortalSettings;
pub use schema::{Key, issuer_table, key_table, keys, schema};
pub use settings::{
    Http, Identity, IssuerKind, IssuerSettings, LimitSettings, Log, LogFormat, Metrics, Partners,
    Settings, Switch, UsageSettings,
};

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pal_model::Principal;
use pal_store::PartnerRules;

use crate::limits::{Bounds, Quotas};
use pal_usage::{Decoder, DecoderBounds, Home, HomeError};

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

    pub fn embedded_issuer(&self) -> bool {
        match self.identity.embedded {
            Switch::Auto => self.identity.issuers.is_empty(),
            Switch::On => true,
            Switch::Off => false,
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
