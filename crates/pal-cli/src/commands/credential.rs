//! `pal credential`: who can sign in at the embedded issuer.

use std::io::{BufRead, IsTerminal, Read, Write};

use pal_issuer::hash_password;
use pal_server::{KeyFolder, SystemRandomness};
use pal_store::{App, CredentialChange, CredentialError, CredentialKind, Login};

use crate::args::server::{AppArgs, Credential, SigningKeyArgs, UserArgs};
use crate::data_folder::{DataFolder, now, operator};
use crate::output;
use crate::printer::{Failure, Printer};

pub fn run(command: &Credential, printer: &Printer) -> Result<(), Failure> {
    match command {
        Credential::User(args) => user(args, printer),
        Credential::App(args) => app(args, printer),
        Credential::SigningKey(args) => signing_key(args, printer),
    }
}

fn user(args: &UserArgs, printer: &Printer) -> Result<(), Failure> {
    let data = DataFolder::open(&args.data_dir)?;
    let password_hash = hash("password")?;
    let login = Login { upn: args.upn.clone(), password_hash, accounts: args.account.clone() };
    data.wait(data.store.put_login(login, now(), operator())).map_err(Failure::failed)?;
    printer.info(format!("{} can sign in to {} directories", args.upn, args.account.len()));
    for account in &args.account {
        warn_without_account(&data, *account, printer)?;
    }
    Ok(())
}

fn signing_key(args: &SigningKeyArgs, printer: &Printer) -> Result<(), Failure> {
    drop(DataFolder::open(&args.data_dir)?);
    let path = KeyFolder::of(&args.data_dir).add(now()).map_err(Failure::failed)?;
    printer.info(format!(
        "{} signs within a minute; to refuse tokens of an older key at once, delete its file",
        path.display()
    ));
    Ok(())
}

fn app(args: &AppArgs, printer: &Printer) -> Result<(), Failure> {
    let data = DataFolder::open(&args.data_dir)?;
    if args.list {
        let found = data.wait(data.store.app(args.client, Some(args.account.tenant)));
        let app = found.map_err(Failure::failed)?.filter(|app| app.principal == args.account);
        let app = app.ok_or_else(|| not_changed(CredentialError::NoApp, args))?;
        return output::to(None, |mut out| {
            for credential in app.credentials() {
                writeln!(out, "{} {}", credential.id, kind(credential.kind))?;
            }
            Ok(out.flush()?)
        });
    }
    if let Some(id) = &args.remove {
        let app = change(&data, CredentialChange::Remove(id.clone()), args)?;
        let left: Vec<String> = app.credentials().into_iter().map(|left| left.id).collect();
        printer.info(format!("{id} is removed; {} signs in with {}", args.client, left.join(", ")));
        return Ok(());
    }
    let certificates = certificates(args)?;
    let secret_hash = if certificates.is_empty() { Some(hash("secret")?) } else { None };
    if args.add {
        let app = change(&data, CredentialChange::Add { secret_hash, certificates }, args)?;
        let count = app.credentials().len();
        printer.info(format!("{} can sign in with any of {count}; --list shows them", args.client));
    } else {
        let secret_hashes = secret_hash.into_iter().collect();
        let (client, principal) = (args.client, args.account);
        let app = App { client, principal, secret_hashes, certificates };
        data.wait(data.store.put_app(app, now(), operator())).map_err(Failure::failed)?;
        printer.info(format!("{client} can sign in as {principal}"));
    }
    warn_without_account(&data, args.account, printer)
}

fn change(data: &DataFolder, change: CredentialChange, args: &AppArgs) -> Result<App, Failure> {
    let (client, who) = (args.client, args.account);
    let done = data.store.change_credentials(client, who, change, now(), operator());
    data.wait(done).map_err(|error| not_changed(error, args))
}

const fn kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Secret => "secret",
        CredentialKind::Certificate => "certificate",
    }
}

fn not_changed(error: CredentialError, args: &AppArgs) -> Failure {
    let (client, who) = (args.client, args.account);
    match error {
        CredentialError::NoApp => Failure::NotFound(format!(
            "{client} has no secret and no certificate for {who}; set a first one without --add"
        )),
        CredentialError::NoCredential(id) => Failure::NotFound(format!(
            "{client} has no secret and no certificate {id} for {who}; --list shows those it has"
        )),
        CredentialError::TooMany => Failure::Failed(format!(
            "{client} would have more than {} secrets or {} certificates; take an old one away \
             first: --list shows them, --remove takes one away",
            App::SECRETS,
            App::CERTIFICATES
        )),
        CredentialError::Last(id) => Failure::Failed(format!(
            "{id} is all that {client} signs in with, and was not removed; add another one first, or \
             end its sign-in by a fact that disables {who}"
        )),
        CredentialError::Store(error) => Failure::failed(error),
    }
}

fn certificates(args: &AppArgs) -> Result<Vec<String>, Failure> {
    let mut certificates = Vec::new();
    for path in &args.certificate {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Failure::Failed(format!("cannot read {}: {e}", path.display())))?;
        if !text.contains("-----BEGIN CERTIFICATE-----") {
            let path = path.display();
            return Err(Failure::Failed(format!("{path} has no certificate in PEM form")));
        }
        certificates.push(text);
    }
    Ok(certificates)
}

/// A credential without an account is allowed: facts may come later. It is not left unsaid.
fn warn_without_account(
    data: &DataFolder,
    who: pal_model::Principal,
    printer: &Printer,
) -> Result<(), Failure> {
    match data.wait(data.store.account(who, now())).map_err(Failure::failed)? {
        Some(account) if account.may_link() => {}
        Some(_) => printer.warning(format!("{who} is disabled or a group: it cannot sign in now")),
        None => printer.warning(format!(
            "there is no account {who}: import a 'principal' fact before it can sign in"
        )),
    }
    Ok(())
}

/// The hash of what is typed, or of the first line of standard input.
fn hash(what: &str) -> Result<String, Failure> {
    let mut input = std::io::stdin().lock();
    let mut text = String::new();
    let read = if std::io::stdin().is_terminal() {
        // Echo cannot be switched off without a terminal library: pipes are the safe way.
        write!(std::io::stderr(), "{what} (it will be shown; better pipe it in): ")
            .and_then(|()| input.read_line(&mut text))
    } else {
        input.by_ref().take(1 << 16).read_line(&mut text)
    };
    read.map_err(|error| Failure::Failed(format!("cannot read the {what}: {error}")))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(Failure::Usage(format!(
            "the {what} is empty; pipe it in, for example: printf %s \"$SECRET\" | pal credential …"
        )));
    }
    hash_password(secret, &SystemRandomness::new()).map_err(Failure::failed)
}
