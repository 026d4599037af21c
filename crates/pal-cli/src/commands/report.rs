//! `pal report`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use pal_attribution::answer::{Basis, write_report};
use pal_attribution::engine::{EngineError, Only, Options, UnjudgedDenies, UnjudgedDeny};
use pal_attribution::fingerprint::Fingerprints;
use pal_attribution::ingest::{Part, ReadOptions, Remarked};
use pal_attribution::policy::Policy;
use pal_attribution::reliance::Reliance;
use pal_model::KeyColumn;
use pal_store::Seal;
use pal_usage::{Composer, ReportBasis};

use super::attest::{self, Input, Statement};
use crate::args::ReportArgs;
use crate::printer::{Failure, Printer};
use crate::{data_folder, inputs, output, overwriting, progress};

pub fn run(args: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    if args.facts.server {
        return super::remote::report(args, printer);
    }
    let keys = keys(&args.group_by)?;
    refuse_over_inputs(args, &[])?;
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts, &roles, printer)?;
    let given = &args.usage;
    let schema = given.usage_format;
    let usage = inputs::usage(&given.usage, schema, &given.files, &args.facts, printer)?;
    let parts = &usage.parts;
    let files = usage.files.as_ref().map_or(parts, |files| &files.given);
    refuse_over_inputs(args, files)?;
    let rows = AtomicU64::new(0);
    let unjudged = UnjudgedDenies::default();
    let mut options = Options::new(&rows);
    options.unjudged = Some(&unjudged);
    let subscription = args.subscription.map(|id| id.to_string());
    options.months = args.month;
    options.only =
        Only { customer: args.customer.as_deref(), subscription: subscription.as_deref() };
    options.read = ReadOptions::of(schema);
    let remarked = Remarked::default();
    options.remarked = Some(&remarked);
    if let Some(threads) = args.threads {
        options.threads = threads.into();
    }
    let attested =
        args.attest.as_deref().map(|path| Attested::begin(args, files, path)).transpose()?;
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let count = progress::counting(printer, &rows, || {
        output::to(args.output.as_deref(), |out| {
            let keys = (!args.balance).then_some(keys.as_slice());
            match &args.facts.data_dir {
                // As the service makes it, so that both print the same bytes.
                Some(folder) if args.usage.usage.is_empty() => {
                    of_folder(folder, args, basis, keys, &options, out)
                }
                _ => write_report(basis, parts, keys, &options, args.format, out).map_err(failure),
            }
        })
    })?;
    if let Some(attested) = attested {
        attested.finish(args, files, &policy, &keys)?;
    }
    printer.info(format!(
        "policy {} (revision {}); {} facts; {} rows of usage in {} files",
        policy.name,
        policy.revision,
        facts.len(),
        rows.load(Ordering::Relaxed),
        files.len(),
    ));
    for sentence in remarked.so_far().sentences() {
        printer.warning(sentence);
    }
    warn_unjudged(&unjudged.take(), printer);
    for unknown in facts.unknown_partners() {
        printer.warning(unknown);
    }
    for remark in Reliance::of(&facts).remarks_for(args.month) {
        printer.warning(remark);
    }
    if count == Some(0) {
        printer.warning(
            "nothing is credited; run the same with --balance to see what becomes of the charges",
        );
    }
    Ok(())
}

/// Refuses to write the report, or the statement about it, over what it is made of.
/// `read` are the files behind a manifest or a folder.
fn refuse_over_inputs(args: &ReportArgs, read: &[Part]) -> Result<(), Failure> {
    let named = [&args.facts.data_dir, &args.attest_key].into_iter().flatten();
    let policy = Path::new(&args.policy.policy);
    let inputs = || {
        let files = args.facts.facts.iter().chain(&args.usage.usage).chain(named.clone());
        let read = read.iter().map(|part| part.path.as_path());
        files.map(PathBuf::as_path).chain([policy]).chain(read)
    };
    for output in [&args.output, &args.attest].into_iter().flatten() {
        overwriting::refuse_over(output, inputs())?;
    }
    match (&args.output, &args.attest) {
        (Some(report), Some(statement)) => overwriting::refuse_same(report, statement),
        _ => Ok(()),
    }
}

/// Says which deny assignments could not be judged.
fn warn_unjudged(unjudged: &[UnjudgedDeny], printer: &Printer) {
    const SHOWN: usize = 10;
    for deny in unjudged.iter().take(SHOWN) {
        printer.warning(deny);
    }
    if let Some(more @ 1..) = unjudged.len().checked_sub(SHOWN) {
        printer.warning(format!(
            "{more} more deny assignments and roles cannot be judged; 'pal explain' names those of a resource"
        ));
    }
}

/// Writes a report of the usage of a data folder.
fn of_folder(
    folder: &Path,
    args: &ReportArgs,
    basis: Basis,
    keys: Option<&[KeyColumn]>,
    options: &Options,
    out: Box<dyn Write + Send + '_>,
) -> Result<Option<u64>, Failure> {
    let (counted, shelf) = data_folder::counted(folder, args.facts.known_at)?;
    let fingerprints = Fingerprints::new(basis.facts);
    let asked =
        ReportBasis { basis, fingerprints: &fingerprints, counted: &counted, shelf: &shelf };
    asked.write(&Composer::new(0), keys, options, args.format, out).map_err(failure)
}

/// A statement that is to be written: its key, and what the inputs were before they were read.
struct Attested<'a> {
    path: &'a Path,
    key: Seal,
    inputs: Inputs,
}

/// Facts, with the revision of a data folder, and cost exports.
#[derive(PartialEq, Eq)]
struct Inputs {
    facts: Vec<Input>,
    revision: Option<i64>,
    usage: Vec<Input>,
}

impl Inputs {
    fn of(args: &ReportArgs, parts: &[Part]) -> Result<Self, Failure> {
        let of_part = |part: &Part| attest::input(&part.path, part.name.clone());
        let usage = parts.iter().map(of_part).collect::<Result<_, _>>()?;
        let Some(folder) = &args.facts.data_dir else {
            let facts = attest::inputs(&args.facts.facts)?;
            return Ok(Self { facts, revision: None, usage });
        };
        let found = data_folder::text(folder, args.facts.known_at)?;
        let name = format!("the facts of {}", folder.display());
        let facts = vec![attest::input_of(&found.text, name)];
        Ok(Self { facts, revision: Some(found.revision), usage })
    }
}

impl<'a> Attested<'a> {
    fn begin(args: &ReportArgs, parts: &[Part], path: &'a Path) -> Result<Self, Failure> {
        let own = args.facts.data_dir.as_ref().map(|folder| folder.join("keys").join("audit.key"));
        let key = args.attest_key.clone().or(own).ok_or_else(|| {
            Failure::Usage(
                "--attest needs --attest-key here; 'pal attest key FILE' makes one".to_owned(),
            )
        })?;
        let key = Seal::open(&key).map_err(Failure::failed)?;
        Ok(Self { path, key, inputs: Inputs::of(args, parts)? })
    }

    fn finish(
        self,
        args: &ReportArgs,
        parts: &[Part],
        policy: &Policy,
        keys: &[KeyColumn],
    ) -> Result<(), Failure> {
        if Inputs::of(args, parts)? != self.inputs {
            return Err(Failure::Failed(
                "facts or cost exports were changed while they were read: the statement was not \
                 written; run it again"
                    .to_owned(),
            ));
        }
        let Some(output) = &args.output else { return Ok(()) };
        let columns = || keys.iter().map(ToString::to_string).collect();
        let statement = Statement {
            engine: concat!("pal ", env!("CARGO_PKG_VERSION")).to_owned(),
            policy: policy.name.clone(),
            policy_revision: policy.revision.clone(),
            month: args.month.map(|months| months.to_string()),
            customer: args.customer.clone(),
            subscription: args.subscription.map(|id| id.to_string()),
            group_by: (!args.balance).then(columns),
            known_at: args.facts.known_at.map(|at| at.to_string()),
            revision: self.inputs.revision,
            facts: self.inputs.facts,
            usage: self.inputs.usage,
            report: attest::input(output, output.display().to_string())?,
            signed_at: data_folder::now().to_string(),
        };
        statement.write(&self.key, self.path)
    }
}

fn keys(group_by: &[KeyColumn]) -> Result<Vec<KeyColumn>, Failure> {
    if group_by.is_empty() {
        return Ok(KeyColumn::DEFAULT.to_vec());
    }
    let twice = group_by.iter().enumerate().find(|(at, key)| group_by[..*at].contains(key));
    match twice {
        Some((_, key)) => Err(Failure::Usage(format!("--group-by names {key} twice"))),
        None => Ok(group_by.to_vec()),
    }
}

pub fn failure(error: EngineError) -> Failure {
    match error {
        EngineError::Io(error) => error.into(),
        error => Failure::failed(error),
    }
}
