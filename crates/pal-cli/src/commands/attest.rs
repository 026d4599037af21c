//! Statements: what a report says, from which inputs and by which rules, signed.
//!
//! A statement has the hash of the report and of every input. Whoever has the signer's public key
//! can tell that the report is the one, and, with the inputs, make it again.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use pal_store::{Seal, hex, is_sealed};
use pal_usage::discover;
use serde::{Deserialize, Serialize};

use crate::args::attest::{Attest, VerifyArgs};
use crate::output;
use crate::printer::{Failure, Printer};

/// What a signature is of: never one of something else that the same key signs.
const KIND: &str = "openpal statement 1\n";

/// What is stated. The order of the fields is the order in which they are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    /// The program that made the report.
    pub engine: String,
    pub policy: String,
    /// See [`Self::policy`].
    pub policy_revision: String,
    pub month: Option<String>,
    /// The only customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The only subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// Key columns; none = a balance.
    pub group_by: Option<Vec<String>>,
    /// The instant from which facts were not known.
    pub known_at: Option<String>,
    /// The revision of the data folder, if the facts came from one.
    pub revision: Option<i64>,
    pub facts: Vec<Input>,
    pub usage: Vec<Input>,
    pub report: Input,
    pub signed_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Signed {
    statement: Statement,
    public_key: String,
    signature: String,
}

impl Statement {
    fn message(&self) -> Result<Vec<u8>, Failure> {
        let text = serde_json::to_string(self).map_err(Failure::failed)?;
        Ok([KIND.as_bytes(), text.as_bytes()].concat())
    }

    pub fn write(self, key: &Seal, path: &Path) -> Result<(), Failure> {
        let signature = key.sign(&self.message()?);
        let signed = Signed { statement: self, public_key: key.public(), signature };
        let text = serde_json::to_string_pretty(&signed).map_err(Failure::failed)?;
        output::to(Some(path), |mut out| {
            out.write_all(text.as_bytes())?;
            out.write_all(b"\n")?;
            Ok(out.flush()?)
        })
    }
}

/// The hash of a file, read in pieces.
pub fn input(path: &Path, name: String) -> Result<Input, Failure> {
    let cannot = |error: std::io::Error| Failure::Failed(format!("cannot read {name}: {error}"));
    let mut file = File::open(path).map_err(cannot)?;
    let (mut hash, mut piece) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(cannot)? {
            0 => break,
            read => hash.update(&piece[..read]),
        }
    }
    Ok(Input { sha256: hex(hash.finish().as_ref()), name })
}

pub fn input_of(text: &str, name: String) -> Input {
    let mut hash = Context::new(&SHA256);
    hash.update(text.as_bytes());
    Input { sha256: hex(hash.finish().as_ref()), name }
}

/// Files by name, each once.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    paths.iter().map(|path| input(path, path.display().to_string())).collect()
}

/// `pal attest`.
pub fn run(command: &Attest, printer: &Printer) -> Result<(), Failure> {
    match command {
        Attest::Key(args) => {
            let key = Seal::make(&args.file).map_err(Failure::failed)?;
            printer.info(format!(
                "{} made: keep it to yourself. Its public half, for whoever checks: {}",
                args.file.display(),
                key.public()
            ));
            Ok(())
        }
        Attest::Verify(args) => verify(args),
    }
}

fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let name = args.statement.display();
    let text = std::fs::read_to_string(&args.statement)
        .map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")))?;
    let signed: Signed = serde_json::from_str(&text)
        .map_err(|error| Failure::Failed(format!("{name} is no statement: {error}")))?;
    let statement = &signed.statement;
    let mut wrong = Vec::new();
    if !is_sealed(&signed.public_key, &statement.message()?, &signed.signature) {
        wrong.push("it was changed after it was signed, or never signed with this key".to_owned());
    }
    if let Some(known) = &args.public_key {
        let known = std::fs::read_to_string(known).unwrap_or_else(|_| known.clone());
        if !known.trim().eq_ignore_ascii_case(&signed.public_key) {
            wrong.push(format!("it is signed with another key: {}", signed.public_key));
        }
    }
    if let Some(report) = &args.report {
        let found = input(report, report.display().to_string())?;
        if found.sha256 != statement.report.sha256 {
            wrong.push(format!("{} is not the report that it is about", found.name));
        }
    }
    if !args.facts.is_empty() {
        compare("facts", &inputs(&args.facts)?, &statement.facts, &mut wrong);
    }
    if !args.usage.is_empty() {
        let parts = discover(&args.usage).map_err(Failure::failed)?.parts();
        let found: Vec<Input> = parts
            .iter()
            .map(|part| input(&part.path, part.name.clone()))
            .collect::<Result<_, _>>()?;
        compare("cost exports", &found, &statement.usage, &mut wrong);
    }
    let shown = output::to(None, |mut out| {
        for finding in &wrong {
            writeln!(out, "WRONG  {finding}")?;
        }
        out.write_all(told(&signed).as_bytes())?;
        Ok(out.flush()?)
    });
    shown?;
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Failed(format!("{name} does not hold"))) }
}

/// The same contents, under whatever names.
fn compare(what: &str, found: &[Input], stated: &[Input], wrong: &mut Vec<String>) {
    let has = |list: &[Input], sha256: &str| list.iter().any(|input| input.sha256 == sha256);
    for input in found.iter().filter(|input| !has(stated, &input.sha256)) {
        wrong.push(format!("{} is not among its {what}", input.name));
    }
    for input in stated.iter().filter(|input| !has(found, &input.sha256)) {
        wrong.push(format!("it was made from {}, too, which was not given", input.name));
    }
}

fn told(signed: &Signed) -> String {
    let statement = &signed.statement;
    let what = match &statement.group_by {
        Some(columns) => format!("a report by {}", columns.join(", ")),
        None => "a balance".to_owned(),
    };
    let month = statement.month.as_deref().unwrap_or("all months");
    let only = [("customer", &statement.customer), ("subscription", &statement.subscription)];
    let only: String = only
        .into_iter()
        .filter_map(|(kind, id)| id.as_ref().map(|id| format!(", only {kind} {id}")))
        .collect();
    let mut text = format!(
        "{what} of {month}{only}, policy {} (revision {}), by {}\nsigned at {} with {}\nreport {} {}\n",
        statement.policy,
        statement.policy_revision,
        statement.engine,
        statement.signed_at,
        signed.public_key,
        statement.report.sha256,
        statement.report.name,
    );
    for (kind, list) in [("facts", &statement.facts), ("usage", &statement.usage)] {
        for input in list {
            let _ = writeln!(text, "{kind} {} {}", input.sha256, input.name);
        }
    }
    crate::clean::lines(&text)
}
