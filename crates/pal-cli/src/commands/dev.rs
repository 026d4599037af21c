//! `pal dev`: the service with the demo, on this machine only, ready in seconds.

use std::path::Path;

use anyhow::Context;
use pal_issuer::hash_password;
use pal_server::config::{self, Sources};
use pal_server::{PortalReady, Ready, SystemRandomness, guid, telemetry};
use pal_store::{App, DATABASE, FactImport, Login};
use pal_usage::Watch;
use serde_json::{Value, json};

use crate::args::server::DevArgs;
use crate::commands::serve::until_stopped;
use crate::data_folder::{DataFolder, now, operator};
use crate::demo::{self, sign_in};
use crate::inputs;
use crate::printer::{Failure, Printer};

pub fn run(args: &DevArgs, printer: &Printer) -> Result<(), Failure> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "'pal dev' has passwords that everybody knows, so it listens on loopback only, not on \
             {}; 'pal serve' is for others to reach",
            args.listen
        )));
    }
    let folder = &args.data_dir;
    let text = |error: anyhow::Error| Failure::Failed(format!("{error:#}"));
    if !folder.join(DATABASE).exists() {
        fill(folder).map_err(text)?;
    }
    let operator = sign_in::operator().map_err(text)?;
    let operator = format!("{}/{}", operator.tenant, operator.object);
    let flags = [
        ("data_dir", folder.display().to_string()),
        ("http.listen", args.listen.to_string()),
        ("partners.open_registration", "true".to_owned()),
        ("identity.embedded", "on".to_owned()),
        ("identity.device_code", "true".to_owned()),
        ("portal.demo", "true".to_owned()),
        ("operators", format!("[\"{operator}\"]")),
    ];
    let flags = flags.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let loaded = config::load(&Sources { file: None, flags })
        .map_err(|error| Failure::Usage(error.to_string()))?;
    printer.through(telemetry::install(&loaded.settings).map_err(Failure::failed)?);
    let say = |ready: &Ready| match write_dev_json(folder, ready) {
        Ok(()) => welcome(folder, ready, printer),
        Err(error) => printer.warning(format!("dev.json was not written: {error:#}")),
    };
    until_stopped(loaded.settings.clone(), say)
}

/// Writes the demo's files and imports them, all of it or nothing: a folder that was begun and not
/// finished has no database.
fn fill(folder: &Path) -> anyhow::Result<()> {
    let demo = demo::write(folder, false)?;
    let begun = folder.join("filling");
    if begun.exists() {
        std::fs::remove_dir_all(&begun)?;
    }
    std::fs::create_dir_all(&begun)?;
    let facts = std::fs::read_to_string(&demo.facts)?;
    let roles = inputs::roles()?;
    {
        let data = DataFolder::create(&begun)?;
        data.wait(data.store.import_facts(FactImport {
            name: "facts.jsonl",
            text: &facts,
            at: now(),
            actor: operator(),
            check: Box::new(move |facts| roles.resolve_names(facts)),
        }))?;
        credentials(&data)?;
        usage(&data, &demo.usage)?;
    }
    for entry in std::fs::read_dir(&begun)? {
        let entry = entry?;
        // The database last: it is what says that the folder is whole.
        if entry.file_name() != DATABASE {
            std::fs::rename(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    std::fs::rename(begun.join(DATABASE), folder.join(DATABASE))?;
    std::fs::remove_dir(&begun).context("the demo was not moved whole")
}

/// Takes the demo's exports in as the service takes what lands there, so that it finds nothing new.
fn usage(data: &DataFolder, exports: &Path) -> anyhow::Result<()> {
    let intake = data.intake().map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let random = SystemRandomness::new();
    let mut watch = Watch::new(exports.to_owned());
    // Twice: files without manifest are taken when they have not changed between two looks.
    for _ in 0..2 {
        data.wait(watch.look(&intake, now(), &|| guid(&random)))?;
    }
    let refused = data.wait(data.store.usage_imports(1_000))?;
    let reason = refused.into_iter().find_map(|import| import.reason);
    reason.map_or(Ok(()), |reason| Err(anyhow::anyhow!("the demo's usage was refused: {reason}")))
}

fn credentials(data: &DataFolder) -> anyhow::Result<()> {
    let random = SystemRandomness::new();
    let password = hash_password(sign_in::PASSWORD, &random)?;
    for person in sign_in::people()? {
        let login =
            Login { upn: person.upn, password_hash: password.clone(), accounts: person.accounts };
        data.wait(data.store.put_login(login, now(), operator()))?;
    }
    for application in sign_in::applications()? {
        let app = App {
            client: application.client,
            principal: application.principal(),
            secret_hashes: vec![hash_password(&application.secret, &random)?],
            certificates: Vec::new(),
        };
        data.wait(data.store.put_app(app, now(), operator()))?;
    }
    Ok(())
}

/// Where everything is, for scripts.
fn write_dev_json(folder: &Path, ready: &Ready) -> anyhow::Result<()> {
    let (people, applications) = (sign_in::people()?, sign_in::applications()?);
    let mut tenants = Vec::new();
    for directory in sign_in::directories()? {
        let tenant = directory.tenant;
        let users: Vec<Value> = (people.iter())
            .filter_map(|person| {
                let account = person.accounts.iter().find(|who| who.tenant == tenant)?;
                let object = account.object.to_string();
                Some(json!({"upn": person.upn, "password": sign_in::PASSWORD, "object": object}))
            })
            .collect();
        let apps: Vec<Value> = (applications.iter())
            .filter(|app| app.principal().tenant == tenant)
            .map(|app| {
                json!({
                    "clientId": app.client.to_string(),
                    "secret": app.secret,
                    "object": app.principal().object.to_string(),
                })
            })
            .collect();
        tenants.push(json!({
            "tenant": tenant.to_string(),
            "domain": directory.domain,
            "users": users,
            "apps": apps,
        }));
    }
    let shown = json!({
        "url": ready.url,
        "ca": ready.ca.as_deref().map(std::path::absolute).transpose()?,
        "bundle": ready.bundle.as_deref().map(std::path::absolute).transpose()?,
        "tenants": tenants,
    });
    let mut text = serde_json::to_string_pretty(&shown)?;
    text.push('\n');
    // Whoever waits for the file must never see half of it.
    let file = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(file.path(), text)?;
    file.persist(folder.join("dev.json"))?;
    Ok(())
}

fn welcome(folder: &Path, ready: &Ready, printer: &Printer) {
    let shown = folder.display();
    printer.info(format!(
        "pal {} with demo data, everything in {shown} (delete it to start over)",
        env!("CARGO_PKG_VERSION")
    ));
    printer.info(format!("  service    {}", ready.url));
    if let Some(PortalReady::At(address)) = &ready.portal {
        printer.info(format!("  portal     {address}"));
    }
    printer.info(format!("  sign-in    {} / {}", sign_in::SHOWN, sign_in::PASSWORD));
    printer.info(format!("  scripts    {}", folder.join("dev.json").display()));
    printer.info(format!("  az and others, in a second terminal: pal az setup --data-dir {shown}"));
    if let Some(PortalReady::WithoutPages) = &ready.portal {
        printer.warning(PortalReady::MISSING);
    }
    printer.info("ready; Ctrl-C stops it");
}
