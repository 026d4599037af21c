//! What any back end must do. Another one is one line in [`backends`].
#![allow(clippy::missing_errors_doc, reason = "nobody reads the pages of a test")]

mod audit;
mod erasure;
mod facts;
mod known;
mod links;
mod old_folders;
mod portal;
mod privacy;
mod sign_in;
mod staged;
mod tamper;
mod tamper_all;
mod tamper_checkpoints;
mod usage;
mod usage_changes;
mod usage_earlier;
mod usage_model;
mod usage_refused;

use std::sync::Arc;

use pal_model::{Instant, PartnerId, Principal};
use pal_store::audit::Finding;
use pal_store::{
    Actor, Clock, FactImport, FactImportError, ImportSummary, LinkAction, LinkChange, LinkError,
    LinkRecord, PartnerRules, SqliteOptions, SqliteStore, Store,
};
use tempfile::TempDir;

/// A store with nothing in it, and where it is kept.
pub struct Kept {
    pub store: Arc<dyn Store>,
    pub folder: TempDir,
}

/// Every back end, empty.
pub fn backends() -> Vec<Kept> {
    backends_at(None)
}

/// The same, with a clock.
pub fn backends_at(clock: Option<Clock>) -> Vec<Kept> {
    let folder = tempfile::tempdir().unwrap();
    vec![sqlite(folder, clock)]
}

fn sqlite(folder: TempDir, clock: Option<Clock>) -> Kept {
    let options = SqliteOptions { clock, ..SqliteOptions::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    Kept { store: Arc::new(store), folder }
}

/// The same store after a restart.
pub fn reopened(kept: Kept) -> Kept {
    reopened_at(kept, None)
}

/// The same, with a clock.
pub fn reopened_at(kept: Kept, clock: Option<Clock>) -> Kept {
    let Kept { store, folder } = kept;
    drop(store);
    sqlite(folder, clock)
}

pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const ADA: &str = "fab00000-1000-4000-8000-000000000ada";
pub const CEM: &str = "fab00000-1000-4000-8000-000000000ce3";
pub const OPS: &str = "fab00000-2000-4000-8000-000000000001";

pub const FACTS: &str = r#"
{"kind":"tenant","tenant":"fab00000-0000-4000-8000-000000000000","name":"Fabrikam","domain":"Fabrikam.example"}
{"kind":"partner","partner":"5127254","name":"Contoso","type":"global"}
{"kind":"partner","partner":"5127256","name":"Malmö","type":"location","parent":"5127254"}
{"kind":"partner","partner":"5127255","name":"Utrecht","type":"location","parent":"5127254"}
{"kind":"partner","partner":"5127257","name":"Gent","type":"location","parent":"5127254","to":"2026-01-01T00:00:00Z"}
{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-1000-4000-8000-000000000ada","type":"User","userType":"Guest","name":"ada@contoso.example"}
{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-1000-4000-8000-000000000ce3","type":"User","enabled":false}
{"kind":"principal","tenant":"fab00000-0000-4000-8000-000000000000","object":"fab00000-2000-4000-8000-000000000001","type":"Group"}
"#;

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn may(day: u32) -> Instant {
    at(&format!("2026-05-{day:02}T00:00:00Z"))
}

pub fn who(tenant: &str, object: &str) -> Principal {
    Principal::new(tenant.parse().unwrap(), object.parse().unwrap())
}

pub fn ada() -> Principal {
    who(FABRIKAM, ADA)
}

pub fn id(text: &str) -> PartnerId {
    text.parse().unwrap()
}

pub fn actor() -> Actor {
    Actor {
        principal: Some(ada()),
        client: Some("client".to_owned()),
        token: Some("token".to_owned()),
        request: "request".to_owned(),
    }
}

/// What is wrong with a folder, but for checkpoints, which are not made in most tests.
pub fn wrong(folder: &std::path::Path) -> Vec<Finding> {
    let found = pal_store::audit::verify(folder, None, None).unwrap().findings;
    found.into_iter().filter(|found| !matches!(found, Finding::NoCheckpoints { .. })).collect()
}

pub async fn import(
    store: &dyn Store,
    text: &str,
    at: Instant,
) -> Result<ImportSummary, FactImportError> {
    let check = Box::new(|_: &mut pal_model::Facts| Ok(()));
    store.import_facts(FactImport { name: "facts", text, at, actor: actor(), check }).await
}

pub async fn change(
    store: &dyn Store,
    owner: Principal,
    action: LinkAction,
    at: Instant,
) -> Result<LinkRecord, LinkError> {
    let rules = PartnerRules::default();
    store.change_link(LinkChange { owner, action, at, rules, actor: actor() }).await
}

/// Every back end with [`FACTS`].
pub async fn stores() -> Vec<Kept> {
    let all = backends();
    for kept in &all {
        import(kept.store.as_ref(), FACTS, may(1)).await.unwrap();
    }
    all
}
