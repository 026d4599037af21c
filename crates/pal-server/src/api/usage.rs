//! `/api/v1/usage`: what counts, what was taken in how, and more of it. For operators.

use std::io::{self, Read};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use pal_api::{List, Nothing, UsageRevision};
use pal_attribution::ingest::Schema;
use pal_store::WithdrawError;
use pal_usage::counting::{Answers, Dataset, OnDifference};
use pal_usage::{
    ImportedAndRead, Inspected, IntakeError, Month, Order, Paths, UndoError, UploadError,
    UsageImport, Withdrawn, reason, unpack,
};
use schemars::{SchemaGenerator, json_schema};
use serde_json::Value;

use crate::App;
use crate::http::{Call, Content, FLAG, Form, HttpError, Json, Operator, Parameter, Query, joined};

pub const MONTHS: &[Parameter] =
    &[Parameter::new("known_at", Form::Instant, "As it was known then.")];
pub const IMPORT: &[Parameter] = &[
    Parameter::new(
        "on_change",
        Form::Words(&["refuse", "restate", "add"]),
        "Where rows of a subscription and day differ from those that count: refuse all (default), \
         count these instead, or count both.",
    ),
    Parameter::new(
        "dataset",
        Form::Words(&["focus", "actual", "amortized", "usage"]),
        "Of several datasets that hold the same money, the one that counts.",
    ),
    Parameter::new(
        "accept_empty",
        FLAG,
        "Let a run end days of which it has no row, and more than half of a month.",
    ),
    Parameter::new(
        "parts",
        FLAG,
        "Add up loose files that share rows: they are parts of one export.",
    ),
    Parameter::new("dry_run", FLAG, "Show what would be understood and counted; change nothing."),
    Parameter::new(
        "usage_format",
        Form::Words(&["focus", "cost-management"]),
        "The family of the columns, if it is not to be found out.",
    ),
    Parameter::new("name", Form::Text, "How the list calls the import."),
];

/// A client that sends nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// An archive, read as it comes.
pub struct Archive(Body);

impl Content for Archive {
    const KIND: Option<&'static str> = Some("application/x-tar");

    fn schema(_: &mut SchemaGenerator) -> schemars::Schema {
        json_schema!({ "type": "string" })
    }

    async fn read(_: &App, _: &HeaderMap, body: Body) -> Result<Self, HttpError> {
        Ok(Self(body))
    }
}

pub async fn months(call: Call<Operator>) -> Result<Json<List<Month, UsageRevision>>, HttpError> {
    let counted = call.app.live.intake.listed(call.query.known_at()?).await?;
    let value = counted.months().map_err(|error| {
        tracing::error!(%error, "usage cannot be added up");
        HttpError::internal()
    })?;
    let rest = UsageRevision { revision: counted.revision };
    Ok(Json(List { rest, value, next_link: None }))
}

/// The imports, newest first.
pub async fn imports(call: Call<Operator>) -> Result<Json<List<UsageImport>>, HttpError> {
    let (app, page) = (&call.app, call.page().await?);
    let mut all = app.store.usage_imports(u32::MAX).await?;
    // Imports since the first page are on no page of this list.
    all.retain(|record| record.at <= page.at);
    let part = page.part(all, |record| record.number.to_string())?;
    Ok(page.list(app, Nothing {}, part.map(|record| UsageImport::from(&record))))
}

/// Takes usage in: the body is a tar archive.
pub async fn import(call: Call<Operator, Archive>) -> Result<Json<ImportedAndRead>, HttpError> {
    let Call { app, signed, query, body: Archive(body), .. } = call;
    let answers = answers(&query)?;
    let dry_run = query.word("dry_run", &[("true", true), ("false", false)], false)?;
    let schema = query.word("usage_format", &Schema::NAMES.map(|(n, _)| (n, Some(n))), None)?;
    let work = app.live.intake.shelf.work_folder(&app.guid()).await.map_err(|e| kept(&e))?;
    let folder = work.folder.clone();
    let most = app.max_upload_bytes;
    let (give, take) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(16);
    let pieces = BodyReader { take, current: Bytes::new() };
    let unpacked = tokio::task::spawn_blocking(move || {
        unpack(pieces, &folder).and_then(|unpacked| unpacked.found()).map_err(|e| refuse_upload(&e))
    });
    let sent = send(body, &give, most).await;
    drop(give);
    let parts = joined(unpacked.await);
    sent?;
    let parts = parts?;
    let inspected = match dry_run {
        true => {
            let paths = Paths::Discovered(parts.clone());
            let found = app.live.intake.inspect(&paths, schema.map(str::to_owned)).await;
            Some(found.map_err(|error| refuse(&error))?)
        }
        false => None,
    };
    let named = query.text("name").map(|name| name.chars().filter(|c| !c.is_control()));
    let order = Order {
        paths: Paths::Discovered(parts),
        schema: schema.map(str::to_owned),
        answers,
        dry_run,
        at: app.now(),
        actor: signed.actor(),
        id: app.guid(),
        name: named.map_or_else(|| "an upload".to_owned(), |n| n.take(400).collect()),
        landed: None,
    };
    let done = app.live.intake.import(order, &AtomicU64::new(0)).await;
    drop(work);
    let done = done.map_err(|error| match &inspected {
        Some((_, found)) => refuse(&error).and(&refused_rows(found)),
        None => refuse(&error),
    })?;
    let inspected = inspected.map(|(text, found)| Inspected { text, found });
    Ok(Json(ImportedAndRead { done, inspected }))
}

fn answers(query: &Query) -> Result<Answers, HttpError> {
    let modes = [
        ("refuse", OnDifference::Refuse),
        ("restate", OnDifference::Restate),
        ("add", OnDifference::Add),
    ];
    let datasets = Dataset::NAMES.map(|(name, dataset)| (name, Some(dataset)));
    let flag = |name| query.word(name, &[("true", true), ("false", false)], false);
    Ok(Answers {
        on_difference: query.word("on_change", &modes, OnDifference::Refuse)?,
        dataset: query.word("dataset", &datasets, None)?,
        accept_empty: flag("accept_empty")?,
        parts: flag("parts")?,
        known: Vec::new(),
    })
}

/// What an inspection says of rows that are refused: the first of them, and how many.
fn refused_rows(found: &Value) -> String {
    let count = found["refused_rows"].as_u64().unwrap_or_default();
    let rows = found["refused"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<&str> = rows.iter().filter_map(Value::as_str).collect();
    match count {
        0 => String::new(),
        1 => ". No other row is refused.".to_owned(),
        _ => format!(". All in all {count} rows are refused, first: {}.", rows.join("; ")),
    }
}

pub async fn withdraw(call: Call<Operator>) -> Result<Json<Withdrawn>, HttpError> {
    let Call { app, signed, inside: number, .. } = call;
    let missing = || HttpError::not_found(format!("There is no import {number}."));
    let asked: i64 = number.parse().map_err(|_| missing())?;
    let done = app.live.intake.withdraw(asked, app.now(), signed.actor()).await;
    let done = done.map_err(|error| match error {
        UndoError::Withdraw(WithdrawError::NoImport(_)) => missing(),
        UndoError::Withdraw(WithdrawError::Refused(_) | WithdrawError::AlreadyWithdrawn(_)) => {
            HttpError::new(
                StatusCode::CONFLICT,
                "NothingToWithdraw",
                format!("Nothing of import {number} counts any more."),
            )
        }
        UndoError::Undecided(undecided) => {
            HttpError::new(StatusCode::CONFLICT, "UsageUndecided", reason(undecided))
        }
        UndoError::Withdraw(WithdrawError::Store(error)) => error.into(),
        error => kept(&error),
    })?;
    let (pieces, rows) = done.ended;
    Ok(Json(Withdrawn { pieces, rows }))
}

/// Hands the body on, piece by piece, within its bounds.
async fn send(
    mut body: Body,
    give: &tokio::sync::mpsc::Sender<io::Result<Bytes>>,
    most: u64,
) -> Result<(), HttpError> {
    let mut total = 0;
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame()).await.map_err(|_| {
            let message = format!("Nothing came for {} seconds.", SILENCE.as_secs());
            HttpError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message)
        });
        let failed = match frame {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => {
                    total += data.len() as u64;
                    if total <= most {
                        // Who unpacks has given up; why, it says itself.
                        if give.send(Ok(data)).await.is_err() {
                            return Ok(());
                        }
                        continue;
                    }
                    HttpError::too_large(usize::try_from(most).unwrap_or(usize::MAX))
                }
                Err(_) => continue,
            },
            Ok(Some(Err(_))) => {
                HttpError::bad_request("The request body ended before it was complete.")
            }
            Err(silent) => silent,
        };
        let _ = give.send(Err(io::Error::other("the upload broke off"))).await;
        return Err(failed.header(axum::http::header::CONNECTION, "close"));
    }
}

/// The body as something to read, for a thread that waits.
struct BodyReader {
    take: tokio::sync::mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.take.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.current = piece?,
            }
        }
        let count = buffer.len().min(self.current.len());
        let piece = self.current.split_to(count);
        buffer[..count].copy_from_slice(&piece);
        Ok(count)
    }
}

fn refuse_upload(error: &UploadError) -> HttpError {
    match error {
        UploadError::Io(error) => HttpError::bad_request(reason(format!(
            "The upload cannot be read as a tar archive: {error}. Send FOLDER/FILE entries, regular \
             files only."
        ))),
        UploadError::NotStored(error) => kept(error),
        error => refused(error),
    }
}

fn refuse(error: &IntakeError) -> HttpError {
    match error {
        IntakeError::Undecided(undecided) => {
            HttpError::new(StatusCode::CONFLICT, "UsageUndecided", reason(undecided))
        }
        error if error.is_refusal() => refused(error),
        IntakeError::Store(pal_store::StoreError::Unavailable(_)) => {
            HttpError::unavailable("The store cannot take it now.")
        }
        IntakeError::Home(error) => {
            tracing::error!(%error, "usage cannot be kept in its home");
            HttpError::unavailable("The service cannot put usage into its object store now.")
        }
        error => kept(error),
    }
}

fn refused(error: &dyn std::fmt::Display) -> HttpError {
    HttpError::new(StatusCode::UNPROCESSABLE_ENTITY, "UsageRefused", reason(error))
}

fn kept(error: &dyn std::fmt::Display) -> HttpError {
    tracing::error!(%error, "usage cannot be kept");
    HttpError::unavailable("The service cannot keep usage now; its disk may be full.")
}
