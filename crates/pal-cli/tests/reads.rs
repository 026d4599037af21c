//! Files as Azure and other programs leave them, through the program: what is read gives the amounts
//! that it means, and what is not read is refused by what it is.

use std::io::Write;

use crate::support::Folder;
use flate2::Compression;
use flate2::write::GzEncoder;

const TENANT: &str = "7c000000-0000-4000-8000-000000000001";
const PERSON: &str = "7c000000-0000-4000-8000-000000000002";
const SUBSCRIPTION: &str = "7c000000-0000-4000-8000-000000000003";

fn facts() -> String {
    [
        r#"{"kind":"partner","partner":"424242","name":"Fjord","type":"location"}"#.to_owned(),
        format!(r#"{{"kind":"tenant","tenant":"{TENANT}","name":"Customer"}}"#),
        format!(
            r#"{{"kind":"subscription","tenant":"{TENANT}","subscription":"{SUBSCRIPTION}","name":"s"}}"#
        ),
        format!(
            r#"{{"kind":"principal","tenant":"{TENANT}","object":"{PERSON}","type":"User"}}"#
        ),
        format!(
            r#"{{"kind":"roleAssignment","tenant":"{TENANT}","id":"a","principal":"{PERSON}","role":"Owner","scope":"/subscriptions/{SUBSCRIPTION}"}}"#
        ),
        format!(r#"{{"kind":"link","tenant":"{TENANT}","object":"{PERSON}","partner":"424242"}}"#),
        String::new(),
    ]
    .join("\n")
}

fn folder(name: &str, content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write("facts.jsonl", facts()).write(name, content);
    folder
}

/// The lines of the balance but for its header, total and what is consumed.
fn balance(name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    let args = ["report", "--facts", "facts.jsonl", "--usage", name, "--balance"];
    let printed = folder(name, content).done(&args);
    let told = |line: &&str| line.contains(",credited,") || line.contains(",excluded,");
    printed.lines().filter(told).map(str::to_owned).collect()
}

/// The lines of `usage inspect` that begin with a word.
fn inspected(name: &str, content: impl AsRef<[u8]>, word: &str) -> Vec<String> {
    let printed = folder(name, content).done(&["usage", "inspect", name]);
    let lines = printed.lines().filter(|line| line.starts_with(word));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn refused(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = folder(name, content);
    let output = folder.pal(&["usage", "inspect", name]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let report = folder.pal(&["report", "--facts", "facts.jsonl", "--usage", name]);
    assert_eq!((report.status.code(), &report.stderr), (Some(1), &output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// An EA export with these costs.
fn native(costs: &[&str]) -> String {
    let row = |cost: &&str| {
        format!(
            "10/05/2026,{SUBSCRIPTION},rg,/subscriptions/{SUBSCRIPTION}/resourceGroups/rg,Usage,{cost},EUR\n"
        )
    };
    let rows: Vec<String> = costs.iter().map(row).collect();
    format!(
        "Date,SubscriptionId,ResourceGroup,ResourceId,ChargeType,CostInBillingCurrency,\
         BillingCurrencyCode\n{}",
        rows.concat()
    )
}

#[test]
fn amounts_with_many_digits_count_rounded_once() {
    let costs = ["0.0000000312345678987654321000", "0.00041234567890123456789", "6.5"];
    let csv = native(&costs);
    let credited = "2026-10,EUR,credited,,3,6.500412376913469134";
    assert_eq!(balance("u.csv", &csv), [credited]);
    assert_eq!(inspected("u.csv", &csv, "rounded"), ["rounded 2"]);
    let told = inspected("u.csv", &csv, "2 amounts with");
    assert_eq!(told, ["2 amounts with more than 18 fraction digits, each rounded once"]);
    // Texts of numbers that were DOUBLE once, and zeros at both ends.
    let costs = ["4.3210987654321095e-05", "8.130000000000001e-08", "0001.5000000000000000000000"];
    let credited = "2026-10,EUR,credited,,3,1.500043292287654321";
    assert_eq!(balance("u.csv", native(&costs)), [credited]);
    assert_eq!(inspected("u.csv", native(&costs), "rounded"), ["rounded 2"]);
    assert_eq!(inspected("u.csv", native(&["1.10"]), "rounded"), ["rounded 0"]);
}

#[test]
fn usage_only_exports_are_usage() {
    let csv = format!(
        "SubscriptionGuid,ResourceGroup,ResourceLocation,UsageDateTime,MeterCategory,MeterId,\
         UsageQuantity,ResourceRate,PreTaxCost,ConsumedService,ResourceType,InstanceId,Tags,OfferId,\
         Currency,UnitOfMeasure\n\
         {SUBSCRIPTION},rg,,2026-10-07,Storage,,1,,3.25,Microsoft.Storage,,\
         /subscriptions/{SUBSCRIPTION}/resourceGroups/rg,,,SEK,\n"
    );
    let credited = "2026-10,SEK,credited,,1,3.250000000000000000";
    assert_eq!(balance("u.csv", &csv), [credited]);
    assert_eq!(inspected("u.csv", &csv, "usage"), ["usage 1"]);
    let lost = csv.replace("UsageDateTime", "Date").replace("PreTaxCost", "CostInBillingCurrency");
    let why = refused("u.csv", lost);
    assert!(why.contains("required columns are missing: ChargeType (only the usage-only"), "{why}");
}

#[test]
fn later_versions_of_focus_tell_the_marketplace_by_who_provides() {
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                  ResourceId,SubAccountId,InvoiceIssuerName";
    let row = |cost: u32, names: &str| {
        format!(
            "2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,{cost},EUR,Usage,,\
             /subscriptions/{SUBSCRIPTION},Microsoft{names}\n"
        )
    };
    let old = format!(
        "{header},ProviderName,PublisherName\n{}{}{}{}",
        row(1, ",Microsoft,Microsoft"),
        row(2, ",Microsoft,Databricks"),
        row(4, ",Microsoft,"),
        row(8, ",AWS,AWS")
    );
    let new = format!(
        "{header},ServiceProviderName,HostProviderName\n{}{}{}{}",
        row(1, ",Microsoft,Microsoft"),
        row(2, ",Databricks,Microsoft"),
        row(4, ",,"),
        row(8, ",AWS,AWS")
    );
    let both = format!(
        "{header},ServiceProviderName,HostProviderName,x_PublisherCategory\n{}{}{}{}",
        row(1, ",Databricks,Microsoft,Cloud Provider"),
        row(2, ",Microsoft,Microsoft,Vendor"),
        row(4, ",Microsoft,Microsoft,"),
        row(8, ",AWS,AWS,")
    );
    let expected = [
        "2026-10,EUR,excluded,marketplace,1,2.000000000000000000",
        "2026-10,EUR,credited,,3,13.000000000000000000",
    ];
    for (csv, version) in [(&old, "FOCUS"), (&new, "FOCUS 1.4"), (&both, "FOCUS 1.4")] {
        assert_eq!(balance("u.csv", csv), expected, "{version}");
        assert_eq!(inspected("u.csv", csv, "u.csv:"), [format!("u.csv: {version}")]);
    }
}

#[test]
fn marks_and_headers_in_the_middle_are_passed_over() {
    let plain = native(&["2", "3"]);
    let expected = balance("u.csv", &plain);
    let (header, rows) = plain.split_once('\n').unwrap();
    let marked = format!("\u{feff}{header}\n\u{feff}{rows}");
    assert_eq!(balance("u.csv", &marked), expected);
    assert_eq!(balance("u.csv.gz", gzip(marked.as_bytes())), expected);
    let one = format!("\u{feff}{}", native(&["2"]));
    let other = format!("\u{feff}{}", native(&["3"]));
    assert_eq!(balance("u.csv", format!("{one}{other}")), expected);
    let members = [gzip(one.as_bytes()), gzip(other.as_bytes())].concat();
    assert_eq!(balance("u.csv.gz", members), expected);
}

#[test]
fn files_that_were_saved_anew_are_refused_by_what_they_are() {
    let csv = native(&["2"]);
    let wide: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let german = "Datum;Abonnement-ID;Ressourcen-ID;Kosten;Währung\n05.10.2026;s;r;1,50;EUR\n";
    for (content, why) in [
        (csv.replace(',', ";").into_bytes(), "u.csv: columns are separated by semicolons"),
        (csv.replace(',', "\t").into_bytes(), "u.csv: columns are separated by tabs"),
        (wide, "u.csv is UTF-16 text"),
        (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml".to_vec(), "u.csv is an Excel workbook"),
        (german.as_bytes().to_vec(), "u.csv: columns are separated by semicolons"),
        (german.replace("1,50", "2").replace(';', ",").into_bytes(), "in another language"),
        (csv.replace("10/05/2026", "05.10.2026").into_bytes(), "give it as the export wrote it"),
        (format!("sep=,\n{csv}").into_bytes(), "a spreadsheet program's 'sep='"),
        (native(&["\"1,50\""]).into_bytes(), "u.csv:2: column CostInBillingCurrency: '1,50' has a"),
    ] {
        let message = refused("u.csv", content);
        assert!(message.contains(why), "{why}: {message}");
    }
}

#[test]
fn rows_of_actual_exports_that_a_commitment_priced_are_told() {
    let csv = format!(
        "Date,SubscriptionId,ResourceId,ChargeType,CostInBillingCurrency,BillingCurrencyCode,\
         ReservationId\n10/05/2026,{SUBSCRIPTION},,Usage,0,EUR,r-1\n\
         10/05/2026,{SUBSCRIPTION},,Usage,2,EUR,\n"
    );
    assert_eq!(inspected("u.csv", &csv, "billed commitments"), ["billed commitments 1"]);
    let told = inspected("u.csv", &csv, "1 row that").concat();
    assert!(told.contains("give an amortized or FOCUS export"), "{told}");
    let json = folder("u.csv", &csv).done(&["usage", "inspect", "u.csv", "--output", "json"]);
    assert!(
        json.contains("\"billed_commitments\": 1") && json.contains("\"rounded\": 0"),
        "{json}"
    );
}
