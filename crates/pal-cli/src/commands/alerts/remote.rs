//! `pal alerts --server`: those of a running service, printed as those of files.

use pal_api::{Alert, AlertsReach};
use pal_attribution::alerts::COLUMNS;
use serde_json::{Map, Value, json};

use super::super::remote::{Service, policy, refuse};
use super::{Cells, print};
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
    let (found, reach): (Vec<Alert>, AlertsReach) =
        Service::open(printer)?.pages("/api/v1/alerts", &fields)?;
    let found: Vec<[Value; COLUMNS.len()]> = found.into_iter().map(values).collect();
    let rows: Vec<Cells> = found.iter().map(cells).collect();
    print(args.format, &rows, |out| {
        let object = |alert: &[Value; COLUMNS.len()]| -> Map<String, Value> {
            COLUMNS.iter().map(|column| (*column).to_owned()).zip(alert.iter().cloned()).collect()
        };
        serde_json::to_writer_pretty(out, &found.iter().map(object).collect::<Vec<_>>())
    })?;
    for left_out in reach.not_looked_at {
        let (code, why) = (cell(&left_out.code), cell(&left_out.why));
        printer.info(format!("{code} is not looked at: {why}"));
    }
    printer.info(format!("policy {}; {} alerts", args.policy.policy, found.len()));
    Ok(())
}

/// What is in the columns. The service names no lines: it has no files.
fn values(alert: Alert) -> [Value; COLUMNS.len()] {
    let Alert { code, severity, at, partner_id, tenant_id, .. } = alert;
    [
        json!(code),
        json!(severity),
        json!(at),
        json!(partner_id),
        json!(tenant_id),
        json!(alert.principal_tenant_id),
        json!(alert.principal_id),
        json!(alert.scope),
        json!(alert.message),
        json!([]),
        json!(alert.assumed),
    ]
}

fn cells(alert: &[Value; COLUMNS.len()]) -> Cells {
    std::array::from_fn(|at| match &alert[at] {
        Value::Bool(true) => "true".to_owned(),
        value => cell(value.as_str().unwrap_or_default()),
    })
}
