//! Wrong input: the exact message, the exit status, and nothing on standard output or half-written.

use std::io::Write;

use crate::support::Folder;
use flate2::Compression;
use flate2::write::GzEncoder;

const TENANT: &str = "11111111-1111-1111-1111-111111111111";
const OBJECT: &str = "22222222-2222-2222-2222-222222222222";
const SUBSCRIPTION: &str = "33333333-3333-3333-3333-333333333333";
const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,ResourceId,SubAccountId";

fn fact() -> String {
    format!(r#"{{"kind":"subscription","tenant":"{TENANT}","subscription":"{SUBSCRIPTION}"}}"#)
}

fn row(start: &str, end: &str, cost: &str, category: &str) -> String {
    format!("{HEADER}\n{start},{end},{cost},EUR,{category},,/subscriptions/{SUBSCRIPTION}\n")
}

const DAY: [&str; 2] = ["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"];

fn good_row(cost: &str) -> String {
    row(DAY[0], DAY[1], cost, "Usage")
}

/// Runs a report that must fail with status 1, one line on standard error, nothing on standard
/// output, and an output file left as it was.
fn refused(folder: &Folder, facts: &str, usage: &str) -> String {
    let args = ["report", "--facts", facts, "--usage", usage];
    let output = folder.pal(&args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    folder.write("old.csv", "old");
    let to_file = folder.pal(&[&args[..], &["--output", "old.csv"]].concat());
    assert_eq!(to_file.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(folder.path().join("old.csv")).unwrap(), "old");
    let text = String::from_utf8(output.stderr).unwrap();
    let message = text.strip_prefix("ERROR: ").unwrap().strip_suffix('\n').unwrap();
    assert!(!message.contains('\n'), "{message}");
    message.to_owned()
}

fn refused_facts(lines: &str) -> String {
    let folder = Folder::new();
    folder.write("f.jsonl", lines).write("u.csv", good_row("1"));
    refused(&folder, "f.jsonl", "u.csv")
}

fn refused_usage(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    folder.write("f.jsonl", fact()).write(name, content);
    refused(&folder, "f.jsonl", name)
}

#[test]
fn facts_are_refused_with_file_line_and_reason() {
    let link = |rest: &str| {
        format!(
            r#"{{"kind":"link","tenant":"{TENANT}","object":"{OBJECT}","partner":"111111"{rest}}}"#
        )
    };
    let group = |name: &str, parent: &str| {
        format!(
            r#"{{"kind":"managementGroup","tenant":"{TENANT}","name":"{name}","parent":"{parent}"}}"#
        )
    };
    let assignment = |role: &str| {
        format!(
            r#"{{"kind":"roleAssignment","tenant":"{TENANT}","id":"a","principal":"{OBJECT}","role":"{role}","scope":"/"}}"#
        )
    };
    for (lines, message) in [
        (r#"{"kind":"link""#.to_owned(), "f.jsonl:1: EOF while parsing an object".to_owned()),
        (format!("\n{}\nx", fact()), "f.jsonl:3: a fact is a JSON object {…}, one a line".into()),
        (
            format!(r#"{{"kind":"link","tenant":"{TENANT}","object":"{OBJECT}"}}"#),
            "f.jsonl:1: missing field `partner`".into(),
        ),
        (
            link(r#","from":"2026-10-02T00:00:00Z","to":"2026-10-01T00:00:00Z""#),
            "f.jsonl:1: 'to' (2026-10-01T00:00:00Z) is not after 'from' (2026-10-02T00:00:00Z)"
                .into(),
        ),
        (
            format!("{}\n{}", link(""), link("").replace("\"111111\"", "\"222222\"")),
            format!(
                "f.jsonl:2: the link of {OBJECT} of tenant {TENANT} is stated twice (always), also \
                 at f.jsonl:1; end one before the other begins"
            ),
        ),
        (
            format!("{}\n{}", group("a", "b"), group("b", "a")),
            "f.jsonl:1: management group 'a' is its own ancestor (always); its circle is a → b → a"
                .into(),
        ),
        (
            assignment("Chief"),
            "f.jsonl:1: role 'Chief' is neither a GUID nor the name of a built-in role known here"
                .into(),
        ),
        (String::new(), "no facts in f.jsonl".into()),
    ] {
        assert_eq!(refused_facts(&lines), message);
    }
    let kinds = refused_facts(r#"{"kind":"lnk"}"#);
    assert!(kinds.starts_with("f.jsonl:1: unknown kind of fact 'lnk'; known are partner, tenant,"));
    let folder = Folder::new();
    folder.write("f.jsonl", b"{}\n\xff").write("u.csv", good_row("1"));
    assert_eq!(refused(&folder, "f.jsonl", "u.csv"), "f.jsonl:2: not UTF-8 text");
    let missing = refused(&folder, "none.jsonl", "u.csv");
    assert_eq!(missing, "cannot read none.jsonl: No such file or directory (os error 2)");
}

#[test]
fn amounts_that_are_none_are_refused_with_their_row() {
    for (cost, why) in [
        ("1e15", "'1e15' is 10^15 or more"),
        ("-1000000000000000", "'-1000000000000000' is 10^15 or more"),
        ("1e400", "'1e400' is 10^15 or more"),
        ("NaN", "'NaN' is not a decimal number"),
        ("inf", "'inf' is not a decimal number"),
        ("0x10", "'0x10' is not a decimal number"),
        ("\u{663}", "'\u{663}' is not a decimal number"),
    ] {
        let message = refused_usage("u.csv", good_row(cost));
        let expected =
            format!("u.csv:2: column EffectiveCost: {why}; correct the file or export it again");
        assert_eq!(message, expected);
    }
    for cost in ["1,000.0", "1,50", "-1.234,5"] {
        let expected =
            format!("u.csv:2: column EffectiveCost: '{cost}' has a comma in it; exports");
        let message = refused_usage("u.csv", good_row(&format!("\"{cost}\"")));
        assert!(message.starts_with(&expected), "{message}");
    }
    assert_eq!(
        refused_usage("u.csv", good_row("")),
        "u.csv:2: column EffectiveCost is empty, but every row needs it"
    );
}

#[test]
fn rows_that_make_no_sense_are_refused() {
    let bad = |content: String| refused_usage("u.csv", content);
    assert_eq!(
        bad(row("2026-13-01", DAY[1], "1", "Usage")),
        "u.csv:2: column ChargePeriodStart: '2026-13-01' is not a date; expected for example \
         2026-10-01T00:00:00Z"
    );
    assert_eq!(
        bad(row(DAY[1], DAY[0], "1", "Usage")),
        "u.csv:2: the charge period from 2026-10-02T00:00:00Z to 2026-10-01T00:00:00Z is not \
         between an instant and a century long"
    );
    assert_eq!(
        bad(row(DAY[0], DAY[1], "1", "Fee")),
        "u.csv:2: ChargeCategory 'Fee' is not known (known: Usage, Purchase, Credit, Adjustment, Tax)"
    );
    assert_eq!(
        bad(format!("{}2026-10-01T00:00:00Z,20", good_row("1"))),
        "u.csv:3: the row has 2 cells, the header has 7: are amounts written with a comma, or quotes \
         missing? give the file as the export wrote it"
    );
    assert_eq!(
        bad(good_row("1").replace(",EUR,", ",,")),
        "u.csv:2: column BillingCurrency is empty, but every row needs it"
    );
}

#[test]
fn headers_name_everything_that_is_missing() {
    assert_eq!(
        refused_usage("u.csv", "ChargePeriodStart,EffectiveCost,ChargeCategory\n1,2,3\n"),
        "u.csv: read as FOCUS, required columns are missing: ChargePeriodEnd, BillingCurrency, \
         ResourceId, SubAccountId; found: ChargePeriodStart, EffectiveCost, ChargeCategory; export \
         all columns, or name another kind of file with --usage-format"
    );
    assert_eq!(
        refused_usage("u.csv", "a,b\n1,2\n"),
        "u.csv: no cost columns in the header (a, b): this looks like neither a FOCUS nor a Cost \
         Management export; if it is one, name it with --usage-format focus or cost-management"
    );
}

#[test]
fn damaged_and_missing_files_are_refused() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(good_row("1").as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    let message = refused_usage("u.csv.gz", &whole[..whole.len() - 20]);
    assert_eq!(
        message,
        "u.csv.gz cannot be read: incomplete deflate stream; is the file complete?"
    );
    let message = refused_usage("u.parquet", b"PAR1 and then nothing of a footer");
    assert_eq!(
        message,
        "u.parquet cannot be read: Parquet error: Invalid Parquet file. Corrupt footer; is the \
         file complete?"
    );
    let folder = Folder::new();
    folder.write("f.jsonl", fact()).write("empty/readme.txt", "nothing");
    assert_eq!(
        refused(&folder, "f.jsonl", "empty"),
        "no cost data in empty: looked in it and below for .csv, .csv.gz and .parquet files and \
         for the manifest.json of cost exports (names that begin with '.' or '_' and symbolic \
         links are passed over)"
    );
    assert_eq!(
        refused(&folder, "f.jsonl", "nowhere"),
        "cannot read nowhere: No such file or directory (os error 2); check the path and its \
         permissions"
    );
    folder.write("export/20261001-20261031/part.csv", good_row("1"));
    let message = refused(&folder, "f.jsonl", "export");
    assert!(message.contains("without manifest.json: the run is not complete"), "{message}");
}

#[test]
fn mixed_line_ends_and_a_byte_order_mark_are_taken() {
    let folder = Folder::new();
    let row = good_row("1");
    let (header, row) = row.trim_end().split_once('\n').unwrap();
    let usage = format!("\u{feff}{header}\r\n{row}\n{row}\r\n\r\n{row}");
    folder.write("f.jsonl", fact()).write("u.csv", usage);
    let balance = folder.done(&["report", "--facts", "f.jsonl", "--usage", "u.csv", "--balance"]);
    assert!(balance.contains("2026-10,EUR,total,,3,3.000000000000000000"), "{balance}");
}

#[test]
fn wrong_usage_ends_with_2_and_what_is_not_there_with_3() {
    let folder = Folder::new();
    folder.write("f.jsonl", fact()).write("u.csv", good_row("1"));
    let inputs = ["--facts", "f.jsonl", "--usage", "u.csv"];
    for more in [
        &["--month", "2026-13"][..],
        &["--group-by", "month,weather"],
        &["--group-by", "month,month"],
        &["--policy", "generous"],
        &["--format", "xml"],
        &["--granularity", "half"],
        &["--balance", "--group-by", "month"],
        &["--threads", "0"],
        &["--threads", "100000"],
        &["--threads", "18446744073709551615"],
    ] {
        let output = folder.pal(&[&["report"], &inputs[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{more:?}");
    }
    assert_eq!(folder.pal(&["report", "--usage", "u.csv"]).status.code(), Some(2));
    assert_eq!(folder.pal(&["repotr"]).status.code(), Some(2));
    let explain = |resource: &str, more: &[&str]| {
        let args = ["explain", "--facts", "f.jsonl", "--at", DAY[0], "--resource", resource];
        folder.pal(&[&args[..], more].concat()).status.code()
    };
    let known = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(explain(&known, &[]), Some(0));
    assert_eq!(explain(&format!("/subscriptions/{OBJECT}"), &[]), Some(3));
    assert_eq!(explain(&known, &["--partner", "5127255"]), Some(3));
    assert_eq!(explain("arn:aws:s3", &[]), Some(2));
}

/// Nobody reads any more: no message, no panic, and success. Standard error may be closed with it.
#[test]
fn a_closed_standard_output_is_silence() {
    let folder = Folder::new();
    folder.write("f.jsonl", fact()).write("u.csv", good_row("1"));
    let report = ["report", "--facts", "f.jsonl", "--usage", "u.csv"];
    let resource = format!("/subscriptions/{SUBSCRIPTION}");
    let explain = ["explain", "--facts", "f.jsonl", "--at", DAY[0], "--resource", &resource];
    let commands: &[&[&str]] = &[
        &[&report[..], &["--format", "csv"]].concat(),
        &[&report[..], &["--format", "json"]].concat(),
        &[&report[..], &["--format", "table"]].concat(),
        &[&report[..], &["--format", "parquet"]].concat(),
        &[&report[..], &["--balance"]].concat(),
        &explain,
        &[&explain[..], &["--format", "json"]].concat(),
        &["alerts", "--facts", "f.jsonl"],
        &["usage", "inspect", "u.csv"],
        &["config", "show"],
        &["completion", "zsh"],
        &["cloud", "list"],
        &["--help"],
        &["report", "--help"],
        &["--version"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command().args(*command).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{command:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut both = folder.command();
        both.args(*command).stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(both.status().unwrap().code(), Some(0), "{command:?}");
    }
}

/// The system gives no further thread: the report is made all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_system_without_threads_makes_the_same_report() {
    let folder = Folder::new();
    folder.write("f.jsonl", fact());
    for name in 0..64 {
        folder.write(&format!("u/{name}.csv"), good_row("1"));
    }
    let args = ["report", "--facts", "f.jsonl", "--usage", "u", "--parts", "--threads"];
    let plenty = folder.done(&[&args[..], &["1"]].concat());
    // Of memory for stacks there is not enough for 64 threads, and enough for all else.
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 700000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pal")])
        .args(args)
        .args(["64", "--only-show-errors"])
        .current_dir(folder.path())
        .env("RUST_MIN_STACK", "67108864")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), plenty);
}
