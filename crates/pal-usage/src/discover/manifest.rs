//! The manifest that Azure Cost Management writes when a run is complete, in its several forms.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use pal_attribution::ingest::{Dataset, DatasetKind};
use pal_model::{Instant, fold};
use serde::Deserialize;

use super::note::Lack;
use super::run::Run;
use super::{DiscoverError, ShownPath};
use crate::counting::account_of;

/// Exports that hold prices and the like: passed over in folders. Any other unknown type is
/// refused, because it may hold charges.
const NOT_COST: [&str; 4] =
    ["PriceSheet", "ReservationDetails", "ReservationTransactions", "ReservationRecommendations"];

/// As written. Members that some versions lack are optional, unknown ones are ignored. The older form
/// (`_manifest.json`, version 2021-01-01) has the files and nothing about the export.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    blob_count: Option<u64>,
    byte_count: Option<u64>,
    data_row_count: Option<u64>,
    data_format: Option<String>,
    export_config: Option<RawExport>,
    delivery_config: Option<RawDelivery>,
    run_info: Option<RawRun>,
    blobs: Vec<RawBlob>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawExport {
    export_name: Option<String>,
    resource_id: Option<String>,
    data_version: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDelivery {
    file_format: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRun {
    run_id: Option<String>,
    submitted_time: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlob {
    #[serde(alias = "name", alias = "path")]
    blob_name: String,
    #[serde(alias = "size", alias = "contentLength")]
    byte_count: Option<u64>,
    #[serde(alias = "rowCount")]
    data_row_count: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Blob {
    pub name: String,
    written: String,
    pub bytes: Option<u64>,
    pub rows: Option<u64>,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Nothing at all, `{}`: a hub of the `FinOps` toolkit writes it beside the files that it has ingested.
    Nothing,
    /// Files of an export that holds no charges, of this type.
    Other(String),
    Run(Run),
    /// Charges of which no run is known.
    Loose(Lack),
}

/// A manifest, as far as it matters here.
#[derive(Debug)]
pub(super) struct Manifest {
    pub place: ShownPath,
    pub content: Content,
    pub dataset: Option<Dataset>,
    pub format: Option<String>,
    /// How many entries it should list.
    pub blob_count: Option<u64>,
    /// How many entries it does list, those named twice included.
    pub listed: u64,
    pub byte_count: Option<u64>,
    pub blobs: Vec<Blob>,
    /// Files that it names more than once.
    pub repeated: Vec<Blob>,
}

impl Manifest {
    pub fn read(place: &ShownPath) -> Result<Self, DiscoverError> {
        let refuse = |reason| DiscoverError::Manifest { name: place.name(), reason };
        let bytes = read(place)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let no_manifest =
            |why: serde_json::Error| refuse(format!("it is no manifest of an export: {why}"));
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(no_manifest)?;
        if value.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(Self::empty(place.clone()));
        }
        let raw: Raw = serde_json::from_value(value).map_err(no_manifest)?;
        Self::from_raw(place.clone(), raw).map_err(refuse)
    }

    fn empty(place: ShownPath) -> Self {
        Self {
            place,
            content: Content::Nothing,
            dataset: None,
            format: None,
            blob_count: None,
            listed: 0,
            byte_count: None,
            blobs: Vec::new(),
            repeated: Vec::new(),
        }
    }

    fn from_raw(place: ShownPath, raw: Raw) -> Result<Self, String> {
        let export = raw.export_config.unwrap_or_default();
        let listed = raw.blobs.len() as u64;
        let only_rows = raw.data_row_count.filter(|_| listed == 1);
        let (mut blobs, mut repeated) = (Vec::<Blob>::new(), Vec::new());
        let mut places = HashMap::with_capacity(raw.blobs.len());
        for blob in raw.blobs {
            let blob = blob.check(only_rows)?;
            match places.entry(blob.name.clone()) {
                Entry::Vacant(place) => {
                    place.insert(blobs.len());
                    blobs.push(blob);
                }
                Entry::Occupied(place) if blobs[*place.get()].is(&blob) => repeated.push(blob),
                Entry::Occupied(_) => {
                    return Err(format!("it lists two different files {}", blob.name));
                }
            }
        }
        let kind = export.kind.as_deref().map(kind).transpose()?;
        let version = export.data_version.clone().unwrap_or_default();
        let dataset = |kind| Dataset { kind, data_version: version };
        let (dataset, content) = match kind {
            Some(Err(other)) => (None, Content::Other(other)),
            Some(Ok(kind)) => {
                let run = run(&export, kind, &raw.run_info.unwrap_or_default())?;
                (Some(dataset(kind)), run.map_or_else(Content::Loose, Content::Run))
            }
            None => (None, Content::Loose(Lack::Dataset)),
        };
        let format = raw.delivery_config.and_then(|delivery| delivery.file_format);
        Ok(Self {
            place,
            content,
            dataset,
            format: format.or(raw.data_format),
            blob_count: raw.blob_count,
            listed,
            byte_count: raw.byte_count,
            blobs,
            repeated,
        })
    }

    /// Where its files must be: beside it. Paths in a manifest are those of the storage account.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let folder = self.place.folder();
        self.blobs.iter().map(move |blob| folder.join(&blob.name).path)
    }

    /// Whether it says how large its files are, so that it can be seen that all has arrived.
    pub fn has_sizes(&self) -> bool {
        self.byte_count.is_some() || self.blobs.iter().all(|blob| blob.bytes.is_some())
    }

    /// Whether it lists files that must be there.
    pub const fn is_listing(&self) -> bool {
        !matches!(self.content, Content::Nothing)
    }

    /// Whether it lists files with charges.
    pub const fn has_charges(&self) -> bool {
        matches!(self.content, Content::Run(_) | Content::Loose(_))
    }
}

impl Blob {
    /// Whether two entries are about one file.
    fn is(&self, other: &Self) -> bool {
        let same = |a: Option<u64>, b: Option<u64>| a.is_none() || b.is_none() || a == b;
        self.written == other.written
            && same(self.bytes, other.bytes)
            && same(self.rows, other.rows)
    }
}

impl RawBlob {
    fn check(self, only_rows: Option<u64>) -> Result<Blob, String> {
        let name = self.blob_name.rsplit(['/', '\\']).next().unwrap_or_default();
        if matches!(name, "" | "." | "..") {
            return Err(format!("'{}' names no file", self.blob_name));
        }
        Ok(Blob {
            name: name.to_owned(),
            rows: self.data_row_count.or(only_rows),
            bytes: self.byte_count,
            written: self.blob_name,
        })
    }
}

/// The whole file, if it is of a size that a manifest can have.
fn read(place: &ShownPath) -> Result<Vec<u8>, DiscoverError> {
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

/// What an export holds; `Err` inside = one of [`NOT_COST`].
fn kind(written: &str) -> Result<Result<DatasetKind, String>, String> {
    let is = |code: &str| written.eq_ignore_ascii_case(code);
    if NOT_COST.into_iter().any(is) {
        return Ok(Err(written.to_owned()));
    }
    match DatasetKind::ALL.into_iter().find(|kind| is(kind.code())) {
        Some(kind) => Ok(Ok(kind)),
        None => Err(format!(
            "exportConfig.type '{written}' is not known (known: {})",
            DatasetKind::ALL.map(DatasetKind::code).join(", ")
        )),
    }
}

fn run(
    export: &RawExport,
    dataset: DatasetKind,
    run: &RawRun,
) -> Result<Result<Run, Lack>, String> {
    let id = export.resource_id.as_deref().map(fold).unwrap_or_default();
    let Some(scope) = scope(&id) else { return Ok(Err(Lack::Scope)) };
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(written) = given(&run.submitted_time) else { return Ok(Err(Lack::Submitted)) };
    let submitted = submitted(&written)?;
    let Some(start) = given(&run.start_date) else { return Ok(Err(Lack::Period)) };
    let (start, _) = day("startDate", &start)?;
    let (end, end_is_midnight) = match given(&run.end_date) {
        Some(end) => day("endDate", &end)?,
        None => (start.last_of_month(), true),
    };
    if end < start {
        return Err(format!("its period from {start} to {end} ends before it begins"));
    }
    let name = given(&export.export_name).unwrap_or_else(|| {
        id.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    });
    Ok(Ok(Run {
        export: name,
        account: account_of(&scope).map(str::to_owned),
        scope,
        dataset,
        id: given(&run.run_id).unwrap_or(written),
        submitted,
        start,
        end,
        end_is_midnight,
    }))
}

/// What was exported, from the folded id of an export: the way up to it. `None` = it is no scope.
fn scope(export_id: &str) -> Option<String> {
    let at = export_id.find("/providers/microsoft.costmanagement/exports");
    let scope = at.map_or(export_id, |at| &export_id[..at]);
    let segments: Vec<&str> = scope.split('/').filter(|segment| !segment.is_empty()).collect();
    let rooted = scope.starts_with('/')
        || matches!(segments.first(), Some(&("subscriptions" | "providers")));
    (rooted && segments.len() > 1).then(|| format!("/{}", segments.join("/")))
}

/// Six or seven fraction digits, UTC also without a zone.
fn submitted(text: &str) -> Result<Instant, String> {
    let utc = || format!("{text}Z").parse();
    let found: Timestamp = text
        .parse()
        .or_else(|_: jiff::Error| utc())
        .map_err(|_| format!("runInfo.submittedTime '{text}' is not an instant"))?;
    Instant::from_nanoseconds(found.as_nanosecond())
        .ok_or_else(|| format!("runInfo.submittedTime '{text}' is not an instant"))
}

/// The written day, whatever zone follows (`2025-07-01T00:00:00+02:00` is of July), and whether the
/// written time of day is midnight.
fn day(member: &str, text: &str) -> Result<(Date, bool), String> {
    let text = text.trim();
    let day = text.get(..10).and_then(|day| day.parse().ok());
    let rest = text.get(10..).unwrap_or_default();
    let time = rest.get(1..).unwrap_or_default();
    let clock = time.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
    let is_midnight = clock.chars().all(|c| !c.is_ascii_digit() || c == '0');
    day.filter(|_| rest.is_empty() || rest.starts_with(['T', 't', ' ']))
        .map(|day| (day, is_midnight))
        .ok_or_else(|| format!("runInfo.{member} '{text}' is not a date"))
}
