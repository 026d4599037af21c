//! Reports of files: what `pal report` does between its arguments and its output.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use pal_attribution::engine::{Engine, Options, Usage};
use pal_attribution::ingest::{Part, ReadOptions};
use pal_attribution::output::{Format, Origin, Writer, write_balance};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, KeyColumn};
use tempfile::TempDir;

/// Facts, rules and questions.
pub struct Setup {
    pub facts: Facts,
    pub roles: RoleData,
    pub policy: Policy,
    pub keys: Vec<KeyColumn>,
    pub threads: usize,
    pub groups_in_memory: usize,
}

impl Setup {
    /// All key columns under the policy `pal`.
    pub fn new(facts: &str) -> Self {
        let roles = RoleData::shipped().unwrap();
        let mut read = Facts::default();
        read.read("facts.jsonl", facts, None).unwrap();
        roles.resolve_names(&mut read).unwrap();
        read.check().unwrap();
        Self {
            facts: read,
            roles,
            policy: Policy::shipped().unwrap().swap_remove(0),
            keys: KeyColumn::ALL.to_vec(),
            threads: 1,
            groups_in_memory: 1_000_000,
        }
    }

    /// The report and, below it, the balance, as CSV; or why there is none.
    pub fn run(&self, files: &[PathBuf]) -> Result<String, String> {
        let parts: Result<Vec<Part>, _> = files.iter().map(|file| Part::of_file(file)).collect();
        self.run_parts(&parts.map_err(|e| e.to_string())?)
    }

    /// The same of parts.
    pub fn run_parts(&self, parts: &[Part]) -> Result<String, String> {
        let rows = AtomicU64::new(0);
        let mut options = Options::new(&rows);
        options.read = ReadOptions::of(None);
        options.threads = self.threads;
        options.groups_in_memory = self.groups_in_memory;
        let policy = (self.policy.name.clone(), self.policy.revision.clone());
        let origin = Origin { policy };
        let engine = Engine::new(&self.facts, &self.roles, &self.policy);
        let usage = Usage::Parts(parts);
        let mut out = Vec::new();
        let mut writer =
            Writer::report(Format::Csv, &self.keys, true, &origin, Box::new(&mut out)).unwrap();
        let mut take = |keys: &[Option<&str>], charges, cost, credited| {
            Ok(writer.row(keys, charges, cost, credited)?)
        };
        engine.report(usage, &self.keys, &options, &mut take).map_err(|e| e.to_string())?;
        writer.finish().unwrap();
        out.push(b'\n');
        let balance = engine.balance(usage, &options).map_err(|e| e.to_string())?;
        write_balance(Format::Csv, &balance, &origin, Box::new(&mut out)).unwrap();
        Ok(String::from_utf8(out).unwrap())
    }
}

/// Files in a temporary folder.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and tells where it is.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}
