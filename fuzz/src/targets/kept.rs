//! Files that a service has written and that somebody may have changed since, or that come back from an object
//! store or a process that is not trusted.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use pal_model::Instant;
use pal_store::{FactImport, FactStore, SqliteOptions, SqliteStore};
use pal_usage::charges::{Decoded, RowRange, stored_groups, stored_rows};
use tempfile::TempDir;

use crate::scratch;
use crate::support::actor;

/// A data folder whose audit log has a few records and whose end is signed.
struct Log {
    folder: TempDir,
    checkpoints: PathBuf,
    signed: Vec<u8>,
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let open = || SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    drop(open());
    // The same key each time, in place of the one that was made: an input that fails must fail again.
    let key = scratch::repository("crates/pal-store/tests/conformance/old/version-10-audit.key");
    fs::copy(key, folder.path().join("keys/audit.key")).unwrap();
    let store = open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for hour in 8..12 {
        let at: Instant = format!("2026-05-03T{hour:02}:00:00Z").parse().unwrap();
        let text = &format!(r#"{{"kind":"partner","partner":"11111{hour}","type":"location"}}"#);
        let check = Box::new(|_: &mut pal_model::Facts| Ok(()));
        let import = FactImport { name: "facts", text, at, actor: actor(), check };
        runtime.block_on(store.import_facts(import)).unwrap();
        store.checkpoint(at).unwrap().unwrap();
    }
    drop(store);
    let checkpoints = folder.path().join("audit/checkpoints.jsonl");
    let signed = fs::read(&checkpoints).unwrap();
    Log { folder, checkpoints, signed }
});

/// Checkpoints of the folder, and a copy that is kept elsewhere, are compared with the log. Whatever differs from
/// what was signed, but for its spaces, is found.
pub fn checkpoints(input: &[u8]) {
    let log = &*LOG;
    let folder = log.folder.path();
    let copy = scratch::file("copy.jsonl", input);
    let told = pal_store::audit::verify(folder, Some(&copy), None);
    assert_eq!(told.is_ok(), std::str::from_utf8(input).is_ok());
    fs::write(&log.checkpoints, input).unwrap();
    let own = pal_store::audit::verify(folder, None, None);
    fs::write(&log.checkpoints, &log.signed).unwrap();
    if let Ok(report) = own
        && report.is_whole()
    {
        let values = |text: &[u8]| -> Vec<serde_json::Value> {
            let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let mut all: Vec<serde_json::Value> =
                lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
            all.sort_by_key(std::string::ToString::to_string);
            all.dedup();
            all
        };
        let numbers = |text: &[u8]| -> Vec<serde_json::Value> {
            let mut all: Vec<_> = values(text).iter().map(|line| line["number"].clone()).collect();
            all.dedup();
            all
        };
        assert_eq!(numbers(input), numbers(&log.signed), "a checkpoint is gone or made up");
    }
}

pub fn checkpoints_seeds() -> Vec<Vec<u8>> {
    let mut seeds = scratch::contents("crates/pal-store/tests/conformance/old", ".jsonl");
    seeds.push(LOG.signed.clone());
    seeds
}

/// A charge file: whole row groups, and some rows of them.
pub fn charge_file(input: &[u8]) {
    let file = scratch::file("2026-07.parquet", input);
    let all = stored_groups(&file, &[0]);
    let some = stored_rows(&file, &[RowRange { row_group: 0, start: 0, rows: 1 }]);
    if let (Ok(all), Ok(some)) = (all, some) {
        assert_eq!(all.first(), some.first());
    }
}

pub fn charge_file_seeds() -> Vec<Vec<u8>> {
    scratch::contents("crates/pal-usage/tests/fixtures/charges", ".parquet")
}

/// What a decoder process says of its result: read, written and read again, it is the same.
pub fn decoder_answer(input: &[u8]) {
    let Ok(decoded) = serde_json::from_slice::<Decoded>(input) else { return };
    let again: Decoded = serde_json::from_slice(&serde_json::to_vec(&decoded).unwrap()).unwrap();
    assert_eq!(decoded, again);
}

pub fn decoder_answer_seeds() -> Vec<Vec<u8>> {
    let folder = scratch::folder("decoded");
    let exports = scratch::repository("crates/pal-usage/tests/fixtures/exports");
    let found = pal_usage::discover(&[exports]).unwrap();
    let rows = std::sync::atomic::AtomicU64::new(0);
    let options = pal_attribution::ingest::ReadOptions::default();
    let decoded = pal_usage::charges::decode(&found, &options, &folder, &rows).unwrap();
    vec![serde_json::to_vec(&decoded).unwrap()]
}
