//! The keys: types, meanings and defaults.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use pal_usage::DecoderBounds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PortalSettings;

/// Everything that can be set. The comments are what the reference page and editors show.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder that holds everything the service keeps.
    pub data_dir: PathBuf,
    /// The address that clients use, without a path. Not set: this machine and the port listened on.
    pub public_url: Option<String>,
    pub http: Http,
    pub metrics: Metrics,
    pub identity: Identity,
    pub portal: PortalSettings,
    pub partners: Partners,
    pub usage: UsageSettings,
    pub limits: LimitSettings,
    /// Who may read everything: a list of `TENANT/OBJECT`.
    pub operators: Vec<String>,
    pub log: Log,
}

/// The listener: its address, TLS, and bounds of connections and requests.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on. Port 0 takes a free one.
    #[schemars(extend("format" = "socket-address"))]
    pub listen: SocketAddr,
    /// No TLS: only on loopback, behind a proxy that has it. Azure's clients refuse plain HTTP.
    pub plain_http: bool,
    /// Let plain HTTP listen elsewhere than on loopback: for a proxy on another machine or in another
    /// container, over a network that only it reaches. Tokens cross it in the open.
    pub allow_remote_plain_http: bool,
    /// A certificate of your own with its chain, PEM. Not set: one is made, with a certificate
    /// authority, in the data folder.
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Longest time for the head of a request, and for a TLS handshake; 1 to 600.
    pub header_seconds: u64,
    /// Longest time for the body of a request; 1 to 600.
    pub body_seconds: u64,
    /// Largest body; at most 1 GiB.
    pub max_body_bytes: usize,
    /// Largest body of facts that an operator sends; at most 16 GiB.
    pub max_facts_bytes: usize,
    /// Largest head; 8192 to 1048576.
    pub max_header_bytes: usize,
    /// Most connections at a time, up to 1048576; further ones are closed at once.
    pub max_connections: usize,
    /// Most connections of one address at a time, or of one network of 64 bits of IPv6; 1 to 1048576.
    /// Those of trusted proxies are not counted.
    pub max_connections_per_address: usize,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed: its last entry is the address
    /// that limits are for.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a stop waits for requests that have begun; at most 3600.
    pub shutdown_seconds: u64,
}

/// A listener for metrics.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Address and port of a second listener for metrics, loopback. Not set: none.
    #[schemars(extend("format" = "socket-address"))]
    pub listen: Option<SocketAddr>,
    /// Let metrics listen elsewhere than on loopback. They have no sign-in and name nobody.
    pub allow_remote: bool,
}

/// Who may sign in, and where.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// The embedded issuer: `on`, `off`, or `auto` = on when no other issuer is configured.
    pub embedded: Switch,
    /// Let the embedded issuer serve an address that others can reach, by `http.listen` or, as a proxy's,
    /// by `public_url`.
    pub allow_embedded_issuer: bool,
    /// Whether the embedded issuer offers the device code.
    pub device_code: bool,
    /// Life of the embedded issuer's access tokens, 1 to 60.
    pub access_token_minutes: u32,
    /// Certificate authorities (PEM) to trust, beside the public ones, when keys of issuers are
    /// fetched.
    pub ca_file: Option<PathBuf>,
    /// Issuers whose tokens are taken; see below.
    pub issuers: Vec<IssuerSettings>,
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// Where it makes sense.
    #[default]
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}

/// The family of an issuer's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IssuerKind {
    /// Entra ID: many tenants behind one template.
    Entra,
    /// Any other `OpenID` Connect issuer: one tenant.
    Oidc,
}

/// An issuer whose tokens are taken.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// `entra` (Entra ID: many tenants) or `oidc` (any other `OpenID` Connect issuer).
    pub kind: IssuerKind,
    /// What the `iss` of a token must be. Required for `oidc`. For `entra`: another cloud's template,
    /// `{tenantid}` standing for the tenant.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Where its keys are. For `oidc`, if not said: `protocol/openid-connect/certs` below the issuer,
    /// as Keycloak has it.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// What the `aud` of a token must be: at least one. The first is what clients are told to ask for.
    pub audiences: Vec<String>,
    /// The tenants that the issuer may speak for. For `entra`, none = any tenant; for `oidc` at least
    /// one.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// `oidc`: the claim that names the tenant, where it speaks for several.
    #[serde(default)]
    pub tenant_claim: Option<String>,
    /// `oidc`: the claim that names the object, a GUID; `sub`, if not said.
    #[serde(default)]
    pub object_claim: Option<String>,
    /// The scope that a token with `scp` must have there; `user_impersonation`, if not said. `oidc`: if
    /// said, a token without `scp` must have it in `scope`, and clients are told to ask for it.
    #[serde(default)]
    pub scope: Option<String>,
    /// A public client at the issuer, which `pal login` uses.
    #[serde(default)]
    pub client_id: Option<String>,
}

/// Which partner IDs may be linked.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Partners {
    /// Let people link a global account.
    pub allow_global: bool,
    /// Let people link any number of 1 to 10 digits that no fact mentions.
    pub open_registration: bool,
}

/// Cost exports that are imported.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UsageSettings {
    /// A folder whose cost exports are taken in by themselves; within `data_dir` unless it begins with
    /// `/`. Empty: none.
    pub watch: PathBuf,
    /// How often it is looked at; at most 86400.
    pub watch_seconds: u64,
    /// Most that one upload of cost exports may bring; at most 16 TiB.
    pub max_upload_mib: u64,
    /// Memory of the process that decodes cost exports; at most 16 TiB.
    pub decode_memory_mib: u64,
    /// Longest time for decoding an import; at most 604800.
    pub decode_seconds: u64,
    /// An object store in which decoded usage is kept, `s3://BUCKET/PREFIX` or the like
    /// ([how](../guide/usage.md#in-an-object-store)). Empty: the data folder.
    pub store: String,
    /// Of exports of several datasets that hold the same money, the one that counts: `focus`, `actual`,
    /// `amortized` or `usage`. Empty: an import asks.
    pub dataset: String,
    /// Series of exports that are left out for good: a list of `SCOPE`, or `SCOPE DATASET` for one
    /// dataset of it.
    pub ignore: Vec<String>,
}

/// How much one caller may ask.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// GET requests of one caller in an hour.
    pub reads_per_hour: NonZeroU32,
    /// PUT, PATCH and DELETE requests of one caller in an hour.
    pub writes_per_hour: NonZeroU32,
    /// Link changes of one caller in a minute, and as many questions about partner IDs.
    pub link_writes_per_minute: NonZeroU32,
    /// Link changes of one caller in a day, and as many questions about partner IDs.
    pub link_writes_per_day: NonZeroU32,
    /// Requests of one address in a minute that bring neither a token nor a session.
    pub anonymous_per_minute: NonZeroU32,
}

/// What is logged, and how.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter by module.
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
            allow_remote_plain_http: false,
            tls_cert: None,
            tls_key: None,
            header_seconds: 10,
            body_seconds: 30,
            max_body_bytes: 1 << 20,
            max_facts_bytes: 64 << 20,
            max_header_bytes: 32 << 10,
            max_connections: 4_096,
            max_connections_per_address: 1_024,
            trusted_proxies: Vec::new(),
            shutdown_seconds: 10,
        }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            embedded: Switch::Auto,
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
            anonymous_per_minute: few(6_000),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}
