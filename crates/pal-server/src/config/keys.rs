//! Every key, once: the page of the reference is made of this.

use std::fmt::Write;

/// A key and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its path, with dots.
    pub path: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl Key {
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        variable(self.path)
    }
}

/// The environment variable of a key's path.
pub(super) fn variable(path: &str) -> String {
    format!("OPENPAL_{}", path.replace('.', "__").to_ascii_uppercase())
}

const fn key(path: &'static str, meaning: &'static str) -> Key {
    Key { path, meaning }
}

/// All keys, in the order of the page.
pub const KEYS: &[Key] = &[
    key("data_dir", "the folder that holds everything the service keeps"),
    key(
        "public_url",
        "the address that clients use, without a path. Not set: this machine and the port listened on",
    ),
    key("http.listen", "address and port to listen on. Port 0 takes a free one"),
    key(
        "http.plain_http",
        "no TLS: only on loopback, behind a proxy that has it. Azure's clients refuse plain HTTP",
    ),
    key(
        "http.tls_cert",
        "a certificate of your own with its chain, PEM. Not set: one is made, with a certificate authority, in the data folder",
    ),
    key("http.tls_key", "its key, PEM"),
    key("http.header_seconds", "longest time for the head of a request, and for a TLS handshake"),
    key("http.body_seconds", "longest time for the body of a request"),
    key("http.max_body_bytes", "largest body"),
    key("http.max_facts_bytes", "largest body of facts that an operator sends"),
    key("http.max_header_bytes", "largest head; at least 8192"),
    key("http.max_connections", "most connections at a time; further ones are closed at once"),
    key("http.shutdown_seconds", "how long a stop waits for requests that have begun"),
    key(
        "metrics.listen",
        "address and port of a second listener for metrics, loopback. Not set: none",
    ),
    key(
        "identity.embedded",
        "the embedded issuer: `on`, `off`, or `auto` = on when no other issuer is configured",
    ),
    key(
        "identity.allow_embedded_issuer",
        "let the embedded issuer serve an address that others can reach",
    ),
    key("identity.device_code", "whether the embedded issuer offers the device code"),
    key("identity.access_token_minutes", "life of the embedded issuer's access tokens, 1 to 60"),
    key(
        "identity.ca_file",
        "certificate authorities (PEM) to trust, beside the public ones, when keys of issuers are fetched",
    ),
    key("identity.issuers", "issuers whose tokens are taken; see below"),
    key(
        "portal.enabled",
        "the portal below `/portal`: `on`, `off`, or `auto` = on when people can sign in to it, at the embedded issuer or with `portal.client_id`",
    ),
    key(
        "portal.client_id",
        "the portal's client ID at the first of `identity.issuers`, with the redirect URI `/portal/auth/callback` below the service's address. Not set: the embedded issuer, which needs none",
    ),
    key(
        "portal.client_secret_file",
        "a file with the client's secret, readable by the service only. Not set: a public client, with PKCE alone",
    ),
    key(
        "portal.idle_minutes",
        "a session of the portal that is not used ends after so many minutes",
    ),
    key("portal.absolute_hours", "a session ends after so many hours, however much it is used"),
    key("portal.demo", "say on every page that the data are a demo's"),
    key("partners.allow_global", "let people link a global account"),
    key(
        "partners.open_registration",
        "let people link any number of 1 to 10 digits that no fact mentions",
    ),
    key(
        "usage.watch",
        "a folder whose cost exports are taken in by themselves; within `data_dir` unless it begins with `/`. Empty: none",
    ),
    key("usage.watch_seconds", "how often it is looked at"),
    key("usage.max_upload_mib", "most that one upload of cost exports may bring"),
    key("usage.decode_memory_mib", "memory of the process that decodes cost exports"),
    key("usage.decode_seconds", "longest time for decoding an import"),
    key(
        "usage.store",
        "an object store in which decoded usage is kept, `s3://BUCKET/PREFIX` or the like ([how](../guide/usage.md#in-an-object-store)). Empty: the data folder",
    ),
    key(
        "usage.dataset",
        "of exports of several datasets that hold the same money, the one that counts: `focus`, `actual`, `amortized` or `usage`. Empty: an import asks",
    ),
    key(
        "usage.ignore",
        "series of exports that are left out for good: a list of `SCOPE`, or `SCOPE DATASET` for one dataset of it",
    ),
    key("limits.reads_per_hour", "GET requests of one caller in an hour"),
    key("limits.writes_per_hour", "PUT, PATCH and DELETE requests of one caller in an hour"),
    key(
        "limits.link_writes_per_minute",
        "link changes of one caller in a minute, and as many questions about partner IDs",
    ),
    key(
        "limits.link_writes_per_day",
        "link changes of one caller in a day, and as many questions about partner IDs",
    ),
    key("operators", "who may read everything: a list of `TENANT/OBJECT`"),
    key("log.level", "`error`, `warn`, `info`, `debug`, `trace`, or a filter by module"),
    key("log.format", "`text` or `json`"),
];

/// The page of the reference, after its head.
pub fn page(default: &serde_json::Value) -> String {
    let mut text =
        String::from("| key | environment variable | default | |\n| --- | --- | --- | --- |\n");
    for key in KEYS {
        let mut value = default;
        for name in key.path.split('.') {
            value = &value[name];
        }
        let shown = match value {
            serde_json::Value::Null => "not set".to_owned(),
            serde_json::Value::Array(_) => "none".to_owned(),
            serde_json::Value::String(text) if text.is_empty() => "empty".to_owned(),
            serde_json::Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let (path, variable, meaning) = (key.path, key.variable(), key.meaning);
        // Writing to a text does not fail.
        let _ = writeln!(text, "| `{path}` | `{variable}` | {shown} | {meaning} |");
    }
    text
}
