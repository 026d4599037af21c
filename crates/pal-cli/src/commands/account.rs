//! `pal account`, `pal logout`.

use pal_model::is_same_name;
use serde_json::Value;

use crate::args::client::{AccountCommand, LogoutArgs, SetAccountArgs};
use crate::auth::{Cache, Target};
use crate::client::Context;
use crate::cloud::Registry;
use crate::printer::{Failure, Printer};

pub fn run(command: &AccountCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        AccountCommand::Show(args) => {
            let context = Context::open(&args.client, printer)?;
            let cache = Cache::load(&context.dir)?;
            let target = cache.target(&context.cloud()?.name)?;
            let session = cache.find(&target)?;
            let account = session.accounts.iter().find(|a| a.tenant == target.tenant);
            let account = account
                .ok_or_else(|| Failure::failed("The directory is gone.\nTo sign in: pal login"))?;
            context.out(&session.shown(account, true))
        }
        AccountCommand::List(args) => {
            let context = Context::open(&args.client, printer)?;
            let registry = Registry::load(&context.dir)?;
            let cache = Cache::load(&context.dir)?;
            let name = args.client.cloud.as_deref().unwrap_or(registry.current());
            let cloud = registry.find(name)?;
            let current = cache.target(&cloud.name).ok();
            let mut all = Vec::new();
            for session in cache.sessions.iter().filter(|session| session.cloud == cloud.name) {
                for account in &session.accounts {
                    let target =
                        Target { session: session.id.clone(), tenant: account.tenant.clone() };
                    all.push(session.shown(account, current.as_ref() == Some(&target)));
                }
            }
            if all.is_empty() {
                printer.warning(format_args!(
                    "Nobody is signed in to the cloud '{}'. To sign in: pal login",
                    cloud.name
                ));
            }
            context.out(&Value::Array(all))
        }
        AccountCommand::Set(args) => set(args, printer),
    }
}

fn set(args: &SetAccountArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let cloud = context.cloud()?;
    let _lock = context.dir.lock()?;
    let mut cache = Cache::load(&context.dir)?;
    let current = cache.target(&cloud.name)?;
    let mut sessions: Vec<_> = cache.sessions.iter().filter(|s| s.cloud == cloud.name).collect();
    // The sign-in in use goes before others that know the same directory.
    sessions.sort_by_key(|session| session.id != current.session);
    let found = sessions.iter().find_map(|session| {
        let account = session.accounts.iter().find(|account| account.is_called(&args.tenant))?;
        Some(Target { session: session.id.clone(), tenant: account.tenant.clone() })
    });
    let target = found.ok_or_else(|| {
        Failure::failed(format!(
            "There is no account in a directory '{}'.\nTo see the directories: pal account list -o table. To sign in to it: pal login --tenant {0}",
            crate::clean::cell(&args.tenant)
        ))
    })?;
    cache.current.insert(cloud.name, target);
    cache.save(&context.dir)
}

/// `pal logout`.
pub fn logout(args: &LogoutArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let registry = Registry::load(&context.dir)?;
    let cloud = registry.find(args.client.cloud.as_deref().unwrap_or(registry.current()))?;
    let _lock = context.dir.lock()?;
    let mut cache = Cache::load(&context.dir)?;
    let current = cache.target(&cloud.name).ok();
    let gone = cache.remove(&cloud.name, |session| match &args.username {
        Some(name) => is_same_name(&session.username, name),
        None => current.as_ref().is_none_or(|current| session.id == current.session),
    });
    if gone == 0 {
        return Err(Failure::failed(match &args.username {
            Some(name) => format!(
                "'{}' is not signed in to the cloud '{}'.",
                crate::clean::cell(name),
                cloud.name
            ),
            None => format!("Nobody is signed in to the cloud '{}'.", cloud.name),
        }));
    }
    cache.save(&context.dir)
}
