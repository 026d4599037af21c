//! `pal usage` of a running service.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pal_api::{Nothing, UsageRevision};
use pal_attribution::ingest::Part;
use pal_usage::counting::OnDifference;
use pal_usage::{Discovered, ImportedAndRead, NAMES_FILE, Withdrawn};
use reqwest::blocking::Body;
use serde_json::Value;

use super::super::remote::Service;
use super::{imports_table, months_table, name, show};
use crate::args::{ImportUsageArgs, ListUsageArgs, WithdrawUsageArgs};
use crate::printer::{Failure, Printer};
use crate::progress::{self, Of};

/// Where a file is, and where it goes in the archive.
struct Packed {
    path: PathBuf,
    entry: String,
    shown: String,
}

/// Sends cost exports; the service decodes and counts them.
pub fn import(
    args: &ImportUsageArgs,
    found: &Discovered,
    schema: Option<String>,
    printer: &Printer,
) -> Result<ImportedAndRead, Failure> {
    let answers = args.counting.answers();
    let mode = match answers.on_difference {
        OnDifference::Refuse => "refuse",
        OnDifference::Restate => "restate",
        OnDifference::Add => "add",
    };
    let mut fields = vec![("on_change", mode.to_owned()), ("name", name(args))];
    fields.extend(answers.dataset.map(|dataset| ("dataset", dataset.name().to_owned())));
    let flags = [("accept_empty", answers.accept_empty), ("parts", answers.parts)];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set);
    fields.extend(flags.map(|(name, _)| (name, "true".to_owned())));
    if args.dry_run {
        fields.push(("dry_run", "true".to_owned()));
    }
    fields.extend(schema.map(|schema| ("usage_format", schema)));
    let packed = pack(found);
    let service = Service::open(printer)?;
    // Whoever may not import should not have to send gigabytes to hear it.
    service.get("/api/v1/usage/imports", &vec![("$top", "1".to_owned())])?;
    let (reader, writer) = io::pipe()?;
    let size = |file: &Packed| std::fs::metadata(&file.path).map_or(0, |found| found.len());
    let total = packed.iter().map(size).sum();
    let sent = Arc::new(AtomicU64::new(0));
    let out = Counting { out: writer, count: sent.clone() };
    let sending = std::thread::spawn(move || write(&packed, out));
    let answer = progress::towards(printer, &sent, Of::Bytes(total), || {
        let body = Body::new(reader);
        service.upload("/api/v1/usage/imports", &fields, "application/x-tar", body)
    });
    let sent = sending.join().map_err(|_| Failure::failed("reading the files failed"))?;
    let answer = match (answer, sent) {
        // What the service said tells more than that it stopped listening.
        (Ok(answer), _) => answer,
        (Err(failure), Ok(())) => return Err(failure),
        (Err(failure), Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return Err(failure);
        }
        (Err(_), Err(error)) => {
            return Err(Failure::failed(format!("cannot read the files: {error}")));
        }
    };
    serde_json::from_slice(&answer).map_err(Failure::failed)
}

struct Counting<W> {
    out: W,
    count: Arc<AtomicU64>,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.count.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Files of a run together with its manifest; loose files each by themselves.
fn pack(found: &Discovered) -> Vec<Packed> {
    let mut packed = Vec::new();
    let add = |packed: &mut Vec<Packed>, folder: &str, part: &Part| {
        let file = part.path.file_name().unwrap_or_default().to_string_lossy();
        packed.push(Packed {
            path: part.path.clone(),
            entry: format!("{folder}/{file}"),
            shown: part.name.clone(),
        });
    };
    for (number, files) in found.runs.iter().enumerate() {
        let folder = format!("r{number}");
        packed.push(Packed {
            path: files.manifest.clone(),
            entry: format!("{folder}/manifest.json"),
            shown: files.manifest.display().to_string(),
        });
        files.parts.iter().for_each(|part| add(&mut packed, &folder, part));
    }
    for (number, part) in found.loose.iter().enumerate() {
        add(&mut packed, &format!("f{number}"), part);
    }
    packed
}

fn write(packed: &[Packed], out: impl Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(io::BufWriter::with_capacity(1 << 18, out));
    let names: serde_json::Map<String, Value> =
        packed.iter().map(|p| (p.entry.clone(), p.shown.clone().into())).collect();
    let names = Value::Object(names).to_string();
    let mut header = tar::Header::new_gnu();
    header.set_size(names.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, NAMES_FILE, names.as_bytes())?;
    for file in packed {
        archive.append_path_with_name(&file.path, &file.entry)?;
    }
    archive.into_inner()?.flush()
}

pub fn list(args: &ListUsageArgs, printer: &Printer) -> Result<(), Failure> {
    let service = Service::open(printer)?;
    if args.imports {
        let asked = vec![("$top", "1000".to_owned())];
        let (all, Nothing {}) = service.pages("/api/v1/usage/imports", &asked)?;
        return show(args.output, &all, imports_table);
    }
    let fields: Vec<_> = args.known_at.map(|at| ("known_at", at.to_string())).into_iter().collect();
    let (months, UsageRevision { .. }) = service.pages("/api/v1/usage", &fields)?;
    show(args.output, &months, months_table)
}

pub fn withdraw(args: &WithdrawUsageArgs, printer: &Printer) -> Result<Withdrawn, Failure> {
    let service = Service::open(printer)?;
    let answer = service.delete(&format!("/api/v1/usage/imports/{}", args.number))?;
    serde_json::from_slice(&answer).map_err(Failure::failed)
}
