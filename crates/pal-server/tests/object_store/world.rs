//! A store and a folder of charge files, with a home that fails when it is told to.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use async_trait::async_trait;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use pal_attribution::answer::{Basis, write_report};
use pal_attribution::engine::Options;
use pal_attribution::output::Format;
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, Instant};
use pal_store::{Actor, SqliteOptions, SqliteStore, UsageStore};
use pal_usage::counting::{Answers, OnDifference};
use pal_usage::{Decoder, Home, Imported, Intake, IntakeError, ObjectHome, Order, Paths};
use tempfile::TempDir;

pub const PLACE: &str = "memory:///kept";
const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,\
                      ChargeCategory,ResourceId,SubAccountId\n";

/// Two months, so two charge files.
pub fn two_months(cost: &str) -> String {
    rows(&["2026-02", "2026-03"], cost)
}

pub fn rows(months: &[&str], cost: &str) -> String {
    let subscription = "/subscriptions/fab00000-5000-4000-8000-000000000001";
    let site = format!("{subscription}/resourceGroups/rg/providers/Microsoft.Web/sites/one");
    let rows = months.iter().map(|month| {
        let (from, to) = (format!("{month}-02T00:00:00Z"), format!("{month}-03T00:00:00Z"));
        format!("{from},{to},{cost},EUR,Usage,{site},{subscription}\n")
    });
    HEADER.to_owned() + &rows.collect::<String>()
}

/// Objects in memory. It takes so many more files; it gives files, or not.
#[derive(Debug)]
pub struct Faulty {
    pub objects: Arc<dyn ObjectStore>,
    home: ObjectHome,
    pub takes: AtomicU32,
    pub gives: AtomicBool,
    pub puts: AtomicU32,
    pub gets: AtomicU32,
}

impl Faulty {
    pub fn new(objects: Arc<dyn ObjectStore>) -> Arc<Self> {
        Arc::new(Self {
            home: ObjectHome::over(objects.clone(), "kept", PLACE),
            objects,
            takes: AtomicU32::new(u32::MAX),
            gives: AtomicBool::new(true),
            puts: AtomicU32::new(0),
            gets: AtomicU32::new(0),
        })
    }

    pub fn in_memory() -> Arc<Self> {
        Self::new(Arc::new(InMemory::new()))
    }

    /// The names of what is kept.
    pub async fn names(&self) -> Vec<String> {
        let listed = self.objects.list_with_delimiter(Some(&Key::from("kept"))).await.unwrap();
        let name =
            |object: &object_store::ObjectMeta| object.location.filename().map(str::to_owned);
        let mut names: Vec<String> = listed.objects.iter().filter_map(name).collect();
        names.sort();
        names
    }

    pub async fn bytes(&self, name: &str) -> Vec<u8> {
        let found = self.objects.get(&Key::from("kept").join(name)).await.unwrap();
        found.bytes().await.unwrap().into()
    }

    /// Somebody else changes an object.
    pub async fn tamper(&self, name: &str, bytes: Vec<u8>) {
        self.objects.put(&Key::from("kept").join(name), bytes.into()).await.unwrap();
    }
}

#[async_trait]
impl Home for Faulty {
    fn place(&self) -> &str {
        self.home.place()
    }

    async fn put(&self, name: &str, from: &Path) -> io::Result<()> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        let taken = |left: u32| left.checked_sub(1);
        match self.takes.try_update(Ordering::Relaxed, Ordering::Relaxed, taken) {
            Ok(_) => self.home.put(name, from).await,
            Err(_) => Err(io::Error::other("the bucket is full")),
        }
    }

    async fn get(&self, name: &str, to: &Path, bytes: u64) -> io::Result<()> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        match self.gives.load(Ordering::Relaxed) {
            true => self.home.get(name, to, bytes).await,
            false => {
                std::fs::write(to, "half a fi")?;
                Err(io::Error::other("the line is down"))
            }
        }
    }

    async fn remove(&self, name: &str) -> io::Result<()> {
        self.home.remove(name).await
    }
}

/// A data folder.
pub struct World {
    pub folder: TempDir,
    pub store: Arc<SqliteStore>,
    pub intake: Intake,
    imports: AtomicU32,
}

impl World {
    pub fn new(home: Option<Arc<dyn Home>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap());
        let intake = Intake::new(store.clone(), folder.path(), Decoder::Here).at_home_in(home);
        Self { folder, store, intake, imports: AtomicU32::new(0) }
    }

    /// The same folder as another process has it.
    pub fn beside(&self, home: Option<Arc<dyn Home>>) -> Intake {
        Intake::new(self.store.clone(), self.folder.path(), Decoder::Here).at_home_in(home)
    }

    pub async fn import(&self, csv: &str) -> Result<Imported, IntakeError> {
        self.import_by(&self.intake, csv, OnDifference::Refuse, false).await
    }

    pub async fn import_by(
        &self,
        intake: &Intake,
        csv: &str,
        on_difference: OnDifference,
        dry_run: bool,
    ) -> Result<Imported, IntakeError> {
        let number = self.imports.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join("costs.csv");
        std::fs::write(&path, csv).unwrap();
        let at: Instant = format!("2026-05-03T08:00:{number:02}Z").parse().unwrap();
        let (request, id) = ("test".to_owned(), format!("import{number}"));
        let order = Order {
            paths: Paths::Given(vec![path]),
            schema: None,
            answers: Answers { on_difference, ..Answers::default() },
            dry_run,
            at,
            actor: Actor { principal: None, client: None, token: None, request },
            id,
            name: "costs.csv".to_owned(),
            landed: None,
        };
        intake.import(order, &AtomicU64::new(0)).await
    }

    /// The balance of everything that counts, read from the charge files; or why there is none.
    pub async fn report(&self) -> Result<String, String> {
        report(&self.intake).await
    }

    pub fn charges(&self) -> PathBuf {
        self.folder.path().join("charges")
    }

    /// The charge files in the folder; and no file that is not whole.
    pub fn cached(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.charges()) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.filter(|name| !["lock", "home"].contains(&name.as_str())).collect();
        names.sort();
        names
    }

    /// The folder of charge files is gone.
    pub fn lose(&self) {
        std::fs::remove_dir_all(self.charges()).unwrap();
    }

    /// How many months count, and how many imports there are.
    pub async fn known(&self) -> (usize, usize) {
        let months = self.intake.listed(None).await.unwrap().months().unwrap().len();
        (months, self.store.usage_imports(100).await.unwrap().len())
    }
}

pub async fn report(intake: &Intake) -> Result<String, String> {
    let counted = intake.counted(None).await.map_err(|error| error.to_string())?;
    let parts = counted.parts(&intake.shelf, None).map_err(|error| error.to_string())?;
    let (facts, roles) = (Facts::default(), RoleData::shipped().unwrap());
    let policy = Policy::shipped().unwrap().remove(0);
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let (rows, mut out) = (AtomicU64::new(0), Vec::new());
    let done =
        write_report(basis, &parts, None, &Options::new(&rows), Format::Csv, Box::new(&mut out));
    done.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}
