//! `pal cloud`.

use serde_json::Value;

use crate::args::client::{CloudCommand, NamedCloudArgs, RegisterArgs};
use crate::auth::{Authority, Cache};
use crate::client::Context;
use crate::cloud::{Registry, base_url, discover};
use crate::printer::{Failure, Printer};

pub fn run(command: &CloudCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        CloudCommand::Register(args) => register(args, printer),
        CloudCommand::Set(args) => {
            let context = Context::open(&args.client, printer)?;
            let _lock = context.dir.lock()?;
            let mut registry = Registry::load(&context.dir)?;
            let cloud = registry.set(&args.name)?;
            if !cloud.offers_pal() {
                printer.warning(format_args!("PAL is not offered in this cloud ({}).", cloud.name));
            }
            registry.save(&context.dir)
        }
        CloudCommand::List(args) => {
            let context = Context::open(&args.client, printer)?;
            let registry = Registry::load(&context.dir)?;
            let all = registry.all();
            let all = all.iter().map(|cloud| cloud.shown(cloud.name == registry.current()));
            context.out(&Value::Array(all.collect()))
        }
        CloudCommand::Show(args) => {
            let context = Context::open(&args.client, printer)?;
            let registry = Registry::load(&context.dir)?;
            let named = args.name.as_deref().or(args.client.cloud.as_deref());
            let cloud = registry.find(named.unwrap_or(registry.current()))?;
            context.out(&cloud.shown(cloud.name == registry.current()))
        }
        CloudCommand::Unregister(args) => unregister(args, printer),
    }
}

fn register(args: &RegisterArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if args.name.is_empty() || !args.name.chars().all(known) {
        return Err(Failure::Usage(format!(
            "'{}' cannot be the name of a cloud; use letters, digits, '-', '_' and '.'",
            crate::clean::cell(&args.name)
        )));
    }
    let base = base_url(&args.endpoint_resource_manager)?;
    let ca_file = args.ca_file.as_deref().map(std::path::absolute).transpose()?;
    let http = context.http_with(ca_file.as_deref())?;
    let mut cloud = discover(&http, &args.name, &base)?;
    cloud.ca_file = ca_file;
    let checked = Authority::discover(&http, &cloud, cloud.usual_tenant());
    let _lock = context.dir.lock()?;
    let mut registry = Registry::load(&context.dir)?;
    registry.add(cloud.clone())?;
    registry.save(&context.dir)?;
    printer.info(format_args!(
        "Cloud '{}' registered: resource manager {}, sign-in {}.",
        cloud.name, cloud.resource_manager, cloud.active_directory
    ));
    if let Err(failure) = checked {
        printer.warning(format_args!("The sign-in does not work: {failure}"));
    }
    printer.info(format_args!("To use it: pal cloud set -n {}", cloud.name));
    if context.wants_result() {
        context.out(&cloud.shown(cloud.name == registry.current()))?;
    }
    Ok(())
}

fn unregister(args: &NamedCloudArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let _lock = context.dir.lock()?;
    let mut registry = Registry::load(&context.dir)?;
    let cloud = registry.remove(&args.name)?;
    let mut cache = Cache::load(&context.dir)?;
    // A cloud of the same name may be another one next time: its tokens must not go there.
    if cache.remove(&cloud.name, |_| true) > 0 {
        cache.save(&context.dir)?;
    }
    registry.save(&context.dir)
}
