//! `pal alerts --server`: those of a running service, printed as those of files.

use pal_attribution::alerts::COLUMNS;
use serde_json::{Value, json};

use super::alerts::{Cells, print};
use super::remote::{Service, policy, refuse};
use crate::args::AlertsArgs;
use crate::clean::cell;
use crate::printer::{Failure, Printer};

/// Asks for all pages.
pub fn run(args: &AlertsArgs, printer: &Printer) -> Result<(), Failure> {
    refuse(&[
        ("--usage-format", args.usage_format.is_some()),
        ("--known-at", args.known_at.is_some()),
        ("--at", args.at.is_some()),
    ])?;
    let mut fields = policy(&args.policy)?;
    fields.push(("within", args.within.to_string()));
    fields.push(("drop", args.drop.to_string()));
    fields.push(("$top", "1000".to_owned()));
    let (found, page) = Service::open(printer)?.pages("/api/v1/alerts", &fields)?;
    let rows: Vec<Cells> = found.iter().map(cells).collect();
    print(args.format, &rows, |out| {
        serde_json::to_writer_pretty(out, &found.iter().map(object).collect::<Vec<Value>>())
    })?;
    for left_out in page["notLookedAt"].as_array().into_iter().flatten() {
        let text = |name: &str| cell(left_out[name].as_str().unwrap_or_default());
        printer.info(format!("{} is not looked at: {}", text("code"), text("why")));
    }
    printer.info(format!("policy {}; {} alerts", args.policy.policy, found.len()));
    Ok(())
}

/// What the service calls the columns. It names no lines: it has no files.
const FIELDS: [&str; COLUMNS.len()] = [
    "code",
    "severity",
    "at",
    "partnerId",
    "tenantId",
    "principalTenantId",
    "principalId",
    "scope",
    "message",
    "facts",
    "assumed",
];

fn cells(alert: &Value) -> Cells {
    FIELDS.map(|field| match &alert[field] {
        Value::Bool(true) => "true".to_owned(),
        value => cell(value.as_str().unwrap_or_default()),
    })
}

/// An alert as it is printed from files.
fn object(alert: &Value) -> Value {
    let fields = COLUMNS.iter().zip(FIELDS).map(|(column, field)| {
        let value = match field {
            "facts" => json!([]),
            // A service of an earlier version does not say it.
            "assumed" => alert[field].as_bool().unwrap_or_default().into(),
            field => alert[field].clone(),
        };
        ((*column).to_owned(), value)
    });
    Value::Object(fields.collect())
}
