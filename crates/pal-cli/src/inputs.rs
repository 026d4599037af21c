//! What commands read: facts, a policy, usage.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::{Part, ReadOptions, Schema};
use pal_attribution::policy::{Granularity, Policy};
use pal_attribution::roles::RoleData;
use pal_model::{Facts, Instant};
use pal_usage::FileUsage;
use pal_usage::counting::Settings;

use crate::args::{FactsArgs, FilesArgs, PolicyArgs};
use crate::printer::{Failure, Printer};
use crate::{data_folder, progress};

/// Reads and checks facts. Files are taken in the order of their paths, each once, so that the
/// order on the command line changes nothing.
pub fn facts(args: &FactsArgs, roles: &RoleData, printer: &Printer) -> Result<Facts, Failure> {
    let known_at: Option<Instant> = args.known_at;
    if let Some(folder) = &args.data_dir {
        return data_folder::facts(folder, known_at, roles);
    }
    let mut paths: Vec<(PathBuf, &Path)> = Vec::new();
    for path in &args.facts {
        let canonical = path.canonicalize().map_err(|e| unreadable(path, &e))?;
        paths.push((canonical, path));
    }
    paths.sort();
    paths.dedup_by(|a, b| a.0 == b.0);
    let mut facts = Facts::default();
    for (canonical, path) in paths {
        let bytes = std::fs::read(canonical).map_err(|e| unreadable(path, &e))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let valid = e.utf8_error().valid_up_to();
            let line = e.as_bytes()[..valid].split(|byte| *byte == b'\n').count();
            Failure::Failed(format!("{}:{line}: not UTF-8 text", path.display()))
        })?;
        facts.read(&path.display().to_string(), &text, known_at).map_err(Failure::failed)?;
    }
    roles.resolve_names(&mut facts).map_err(Failure::failed)?;
    facts.check().map_err(Failure::failed)?;
    for remark in facts.remarks.iter().take(20) {
        printer.warning(remark);
    }
    if let Some(more) = facts.remarks.len().checked_sub(20).filter(|more| *more > 0) {
        printer.warning(format!("{more} more unknown fields"));
    }
    if facts.is_empty() {
        let files = args.facts.iter().map(|p| p.display().to_string()).collect::<Vec<_>>();
        return Err(Failure::Failed(format!("no facts in {}", files.join(", "))));
    }
    Ok(facts)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot read {}: {error}", path.display()))
}

pub fn roles() -> Result<RoleData, Failure> {
    RoleData::shipped().map_err(Failure::failed)
}

/// The policy asked for: a shipped one by name, or a file; with the granularity asked for.
pub fn policy(args: &PolicyArgs) -> Result<Policy, Failure> {
    let shipped = Policy::shipped().map_err(Failure::failed)?;
    let named = shipped.iter().find(|policy| policy.name == args.policy);
    let mut policy = match named {
        Some(policy) => policy.clone(),
        None => read_policy(&args.policy, &shipped)?,
    };
    if let Some(granularity) = args.granularity {
        policy.granularity = granularity;
        let named = Granularity::NAMES.iter().find(|(_, value)| *value == granularity);
        let name = named.map_or("", |(name, _)| name);
        policy.revision = format!("{} with granularity {name}", policy.revision);
    }
    if args.keep_cost_allocation {
        policy = policy.keeping_cost_allocation();
        policy.revision = format!("{} with cost allocation kept", policy.revision);
    }
    Ok(policy)
}

fn read_policy(name: &str, shipped: &[Policy]) -> Result<Policy, Failure> {
    let path = Path::new(name);
    if !path.is_file() {
        let names: Vec<&str> = shipped.iter().map(|p| p.name.as_str()).collect();
        let names = names.join(", ");
        return Err(Failure::Usage(format!(
            "there is no policy '{name}': choose {names}, or give the path of a policy file"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
    Policy::read(&text).map_err(|e| Failure::Failed(format!("{name}: {e}")))
}

/// Usage to read: the rows that count, each once.
pub struct Usage {
    pub parts: Vec<Part>,
    /// The files that were given; `None` = the usage of a data folder.
    pub files: Option<FileUsage>,
}

/// The usage behind the paths given, or else the usage that counts in a data folder.
pub fn usage(
    paths: &[PathBuf],
    schema: Option<Schema>,
    answers: &FilesArgs,
    facts: &FactsArgs,
    printer: &Printer,
) -> Result<Usage, Failure> {
    match (usage_if_any(paths, schema, answers, facts, printer)?, &facts.data_dir) {
        (Some(usage), _) => Ok(usage),
        (None, Some(folder)) => Err(Failure::Failed(format!(
            "no usage counts in {}; import it with 'pal usage import PATH --data-dir {0}', or give \
             --usage",
            folder.display()
        ))),
        (None, None) => of_files(paths, schema, answers, printer),
    }
}

/// The same; `None` = no paths are given, and no usage counts.
pub fn usage_if_any(
    paths: &[PathBuf],
    schema: Option<Schema>,
    answers: &FilesArgs,
    facts: &FactsArgs,
    printer: &Printer,
) -> Result<Option<Usage>, Failure> {
    match &facts.data_dir {
        _ if !paths.is_empty() => of_files(paths, schema, answers, printer).map(Some),
        None => Ok(None),
        Some(folder) => {
            let parts = data_folder::usage(folder, facts.known_at)?;
            Ok((!parts.is_empty()).then_some(Usage { parts, files: None }))
        }
    }
}

fn of_files(
    paths: &[PathBuf],
    schema: Option<Schema>,
    answers: &FilesArgs,
    printer: &Printer,
) -> Result<Usage, Failure> {
    let settings = Settings { dataset: answers.counting.dataset, ignored: answers.ignore.clone() };
    let (options, answers) = (ReadOptions::of(schema), answers.counting.answers());
    let rows = AtomicU64::new(0);
    let found = progress::counting(printer, &rows, || {
        FileUsage::find(paths, &options, &answers, &settings, &rows).map_err(Failure::failed)
    })?;
    for note in &found.notes {
        printer.warning(note);
    }
    Ok(Usage { parts: found.parts.clone(), files: Some(found) })
}
