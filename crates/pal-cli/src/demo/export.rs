//! The folders in which Azure delivers exports:
//! `<root>/<export>/<month>/<submitted>/<run>/part_0_0001.csv` and `manifest.json`.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::usage::{Meter, meters, midnight};

/// The rows that are not plain daily usage, and that a report has to treat with care: a header, and
/// rows in the order of an invoice.
const OTHER_CHARGES: &str = include_str!("../../demo/other-charges.csv");

/// Who pays, and in which currency; one export each.
struct Account {
    export: &'static str,
    id: &'static str,
    name: &'static str,
    currency: &'static str,
    /// First two blocks of the ids of its runs.
    runs: &'static str,
}

const ACCOUNTS: [Account; 2] = [
    Account {
        export: "contoso-focus-eur",
        id: "/providers/Microsoft.Billing/billingAccounts/7300978/billingProfiles/CONT-EUR",
        name: "Contoso EUR",
        currency: "EUR",
        runs: "e0000978-f0c5",
    },
    Account {
        export: "contoso-focus-usd",
        id: "/providers/Microsoft.Billing/billingAccounts/7300840/billingProfiles/CONT-USD",
        name: "Contoso USD",
        currency: "USD",
        runs: "d0000840-f0c5",
    },
];

/// One delivery of one month of one export; it replaces the one before.
struct Run {
    account: &'static Account,
    /// Its first day.
    month: Date,
    /// Year, month, day, hour and minute of submission, as the folder is named.
    stamp: String,
    /// Usage up to this day had arrived.
    complete_to: Date,
    parts: usize,
}

type Row = csv::StringRecord;

type File = (PathBuf, Vec<u8>);

/// The files of all runs below `root`.
pub fn files(root: &Path) -> anyhow::Result<Vec<File>> {
    let meters = meters()?;
    let mut others = csv::Reader::from_reader(OTHER_CHARGES.as_bytes());
    let header = others.headers()?.clone();
    let others: Vec<Row> = others.records().collect::<Result<_, _>>()?;
    let mut files = Vec::new();
    for run in runs() {
        files.extend(deliver(root, &run, &header, &rows(&run, &meters, &others)?)?);
    }
    Ok(files)
}

fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    for account in &ACCOUNTS {
        for number in 5..=10 {
            let month = date(2026, number, 1);
            let complete_to = month.last_of_month();
            // An early run of July, without the usage that arrived late: reading both counts twice.
            if account.currency == "EUR" && number == 7 {
                let stamp = "202608010409".to_owned();
                runs.push(Run { account, month, stamp, complete_to: date(2026, 7, 29), parts: 1 });
            }
            // The last month comes in two parts, each with a header.
            let parts = if number == 10 { 2 } else { 1 };
            let stamp = format!("2026{:02}050412", number + 1);
            runs.push(Run { account, month, stamp, complete_to, parts });
        }
    }
    runs
}

fn rows(run: &Run, meters: &[Meter], others: &[Row]) -> anyhow::Result<Vec<Row>> {
    let Run { account, month, complete_to, .. } = run;
    let billed = midnight(*month);
    let ends = midnight(month.last_of_month().tomorrow()?);
    let mut rows = Vec::new();
    for day in month.series(jiff::Span::new().days(1)).take_while(|day| day <= complete_to) {
        for meter in meters.iter().filter(|meter| meter.currency == account.currency) {
            let row = meter.row([account.id, account.name], [&billed, &ends], day)?;
            rows.extend(row.map(|row| Row::from(row.to_vec())));
        }
    }
    let cutoff = midnight(*complete_to);
    let here = |row: &&Row| row[3] == *account.currency && row[5] == billed && row[10] <= *cutoff;
    rows.extend(others.iter().filter(here).cloned());
    Ok(rows)
}

fn deliver(root: &Path, run: &Run, header: &Row, rows: &[Row]) -> anyhow::Result<Vec<File>> {
    let id = format!("{}-4000-8000-{}", run.account.runs, run.stamp);
    let month = run.month.strftime("%Y%m%d").to_string()
        + &run.month.last_of_month().strftime("-%Y%m%d").to_string();
    let folder = root.join(run.account.export).join(&month).join(&run.stamp).join(&id);
    let blob_folder = format!("exports/{}/{month}/{}/{id}", run.account.export, run.stamp);
    let (mut files, mut blobs) = (Vec::new(), Vec::new());
    for (i, part) in rows.chunks(rows.len().div_ceil(run.parts).max(1)).enumerate() {
        let name = format!("part_{i}_0001.csv");
        let mut out =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        for row in [header].into_iter().chain(part) {
            out.write_record(row)?;
        }
        let text = out.into_inner()?;
        blobs.push(json!({
            "blobName": format!("{blob_folder}/{name}"),
            "byteCount": text.len(),
            "dataRowCount": part.len(),
        }));
        files.push((folder.join(name), text));
    }
    let manifest = serde_json::to_vec_pretty(&manifest(run, &id, &blobs, rows.len()))?;
    files.push((folder.join("manifest.json"), manifest));
    Ok(files)
}

fn manifest(run: &Run, id: &str, blobs: &[Value], rows: usize) -> Value {
    let bytes: u64 = blobs.iter().filter_map(|blob| blob["byteCount"].as_u64()).sum();
    let s = &run.stamp;
    let submitted =
        format!("{}-{}-{}T{}:{}:00.2762450Z", &s[..4], &s[4..6], &s[6..8], &s[8..10], &s[10..]);
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
            "endDate": format!("{}T00:00:00", run.month.last_of_month()),
            "executionType": "Scheduled",
            "runId": id,
            "startDate": format!("{}T00:00:00", run.month),
            "submittedTime": submitted,
        },
    })
}
