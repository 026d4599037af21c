//! A data folder with the demo's facts, the program that works on it, and what counts in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pal_store::{SqliteOptions, SqliteStore, UsageStore};
use pal_usage::Imported;
use serde_json::Value;

use crate::support::Folder;

/// A folder with `demo` (the demo's files) and `data` (a data folder with its facts, no usage).
pub struct Kept {
    pub folder: Folder,
}

impl Kept {
    pub fn new() -> Self {
        let folder = Folder::new();
        folder.done(&["demo", "demo"]);
        let facts = ["import", "facts", "demo/facts.jsonl", "--create", "--data-dir", "data"];
        folder.done(&facts);
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        self.folder.write(name, content);
        self
    }

    /// The command of an import, with further arguments.
    pub fn importing(&self, args: &[&str]) -> Command {
        let mut command = self.folder.command();
        command.args(["usage", "import", "--data-dir", "data"]).args(args);
        command
    }

    /// Imports what must be taken; what the program says.
    pub fn taken(&self, args: &[&str]) -> String {
        let output = self.importing(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Imports what must be taken; what came of it, or would come.
    pub fn outcome(&self, args: &[&str]) -> Imported {
        let told = self.taken(&[args, &["--output", "json"]].concat());
        serde_json::from_str(&told).unwrap()
    }

    /// Imports what must be refused; why.
    pub fn refused(&self, args: &[&str]) -> String {
        let output = self.importing(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output));
        text(&output.stderr)
    }

    /// What counts: the report, the balance, and the months without times and imports.
    pub fn totals(&self) -> String {
        let keys = "month,partner_id,subscription_id,resource_group,resource_id,currency";
        let report = self.folder.done(&["report", "--data-dir", "data", "--group-by", keys]);
        let balance = self.folder.done(&["report", "--data-dir", "data", "--balance"]);
        let mut months = self.months(&[]);
        for month in &mut months {
            let month = month.as_object_mut().unwrap();
            assert!(month.remove("known").is_some() && month.remove("imports").is_some());
        }
        format!("{report}\n{balance}\n{}", Value::Array(months))
    }

    /// The months as they are listed.
    pub fn months(&self, args: &[&str]) -> Vec<Value> {
        let list = ["usage", "list", "--data-dir", "data", "--output", "json"];
        serde_json::from_str(&self.folder.done(&[&list, args].concat())).unwrap()
    }

    /// The imports as they are listed, oldest first.
    pub fn imports(&self) -> Vec<Value> {
        let mut imports = self.months(&["--imports"]);
        imports.reverse();
        imports
    }

    /// Everything in the audit log agrees with everything else. Checkpoints are signed by a service
    /// only.
    pub fn assert_whole(&self) {
        let output = self.folder.pal(&["audit", "verify", "--data-dir", "data"]);
        let told = text(&output.stdout);
        let mut wrong = told.lines().filter(|line| line.starts_with("WRONG"));
        assert!(wrong.all(|line| line.contains("there are no checkpoints")), "{told}");
        assert!(told.contains(" records, "), "{}", said(&output));
    }

    /// Files among the charges that no row names, and desks.
    pub fn litter(&self) -> Vec<String> {
        let store = SqliteStore::open(&self.path("data"), SqliteOptions::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let named = runtime.block_on(store.charge_files()).unwrap();
        let mut litter = names(&self.path("data/charges"));
        for file in &named {
            assert!(litter.contains(&file.name), "{} is missing", file.name);
        }
        litter.retain(|name| name != "lock" && !named.iter().any(|file| file.name == *name));
        litter
    }

    /// An equal folder: only while nobody works in this one.
    pub fn copy(&self) -> Self {
        let folder = Folder::new();
        let from = self.folder.path().join(".");
        let done = Command::new("cp").arg("-a").arg(from).arg(folder.path()).status().unwrap();
        assert!(done.success());
        Self { folder }
    }
}

/// What is in a folder; nothing, if it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All that a program said.
pub fn said(output: &Output) -> String {
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

/// Now, as the program has it.
#[expect(clippy::disallowed_methods, reason = "what is known until now is asked for")]
pub fn now() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i128::try_from(now.as_nanos()).unwrap();
    pal_model::Instant::from_nanoseconds(now).unwrap().to_string()
}

/// How many, from the environment.
pub fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
