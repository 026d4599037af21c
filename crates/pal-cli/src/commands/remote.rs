//! Reports and explanations over the live data of a running service.

use reqwest::Method;

use crate::args::client::ClientArgs;
use crate::args::{ExplainArgs, PolicyArgs, ReportArgs, TextOrJson};
use crate::auth::{Cache, Sessions};
use crate::client::{Arm, Context, az_error};
use crate::output;
use crate::printer::{Failure, Printer};
use pal_attribution::output::Format;
use url::form_urlencoded::Serializer;

type Fields = Vec<(&'static str, String)>;

/// `pal report --server`.
pub fn report(args: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    refuse(&[
        ("--usage-format", args.usage.usage_format.is_some()),
        ("--threads", args.threads.is_some()),
    ])?;
    let mut fields = policy(&args.policy)?;
    let format = Format::NAMES.iter().find(|(_, format)| *format == args.format);
    fields.push(("format", format.map_or("csv", |(name, _)| name).to_owned()));
    fields.extend(args.month.map(|month| ("month", written(month))));
    fields.extend(args.facts.known_at.map(|at| ("known_at", at.to_string())));
    if args.balance {
        fields.push(("balance", "true".to_owned()));
    }
    if !args.group_by.is_empty() {
        let names: Vec<String> = args.group_by.iter().map(ToString::to_string).collect();
        fields.push(("group_by", names.join(",")));
    }
    let answer = ask("/api/v1/reports", &fields, printer)?;
    output::to(args.output.as_deref(), |mut out| {
        out.write_all(&answer)?;
        Ok(out.flush()?)
    })
}

/// `pal explain --server`.
pub fn explain(args: &ExplainArgs, printer: &Printer) -> Result<(), Failure> {
    refuse(&[("--usage-format", args.usage_format.is_some())])?;
    let mut fields = policy(&args.policy)?;
    let format = if args.format == TextOrJson::Text { "text" } else { "json" };
    fields.push(("format", format.to_owned()));
    fields.push(("resource", args.resource.clone()));
    fields.push(("usage", "true".to_owned()));
    fields.extend(args.at.map(|at| ("at", at.to_string())));
    fields.extend(args.month.map(|month| ("month", written(month))));
    fields.extend(args.partner.map(|partner| ("partner", partner.to_string())));
    fields.extend(args.facts.known_at.map(|at| ("known_at", at.to_string())));
    let answer = ask("/api/v1/explain", &fields, printer)?;
    output::to(None, |mut out| {
        out.write_all(&answer)?;
        if !answer.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    })
}

fn written((year, month): (i16, i8)) -> String {
    format!("{year:04}-{month:02}")
}

/// A policy by name: the service has no files of ours.
fn policy(args: &PolicyArgs) -> Result<Fields, Failure> {
    refuse(&[
        ("--granularity", args.granularity.is_some()),
        ("--keep-cost-allocation", args.keep_cost_allocation),
    ])?;
    Ok(vec![("policy", args.policy.clone())])
}

fn refuse(options: &[(&str, bool)]) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::Usage(format!(
            "{option} goes with files or with --data-dir, not with --server"
        ))),
        None => Ok(()),
    }
}

/// Asks the service of the current cloud, as whoever is signed in.
fn ask(path: &str, fields: &Fields, printer: &Printer) -> Result<Vec<u8>, Failure> {
    let args = ClientArgs::plain();
    let context = Context::open(&args, printer)?;
    let cloud = context.cloud()?;
    let http = context.http(&cloud)?;
    let target = Cache::load(&context.dir)?.target(&cloud.name)?;
    let sessions = Sessions { dir: &context.dir, cloud: &cloud };
    let base = &cloud.resource_manager;
    let arm = Arm { http: &http, sessions: &sessions, target: &target, base, printer };
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    let answer = arm.send(&Method::GET, &format!("{path}?{query}"))?;
    let hidden = answer.status == 404
        && answer.json()["error"]["message"].as_str().is_some_and(|m| m.contains("served at"));
    match answer.status {
        200 => Ok(answer.body),
        // Not yours reads as not there, on the wire; a person should know both.
        _ if hidden => Err(Failure::NotFound(format!(
            "{base} has no reports for this account: it is no operator there, or the service has \
             none"
        ))),
        _ => Err(az_error(&answer)),
    }
}
