//! CSV and gzip that nobody should believe.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Variant;
use crate::table::gzip;
use crate::usage::world::{Cells, HEADER, row, table};

const START: usize = 0;
const END: usize = 1;
const COST: usize = 2;
const CURRENCY: usize = 4;
const CATEGORY: usize = 5;
const RESOURCE: usize = 6;
const SUBSCRIPTION: usize = 7;

fn rows() -> Vec<Cells> {
    (0..6).map(|n| row(6, 0, n)).collect()
}

/// A good file but for the cells of its third row, in line 4.
fn cells(cells: &[(usize, &str)]) -> Vec<u8> {
    let mut rows = rows();
    for (at, text) in cells {
        rows[2][*at] = Some((*text).to_owned());
    }
    table(rows).csv()
}

fn good() -> Vec<u8> {
    table(rows()).csv()
}

/// Cells that mean nothing, or too much.
pub fn of_cells() -> Vec<Variant> {
    let costs = [
        "1e400",
        "NaN",
        "inf",
        "-Infinity",
        "1234567890123456789012345678901234567890",
        "1,234.56",
        "1.234,56",
        "0x1F",
        "١٢٣",
        "１２",
        "1 234",
        "",
        "--1",
        "1e99999999999999999999",
        "999999999999999.9999999999999999999",
        "1000000000000000",
        "1e15",
        "+",
        ".",
        "1_000",
        "1\0",
        "12.5EUR",
        "=1+1",
        "1e",
        "NULL",
        "1\u{1b}[2J\u{1b}]0;owned\u{7}\r\nERROR forged",
        "\u{202e}1",
    ];
    let starts = [
        "2026-02-30T00:00:00Z",
        "2026-13-01",
        "0000-00-00",
        "2026-06-01T25:00:00Z",
        "now",
        "",
        "1780000000",
        "2026-06-01T00:00:60Z",
        "-2026-06-01",
        "٢٠٢٦-06-01",
        "06/01/2026",
        "2026-06-01T00:00:00+99:00",
        "99999-01-01",
        "2026-6-1",
        "2027-06-01",
        "1899-01-01",
        "\0",
    ];
    let mut all = Vec::new();
    for (n, cost) in costs.iter().enumerate() {
        all.push(Variant::file(&format!("cost-{n}.csv"), cells(&[(COST, cost)])).in_line_4());
    }
    for (n, start) in starts.iter().enumerate() {
        all.push(Variant::file(&format!("date-{n}.csv"), cells(&[(START, start)])).in_line_4());
    }
    for (n, year) in ["0001", "1677", "2263", "9998"].iter().enumerate() {
        let (start, end) = (format!("{year}-01-01"), format!("{year}-01-02"));
        let content = cells(&[(START, &start), (END, &end)]);
        all.push(Variant::file(&format!("far-{n}.csv"), content));
    }
    let long = "9".repeat(1 << 20);
    let wide = format!("/subscriptions/{}", "x".repeat(64 << 20));
    all.extend([
        Variant::file("long-cost.csv", cells(&[(COST, &long)])).in_line_4(),
        Variant::file("long-date.csv", cells(&[(START, &long)])).in_line_4(),
        Variant::file("long-kind.csv", cells(&[(CATEGORY, &long)])).in_line_4(),
        Variant::file("cell-of-64-mib.csv", cells(&[(RESOURCE, &wide)])),
        Variant::file("cell-of-1-mib.csv", cells(&[(RESOURCE, &long)])).in_line_4(),
        Variant::file("subscription-of-1-mib.csv", cells(&[(SUBSCRIPTION, &long)])).in_line_4(),
        Variant::file("currency-of-1-mib.csv", cells(&[(CURRENCY, &long)])).in_line_4(),
        Variant::file("no-currency.csv", cells(&[(CURRENCY, "")])).in_line_4(),
        Variant::file("unknown-kind.csv", cells(&[(CATEGORY, "Gift\u{1b}[1A")])).in_line_4(),
    ]);
    all
}

/// Files that are no tables, or no whole ones.
pub fn of_files() -> Vec<Variant> {
    let good = good();
    let text = String::from_utf8(good.clone()).unwrap();
    let replaced = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let with = |tail: &[u8]| [&good[..], tail].concat();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut not_utf8 = cells(&[(RESOURCE, "/subscriptions/#")]);
    let at = not_utf8.iter().position(|byte| *byte == b'#').unwrap();
    not_utf8[at] = 0xff;
    let mut many = format!("{}\n", HEADER.join(","));
    for n in 0..100_100 {
        many += "2026-06-01,2026-06-02,1,1,EUR,Usage,,/subscriptions/";
        writeln!(many, "{n:08}-0000-4000-8000-000000000000,,,,").unwrap();
    }
    let mut all = vec![
        Variant::file("cut-in-a-row.csv", &good[..good.len() - 40]),
        Variant::file("cut-in-quotes.csv", with(b"\"2026-06-01T00:00:00Z")),
        Variant::file("zeros-at-the-end.csv", with(&[0; 4_096])),
        Variant::file("not-utf-8.csv", not_utf8).in_line_4(),
        Variant::file("row-of-a-million-cells.csv", with(&[b','; 1_000_000])),
        Variant::file("header-twice.csv", replaced("BilledCost", "EffectiveCost")),
        Variant::file("header-twice-by-case.csv", replaced("BilledCost", "EFFECTIVECOST")),
        Variant::file("no-cost.csv", replaced("EffectiveCost", "Effective\u{1b}[2Jcost\u{7}")),
        Variant::file("no-currency-column.csv", replaced("BillingCurrency", "x")),
        Variant::file("no-period.csv", replaced("ChargePeriodStart", "x")),
        Variant::file("utf-16.csv", utf16),
        Variant::file("empty.csv", ""),
        Variant::file("line-ends.csv", "\n\r\n\n"),
        Variant::file("zeros.csv", vec![0; 10_000]),
        Variant::file("json.csv", "{\"rows\": [1, 2, 3]}\n"),
        Variant::file("html.csv", "<html><body>Please sign in</body></html>"),
        Variant::file("semicolons.csv", text.replace(',', ";")),
        Variant::file("program.csv", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0".repeat(99)),
        Variant::file("a-million-columns.csv", vec![b','; 1_000_000]),
        Variant::file("name\n\u{1b}[31mERROR\u{7}.csv", cells(&[(COST, "x")])).says("ERROR"),
        Variant::file("subscriptions.csv", many),
        Variant::file("header-only.csv", format!("{}\n", HEADER.join(","))).nothing(),
    ];
    // The world that counts already, with a byte flipped: refused, or the same.
    let counted = super::counted();
    for n in 0..12 {
        let mut flipped = counted.clone();
        let at = (n * 7_919 + 321) % flipped.len();
        flipped[at] ^= 1 << (n % 8);
        all.push(Variant::file(&format!("flipped-{n}.csv"), flipped).any());
    }
    all
}

/// gzip: cut, wrong, and bombs; `whole` = a gigabyte of rows, too, which takes its time.
pub fn of_gzip(whole: bool) -> Vec<Variant> {
    let packed = gzip(&good());
    let changed = |back: usize| {
        let mut bytes = packed.clone();
        let at = bytes.len() - back;
        bytes[at] ^= 1;
        bytes
    };
    let with = |tail: &[u8]| [&packed[..], tail].concat();
    let mut random = packed.clone();
    (20..40).for_each(|at| random[at] = (at * 97) as u8);
    // Members one after the other are one text: sixteen megabytes are packed once.
    let letters = gzip(&vec![b'a'; 16 << 20]);
    let line = [&gzip(&good())[..], &letters.repeat(72)].concat();
    let text = String::from_utf8(good()).unwrap();
    let many = text.split_once('\n').unwrap().1.repeat(if whole { 16_384 } else { 2_048 });
    let last = gzip(many.lines().next().unwrap().replacen("EUR", "", 1).as_bytes());
    let rows = gzip(many.as_bytes()).repeat(if whole { 44 } else { 8 });
    println!("rows of a bomb: {} MiB", (many.len() * if whole { 44 } else { 8 }) >> 20);
    vec![
        Variant::file("cut.csv.gz", &packed[..packed.len() / 2]),
        Variant::file("cut-in-the-trailer.csv.gz", &packed[..packed.len() - 5]),
        Variant::file("wrong-sum.csv.gz", changed(8)),
        Variant::file("wrong-length.csv.gz", changed(2)),
        Variant::file("wrong-data.csv.gz", random),
        Variant::file("nested.csv.gz", gzip(&packed)),
        Variant::file("garbage-behind.csv.gz", with(b"and so on and so on")),
        Variant::file("member-behind.csv.gz", with(&packed[..30])),
        Variant::file("empty.csv.gz", gzip(b"")),
        Variant::file("nothing.csv.gz", ""),
        Variant::file("text.csv.gz", "not packed at all"),
        Variant::file("line.csv.gz", line).says("line.csv.gz"),
        Variant::file("rows.csv.gz", [&gzip(&good())[..], &rows, &last].concat()),
        Variant::file("twice.csv.gz", twice(&packed)),
    ]
}

/// Packed twice, with a name and a comment in the head.
fn twice(packed: &[u8]) -> Vec<u8> {
    let builder = flate2::GzBuilder::new().filename("../../etc/passwd").comment("\u{1b}[2J");
    let mut encoder: GzEncoder<Vec<u8>> = builder.write(Vec::new(), Compression::new(6));
    encoder.write_all(packed).unwrap();
    encoder.finish().unwrap()
}
