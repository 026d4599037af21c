//! `pal serve` and `pal config show`.

use std::io::Write;

use pal_server::config::{self, Loaded, Settings, Sources};
use pal_server::{PortalReady, Ready, serve, telemetry};

use crate::args::server::ServeArgs;
use crate::data_folder::runtime;
use crate::output;
use crate::printer::{Failure, Printer};

/// Runs the service until it is told to stop.
pub fn run(args: &ServeArgs, printer: &Printer) -> Result<(), Failure> {
    let loaded = load(args)?;
    printer.through(telemetry::install(&loaded.settings).map_err(Failure::failed)?);
    let say = |ready: &Ready| {
        printer.info(format!("pal {} serves {}", env!("CARGO_PKG_VERSION"), ready.url));
        if let Some(ca) = &ready.ca {
            printer.info(format!("its certificate authority is {}", ca.display()));
            let folder = loaded.settings.data_dir.display();
            printer.info(format!("how clients trust it: pal az setup --data-dir {folder}"));
        }
        match &ready.portal {
            Some(PortalReady::At(address)) => printer.info(format!("its portal is {address}")),
            Some(PortalReady::WithoutPages) => printer.warning(PortalReady::MISSING),
            None => {}
        }
        if ready.embedded_issuer {
            printer.info("the embedded issuer signs people in: for one machine and for tests");
        }
    };
    until_stopped(loaded.settings.clone(), say)
}

/// Serves until the process is told to stop.
pub fn until_stopped(settings: Settings, ready: impl FnOnce(&Ready)) -> Result<(), Failure> {
    let runtime = runtime()?;
    let done = runtime.block_on(serve(settings, ready));
    // Work that goes on in other threads is not waited for: nothing of it is half done (P5).
    runtime.shutdown_background();
    done.map_err(Failure::failed)
}

pub fn show(args: &ServeArgs) -> Result<(), Failure> {
    let loaded = load(args)?;
    output::to(None, |mut out| {
        write!(out, "{}", loaded.show())?;
        Ok(out.flush()?)
    })
}

fn load(args: &ServeArgs) -> Result<Loaded, Failure> {
    let mut flags = args.set.clone();
    let mut flag = |key: &str, value: Option<String>| {
        flags.extend(value.map(|value| (key.to_owned(), value)));
    };
    let path = |path: &std::path::PathBuf| path.display().to_string();
    flag("data_dir", args.data_dir.as_ref().map(path));
    flag("public_url", args.public_url.clone());
    flag("http.listen", args.listen.map(|listen| listen.to_string()));
    flag("http.tls_cert", args.tls_cert.as_ref().map(path));
    flag("http.tls_key", args.tls_key.as_ref().map(path));
    flag("http.plain_http", args.http.then(|| "true".to_owned()));
    let allow = args.allow_embedded_issuer;
    flag("identity.allow_embedded_issuer", allow.then(|| "true".to_owned()));
    let sources = Sources { file: args.config.clone(), flags };
    config::load(&sources).map_err(|error| Failure::Usage(error.to_string()))
}
