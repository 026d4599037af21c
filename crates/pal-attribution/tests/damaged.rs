//! Damaged files: an error, or a balance that still adds up; never a panic that escapes.

use crate::support::run::{Folder, Setup};
use crate::support::table::{AZURE, Style, Table, gzip, styles};
use pal_model::Money;

const ID: &str = "11111111-aaaa-4000-8000-000000000001";

fn setup() -> Setup {
    Setup::new(&format!(
        r#"{{"kind":"subscription","tenant":"{ID}","subscription":"{ID}"}}
{{"kind":"partner","partner":"111111","type":"location"}}
{{"kind":"principal","tenant":"{ID}","object":"{ID}","type":"User"}}
{{"kind":"link","tenant":"{ID}","object":"{ID}","partner":"111111"}}
{{"kind":"roleAssignment","tenant":"{ID}","id":"a","principal":"{ID}","role":"Owner","scope":"/"}}
"#
    ))
}

fn table() -> Table {
    let header = [
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "EffectiveCost",
        "BillingCurrency",
        "ChargeCategory",
        "ResourceId",
        "SubAccountId",
        "x_ResourceGroupName",
        "ServiceName",
    ];
    let row = |n: usize| {
        vec![
            Some(format!("2026-07-{:02}T00:00:00Z", 1 + n % 20)),
            Some(format!("2026-07-{:02}T00:00:00Z", 2 + n % 20)),
            Some(format!("{n}.25")),
            Some("EUR".to_owned()),
            Some(if n.is_multiple_of(5) { "Tax" } else { "Usage" }.to_owned()),
            Some(format!("/subscriptions/{ID}/resourceGroups/rg/providers/a/b/c{}", n % 7)),
            Some(format!("/subscriptions/{ID}")),
            (!n.is_multiple_of(3)).then(|| "rg".to_owned()),
            Some(format!("s{}", n % 4)),
        ]
    };
    Table { header: header.map(str::to_owned).to_vec(), rows: (0..50).map(row).collect() }
}

/// Total = excluded + consumed, and consumed = credited + uncredited, exactly.
fn adds_up(printed: &str) {
    let (mut left, mut right) = ([Money::ZERO; 2], [Money::ZERO; 2]);
    for line in printed.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let [.., line, _, _, amount] = cells[..] else { continue };
        let Ok(amount) = amount.parse::<Money>() else { continue };
        let plus = |sum: &mut Money| *sum = sum.plus(amount).unwrap();
        match line {
            "total" => plus(&mut left[0]),
            "excluded" => plus(&mut right[0]),
            "consumed" => {
                plus(&mut right[0]);
                plus(&mut left[1]);
            }
            "credited" | "uncredited" => plus(&mut right[1]),
            _ => {}
        }
    }
    assert_eq!(left, right, "{printed}");
}

/// Runs on damaged bytes; whether they were refused.
fn refused(setup: &Setup, folder: &Folder, name: &str, bytes: &[u8]) -> bool {
    match setup.run(&[folder.file(name, bytes)]) {
        Ok(printed) => {
            adds_up(&printed);
            false
        }
        Err(message) => {
            assert!(message.contains(name), "{message}");
            true
        }
    }
}

#[test]
fn cut_files_are_refused() {
    let (setup, folder) = (setup(), Folder::new());
    let parquet = table().parquet(&Style { rows_per_group: 20, ..AZURE });
    let csv = gzip(&table().csv());
    for (name, whole) in [("u.parquet", parquet), ("u.csv.gz", csv)] {
        assert!(!refused(&setup, &folder, name, &whole));
        for cut in 1..=20 {
            let length = whole.len() - cut * whole.len() / 21;
            assert!(refused(&setup, &folder, name, &whole[..length]), "{name} cut to {length}");
        }
    }
}

#[test]
fn flipped_bytes_never_break_the_balance() {
    // Panics of the decoder are caught; their messages would only fill the log of this test.
    std::panic::set_hook(Box::new(|_| {}));
    let (setup, folder) = (setup(), Folder::new());
    let parquet = table().parquet(&Style { rows_per_group: 20, ..AZURE });
    let csv = gzip(&table().csv());
    let mut refusals = 0;
    for (name, whole, count) in [("u.parquet", parquet, 120), ("u.csv.gz", csv, 60)] {
        for step in 0..count {
            let mut bytes = whole.clone();
            let at = (step * 7919 + 13) % bytes.len();
            bytes[at] ^= 1 << (step % 8);
            refusals += u32::from(refused(&setup, &folder, name, &bytes));
        }
    }
    let _ = std::panic::take_hook();
    assert!(refusals > 60, "{refusals}");
}

/// Pages of both versions, packed in each way, with and without dictionary.
#[test]
fn damage_in_any_way_of_writing_parquet_never_breaks_the_balance() {
    std::panic::set_hook(Box::new(|_| {}));
    let (setup, folder) = (setup(), Folder::new());
    let mut refusals = 0;
    for (n, style) in styles().iter().enumerate() {
        let rows_per_group = style.rows_per_group.min(20);
        let whole = table().parquet(&Style { rows_per_group, ..*style });
        assert!(!refused(&setup, &folder, "u.parquet", &whole), "{style:?}");
        for step in 0..24 {
            let mut bytes = whole.clone();
            let at = (step * 7919 + n * 271 + 4) % bytes.len();
            bytes[at] ^= 1 << (step % 8);
            refusals += u32::from(refused(&setup, &folder, "u.parquet", &bytes));
        }
        for cut in [1, whole.len() / 3, whole.len() / 2] {
            let length = whole.len() - cut;
            assert!(refused(&setup, &folder, "u.parquet", &whole[..length]), "{style:?} {cut}");
            // From the middle: the footer is there, and says more than there is.
            let gap = [&whole[..length / 2], &whole[length / 2 + cut..]].concat();
            refusals += u32::from(refused(&setup, &folder, "u.parquet", &gap));
        }
    }
    let _ = std::panic::take_hook();
    assert!(refusals > 100, "{refusals}");
}

/// Windows and Unix write lines differently; the line that is named is the line.
#[test]
fn the_line_that_is_wrong_is_named() {
    let csv = String::from_utf8(table().csv()).unwrap().replace("\r\n", "\n");
    let wrong = csv.replacen(",9.25,", ",9.2x5,", 1);
    assert_ne!(csv, wrong);
    let folder = Folder::new();
    let unix = folder.file("a/a.csv", &wrong);
    let windows = folder.file("b/a.csv", wrong.replace('\n', "\r\n"));
    let marked = folder.file("c/a.csv", format!("\u{feff}{}", wrong.replace('\n', "\r\n")));
    let broken = wrong.replacen("ServiceName", "\"Service\nName\"", 1);
    let broken = folder.file("d/a.csv", broken.replace("\n2026", "\r\n2026"));
    for (path, line) in [(unix, 11), (windows, 11), (marked, 11), (broken, 12)] {
        let error = setup().run(&[path]).unwrap_err();
        assert!(error.contains(&format!("a.csv:{line}: column EffectiveCost")), "{error}");
    }
}
