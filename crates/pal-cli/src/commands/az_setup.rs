//! `pal az setup`: the lines that point Azure's own tools at a cloud.

mod lines;

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::args::client::SetupArgs;
use crate::client::Context;
use crate::cloud::{Cloud, base_url, discover};
use crate::printer::{Failure, Printer};

pub use lines::{Demo, RegisteredCloud, SignInPlace};

/// The name that the lines register a cloud by, where it has none here.
const NAME: &str = "openpal";

pub fn run(args: &SetupArgs, printer: &Printer) -> Result<(), Failure> {
    let context = Context::open(&args.client, printer)?;
    let place = match (&args.data_dir, &args.url) {
        (Some(dir), url) => from_folder(&context, dir, url.as_deref())?,
        (None, Some(url)) => {
            let url = base_url(url)?;
            RegisteredCloud {
                ca: None,
                bundle: None,
                demo: None,
                sign_in: ask(&context, &url, None),
                url,
                name: NAME.to_owned(),
            }
        }
        (None, None) => from_cloud(context.cloud()?)?,
    };
    if context.wants_result() {
        return context.out(&place.shown());
    }
    if place.ca.is_none() {
        printer.info("No CA file is known; the lines suppose that this machine trusts the server.");
    } else if place.bundle.is_none() {
        printer.warning("There is no bundle with the public CAs beside the CA file: with these lines, az does not reach Azure in the same terminal.");
    }
    let mut out = std::io::stdout();
    out.write_all(place.lines().as_bytes())?;
    Ok(out.flush()?)
}

fn from_cloud(cloud: Cloud) -> Result<RegisteredCloud, Failure> {
    if Cloud::built_in().contains(&cloud) {
        return Err(Failure::failed(
            "az knows Azure already. For a cloud of your own: pal cloud set -n <name>, or pal az setup --data-dir <folder>",
        ));
    }
    let bundle = cloud.ca_file.as_deref().and_then(bundle_beside);
    Ok(RegisteredCloud {
        sign_in: SignInPlace::of(&cloud),
        name: cloud.name,
        url: cloud.resource_manager,
        ca: cloud.ca_file,
        bundle,
        demo: None,
    })
}

/// Where the service at an address signs people in, as it says itself.
fn ask(context: &Context, url: &str, ca: Option<&Path>) -> SignInPlace {
    let found = context.http_with(ca).and_then(|http| discover(&http, NAME, url));
    let cannot = |failure: Failure| {
        context.printer.warning(format_args!(
            "The service was not asked where people sign in, and the lines suppose that they do so at {url} itself: {failure}"
        ));
        SignInPlace::own(url)
    };
    found.map_or_else(cannot, |cloud| SignInPlace::of(&cloud))
}

/// `pal dev` and `pal serve` write one beside the CA.
fn bundle_beside(ca: &Path) -> Option<PathBuf> {
    Some(ca.with_file_name("bundle.pem")).filter(|path| path.is_file())
}

fn from_folder(
    context: &Context,
    dir: &Path,
    url: Option<&str>,
) -> Result<RegisteredCloud, Failure> {
    let dir = std::path::absolute(dir)?;
    let path = dir.join("dev.json");
    let about: Value = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|_| Failure::failed(format!("{} is not JSON.", path.display())))?,
        Err(_) => Value::Null,
    };
    let url = url.or(about["url"].as_str()).ok_or_else(|| {
        Failure::failed(format!(
            "There is no {}: 'pal dev' writes it when it is ready. For a folder of 'pal serve', say its address too: --url https://…",
            path.display()
        ))
    })?;
    let file = |field: &str, name: &str| {
        let told = about[field].as_str().map(PathBuf::from);
        told.or_else(|| Some(dir.join("tls").join(name))).filter(|path| path.is_file())
    };
    let (ca, bundle) = (file("ca", "ca.pem"), file("bundle", "bundle.pem"));
    let (url, demo) = (base_url(url)?, Demo::first(&about));
    // The demo has no issuer but its own, and need not run.
    let sign_in = match demo {
        Some(_) => SignInPlace::own(&url),
        None => ask(context, &url, ca.as_deref()),
    };
    Ok(RegisteredCloud { name: NAME.to_owned(), url, ca, bundle, demo, sign_in })
}
