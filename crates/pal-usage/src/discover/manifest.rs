//! The `manifest.json` that Azure Cost Management writes when a run is complete.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use pal_attribution::ingest::{Dataset, DatasetKind, Run};
use pal_model::fold;
use serde::Deserialize;

use super::{DiscoverError, Place};

/// Exports that hold prices and the like: passed over in folders. Any other unknown type is
/// refused, because it may hold charges.
const NOT_COST: [&str; 4] =
    ["PriceSheet", "ReservationDetails", "ReservationTransactions", "ReservationRecommendations"];

/// As written. Members that older versions lack are optional, unknown ones are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    blob_count: Option<u64>,
    byte_count: Option<u64>,
    data_row_count: Option<u64>,
    export_config: RawExport,
    #[serde(default)]
    delivery_config: RawDelivery,
    run_info: RawRun,
    blobs: Vec<RawBlob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawExport {
    #[serde(default)]
    export_name: String,
    resource_id: Option<String>,
    #[serde(default)]
    data_version: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDelivery {
    file_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRun {
    run_id: String,
    submitted_time: String,
    start_date: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlob {
    blob_name: String,
    byte_count: Option<u64>,
    data_row_count: Option<u64>,
}

/// A file of a run.
#[derive(Debug)]
pub(super) struct Blob {
    /// Its name beside the manifest.
    pub name: String,
    pub bytes: Option<u64>,
    pub rows: Option<u64>,
}

/// A run, as far as it matters here.
#[derive(Debug)]
pub(super) struct Manifest {
    pub place: Place,
    /// The export's name.
    pub export: String,
    /// The export's id, folded, or its name where there is none.
    pub export_id: String,
    /// What was exported: the export's id up to the export, folded.
    pub scope: String,
    /// Dataset type as written.
    pub kind: String,
    /// `None`: holds no charges.
    pub dataset: Option<Dataset>,
    pub format: Option<String>,
    pub run: String,
    pub submitted: Timestamp,
    pub start: Date,
    pub blob_count: Option<u64>,
    pub byte_count: Option<u64>,
    pub blobs: Vec<Blob>,
}

impl Manifest {
    /// Reads one.
    pub fn read(place: &Place) -> Result<Self, DiscoverError> {
        let refuse = |reason| DiscoverError::Manifest { name: place.name(), reason };
        let bytes = read(place)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|why| refuse(format!("it is no manifest of an export: {why}")))?;
        Self::from_raw(place.clone(), raw).map_err(refuse)
    }

    fn from_raw(place: Place, raw: Raw) -> Result<Self, String> {
        let Raw { export_config: export, run_info: run, .. } = raw;
        let id = export.resource_id.filter(|id| !id.is_empty());
        let export_id = fold(&id.unwrap_or_else(|| export.export_name.clone()));
        if export_id.is_empty() {
            return Err("it names neither exportConfig.resourceId nor exportName".to_owned());
        }
        let rows = raw.data_row_count.filter(|_| raw.blobs.len() == 1);
        let blobs: Vec<Blob> =
            raw.blobs.into_iter().map(|b| b.check(rows)).collect::<Result<_, _>>()?;
        let mut names = HashSet::new();
        if let Some(twice) = blobs.iter().find(|blob| !names.insert(&blob.name)) {
            return Err(format!("it lists {} twice", twice.name));
        }
        Ok(Self {
            place,
            export: if export.export_name.is_empty() {
                export_id.rsplit('/').next().unwrap_or_default().to_owned()
            } else {
                export.export_name
            },
            scope: scope(&export_id).to_owned(),
            export_id,
            dataset: dataset(&export.kind, export.data_version)?,
            kind: export.kind,
            format: raw.delivery_config.file_format,
            submitted: submitted(&run.submitted_time)?,
            start: start(&run.start_date)?,
            run: run.run_id,
            blob_count: raw.blob_count,
            byte_count: raw.byte_count,
            blobs,
        })
    }

    /// Where its files must be: beside it. Paths in a manifest are those of the storage account.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let folder = self.place.folder();
        self.blobs.iter().map(move |blob| folder.join(&blob.name).path)
    }

    /// What of it decides which run counts.
    pub fn described(&self) -> Run {
        let kind = self.dataset.as_ref().map_or("", |dataset| dataset.kind.code());
        Run {
            export: self.export.clone(),
            key: format!("{} {kind}", self.export_id),
            scope: self.scope.clone(),
            id: self.run.clone(),
            submitted: self.submitted.to_string(),
            month: (self.start.year(), self.start.month()),
        }
    }

    /// `2026-07`.
    pub fn month(&self) -> String {
        self.start.strftime("%Y-%m").to_string()
    }
}

impl RawBlob {
    fn check(self, only_rows: Option<u64>) -> Result<Blob, String> {
        let name = self.blob_name.rsplit(['/', '\\']).next().unwrap_or_default();
        if matches!(name, "" | "." | "..") {
            return Err(format!("'{}' names no file", self.blob_name));
        }
        let rows = self.data_row_count.or(only_rows);
        Ok(Blob { name: name.to_owned(), bytes: self.byte_count, rows })
    }
}

/// The whole file, if it is of a size that a manifest can have.
fn read(place: &Place) -> Result<Vec<u8>, DiscoverError> {
    const MOST: u64 = 16 << 20;
    let mut bytes = Vec::new();
    let file = fs::File::open(&place.path);
    file.and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
        .map_err(|source| place.unreadable(source))?;
    if bytes.len() as u64 > MOST {
        let reason = "it is larger than 16 MiB, so it is no manifest".to_owned();
        return Err(DiscoverError::Manifest { name: place.name(), reason });
    }
    Ok(bytes)
}

/// What was exported. Two exports of it hold the same money.
fn scope(export_id: &str) -> &str {
    let at = export_id.find("/providers/microsoft.costmanagement/exports");
    at.map_or(export_id, |at| &export_id[..at])
}

fn dataset(kind: &str, data_version: String) -> Result<Option<Dataset>, String> {
    let is = |code: &str| kind.eq_ignore_ascii_case(code);
    if NOT_COST.into_iter().any(is) {
        return Ok(None);
    }
    match DatasetKind::ALL.into_iter().find(|kind| is(kind.code())) {
        Some(kind) => Ok(Some(Dataset { kind, data_version })),
        None => Err(format!(
            "exportConfig.type '{kind}' is not known (known: {})",
            DatasetKind::ALL.map(DatasetKind::code).join(", ")
        )),
    }
}

/// Six or seven fraction digits, UTC also without a zone.
fn submitted(text: &str) -> Result<Timestamp, String> {
    let utc = || format!("{text}Z").parse();
    text.parse()
        .or_else(|_: jiff::Error| utc())
        .map_err(|_| format!("runInfo.submittedTime '{text}' is not an instant"))
}

/// The written day, whatever zone follows: `2025-07-01T00:00:00+02:00` is the run of July.
fn start(text: &str) -> Result<Date, String> {
    let day = text.get(..10).and_then(|day| day.parse().ok());
    let rest = text.get(10..).unwrap_or_default();
    day.filter(|_| rest.is_empty() || rest.starts_with(['T', ' ']))
        .ok_or_else(|| format!("runInfo.startDate '{text}' is not a date"))
}
