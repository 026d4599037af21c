//! `cargo xtask clients`: the real, unmodified Azure clients against the built program.
//!
//! The Azure CLI with its extension, the Python SDK and the JavaScript SDK are installed from their
//! registries at pinned versions, into a cache outside the clone, and run against `pal dev` on a
//! free port. The scripts are in `tests/clients`. If they cannot be installed the run fails:
//! clients that were not run have proved nothing. `PAL_OFFLINE=1` is for machines without a way to
//! the registries, and says aloud what was left out.

mod install;

pub use install::python_with;
mod service;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{cargo, dev, root, say};
use install::Installed;
use service::Service;

/// Builds the program, installs the clients, runs every sequence.
pub fn run() -> Result<()> {
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let scripts = root()?.join("tests").join("clients");
    let Some(installed) = install::all(&scripts)? else {
        say(NOT_TESTED);
        return Ok(());
    };
    // Homes, configuration, data: nobody else can read it, and it goes at the end.
    let private = tempfile::Builder::new().prefix("openpal-clients-").tempdir()?;
    let clients = Clients { scripts, installed, private };
    clients.against_the_demo()?;
    clients.against_a_service()
}

/// Invented requests against the API of the demo, by its own description.
pub fn api() -> Result<()> {
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let scripts = root()?.join("tests").join("clients");
    let Some(python) = install::python_with("api", &scripts)? else {
        say("PAL_OFFLINE is set and the tester of the API is not in the cache: NOT TESTED");
        return Ok(());
    };
    let private = tempfile::Builder::new().prefix("openpal-api-").tempdir()?;
    let data = private.path().join("data");
    let mut command = Command::new(dev::program()?);
    command.args(["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    let mut service = Service::start(&mut command, &private.path().join("dev.log"))?;
    let dev = data.join("dev.json");
    service.wait_for(&dev)?;
    let mut ready = Command::new(&python);
    finish(ready.arg(scripts.join("ready.py")).arg(&dev))?;
    let mut sequence = Command::new(&python);
    sequence.arg(scripts.join("api").join("sequence.py")).arg("--dev").arg(&dev);
    sequence.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(private.path());
    finish(&mut sequence).inspect_err(|_| say(&service.log()))?;
    service.stop()
}

/// Signing in with an issuer elsewhere: the program and its portal with one that is not ours.
pub fn sign_in() -> Result<()> {
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let scripts = root()?.join("tests").join("clients").join("oidc");
    let Some(issuer) = install::issuer(&root()?.join("tests").join("clients"))? else {
        say(
            "PAL_OFFLINE is set and oidc-provider is not in the cache: signing in elsewhere is NOT TESTED",
        );
        return Ok(());
    };
    let private = tempfile::Builder::new().prefix("openpal-sign-in-").tempdir()?;
    // Modules are looked for beside the script.
    for name in ["sequence.mjs", "provider.mjs", "browser.mjs"] {
        let copy = fs::copy(scripts.join(name), issuer.join(name));
        copy.with_context(|| format!("cannot copy {name}"))?;
    }
    let mut command = Command::new("node");
    command.arg(issuer.join("sequence.mjs")).arg("--pal").arg(dev::program()?);
    command.arg("--folder").arg(private.path());
    finish(&mut command)
}

const NOT_TESTED: &str = "\
**********************************************************************************************
PAL_OFFLINE is set and the real clients are not in the cache. NOT TESTED:
  the Azure CLI with 'managementpartner' (service principal, certificate, device code, browser),
  the Python SDK, the JavaScript SDK, against 'pal dev' and 'pal serve'.
Run 'cargo xtask clients' on a machine that reaches PyPI and npm before this change lands.
**********************************************************************************************";

struct Clients {
    scripts: PathBuf,
    installed: Installed,
    private: TempDir,
}

impl Clients {
    /// `pal dev`: every client, its whole sequence; one failure does not hide the next.
    fn against_the_demo(&self) -> Result<()> {
        let (pal, data) = (dev::program()?, self.data());
        let mut command = Command::new(&pal);
        command.args(["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
        let mut service = Service::start(&mut command, &self.private.path().join("dev.log"))?;
        self.wait_until_ready(&mut service)?;
        let mut broken = Vec::new();
        let mut note = |client: &'static str, done: Result<()>| {
            if let Err(error) = done {
                say(&format!("{client}: {error:#}"));
                broken.push(client);
            }
        };
        note("az", self.az(&pal));
        note("the Python SDK", self.python(&[]));
        note("the JavaScript SDK", self.javascript());
        note("pal dev", service.stop());
        if broken.is_empty() {
            return Ok(());
        }
        bail!("real clients found faults: {}; the lines above say which", broken.join(", "))
    }

    /// `pal serve` on the folder that the demo left: only registered partners, and the links that
    /// were made.
    fn against_a_service(&self) -> Result<()> {
        let dev: serde_json::Value =
            serde_json::from_slice(&fs::read(self.data().join("dev.json"))?)?;
        let url = dev["url"].as_str().context("dev.json has no url")?;
        let port = url.rsplit(':').next().context("the url of dev.json has no port")?;
        let mut command = Command::new(dev::program()?);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        command.args(["--public-url", url, "--data-dir"]).arg(self.data());
        let mut service = Service::start(&mut command, &self.private.path().join("serve.log"))?;
        self.wait_until_ready(&mut service)?;
        self.python(&["--registered-only"]).inspect_err(|_| say(&service.log()))?;
        service.stop()
    }

    fn data(&self) -> PathBuf {
        self.private.path().join("data")
    }

    fn wait_until_ready(&self, service: &mut Service) -> Result<()> {
        let dev = self.data().join("dev.json");
        service.wait_for(&dev)?;
        let mut ready = self.client(&self.installed.python);
        ready.arg(self.scripts.join("ready.py")).arg(&dev);
        finish(&mut ready).with_context(|| format!("/readyz does not answer\n{}", service.log()))
    }

    fn az(&self, pal: &Path) -> Result<()> {
        let mut command = self.client(&self.installed.az_python);
        command.arg(self.scripts.join("az").join("sequence.py"));
        command.arg("--az").arg(&self.installed.az);
        command.arg("--extensions").arg(&self.installed.extensions);
        command.arg("--dev").arg(self.data().join("dev.json"));
        command.arg("--pal").arg(pal);
        let folder = self.private.path().join("az");
        fs::create_dir(&folder)?;
        command.arg("--folder").arg(folder);
        finish(&mut command)
    }

    fn python(&self, more: &[&str]) -> Result<()> {
        let mut command = self.client(&self.installed.python);
        command.arg(self.scripts.join("python").join("sequence.py"));
        command.arg("--dev").arg(self.data().join("dev.json")).args(more);
        finish(&mut command)
    }

    fn javascript(&self) -> Result<()> {
        // Modules are looked for beside the script.
        let script = self.installed.js.join("sequence.mjs");
        fs::copy(self.scripts.join("js").join("sequence.mjs"), &script)?;
        let dev = self.data().join("dev.json");
        let known: serde_json::Value = serde_json::from_slice(&fs::read(&dev)?)?;
        let ca = known["ca"].as_str().context("dev.json names no certificate authority")?;
        let mut command = self.client("node");
        finish(command.arg(script).arg(dev).env("NODE_EXTRA_CA_CERTS", ca))
    }

    /// A client that finds nothing of the person who runs this.
    fn client(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["AZURE_", "ARM_", "PYTHON", "NODE_"].iter().any(|own| text.starts_with(own)) {
                command.env_remove(&name);
            }
        }
        command.current_dir(self.private.path()).env("HOME", self.private.path());
        // No compiled scripts in the clone.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// Runs a step to its end; what it prints is shown.
fn finish(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start `{program}`"))?;
    if !status.success() {
        bail!("`{program}` ended with {status}");
    }
    Ok(())
}
