//! The targets, by what they read.

mod costs;
mod exports;
mod facts;
mod identity;
mod kept;
mod requests;
mod settings;
#[cfg(feature = "private-readers")]
mod wire;

use crate::{Bound, Target};

/// A reader of small documents, which builds values of what it reads and messages about it.
const DOCUMENT: Bound = Bound { fixed: 1_024, each: 256 };
/// A service. To try a password takes 19 MiB by itself (Argon2id).
const SERVICE: Bound = Bound { fixed: 32_768, each: 256 };

#[rustfmt::skip]
static PUBLIC: [Target; 16] = [
    Target::new("cost_csv", costs::csv, costs::csv_seeds, Bound { fixed: 8_192, each: 128 }),
    Target::new("cost_gzip", costs::gzip, costs::gzip_seeds, Bound { fixed: 8_192, each: 4_096 }),
    Target::new("cost_parquet", costs::parquet, costs::parquet_seeds, Bound { fixed: 65_536, each: 256 }),
    Target::new("manifest", exports::manifest, exports::manifest_seeds, DOCUMENT),
    Target::new("upload", exports::upload, exports::upload_seeds, DOCUMENT),
    Target::new("facts", facts::facts, facts::facts_seeds, DOCUMENT),
    Target::new("snapshot", facts::snapshot, facts::snapshot_seeds, DOCUMENT),
    Target::new("token", identity::token, identity::token_seeds, DOCUMENT),
    Target::new("key_set", identity::key_set, identity::key_set_seeds, DOCUMENT),
    Target::new("checkpoints", kept::checkpoints, kept::checkpoints_seeds, DOCUMENT),
    Target::new("charge_file", kept::charge_file, kept::charge_file_seeds, Bound { fixed: 65_536, each: 256 }),
    Target::new("decoder_answer", kept::decoder_answer, kept::decoder_answer_seeds, DOCUMENT),
    Target::new("configuration", settings::configuration, settings::configuration_seeds, DOCUMENT),
    Target::new("policy", settings::policy, settings::policy_seeds, DOCUMENT),
    Target::new("request", requests::request, requests::request_seeds, SERVICE),
    Target::new("sign_in_form", requests::form, requests::form_seeds, SERVICE),
];

/// Those whose readers are no part of the interface of their crates.
#[cfg(feature = "private-readers")]
static PRIVATE: [Target; 2] = [
    Target::new("connection", wire::connection, wire::connection_seeds, SERVICE),
    Target::new("certificate", wire::certificate, wire::certificate_seeds, DOCUMENT),
];
#[cfg(not(feature = "private-readers"))]
static PRIVATE: [Target; 0] = [];

/// All targets that are built.
pub fn all() -> impl Iterator<Item = &'static Target> {
    PUBLIC.iter().chain(&PRIVATE)
}

/// A target by its name.
///
/// # Panics
/// There is none.
pub fn by_name(name: &str) -> &'static Target {
    let found = all().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no fuzz target {name}"))
}
