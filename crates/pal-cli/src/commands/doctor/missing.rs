//! `pal doctor RESOURCE`: why a customer or a resource is missing, in short. The same answer as
//! `pal explain` has, of files or of a service, which each tell what the reader may see.

use std::io::Write;

use pal_attribution::answer::{Basis, When, explain};
use pal_attribution::ingest::ReadOptions;
use serde_json::{Value, json};

use crate::args::FactsArgs;
use crate::args::client::{DoctorArgs, MissingArgs};
use crate::client::Context;
use crate::commands::remote;
use crate::inputs;
use crate::printer::{Failure, Printer};

pub fn run(args: &DoctorArgs, resource: &str, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let missing = &args.missing;
    let answer = match missing.partner {
        Some(_) => ask(missing, resource, missing.partner, printer)?,
        None => {
            let all = ask(missing, resource, None, printer)?;
            match &partners(&all)[..] {
                // One partner: all causes are looked at.
                [one] => ask(missing, resource, one.parse().ok(), printer)?,
                _ => all,
            }
        }
    };
    let found = diagnoses(&answer);
    let failed = found.iter().filter(|one| one["fails"] != json!([])).count();
    if context.wants_result() {
        context.out(&Value::Array(found))?;
    } else {
        show(&found)?;
    }
    match failed {
        0 => Ok(()),
        _ if args.exit_code => Err(Failure::Differs("Something is in the way of credit.".into())),
        _ => Ok(()),
    }
}

/// The explanation as JSON, of files or of a service.
fn ask(
    args: &MissingArgs,
    resource: &str,
    partner: Option<pal_model::PartnerId>,
    printer: &Printer,
) -> Result<Value, Failure> {
    let when = match (args.at, args.month) {
        (Some(at), _) => When::At(at),
        (None, Some(month)) => When::Month(month),
        (None, None) => When::At(now()?),
    };
    if args.server {
        let (policy, known_at) = (&args.policy, args.known_at);
        let answer = remote::explanation(policy, resource, when, partner, known_at, printer)?;
        return serde_json::from_slice(&answer).map_err(Failure::failed);
    }
    let sources = FactsArgs {
        facts: args.facts.clone(),
        data_dir: args.data_dir.clone(),
        server: false,
        known_at: args.known_at,
    };
    if sources.facts.is_empty() && sources.data_dir.is_none() {
        return Err(Failure::Usage(
            "what is known of the resource? Give --facts FILE..., --data-dir DIR or --server"
                .to_owned(),
        ));
    }
    let path = resource.parse().map_err(|e| Failure::Usage(format!("RESOURCE: {e}")))?;
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&sources, &roles, printer)?;
    let found = inputs::usage_if_any(&args.usage, None, &args.files, &sources, printer)?;
    let usage = found.as_ref().map(|usage| (usage.parts.as_slice(), ReadOptions::default()));
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let found = explain(basis, path, when, partner, usage);
    serde_json::to_value(found.map_err(crate::commands::explain::refuse)?).map_err(Failure::failed)
}

fn now() -> Result<pal_model::Instant, Failure> {
    let now = i128::from(crate::clock::now()) * 1_000_000_000;
    let out_of_range = || Failure::failed("this machine's clock is out of range");
    pal_model::Instant::from_nanoseconds(now).ok_or_else(out_of_range)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// A partner or customer by name, where it has one.
fn called(named: &Value) -> String {
    match named["name"].as_str() {
        Some(name) => format!("{name} ({})", text(named, "id")),
        None => text(named, "id").to_owned(),
    }
}

/// The partners that an answer is about.
fn partners(answer: &Value) -> Vec<String> {
    let all = list(answer, "credited").iter().chain(list(answer, "not_credited"));
    all.map(|one| text(&one["partner"], "id").to_owned()).collect()
}

/// One for each partner: `partner`, `credited`, `verdict`, `reason`, `fails`, `next`, `run`, `ok`.
fn diagnoses(answer: &Value) -> Vec<Value> {
    let place = place(answer);
    let credited = list(answer, "credited").iter().map(|one| {
        let who = called(&one["partner"]);
        let share = match list(one, "weight") {
            [covered, whole] if covered != whole => " for a part of the time",
            _ => "",
        };
        json!({
            "partner": one["partner"],
            "credited": true,
            "verdict": format!("{who} is credited{share} for {place}."),
            "reason": null,
            "fails": walked(answer, "fails"),
            "next": first_change(answer),
            "run": [],
            "ok": walked(answer, "passes"),
        })
    });
    let denied = list(answer, "not_credited").iter().map(|one| {
        let (who, reason) = (called(&one["partner"]), text(one, "reason"));
        let failed = list(one, "checks").iter().filter(|check| check["state"] == "fail");
        let failed = failed.map(|check| cause(check, "found"));
        json!({
            "partner": one["partner"],
            "credited": false,
            "verdict": format!("{who} is not credited for {place}: {reason}."),
            "reason": reason,
            "fails": failed.collect::<Vec<_>>(),
            "next": one["nearest_change"],
            "run": one["commands"],
            "ok": walked(answer, "passes"),
        })
    });
    credited.chain(denied).collect()
}

/// The known causes of one verdict; none where several partners are asked about.
fn walked(answer: &Value, verdict: &str) -> Vec<Value> {
    let checks = list(answer, "checks").iter().filter(|check| check["verdict"] == verdict);
    checks.map(|check| cause(check, "detail")).collect()
}

/// A cause with what was found and the fact behind it, and how far that can be relied on.
fn cause(check: &Value, found: &str) -> Value {
    let mut cause = json!({ "code": check["code"], "found": check[found], "fact": check["fact"] });
    for mark in ["assumed", "unconfirmed_since"] {
        if let Some(value) = check.get(mark) {
            cause[mark] = value.clone();
        }
    }
    cause
}

/// `assumed`, `unconfirmed since …`, as the end of a line.
fn marks(check: &Value) -> String {
    let assumed = if check["assumed"] == true { " · assumed" } else { "" };
    let since = check["unconfirmed_since"].as_str();
    let since = since.map(|since| format!(" · unconfirmed since {since}")).unwrap_or_default();
    format!("{assumed}{since}")
}

/// The resource and the time, as an end of a sentence.
fn place(answer: &Value) -> String {
    let (resource, from, to) = (text(answer, "resource"), text(answer, "from"), text(answer, "to"));
    match from == to {
        true => format!("{resource} at {from}"),
        false => format!("{resource} from {from} to {to}"),
    }
}

fn first_change(answer: &Value) -> Value {
    let first = list(answer, "checks").iter().find(|check| check["verdict"] == "fails");
    first.map_or(Value::Null, |check| check["change"].clone())
}

fn show(found: &[Value]) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    if found.is_empty() {
        writeln!(out, "Nobody is linked to a partner, so nobody is credited (not-linked).")?;
    }
    for (at, one) in found.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", text(one, "verdict"))?;
        let line = |out: &mut std::io::Stdout, mark: &str, check: &Value| {
            let fact = check["fact"].as_str().map(|fact| format!(" · {fact}")).unwrap_or_default();
            let (code, what, marks) = (text(check, "code"), text(check, "found"), marks(check));
            writeln!(out, "  {mark:<5} {code:<20} {what}{fact}{marks}")
        };
        for check in list(one, "fails") {
            line(&mut out, "FAIL", check)?;
        }
        if let Some(change) = one["next"].as_str() {
            writeln!(out, "  next  {change}")?;
        }
        for command in list(one, "run").iter().filter_map(Value::as_str) {
            writeln!(out, "  run   {command}")?;
        }
        for check in list(one, "ok") {
            line(&mut out, "ok", check)?;
        }
    }
    Ok(out.flush()?)
}
