//! `pal managementpartner`: az's commands, results and exit status.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::client::{ChangeArgs, ClientArgs, PartnerCommand};
use crate::auth::{Cache, Sessions};
use crate::client::{Arm, Context, partner};
use crate::printer::{Failure, Printer};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Create,
    Update,
    Delete,
}

pub fn run(command: &PartnerCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        PartnerCommand::Create(args) => change(args, Change::Create, printer),
        PartnerCommand::Update(args) if args.correct_date => correct_date(&args.change, printer),
        PartnerCommand::Update(args) => change(&args.change, Change::Update, printer),
        PartnerCommand::Delete(args) => change(args, Change::Delete, printer),
        PartnerCommand::Show(args) => with_arm(&args.client, printer, |context, arm| {
            let id = args.partner_id.as_deref().unwrap_or_default();
            check(id)?;
            let shown = partner::ask(arm, &Method::GET, id)
                .map_err(|failure| hint(failure, Change::Create))?;
            context.out(&shown.unwrap_or(Value::Null))
        }),
    }
}

fn with_arm(
    args: &ClientArgs,
    printer: &Printer,
    work: impl FnOnce(&Context, &Arm) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let context = Context::open(args, printer)?;
    let cloud = context.cloud()?;
    let target = Cache::load(&context.dir)?.target(&cloud.name)?;
    let http = context.http(&cloud)?;
    let sessions = Sessions { dir: &context.dir, cloud: &cloud };
    let base = &cloud.resource_manager;
    work(&context, &Arm { http: &http, sessions: &sessions, target: &target, base, printer })
}

fn change(args: &ChangeArgs, change: Change, printer: &Printer) -> Result<(), Failure> {
    check(&args.partner_id)?;
    with_arm(&args.client, printer, |context, arm| {
        if args.dry_run {
            let linked = partner::linked(arm)?;
            return context.out(&plan(change, &args.partner_id, linked.as_ref()));
        }
        let method = match change {
            Change::Create => Method::PUT,
            Change::Update => Method::PATCH,
            Change::Delete => Method::DELETE,
        };
        match partner::ask(arm, &method, &args.partner_id)
            .map_err(|failure| hint(failure, change))?
        {
            Some(link) if change != Change::Delete => {
                context.out(&link)?;
                warn_without_access(arm, printer);
                Ok(())
            }
            _ => Ok(()),
        }
    })
}

fn correct_date(args: &ChangeArgs, printer: &Printer) -> Result<(), Failure> {
    check(&args.partner_id)?;
    with_arm(&args.client, printer, |context, arm| {
        let link = partner::correct_date(arm, &args.partner_id)?;
        context.out(&link.unwrap_or(Value::Null))
    })
}

/// A link that can earn nothing is allowed, and said. Only our own service knows; any trouble with
/// asking is no trouble of the link.
fn warn_without_access(arm: &Arm, printer: &Printer) {
    if arm.base.ends_with("management.azure.com") {
        return;
    }
    let Ok(answer) = arm.send(&Method::GET, "/api/v1/me") else { return };
    let me = answer.json();
    let told = me["warnings"].as_array().is_some_and(|all| all.iter().any(|w| w == "no-access"));
    if answer.status == 200 && told {
        let directory = me["tenantName"].as_str().or(me["tenantId"].as_str()).unwrap_or_default();
        printer.warning(format!(
            "No role in directory '{directory}' reaches this account today; nothing will be credited until one is assigned."
        ));
    }
}

/// What a change would do: `action` is `link`, `change`, `remove`, `none` or `refused`.
fn plan(change: Change, wanted: &str, linked: Option<&Value>) -> Value {
    let from = linked.map(|link| link["partnerId"].clone()).unwrap_or_default();
    let same = from.as_str() == Some(wanted);
    let (action, to, why) = match (change, linked.is_some()) {
        (Change::Create, false) => ("link", json!(wanted), None),
        (Change::Create, true) if same => ("refused", from.clone(), Some("it is linked already")),
        (Change::Create, true) => {
            ("refused", from.clone(), Some("another partner ID is linked; use update"))
        }
        (Change::Update, true) if same => ("none", from.clone(), None),
        (Change::Update, true) => ("change", json!(wanted), None),
        (Change::Delete, true) if same => ("remove", Value::Null, None),
        (Change::Delete, true) => ("refused", from.clone(), Some("another partner ID is linked")),
        (_, false) => ("refused", Value::Null, Some("no partner ID is linked; use create")),
    };
    json!({ "action": action, "from": from, "to": to, "reason": why })
}

/// Any text can be sent, and the service says what it takes; but not what was never typed by hand.
fn check(id: &str) -> Result<(), Failure> {
    if id.len() > 100 || id.chars().any(char::is_control) {
        return Err(Failure::Usage("a partner ID has only digits, for example 5127255".to_owned()));
    }
    Ok(())
}

/// The command that helps, behind az's own lines.
fn hint(failure: Failure, change: Change) -> Failure {
    match failure {
        Failure::NotFound(text) if change == Change::Create || change == Change::Update => {
            Failure::NotFound(format!(
                "{text}\nTo link one: pal managementpartner create --partner-id <your location ID>"
            ))
        }
        Failure::Conflict(text) => Failure::Conflict(format!(
            "{text}\nTo change it: pal managementpartner update --partner-id <ID>"
        )),
        other => other,
    }
}
