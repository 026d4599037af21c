//! `pal link`: the links of the signed-in person, directory by directory.

use serde_json::{Value, json};

use crate::args::client::{ClientArgs, LinkCommand};
use crate::auth::{Account, Cache, Session, Sessions, Target};
use crate::client::{Arm, Context, partner};
use crate::cloud::Cloud;
use crate::printer::{Failure, Printer};

pub fn run(command: &LinkCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        LinkCommand::List(args) => rows(&args.client, args.all_directories, printer),
        LinkCommand::Show(args) => show(&args.client, printer),
    }
}

fn show(args: &ClientArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(args, printer)?;
    let cloud = context.cloud()?;
    let cache = Cache::load(&context.dir)?;
    let target = cache.target(&cloud.name)?;
    let session = cache.find(&target)?;
    let account = session.accounts.iter().find(|account| account.tenant == target.tenant);
    let account = account.cloned().unwrap_or_default();
    let row = row(&context, &cloud, session, &account);
    match row["state"].as_str() {
        Some("linked") => context.out(&row),
        Some("error") => Err(Failure::failed(row["message"].as_str().unwrap_or_default())),
        _ => Err(Failure::NotFound(format!(
            "No partner ID is linked to {} in directory {}.\nTo link one: pal managementpartner create --partner-id <your location ID>",
            session.username,
            account.directory()
        ))),
    }
}

fn rows(args: &ClientArgs, all: bool, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(args, printer)?;
    let cloud = context.cloud()?;
    let cache = Cache::load(&context.dir)?;
    let target = cache.target(&cloud.name)?;
    let session = cache.find(&target)?;
    let wanted = session.accounts.iter().filter(|account| all || account.tenant == target.tenant);
    let rows: Vec<Value> = wanted.map(|account| row(&context, &cloud, session, account)).collect();
    let failed = rows.iter().filter(|row| row["state"] == "error").count();
    context.out(&Value::Array(rows))?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::failed("One directory could not be asked; its row says why.")),
        more => Err(Failure::failed(format!(
            "{more} directories could not be asked; their rows say why."
        ))),
    }
}

/// One directory: its link, that there is none, or why it could not be asked.
fn row(context: &Context, cloud: &Cloud, session: &Session, account: &Account) -> Value {
    let target = Target { session: session.id.clone(), tenant: account.tenant.clone() };
    let asked = context.http(cloud).and_then(|http| {
        let sessions = Sessions { dir: &context.dir, cloud };
        let base = &cloud.resource_manager;
        let printer = context.printer;
        partner::linked(&Arm { http: &http, sessions: &sessions, target: &target, base, printer })
    });
    let name = account.name.as_ref().or(account.domain.as_ref()).unwrap_or(&account.tenant);
    let (state, message) = match &asked {
        Ok(Some(_)) => ("linked", None),
        Ok(None) => ("not linked", None),
        Err(failure) => {
            ("error", Some(failure.to_string().lines().next().unwrap_or_default().to_owned()))
        }
    };
    let link = asked.ok().flatten().unwrap_or_default();
    json!({
        "account": session.username,
        "directory": name,
        "domain": account.domain,
        "message": message,
        "objectId": link["objectId"].as_str().or(account.object.as_deref()),
        "partnerId": link["partnerId"],
        "partnerName": link["partnerName"],
        "since": link["createdTime"],
        "state": state,
        "tenantId": account.tenant,
        "version": link["version"],
    })
}
