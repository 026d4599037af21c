//! What is in cost exports, and how it is understood: for people who wonder before they trust.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;

use pal_model::{Exclusion, Money, MoneyError};
use serde::Serialize;

use super::columns::{Field, Layout};
use super::remarks::Remarks;
use super::{Batch, Codes, IngestError, Part, ReadOptions, Wanted, layout, read};

#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The files, in the order of reading.
    pub files: Vec<InspectedFile>,
    pub rows: u64,
    /// First and last charge period: start of the first, end of the last.
    pub charge_periods: Option<[String; 2]>,
    /// Rows and effective cost by month and currency.
    pub totals: Vec<Total>,
    /// Rows by what kind of charge they are; `usage` = consumed under policy `pal`.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Rows without resource id.
    pub without_resource: u64,
    /// Rows whose resource is in another subscription than the billed one.
    pub billed_elsewhere: u64,
    pub negative: u64,
    /// Amounts with more than 18 fraction digits, which were rounded.
    pub rounded: u64,
    /// Rows of actual exports that a commitment priced: counted as billed.
    pub billed_commitments: u64,
    /// The first rows that a report or an import would refuse: where, and why.
    pub refused: Vec<String>,
    /// How many there are. In Parquet, the rows read together with one are not counted either.
    pub refused_rows: u64,
}

#[derive(Debug, Serialize)]
pub struct InspectedFile {
    pub file: String,
    pub format: String,
    pub dataset: Option<String>,
    /// Columns that are read: what each is for, and its name in the file.
    pub columns: Vec<[String; 2]>,
    /// Columns that would be used, but are not there.
    pub absent: Vec<String>,
    /// Columns that are not used.
    pub unused: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Total {
    /// Month of the charge's start.
    pub month: String,
    pub currency: String,
    pub rows: u64,
    /// Effective cost, 18 fraction digits.
    pub cost: String,
}

#[derive(Default)]
struct UsageCounts {
    totals: BTreeMap<(u32, u32), (u64, i128)>,
    kinds: [u64; Exclusion::ALL.len() + 1],
    billed: BTreeMap<(u32, u32), u64>,
    negative: u64,
}

/// Reads everything once and tells what is there. Of rows that a report would refuse, the first
/// `most_refused` are told of, and the reading goes on.
///
/// # Errors
/// As for a report: a file that cannot be read; with `most_refused` = 0, a row that is refused.
pub fn inspect(
    parts: &[Part],
    options: &ReadOptions,
    most_refused: usize,
) -> Result<Inspection, IngestError> {
    let mut files = Vec::with_capacity(parts.len());
    for part in parts {
        files.push(file(part, &layout(part, options)?));
    }
    let mut codes = Codes::default();
    codes.passed_over.most = most_refused;
    let rows = AtomicU64::new(0);
    let counted = read(
        parts,
        options,
        &codes,
        Wanted::default(),
        1,
        &rows,
        UsageCounts::default,
        |counted, batch| counted.add(batch).map_err(|e| too_large(&e)),
    )?;
    let mut inspection = Inspection {
        files,
        rows: rows.into_inner(),
        charge_periods: None,
        totals: Vec::new(),
        kinds: BTreeMap::new(),
        without_resource: 0,
        billed_elsewhere: 0,
        negative: 0,
        rounded: 0,
        billed_commitments: 0,
        refused: Vec::new(),
        refused_rows: 0,
    };
    for counted in counted {
        counted.tell(&codes, &mut inspection).map_err(|e| too_large(&e))?;
    }
    let remarks = codes.remarked.so_far();
    (inspection.rounded, inspection.billed_commitments) =
        (remarks.rounded, remarks.billed_commitments);
    let refused = codes.passed_over.rows.into_inner();
    (inspection.refused, inspection.refused_rows) = refused.unwrap_or_else(PoisonError::into_inner);
    Ok(inspection)
}

/// A total that no longer fits is nobody's file's fault, but it ends the inspection all the same.
fn too_large(error: &MoneyError) -> IngestError {
    IngestError::File { file: "a total of all files".to_owned(), reason: error.to_string() }
}

impl UsageCounts {
    fn add(&mut self, batch: &Batch) -> Result<(), MoneyError> {
        for row in 0..batch.len() {
            let total = self.totals.entry((batch.period[row], batch.currency[row])).or_default();
            total.0 += 1;
            total.1 = total.1.checked_add(batch.cost[row]).ok_or(MoneyError::Overflow)?;
            let kind = batch.traits[row].exclusion(&Exclusion::ALL[..8]);
            self.kinds[kind.map_or(0, |kind| kind as usize + 1)] += 1;
            *self.billed.entry((batch.resource[row], batch.subscription[row])).or_default() += 1;
            self.negative += u64::from(batch.cost[row] < 0);
        }
        Ok(())
    }

    fn tell(self, codes: &Codes, inspection: &mut Inspection) -> Result<(), MoneyError> {
        let periods = codes.periods.since(0);
        let mut totals: BTreeMap<(String, String), (u64, Money)> = BTreeMap::new();
        for ((period, currency), (rows, cost)) in self.totals {
            let period = periods[period as usize];
            let (year, month) = period.from().month();
            let currency = codes.currencies.folded(currency).unwrap_or_default().to_string();
            let total = totals.entry((format!("{year:04}-{month:02}"), currency)).or_default();
            total.0 += rows;
            total.1 = total.1.plus(Money::from_units(cost))?;
        }
        let total = |((month, currency), (rows, cost)): ((String, String), (u64, Money))| Total {
            month,
            currency,
            rows,
            cost: cost.to_string(),
        };
        inspection.totals = totals.into_iter().map(total).collect();
        let first = periods.iter().map(|p| p.from()).min();
        let last = periods.iter().map(|p| p.to()).max();
        inspection.charge_periods =
            first.zip(last).map(|(first, last)| [first.to_string(), last.to_string()]);
        let codes_of = std::iter::once("usage").chain(Exclusion::ALL.map(Exclusion::code));
        inspection.kinds = codes_of.zip(self.kinds).filter(|(_, rows)| *rows > 0).collect();
        for ((resource, subscription), rows) in self.billed {
            let Some(resource) = codes.resources.folded(resource) else {
                inspection.without_resource += rows;
                continue;
            };
            let own = resource.strip_prefix("/subscriptions/").and_then(|r| r.split('/').next());
            let billed = codes.subscriptions.folded(subscription);
            let elsewhere = own.zip(billed.as_deref()).is_some_and(|(own, billed)| own != billed);
            inspection.billed_elsewhere += if elsewhere { rows } else { 0 };
        }
        inspection.negative = self.negative;
        Ok(())
    }
}

fn file(part: &Part, layout: &Layout) -> InspectedFile {
    let name = |field: &Field| layout.name(*field).map(str::to_owned);
    let used = Field::ALL.iter().filter_map(|f| Some([format!("{f:?}"), name(f)?]));
    let could = |field: &&Field| !field.names(layout.schema).is_empty() && name(field).is_none();
    InspectedFile {
        file: part.name.clone(),
        format: layout.version.clone(),
        dataset: part.dataset.as_ref().map(|d| format!("{} {}", d.kind, d.data_version)),
        columns: used.collect(),
        absent: Field::ALL.iter().filter(could).map(|f| format!("{f:?}")).collect(),
        unused: layout.unread.clone(),
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last: Option<&InspectedFile> = None;
        for file in &self.files {
            let dataset = file.dataset.as_ref().map_or_else(String::new, |d| format!(", {d}"));
            writeln!(f, "{}: {}{dataset}", file.file, file.format)?;
            let same = last.is_some_and(|l| l.columns == file.columns && l.unused == file.unused);
            last = Some(file);
            if same {
                writeln!(f, "  columns as above")?;
                continue;
            }
            for [field, name] in &file.columns {
                writeln!(f, "  {field:<18} {name}")?;
            }
            if !file.absent.is_empty() {
                writeln!(f, "  not there: {}", file.absent.join(", "))?;
            }
            if !file.unused.is_empty() {
                writeln!(f, "  not used:  {}", file.unused.join(", "))?;
            }
        }
        writeln!(f)?;
        writeln!(f, "rows               {}", self.rows)?;
        if let Some([first, last]) = &self.charge_periods {
            writeln!(f, "charge periods     {first} to {last}")?;
        }
        for (kind, rows) in &self.kinds {
            writeln!(f, "{kind:<18} {rows}")?;
        }
        writeln!(f, "without resource   {}", self.without_resource)?;
        writeln!(f, "billed elsewhere   {}", self.billed_elsewhere)?;
        writeln!(f, "negative           {}", self.negative)?;
        writeln!(f, "rounded            {}", self.rounded)?;
        writeln!(f, "billed commitments {}", self.billed_commitments)?;
        for total in &self.totals {
            writeln!(
                f,
                "{} {}        {} rows, effective cost {}",
                total.month, total.currency, total.rows, total.cost
            )?;
        }
        if self.refused_rows > 0 {
            writeln!(f, "refused            {}", self.refused_rows)?;
            for row in &self.refused {
                writeln!(f, "  {row}")?;
            }
        }
        let Self { rounded, billed_commitments, .. } = *self;
        for sentence in (Remarks { rounded, billed_commitments }).sentences() {
            writeln!(f, "{sentence}")?;
        }
        Ok(())
    }
}
