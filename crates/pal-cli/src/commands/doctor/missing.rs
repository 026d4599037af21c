//! `pal doctor RESOURCE`: why a customer or a resource is missing, in short. The same answer as
//! `pal explain` has, of files or of a service, which each tell what the reader may see.

use std::io::Write;

use pal_attribution::answer::{Basis, When, explain};
use pal_attribution::explain::{Cause, Check, Explanation, Line, Named, Verdict};
use pal_attribution::ingest::ReadOptions;
use serde::Serialize;

use crate::args::FactsArgs;
use crate::args::client::{DoctorArgs, MissingArgs};
use crate::client::Context;
use crate::commands::remote;
use crate::inputs;
use crate::printer::{Failure, Printer};

pub fn run(args: &DoctorArgs, resource: &str, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let missing = &args.missing;
    let mut answer = ask(missing, resource, missing.partner, printer)?;
    let all = answer.credited.iter().map(|one| &one.partner);
    let mut all = all.chain(answer.not_credited.iter().map(|one| &one.partner));
    if let (None, Some(one), None) = (missing.partner, all.next(), all.next()) {
        // One partner: all causes are looked at.
        answer = ask(missing, resource, one.id.parse().ok(), printer)?;
    }
    let found = diagnoses(&answer);
    let failed = found.iter().any(|one| !one.fails.is_empty());
    if context.wants_result() {
        context.out(&serde_json::to_value(&found).map_err(Failure::failed)?)?;
    } else {
        show(&found)?;
    }
    match failed && args.exit_code {
        true => Err(Failure::Differs("Something is in the way of credit.".into())),
        false => Ok(()),
    }
}

/// The explanation, of files or of a service.
fn ask(
    args: &MissingArgs,
    resource: &str,
    partner: Option<pal_model::PartnerId>,
    printer: &Printer,
) -> Result<Explanation, Failure> {
    let when = match (args.at, args.month) {
        (Some(at), _) => When::At(at),
        (None, Some(month)) => When::Month(month),
        (None, None) => When::At(now()?),
    };
    if args.server {
        let (policy, known_at) = (&args.policy, args.known_at);
        return remote::explanation(policy, resource, when, partner, known_at, printer);
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
    explain(basis, path, when, partner, usage).map_err(crate::commands::explain::refuse)
}

fn now() -> Result<pal_model::Instant, Failure> {
    let now = i128::from(crate::clock::now()) * 1_000_000_000;
    let out_of_range = || Failure::failed("this machine's clock is out of range");
    pal_model::Instant::from_nanoseconds(now).ok_or_else(out_of_range)
}

/// What comes of one partner.
#[derive(Serialize)]
struct Diagnosis<'e> {
    partner: &'e Named,
    credited: bool,
    verdict: String,
    reason: Option<Cause>,
    fails: Vec<CheckedCause<'e>>,
    next: Option<String>,
    run: &'e [String],
    ok: Vec<CheckedCause<'e>>,
}

/// A cause with what was found and the fact behind it, and how far that can be relied on.
#[derive(Serialize)]
struct CheckedCause<'e> {
    code: Cause,
    found: String,
    #[serde(flatten)]
    line: &'e Line,
}

fn diagnoses(answer: &Explanation) -> Vec<Diagnosis<'_>> {
    let place = match answer.from == answer.to {
        true => format!("{} at {}", answer.resource, answer.from),
        false => format!("{} from {} to {}", answer.resource, answer.from, answer.to),
    };
    // None where several partners are asked about.
    let walk = answer.checks.as_deref().unwrap_or_default();
    let first = walk.iter().find_map(|check| check.change.as_ref());
    let credited = answer.credited.iter().map(|one| {
        let part = if one.weight[0] == one.weight[1] { "" } else { " for a part of the time" };
        Diagnosis {
            partner: &one.partner,
            credited: true,
            verdict: format!("{} is credited{part} for {place}.", one.partner),
            reason: None,
            fails: of(walk, Verdict::Fails),
            next: first.map(ToString::to_string),
            run: &[],
            ok: of(walk, Verdict::Passes),
        }
    });
    let denied = answer.not_credited.iter().map(|one| Diagnosis {
        partner: &one.partner,
        credited: false,
        verdict: format!("{} is not credited for {place}: {}.", one.partner, one.reason),
        reason: Some(one.reason),
        fails: of(&one.checks, Verdict::Fails),
        next: Some(one.next()),
        run: &one.commands,
        ok: of(walk, Verdict::Passes),
    });
    credited.chain(denied).collect()
}

fn of<'e>(checks: &'e [Check], verdict: Verdict) -> Vec<CheckedCause<'e>> {
    let of_verdict = checks.iter().filter(|check| check.verdict == verdict);
    let looked = |check: &'e Check| CheckedCause {
        code: check.code,
        found: check.detail(),
        line: &check.line,
    };
    of_verdict.map(looked).collect()
}

fn show(found: &[Diagnosis]) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    if found.is_empty() {
        writeln!(out, "Nobody is linked to a partner, so nobody is credited (not-linked).")?;
    }
    for (at, one) in found.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", one.verdict)?;
        let line = |out: &mut std::io::Stdout, mark: &str, looked: &CheckedCause| {
            let CheckedCause { code, found, line } = looked;
            writeln!(out, "  {mark:<5} {code:<20} {found}{line}")
        };
        for looked in &one.fails {
            line(&mut out, "FAIL", looked)?;
        }
        if let Some(change) = &one.next {
            writeln!(out, "  next  {change}")?;
        }
        for command in one.run {
            writeln!(out, "  run   {command}")?;
        }
        for looked in &one.ok {
            line(&mut out, "ok", looked)?;
        }
    }
    Ok(out.flush()?)
}
