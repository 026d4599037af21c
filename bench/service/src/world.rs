//! What is measured: a service with thousands of principals, each with a link of its own.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::client::{Connection, Target};
use crate::issuer::Issuer;
use crate::process::Process;

/// The directory of all principals.
pub const TENANT: &str = "bec40000-0000-4000-8000-000000000000";
/// What tokens are for.
pub const AUDIENCE: &str = "https://service.example/";
/// Where everybody has a role, and what costs something.
const SUBSCRIPTION: &str = "bec40000-5000-4000-8000-000000000000";
/// A resource that costs something.
pub const RESOURCE: &str =
    "/subscriptions/bec40000-5000-4000-8000-000000000000/resourceGroups/rg/providers/x/y/0";
const PARTNERS: [u64; 2] = [5_127_255, 5_127_256];

/// The folder, the issuer and the tokens.
pub struct World {
    folder: PathBuf,
    /// Who issues.
    pub issuer: Issuer,
    /// One for each principal.
    pub tokens: Vec<String>,
}

fn object(owner: usize) -> String {
    format!("bec40000-3000-4000-8000-{owner:012x}")
}

impl World {
    /// Tokens, facts and configuration, in this folder.
    ///
    /// # Errors
    /// The folder cannot be written, or `pal` does not take the facts.
    pub fn new(folder: &Path, pal: &Path, owners: usize, more_facts: usize) -> Result<Self> {
        let issuer = Issuer::start()?;
        let now = unix_now()?;
        let mut tokens = Vec::with_capacity(owners);
        for owner in 0..owners {
            tokens.push(issuer.token((TENANT, &object(owner)), AUDIENCE, now)?);
        }
        let world = Self { folder: folder.to_owned(), issuer, tokens };
        let facts = folder.join("facts.jsonl");
        fs::write(&facts, world.facts(more_facts)?)?;
        fs::write(world.config(), world.configuration())?;
        let mut import = command(pal);
        import.args(["import", "facts"]).arg(&facts).arg("--create");
        let done = import.arg("--data-dir").arg(world.data()).output()?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let costs = folder.join("costs.csv");
        fs::write(&costs, usage()?)?;
        let mut import = command(pal);
        import.args(["usage", "import"]).arg(&costs).arg("--data-dir").arg(world.data());
        let done = import.output()?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(world)
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("openpal.toml")
    }

    fn facts(&self, more: usize) -> Result<String> {
        let mut text = format!(
            "{{\"kind\":\"tenant\",\"tenant\":\"{TENANT}\",\"name\":\"Measured\",\
             \"domain\":\"measured.example\"}}\n"
        );
        for (id, name) in PARTNERS.iter().zip(["Utrecht", "Malmö"]) {
            writeln!(
                text,
                "{{\"kind\":\"partner\",\"partner\":\"{id}\",\"name\":\"Contoso Services, {name}\",\
                 \"type\":\"location\"}}"
            )?;
        }
        for owner in 0..self.tokens.len() {
            writeln!(
                text,
                "{{\"kind\":\"principal\",\"tenant\":\"{TENANT}\",\"object\":\"{}\",\
                 \"type\":\"ServicePrincipal\",\"name\":\"pipeline-{owner}\"}}",
                object(owner)
            )?;
        }
        writeln!(
            text,
            "{{\"kind\":\"subscription\",\"tenant\":\"{TENANT}\",\"subscription\":\"{SUBSCRIPTION}\"}}"
        )?;
        for owner in 0..self.tokens.len().min(64) {
            let (id, who) = (format!("own-{owner}"), object(owner));
            writeln!(text, "{}", assignment(&id, &who, &format!("/subscriptions/{SUBSCRIPTION}")))?;
        }
        for n in 0..more {
            writeln!(text, "{}", numbered("more", n))?;
        }
        Ok(text)
    }

    /// An import of facts into the data folder, beside the service.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn facts_import(&self, pal: &Path, lines: usize) -> Result<Command> {
        let path = self.folder.join("later.jsonl");
        let mut file = BufWriter::new(fs::File::create(&path)?);
        for n in 0..lines {
            writeln!(file, "{}", numbered("later", n))?;
        }
        file.flush()?;
        let mut import = command(pal);
        import.args(["import", "facts"]).arg(path).arg("--data-dir").arg(self.data());
        Ok(import)
    }

    /// An import of usage into the data folder, beside the service.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn usage_import(&self, pal: &Path, rows: usize) -> Result<Command> {
        let path = self.folder.join("later.csv");
        let mut file = BufWriter::new(fs::File::create(&path)?);
        file.write_all(USAGE_HEADER.as_bytes())?;
        let group = RESOURCE.trim_end_matches('0');
        for row in 0..rows {
            let (day, resource) = (row * 27 / rows + 1, row % 20_000);
            writeln!(
                file,
                "2026-09-{day:02}T00:00:00Z,2026-09-{:02}T00:00:00Z,1.25,EUR,Usage,{group}{resource},\
                 /subscriptions/bec40000-5000-4000-8000-{:012x}",
                day + 1,
                resource % 200 + 1
            )?;
        }
        file.flush()?;
        let mut import = command(pal);
        import.args(["usage", "import"]).arg(path).arg("--data-dir").arg(self.data());
        Ok(import)
    }

    /// The issuer to trust. Limits are raised so that refusals are not measured, and only faults are
    /// logged.
    fn configuration(&self) -> String {
        let (url, operator) = (self.issuer.url(), object(0));
        let most = 4_000_000_000_u32;
        format!(
            "log.level = \"warn\"\nidentity.embedded = \"off\"\n\
             operators = [\"{TENANT}/{operator}\"]\n\
             limits.reads_per_hour = {most}\nlimits.writes_per_hour = {most}\n\
             limits.link_writes_per_minute = {most}\nlimits.link_writes_per_day = {most}\n\
             [[identity.issuers]]\nkind = \"oidc\"\nissuer = \"{url}\"\n\
             jwks_url = \"{url}/keys\"\naudiences = [\"{AUDIENCE}\"]\n\
             tenants = [\"{TENANT}\"]\nobject_claim = \"oid\"\n"
        )
    }

    /// Starts the service.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn serve(&self, pal: &Path, address: SocketAddr) -> Result<Process> {
        let mut serve = command(pal);
        serve.args(["serve", "--listen", &address.to_string(), "--config"]).arg(self.config());
        serve.arg("--data-dir").arg(self.data());
        Process::start(&mut serve, &self.folder.join("pal.log"))
    }

    /// How to reach a server that has the certificate of the data folder.
    ///
    /// # Errors
    /// The authority of the data folder cannot be read.
    pub fn target(&self, address: SocketAddr) -> Result<Target> {
        let ca = self.data().join("tls").join("ca.pem");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&ca)? {
            roots.add(certificate?)?;
        }
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Ok(Target { address, name: "localhost".to_owned(), tls: Arc::new(tls) })
    }

    /// Waits until a server answers `path` with 200.
    ///
    /// # Errors
    /// It ends, or does not answer in time.
    pub async fn wait(
        &self,
        server: &mut Process,
        address: SocketAddr,
        path: &str,
    ) -> Result<Target> {
        let begun = Instant::now();
        let token = self.tokens.first().context("no tokens")?;
        let request = request("GET", path, token);
        while begun.elapsed() < Duration::from_secs(20) {
            server.must_run()?;
            if let Ok(target) = self.target(address)
                && let Ok(mut connection) = Connection::open(&target).await
                && connection.ask(&request).await.is_ok_and(|answer| answer.status == 200)
            {
                return Ok(target);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("no answer on {address} within 20 seconds")
    }
}

fn assignment(id: &str, who: &str, scope: &str) -> String {
    format!(
        "{{\"kind\":\"roleAssignment\",\"tenant\":\"{TENANT}\",\"id\":\"{id}\",\"principal\":\"{who}\",\
         \"role\":\"Contributor\",\"scope\":\"{scope}\"}}"
    )
}

/// One of many assignments.
fn numbered(name: &str, n: usize) -> String {
    let scope = format!("/subscriptions/bec40000-5000-4000-8000-{:012x}", n % 5_000 + 1);
    assignment(&format!("{name}-{n}"), &object(n % 4_096), &scope)
}

const USAGE_HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
     ResourceId,SubAccountId\n";

/// A month of charges of a hundred resources.
fn usage() -> Result<String> {
    let mut text = USAGE_HEADER.to_owned();
    let group = RESOURCE.trim_end_matches('0');
    for day in 1..28 {
        for resource in 0..100 {
            writeln!(
                text,
                "2026-10-{day:02}T00:00:00Z,2026-10-{:02}T00:00:00Z,1.25,EUR,Usage,{group}{resource},\
                 /subscriptions/{SUBSCRIPTION}",
                day + 1
            )?;
        }
    }
    Ok(text)
}

/// The program, without the configuration of the person who measures.
fn command(pal: &Path) -> Command {
    let mut command = Command::new(pal);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OPENPAL_") {
            command.env_remove(name);
        }
    }
    command
}

/// A free port of loopback.
///
/// # Errors
/// There is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, token: &str) -> Vec<u8> {
    let length = if method == "GET" { "" } else { "Content-Length: 0\r\n" };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\
         Authorization: Bearer {token}\r\n{length}\r\n"
    )
    .into_bytes()
}

/// The path of a link: of that partner, or the caller's own whichever it is.
pub fn link(partner: Option<u64>) -> String {
    let id = partner.map_or_else(String::new, |id| format!("/{id}"));
    format!("/providers/Microsoft.ManagementPartner/partners{id}?api-version=2018-02-01")
}

/// A principal's writes for ever: create, update, update, delete.
pub fn writes(token: &str) -> Vec<Vec<u8>> {
    let [one, two] = PARTNERS;
    [("PUT", one), ("PATCH", two), ("PATCH", one), ("DELETE", one)]
        .into_iter()
        .map(|(method, partner)| request(method, &link(Some(partner)), token))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "tokens must be valid now")]
fn unix_now() -> Result<i64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(now.as_secs())?)
}
