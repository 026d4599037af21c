//! Files as other programs leave them: read where it is safe, else refused by what they are.

use super::DatasetKind::{ActualCost, AmortizedCost, Usage};
use super::*;

fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let member = |part: &&[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(part).unwrap();
        gzip.finish().unwrap()
    };
    parts.iter().flat_map(member).collect()
}

fn read_bytes(container: Container, bytes: &[u8]) -> Result<(Vec<String>, Vec<u16>), String> {
    let folder = tempfile::tempdir().unwrap();
    let part = part(folder.path(), "u.csv", container, bytes);
    charges(&part).map(|(costs, traits, _)| (costs, traits))
}

/// Columns in an order, and cells for them.
const CELLS: [(&str, &str); 6] = [
    ("Date", "10/05/2026"),
    ("SubscriptionId", "a0000000-0000-4000-8000-00000000000a"),
    ("ResourceId", "\"/subscriptions/a0000000-0000-4000-8000-00000000000a/x,y\""),
    ("ChargeType", "Usage"),
    ("CostInBillingCurrency", "2.75"),
    ("BillingCurrencyCode", "EUR"),
];

/// The same row, some other column first; what stands before the header and before the row.
fn turned(first: usize, before: &str, row: &str) -> String {
    let mut cells = CELLS;
    cells.rotate_left(first);
    let line = |cell: fn(&(&'static str, &'static str)) -> &'static str| {
        cells.iter().map(cell).collect::<Vec<_>>().join(",")
    };
    format!("{before}{}\n{row}{}\n", line(|cell| cell.0), line(|cell| cell.1))
}

/// Everything that is read of the rows, as one text.
fn seen(container: Container, bytes: &[u8]) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let part = part(folder.path(), "u.csv", container, bytes);
    let found = collect(&[part], &ReadOptions::default(), |_| true);
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.iter().map(|charge| format!("{charge:?}")).collect())
}

#[test]
fn byte_order_marks_at_the_beginning_of_lines_are_ignored() {
    let plain = seen(Container::Csv, turned(0, "", "").as_bytes()).unwrap();
    for first in 0..CELLS.len() {
        for (before, row) in
            [("", "\u{feff}"), ("\u{feff}", "\u{feff}"), ("\u{feff}\u{feff}", "\u{feff}\u{feff}")]
        {
            let text = turned(first, before, row);
            assert_eq!(seen(Container::Csv, text.as_bytes()).as_ref(), Ok(&plain), "{text}");
            let packed = gzip(&[text.as_bytes()]);
            assert_eq!(seen(Container::CsvGzip, &packed).as_ref(), Ok(&plain), "{text}");
        }
    }
}

#[test]
fn parts_that_were_put_together_are_read_without_their_headers() {
    let part = turned(2, "\u{feff}", "\u{feff}");
    let twice = format!("{part}{part}");
    let one = seen(Container::Csv, part.as_bytes()).unwrap();
    let two = [one.clone(), one].concat();
    assert_eq!(seen(Container::Csv, twice.as_bytes()), Ok(two.clone()));
    let members = gzip(&[part.as_bytes(), part.as_bytes()]);
    assert_eq!(seen(Container::CsvGzip, &members), Ok(two));
    // Another header is no row.
    let other = format!("{part}{}", turned(3, "\u{feff}", ""));
    assert!(seen(Container::Csv, other.as_bytes()).is_err());
}

#[test]
fn every_row_of_a_usage_only_export_is_usage() {
    let rows = "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,PreTaxCost,\
                ConsumedService,InstanceId,Currency\n\
                s-1,rg,2026-10-05,Storage,1.5,Microsoft.Storage,/subscriptions/s-1/a,EUR\n\
                s-1,rg,10/5/2026,Azure Support,2,,,EUR\n";
    let (costs, traits) = read_bytes(Container::Csv, rows.as_bytes()).unwrap();
    assert_eq!(costs, ["1.500000000000000000", "2.000000000000000000"]);
    let support = pal_model::ChargeTraits::of(pal_model::Exclusion::Support);
    assert_eq!(traits, [0, support.bits()]);
    let folder = tempfile::tempdir().unwrap();
    let parquet = part(folder.path(), "u.parquet", Container::Parquet, &packed(rows, false, &[]));
    assert_eq!(charges(&parquet).unwrap().1, traits);
}

#[test]
fn rows_that_a_commitment_priced_are_remarked_in_actual_exports() {
    let header = "Date,SubscriptionId,ResourceId,ChargeType,CostInBillingCurrency,\
                  BillingCurrencyCode,ReservationId,PricingModel\n";
    let rows = "10/5/2026,s,,Usage,0,EUR,r-1,Reservation\n\
                10/5/2026,s,,Usage,3,EUR,,SavingsPlan\n\
                10/5/2026,s,,Purchase,90,EUR,r-1,Reservation\n\
                10/5/2026,s,,Usage,4,EUR,,OnDemand\n";
    let csv = format!("{header}{rows}");
    let folder = tempfile::tempdir().unwrap();
    for (kind, billed) in
        [(Some(ActualCost), 2), (Some(Usage), 2), (Some(AmortizedCost), 0), (None, 1)]
    {
        for (container, bytes) in [
            (Container::Csv, csv.clone().into_bytes()),
            (Container::Parquet, packed(&csv, false, &[])),
        ] {
            let mut part = part(folder.path(), "u", container, &bytes);
            part.dataset = kind.map(|kind| Dataset { kind, data_version: String::new() });
            let remarks = Remarks { billed_commitments: billed, ..Remarks::default() };
            assert_eq!(charges(&part).unwrap().2, remarks, "{kind:?} {container:?}");
        }
    }
}

#[test]
fn files_of_spreadsheet_programs_are_refused_by_what_they_are() {
    let text = turned(0, "", "");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let semicolons = text.replace(',', ";");
    let header_only = semicolons.lines().next().unwrap();
    let latin: Vec<u8> =
        text.replace("x,y", "Gr%n").bytes().map(|b| if b == b'%' { 0xfc } else { b }).collect();
    let latin_header = b"Datum,W\xe4hrung,Kosten\n1,2,3\n".to_vec();
    for (bytes, why) in [
        (semicolons.clone().into_bytes(), "separated by semicolons"),
        (header_only.to_owned().into_bytes(), "separated by semicolons"),
        (format!("sep=;\n{semicolons}").into_bytes(), "separated by semicolons"),
        (text.replace(',', "\t").into_bytes(), "separated by tabs"),
        (wide(&text), "UTF-16"),
        (wide(&format!("\u{feff}{text}")), "UTF-16"),
        (wide(&text.replace(',', "\t")), "UTF-16"),
        (b"PK\x03\x04\x14\0[Content_Types].xml".to_vec(), "Excel workbook"),
        ("Datum,Kosten,Währung\n1,2,3\n".to_owned().into_bytes(), "another language"),
        (latin, "ResourceId is not UTF-8 text"),
        (latin_header, "Windows-1252"),
        (b"<?xml version='1.0'?><Error><Code>BlobNotFound</Code></Error>".to_vec(), "web page"),
    ] {
        let error = read_bytes(Container::Csv, &bytes).unwrap_err();
        assert!(error.starts_with("u.csv") && error.contains(why), "{why}: {error}");
        let error = read_bytes(Container::CsvGzip, &gzip(&[&bytes])).unwrap_err();
        assert!(error.starts_with("u.csv") && error.contains(why), "{why}: {error}");
    }
}

#[test]
fn headers_in_any_casing_with_blanks_are_read_and_doubled_ones_refused() {
    let plain = seen(Container::Csv, turned(0, "", "").as_bytes()).unwrap();
    let odd = "\u{feff}\" DATE \", subscriptionID ,Resource Id,chargetype,costinbillingcurrency,\
               BILLINGCURRENCYCODE \n";
    let row = turned(0, "", "").split_once('\n').unwrap().1.to_owned();
    assert_eq!(seen(Container::Csv, format!("{odd}{row}").as_bytes()), Ok(plain));
    for second in ["EUR", "USD"] {
        let row = row.trim_end();
        let text = format!("{},billingCurrencyCode\n{row},{second}\n", odd.trim_end());
        let error = seen(Container::Csv, text.as_bytes()).unwrap_err();
        assert!(error.contains("is there twice (columns 6 and 7)"), "{error}");
    }
}
