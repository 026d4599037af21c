//! `pal login`.

use std::io::IsTerminal;
use std::path::Path;

use pal_api::Me;
use reqwest::Method;
use serde_json::Value;

use crate::args::client::LoginArgs;
use crate::auth::{
    Account, Authority, Cache, Claims, Credential, PUBLIC_CLIENT, Secret, Session, Sessions,
    SignInRequest, Target, TokenScope, Tokens, borrow, browser, client_credentials, device_code,
    has_browser,
};
use crate::client::http::{Ask, Http};
use crate::client::{Arm, Context, az_error};
use crate::cloud::Cloud;
use crate::printer::{Failure, Printer};

pub fn run(args: &LoginArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let cloud = context.cloud()?;
    let http = context.http(&cloud)?;
    if cloud.signs_in_elsewhere() {
        printer.info(format_args!(
            "Signing in at {}, for {}.",
            cloud.active_directory, cloud.audience
        ));
    }
    let session = if args.from_az {
        from_az(args, &cloud)?
    } else if args.service_principal {
        principal(args, &cloud, &http, printer)?
    } else {
        user(args, &cloud, &http, printer)?
    };
    let home = session.accounts.first().map(|account| account.tenant.clone()).unwrap_or_default();
    let target = Target { session: session.id.clone(), tenant: home };
    {
        let _lock = context.dir.lock()?;
        let mut cache = Cache::load(&context.dir)?;
        cache.add(session, &target.tenant);
        cache.save(&context.dir)?;
    }
    // At an issuer that is not Azure's one sign-in is for one directory.
    let all = args.tenant.is_none() && !cloud.sign_in.open_id;
    directories(&context, &cloud, &http, &target, all)?;
    let cache = Cache::load(&context.dir)?;
    let session = cache.find(&target)?;
    let account = session.accounts.iter().find(|account| account.tenant == target.tenant);
    let directory = account.map(Account::directory).unwrap_or_default();
    printer.info(format_args!(
        "Signed in to {directory} as {}, cloud {}.",
        session.username, cloud.name
    ));
    if let more @ 1.. = session.accounts.len().saturating_sub(1) {
        let word = if more == 1 { "directory" } else { "directories" };
        printer.info(format_args!("{more} more {word}: pal account list -o table"));
    }
    if context.wants_result() {
        let all = session.accounts.iter().map(|a| session.shown(a, a.tenant == target.tenant));
        context.out(&Value::Array(all.collect()))?;
    }
    Ok(())
}

fn session(
    cloud: &Cloud,
    username: String,
    client_id: &str,
    credential: Credential,
    tokens: Tokens,
    tenant: String,
) -> Result<Session, Failure> {
    let claims = Claims::read(&tokens.access_token);
    let kept = !matches!(credential, Credential::AzureCli);
    Ok(Session {
        id: crate::random::guid()?,
        cloud: cloud.name.clone(),
        username,
        client_id: client_id.to_owned(),
        home_tenant: tenant.clone(),
        credential,
        accounts: vec![Account {
            tenant,
            object: claims.oid,
            expires: crate::clock::now() + tokens.expires_in.get(),
            token: kept.then_some(tokens.access_token),
            ..Account::default()
        }],
    })
}

fn user(
    args: &LoginArgs,
    cloud: &Cloud,
    http: &Http,
    printer: &Printer,
) -> Result<Session, Failure> {
    let tenant = args.tenant.as_deref().unwrap_or_else(|| cloud.usual_tenant());
    let client_id = client_id(args, cloud)?;
    let authority = Authority::discover(http, cloud, tenant)?;
    let scope = TokenScope::of(cloud, true);
    let mut by_code = args.use_device_code;
    if !by_code && !has_browser() {
        printer.warning("There is no browser here; a code is used instead.");
        by_code = true;
    }
    let tokens = if by_code {
        device_code(http, &authority, client_id, &scope, printer)?
    } else {
        let request =
            SignInRequest { client_id, scope: &scope, username: args.username.as_deref() };
        browser(http, &authority, &request, printer)?
    };
    let access = Claims::read(&tokens.access_token);
    let own = tokens.id_token.as_ref().map(Claims::read).unwrap_or_default();
    let username = own.username().or(access.username()).unwrap_or("unknown").to_owned();
    let tenant = directory_of(cloud, http, &tokens, own.tid.or(access.tid))?;
    let refresh = tokens.refresh_token.clone().ok_or_else(|| {
        Failure::failed(
            "The sign-in service gave no refresh token; the sign-in would end within the hour.",
        )
    })?;
    session(cloud, username, client_id, Credential::Refresh(refresh), tokens, tenant)
}

/// The public client that people sign in through.
fn client_id<'a>(args: &'a LoginArgs, cloud: &'a Cloud) -> Result<&'a str, Failure> {
    match args.client_id.as_deref().or(cloud.sign_in.client_id.as_deref()) {
        Some(id) => Ok(id),
        None if !cloud.sign_in.open_id => Ok(PUBLIC_CLIENT),
        None => Err(Failure::Usage(format!(
            "people sign in to '{}' at {}, which does not know the Azure CLI: give --client-id, a public client there",
            cloud.name, cloud.active_directory
        ))),
    }
}

/// The directory of a token. Of an issuer that is not Azure's only the service knows which claim says it.
fn directory_of(
    cloud: &Cloud,
    http: &Http,
    tokens: &Tokens,
    claimed: Option<String>,
) -> Result<String, Failure> {
    if !cloud.sign_in.open_id {
        return claimed.ok_or_else(|| {
            Failure::failed(
                "The token does not say which directory it is for; this cloud cannot be used.",
            )
        });
    }
    let url = format!("{}/api/v1/me", cloud.resource_manager);
    let ask = Ask { token: Some(&tokens.access_token), ..Ask::get(&url) };
    let answer = http.send(&ask)?;
    if answer.status != 200 {
        return Err(az_error(&answer));
    }
    let me: Me = serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::failed(format!("{url} does not answer like a service of ours.")))?;
    Ok(me.tenant_id.to_string().to_ascii_lowercase())
}

fn principal(
    args: &LoginArgs,
    cloud: &Cloud,
    http: &Http,
    printer: &Printer,
) -> Result<Session, Failure> {
    let set = |name| std::env::var(name).ok().filter(|text: &String| !text.is_empty());
    let id = args.username.clone().or_else(|| set("AZURE_CLIENT_ID")).ok_or_else(|| {
        Failure::Usage(
            "a service principal needs --username: its application (client) id".to_owned(),
        )
    })?;
    let tenant = args.tenant.as_deref().ok_or_else(|| {
        Failure::Usage("a service principal needs --tenant: the id of its directory".to_owned())
    })?;
    let credential = credential(args, printer, set)?;
    let authority = Authority::discover(http, cloud, tenant)?;
    let scope = TokenScope::of(cloud, false);
    let tokens = client_credentials(http, &authority, &id, &credential, &scope, None)?;
    let claimed = Claims::read(&tokens.access_token).tid.or_else(|| Some(tenant.to_owned()));
    let tenant = directory_of(cloud, http, &tokens, claimed)?;
    session(cloud, id.clone(), &id, credential, tokens, tenant)
}

fn credential(
    args: &LoginArgs,
    printer: &Printer,
    set: impl Fn(&'static str) -> Option<String>,
) -> Result<Credential, Failure> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(Failure::failed);
    if let Some(file) = &args.certificate {
        return Ok(Credential::Certificate(absolute(file)?));
    }
    if let Some(file) = &args.federated_token {
        return Ok(Credential::Federated(absolute(file)?));
    }
    if let Some(text) = &args.password {
        if let Some(file) = text.strip_prefix('@') {
            let read = std::fs::read_to_string(file);
            let read = read.map_err(|e| Failure::failed(format!("Cannot read {file}: {e}")))?;
            return Ok(Credential::Secret(Secret::new(read.trim_end_matches(['\r', '\n']))));
        }
        printer.warning("A secret on the command line can be seen by others on this machine and stays in the shell's history. Leave -p out and type it when asked, or set AZURE_CLIENT_SECRET.");
        return Ok(Credential::Secret(Secret::new(text)));
    }
    if let Some(secret) = set("AZURE_CLIENT_SECRET") {
        return Ok(Credential::Secret(Secret::new(secret)));
    }
    if let Some(file) = set("AZURE_FEDERATED_TOKEN_FILE") {
        return Ok(Credential::Federated(absolute(Path::new(&file))?));
    }
    if std::io::stdin().is_terminal() {
        printer.instruction("Secret:");
        let typed = console::Term::stderr().read_secure_line();
        return typed.map(|text| Credential::Secret(Secret::new(text))).map_err(Failure::failed);
    }
    Err(Failure::Usage(
        "a service principal needs --password, --certificate, --federated-token, or AZURE_CLIENT_SECRET".to_owned(),
    ))
}

fn from_az(args: &LoginArgs, cloud: &Cloud) -> Result<Session, Failure> {
    let (tokens, tenant) = borrow(cloud, args.tenant.as_deref())?;
    let claims = Claims::read(&tokens.access_token);
    let username = claims.username().or(claims.oid.as_deref()).unwrap_or("unknown").to_owned();
    let client_id = args.client_id.as_deref().unwrap_or(PUBLIC_CLIENT);
    session(cloud, username, client_id, Credential::AzureCli, tokens, tenant)
}

/// Learns the names of the directories, and signs in to the others that the person has an account
/// in. A directory that refuses does not stop the rest.
fn directories(
    context: &Context,
    cloud: &Cloud,
    http: &Http,
    target: &Target,
    all: bool,
) -> Result<(), Failure> {
    let sessions = Sessions { dir: &context.dir, cloud };
    let arm = Arm {
        http,
        sessions: &sessions,
        target,
        base: &cloud.resource_manager,
        printer: context.printer,
    };
    let answer = arm.send(&Method::GET, "/tenants?api-version=2022-12-01")?;
    if answer.status != 200 {
        context.printer.warning(format_args!(
            "The list of directories is not to be had: {}",
            az_error(&answer)
        ));
        return Ok(());
    }
    let body = answer.json();
    let found = body["value"].as_array().cloned().unwrap_or_default();
    let others = learn(context, target, &found, all)?;
    for tenant in others {
        let other = Target { tenant, ..target.clone() };
        if let Err(failure) = sessions.token(http, &other) {
            let text = failure.to_string();
            let text = text.lines().next().unwrap_or_default().to_owned();
            context
                .printer
                .warning(format_args!("No sign-in to the directory {}: {text}", other.tenant));
        }
    }
    Ok(())
}

/// Writes down what the list of directories says; those that nobody is signed in to yet, if all
/// are wanted.
fn learn(
    context: &Context,
    target: &Target,
    found: &[Value],
    all: bool,
) -> Result<Vec<String>, Failure> {
    let _lock = context.dir.lock()?;
    let mut cache = Cache::load(&context.dir)?;
    let session = cache.find_mut(target)?;
    let all = all && session.is_user();
    let mut others = Vec::new();
    for tenant in found {
        let Some(id) = tenant["tenantId"].as_str() else { continue };
        let known = session.accounts.iter().any(|account| account.tenant == id);
        if !known && !all {
            continue;
        }
        let account = session.account(id);
        let text = |name: &str| tenant[name].as_str().map(crate::clean::cell);
        account.name = text("displayName").or_else(|| account.name.take());
        account.domain = text("defaultDomain").or_else(|| account.domain.take());
        if !known {
            others.push(id.to_owned());
        }
    }
    cache.save(&context.dir)?;
    Ok(others)
}
