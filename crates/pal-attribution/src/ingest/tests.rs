//! What readers hand over, through real files.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use ::parquet::basic::TimeUnit;
use ::parquet::file::properties::WriterProperties;

use columns::Column;

use super::*;

mod amounts;
#[path = "../../tests/support/columns.rs"]
mod columns;
mod forms;
mod strange;

/// A file in a folder of its own.
fn part(folder: &Path, name: &str, container: Container, bytes: &[u8]) -> Part {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    Part { name: name.to_owned(), ..Part::new(path, container) }
}

/// What is read of a file: the costs, how its kinds of charges are marked, and the remarks.
fn charges(part: &Part) -> Result<(Vec<String>, Vec<u16>, Remarks), String> {
    let (codes, rows) = (Codes::default(), AtomicU64::new(0));
    let parts = std::slice::from_ref(part);
    let lists = read(
        parts,
        &ReadOptions::default(),
        &codes,
        Wanted::default(),
        1,
        &rows,
        Vec::new,
        |list, batch: &Batch| {
            let row = |row: usize| {
                let cost = pal_model::Money::from_units(batch.cost[row]).to_string();
                (cost, batch.traits[row].bits())
            };
            list.extend((0..batch.len()).map(row));
            Ok::<(), IngestError>(())
        },
    );
    let lists = lists.map_err(|error| error.to_string())?;
    let (costs, traits) = lists.into_iter().flatten().unzip();
    Ok((costs, traits, codes.remarked.so_far()))
}

/// A CSV as Parquet; `plain` = texts without dictionary.
fn packed(csv: &str, plain: bool, other: &[(&str, Column)]) -> Vec<u8> {
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |(at, name): (usize, &String)| {
        let cells = rows.iter().map(|row| Some(&row[at]).filter(|cell| !cell.is_empty()));
        let own = other.iter().find(|(other, _)| other == name);
        own.map_or_else(|| Column::text(cells), |(_, column)| column.clone())
    };
    let named = header.iter().enumerate();
    let all: Vec<(&str, Column)> = named.map(|of| (of.1.as_str(), column(of))).collect();
    let properties = WriterProperties::builder().set_dictionary_enabled(!plain).build();
    columns::file(&all, properties, 1 << 20)
}

#[test]
fn reading_that_nobody_wants_stops() {
    let folder = tempfile::tempdir().unwrap();
    let text = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                ResourceId,SubAccountId\n2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,1,EUR,Usage,,\n";
    let part = part(folder.path(), "costs.csv", Container::Csv, text.as_bytes());
    let (codes, rows) = (Codes::default(), AtomicU64::new(0));
    let stop = AtomicBool::new(false);
    let options = ReadOptions { stop: Some(&stop), ..ReadOptions::default() };
    let read_it = || {
        let take = |(): &mut (), _: &Batch| Ok::<(), IngestError>(());
        read(
            std::slice::from_ref(&part),
            &options,
            &codes,
            Wanted::default(),
            1,
            &rows,
            || (),
            take,
        )
    };
    read_it().unwrap();
    stop.store(true, Ordering::Relaxed);
    assert!(matches!(read_it(), Err(IngestError::Stopped)));
}

/// Account, billing period and invoice of each row; `-` = none.
fn statements(part: &Part, schema: Option<Schema>) -> Vec<String> {
    let codes = Codes::default();
    let wanted = Wanted { statement: true, ..Wanted::default() };
    let rows = AtomicU64::new(0);
    let options = ReadOptions::of(schema);
    let lists = read(
        std::slice::from_ref(part),
        &options,
        &codes,
        wanted,
        1,
        &rows,
        Vec::new,
        |list, batch| {
            let text = |texts: &Texts, code| texts.folded(code).unwrap_or_else(|| "-".into());
            list.extend((0..batch.len()).map(|row| {
                let account = text(&codes.accounts, batch.account[row]);
                let period = text(&codes.billing_periods, batch.billing_period[row]);
                format!("{account} {period} {}", text(&codes.invoices, batch.invoice[row]))
            }));
            Ok::<(), IngestError>(())
        },
    );
    lists.unwrap().into_iter().flatten().collect()
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;

const PROFILE: &str = "/providers/Microsoft.Billing/billingAccounts/AB12/billingProfiles/P-1";

fn focus_csv() -> String {
    format!(
        "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,ResourceId,\
         SubAccountId,BillingAccountId,BillingPeriodStart,InvoiceId\n\
         2026-10-01,2026-10-02,1,EUR,Usage,,s,{PROFILE},2026-10-01T00:00:00Z,G001\n\
         2026-10-01,2026-10-02,1,EUR,Usage,,s,ab12,2026-10-01 00:00:00,\n\
         2026-10-01,2026-10-02,1,EUR,Usage,,s,,,\n"
    )
}

const NATIVE: &str = "Date,Cost,BillingCurrency,ChargeType,ResourceId,SubscriptionId,\
                      billingAccountId,billingPeriodStartDate,invoiceId\n\
                      10/5/2026,1,EUR,Usage,,s,AB12,10/01/2026,G001\n\
                      10/5/2026,1,EUR,Usage,,s,ab12,10/1/2026,\n\
                      10/5/2026,1,EUR,Usage,,s,,,\n";

#[test]
fn statements_are_the_same_in_every_container_and_family() {
    let folder = tempfile::tempdir().unwrap();
    for csv in [focus_csv(), NATIVE.to_owned()] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(csv.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        for (container, bytes) in [
            (Container::Csv, csv.clone().into_bytes()),
            (Container::CsvGzip, gzip),
            (Container::Parquet, packed(&csv, false, &[])),
            (Container::Parquet, packed(&csv, true, &[])),
        ] {
            let part = part(folder.path(), "u", container, &bytes);
            assert_eq!(
                statements(&part, None),
                ["ab12 2026-10-01 g001", "ab12 2026-10-01 -", "- - -"],
                "{container:?}"
            );
        }
    }
}

#[test]
fn statements_of_parquet_may_be_numbers_and_times() {
    let folder = tempfile::tempdir().unwrap();
    let start = Column::instants(TimeUnit::MICROS, false, [Some(20_727 * DAY), None, Some(0)]);
    let number = Column::whole(64, true, [Some(8_611_537), None, Some(1)]);
    let bytes = packed(
        &focus_csv(),
        false,
        &[
            ("BillingPeriodStart", start),
            ("BillingAccountId", number.clone()),
            ("InvoiceId", number),
        ],
    );
    let part = part(folder.path(), "u", Container::Parquet, &bytes);
    assert_eq!(statements(&part, None), ["8611537 2026-10-01 8611537", "- - -", "1 1970-01-01 1"]);
}

#[test]
fn the_account_of_a_focus_row_is_its_own_column_before_the_profile() {
    let csv = focus_csv();
    let (header, rows) = csv.split_once('\n').unwrap();
    let rows: Vec<String> = rows.lines().map(|row| format!("{row},EA77\n")).collect();
    let csv = format!("{header},x_BillingAccountId\n{}", rows.concat());
    let folder = tempfile::tempdir().unwrap();
    for (container, bytes) in
        [(Container::Csv, csv.clone().into_bytes()), (Container::Parquet, packed(&csv, false, &[]))]
    {
        let part = part(folder.path(), "u", container, &bytes);
        assert_eq!(statements(&part, None)[0], "ea77 2026-10-01 g001");
    }
}

#[test]
fn a_statement_that_nobody_asks_for_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    // A file without these columns has none of it.
    let csv = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
               ResourceId,SubAccountId\n2026-10-01,2026-10-02,1,EUR,Usage,,s\n";
    let bare = part(folder.path(), "u.csv", Container::Csv, csv.as_bytes());
    assert_eq!(statements(&bare, None), ["- - -"]);
    let bare = part(folder.path(), "u.parquet", Container::Parquet, &packed(csv, false, &[]));
    assert_eq!(statements(&bare, None), ["- - -"]);
    let whole = part(folder.path(), "w.csv", Container::Csv, focus_csv().as_bytes());
    let (codes, rows) = (Codes::default(), AtomicU64::new(0));
    let parts = std::slice::from_ref(&whole);
    read(
        parts,
        &ReadOptions::default(),
        &codes,
        Wanted::default(),
        1,
        &rows,
        || (),
        |(), batch| {
            assert!(batch.account.is_empty() && batch.invoice.is_empty());
            Ok::<(), IngestError>(())
        },
    )
    .unwrap();
    assert_eq!((rows.into_inner(), codes.accounts.spelled().len()), (3, 0));
}
