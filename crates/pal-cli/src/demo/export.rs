//! The folders in which Azure delivers exports:
//! `<root>/<export>/<month>/<submitted>/<run>/part_0_0001.csv` and `manifest.json`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use super::calendar::{Day, FIRST_MONTH, LAST_MONTH, day, days_in};
use super::estate::{EUR, USD};
use super::row::{Account, COLUMNS, Row};
use super::{oddities, usage};

/// The day of the next month on which a month is written for the last time, and the hour.
const FINAL: (u32, &str) = (5, "0412");

/// One delivery of one month of one export; it replaces the one before.
struct Run {
    account: &'static Account,
    month: u32,
    /// Year, month, day, hour and minute of submission, as the folder is named.
    stamp: String,
    /// Usage up to this day had arrived.
    complete_to: u32,
    parts: usize,
}

/// Writes all runs below `root`; gives back the files.
pub fn write(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for run in runs() {
        files.extend(deliver(root, &run)?);
    }
    Ok(files)
}

fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    for account in [&EUR, &USD] {
        for month in FIRST_MONTH..=LAST_MONTH {
            let last = days_in(month);
            let (day, hour) = FINAL;
            // An early run of July, without the usage that arrived late: reading both counts twice.
            if account.currency == "EUR" && month == 7 {
                let stamp = "202608010409".to_owned();
                runs.push(Run { account, month, stamp, complete_to: 29, parts: 1 });
            }
            // The last month comes in two parts, each with a header.
            let parts = if month == LAST_MONTH { 2 } else { 1 };
            let stamp = format!("2026{:02}{day:02}{hour}", month + 1);
            runs.push(Run { account, month, stamp, complete_to: last, parts });
        }
    }
    runs
}

fn deliver(root: &Path, run: &Run) -> anyhow::Result<Vec<PathBuf>> {
    let rows = rows(run)?;
    let id = format!("{}-4000-8000-{}", run.account.runs, run.stamp);
    let (from, to) = (run.month * 100 + 1, run.month * 100 + days_in(run.month));
    let month = format!("2026{from:04}-2026{to:04}");
    let folder = root.join(run.account.export).join(&month).join(&run.stamp).join(&id);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;

    let blob_folder = format!("exports/{}/{month}/{}/{id}", run.account.export, run.stamp);
    let (mut files, mut blobs) = (Vec::new(), Vec::new());
    for (i, part) in rows.chunks(rows.len().div_ceil(run.parts).max(1)).enumerate() {
        let name = format!("part_{i}_0001.csv");
        let text = csv(part);
        blobs.push(json!({
            "blobName": format!("{blob_folder}/{name}"),
            "byteCount": text.len(),
            "dataRowCount": part.len(),
        }));
        files.push(put(&folder, &name, &text)?);
    }
    let manifest = serde_json::to_string_pretty(&manifest(run, &id, &blobs, rows.len()))?;
    files.push(put(&folder, "manifest.json", &manifest)?);
    Ok(files)
}

fn put(folder: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

fn rows(run: &Run) -> anyhow::Result<Vec<Row>> {
    let here = |row: &Row| row.account.export == run.account.export;
    let mut rows = Vec::new();
    for number in 1..=run.complete_to {
        rows.extend(usage::rows(day(run.month, number))?.into_iter().filter(here));
    }
    let cutoff: Day = day(run.month, run.complete_to);
    rows.extend(oddities::rows(run.month)?.into_iter().filter(here).filter(|r| r.period <= cutoff));
    if run.account.currency == "EUR" && run.complete_to == days_in(run.month) {
        rows.push(oddities::tax(run.account, run.month, &rows)?);
    }
    Ok(rows)
}

fn csv(rows: &[Row]) -> String {
    let mut text = format!("{}\r\n", COLUMNS.join(","));
    for row in rows {
        row.write(&mut text);
    }
    text
}

/// Keys in alphabetical order, so that the text is the same with either kind of JSON map.
fn manifest(run: &Run, id: &str, blobs: &[Value], rows: usize) -> Value {
    let month = run.month;
    let bytes: u64 = blobs.iter().filter_map(|blob| blob["byteCount"].as_u64()).sum();
    let (date, time) = run.stamp.split_at(8);
    let submitted = format!(
        "{}-{}-{}T{}:{}:00.2762450Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &time[..2],
        &time[2..]
    );
    let export = run.account.export;
    let resource =
        format!("{}/providers/Microsoft.CostManagement/exports/{export}", run.account.id);
    json!({
        "blobCount": blobs.len(),
        "blobs": blobs,
        "byteCount": bytes,
        "dataRowCount": rows,
        "deliveryConfig": {
            "compressionMode": "None",
            "containerUri": "/subscriptions/c0750000-5000-4000-8000-000000000001/resourceGroups\
                /rg-cost/providers/Microsoft.Storage/storageAccounts/stcontosocost",
            "dataOverwriteBehavior": "CreateNewReport",
            "fileFormat": "Csv",
            "partitionData": true,
            "rootFolderPath": "exports",
        },
        "exportConfig": {
            "apiVersion": "2023-07-01-preview",
            "dataVersion": "1.2",
            "exportName": export,
            "granularity": "Daily",
            "resourceId": resource,
            "timeFrame": "MonthToDate",
            "type": "FocusCost",
        },
        "manifestVersion": "2024-04-01",
        "runInfo": {
            "endDate": format!("2026-{month:02}-{:02}T00:00:00", days_in(month)),
            "executionType": "Scheduled",
            "runId": id,
            "startDate": format!("2026-{month:02}-01T00:00:00"),
            "submittedTime": submitted,
        },
    })
}
