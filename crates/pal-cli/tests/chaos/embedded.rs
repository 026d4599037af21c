//! The program with its embedded issuer and the most talkative log there is, a client that keeps
//! every answer, and all that a reader of disks, logs and metrics could find.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, RequestBuilder};
use reqwest::{Certificate, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const TENANT: &str = "5ec40000-0000-4000-8000-000000000000";
pub const DOMAIN: &str = "secrets.example";
pub const PERSON: &str = "5ec40000-1000-4000-8000-000000000ada";
pub const UPN: &str = "ada@secrets.example";
pub const PASSWORD: &str = "korrekt hest/batteri+stift=1&%";
pub const APP: &str = "5ec40000-7000-4000-8000-000000000001";
pub const SECRET: &str = "8Q~hemlig/sleutel+2=&%.x";
/// The client ID of the Azure CLI.
pub const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub const ROBOT: &str = "5ec40000-3000-4000-8000-000000000001";

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its place among all answers.
    pub at: usize,
    pub what: String,
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn field(&self, name: &str) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = json[name].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("{}: no {name} in {}", self.what, self.body))
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned))
    }

    /// What is between two texts of the body.
    pub fn between(&self, before: &str, after: &str) -> String {
        let rest = self.body.split_once(before).unwrap_or_else(|| panic!("{self:?}")).1;
        rest.split_once(after).unwrap().0.to_owned()
    }
}

/// The running program.
pub struct Service {
    folder: TempDir,
    pub base: String,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    client: Client,
    child: Option<Child>,
    pub answers: RefCell<Vec<Answer>>,
}

impl Service {
    /// With TLS or plain, its log as `text` or `json`.
    pub fn start(tls: bool, format: &str, level: &str) -> Self {
        let log = [format!("log.format={format}"), format!("log.level={level}")];
        Self::over(prepared(), tls, &log)
    }

    /// Over a folder that was prepared, with these settings.
    pub fn over(folder: TempDir, tls: bool, settings: &[String]) -> Self {
        let (address, metrics) = (free(), free());
        let flags = [format!("metrics.listen={metrics}"), "identity.device_code=true".to_owned()];
        let mut command = program(folder.path());
        command.args(["serve", "--data-dir", "data", "--listen", &address.to_string()]);
        command.args(settings.iter().chain(&flags).flat_map(|flag| ["--set", flag]));
        if !tls {
            command.arg("--http");
        }
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        let child = command.stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        let scheme = if tls { "https" } else { "http" };
        let ca = tls.then(|| folder.path().join("data/tls/ca.pem"));
        let mut service = Self {
            base: format!("{scheme}://localhost:{}", address.port()),
            address,
            metrics,
            client: Client::new(),
            child: Some(child),
            answers: RefCell::default(),
            folder,
        };
        service.wait(ca.as_deref());
        service
    }

    fn wait(&mut self, ca: Option<&Path>) {
        let begun = Instant::now();
        let mut built = false;
        loop {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "pal ended, {ended:?}\n{}", self.printed());
            assert!(begun.elapsed() < Duration::from_mins(1), "never ready\n{}", self.printed());
            if !built && let Some(client) = client(ca) {
                (self.client, built) = (client, true);
            }
            let ready = built.then(|| self.client.get(format!("{}/readyz", self.base)).send());
            if ready.is_some_and(|done| done.is_ok_and(|answer| answer.status() == 200)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Begins a request below the address.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends it, and keeps what comes back.
    pub fn send(&self, what: &str, request: RequestBuilder) -> Answer {
        let answer = request.send().unwrap_or_else(|error| panic!("{what}: {error}"));
        let head = answer.headers().iter();
        let head = head.map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
        let mut answers = self.answers.borrow_mut();
        let kept = Answer {
            at: answers.len(),
            what: what.to_owned(),
            status: answer.status().as_u16(),
            head: head.collect(),
            body: answer.text().unwrap(),
        };
        answers.push(kept.clone());
        kept
    }

    /// A page of the listener of metrics.
    pub fn metrics(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.metrics);
        let answer = Client::new().get(url).send().unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    }

    /// All that it has printed.
    pub fn printed(&self) -> String {
        let read = |name| std::fs::read(self.folder.path().join(name)).unwrap();
        String::from_utf8([read("stdout"), read("stderr")].concat()).unwrap()
    }

    /// Every file of the data folder, and what is in it.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("data")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files
    }

    /// A command of the person whose settings are in this folder.
    pub fn pal(&self, settings: &str, args: &[&str]) -> Output {
        let mut command = program(self.folder.path());
        command.args(args).env("PAL_CONFIG_DIR", self.folder.path().join(settings));
        command.output().unwrap()
    }

    /// The rights on the data folder.
    pub fn folder_mode(&self) -> u32 {
        mode(&self.folder.path().join("data"))
    }

    /// SIGTERM: it must end by itself, with success.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        // Open connections of the client would be waited for.
        self.client = Client::new();
        let status = child.wait().unwrap();
        assert!(status.success(), "{status}\n{}", self.printed());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A client; none while there is no certificate authority to trust yet.
fn client(ca: Option<&Path>) -> Option<Client> {
    let mut builder = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    if let Some(path) = ca {
        let pem = std::fs::read(path).ok()?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).unwrap());
    }
    Some(builder.build().unwrap())
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The program, with nothing of the person who runs the test.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pal"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OPENPAL_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// A data folder with a person and an application.
pub fn prepared() -> TempDir {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path();
    let facts = [
        json!({"kind": "tenant", "tenant": TENANT, "name": "Secrets", "domain": DOMAIN}),
        json!({"kind": "partner", "partner": "5127255", "name": "Utrecht", "type": "location"}),
        json!({"kind": "principal", "tenant": TENANT, "object": PERSON, "type": "User", "name": UPN}),
        json!({"kind": "principal", "tenant": TENANT, "object": ROBOT, "type": "ServicePrincipal", "name": "robot"}),
    ];
    let lines = facts.map(|fact| fact.to_string());
    std::fs::write(folder.join("facts.jsonl"), lines.join("\n")).unwrap();
    run(folder, &["import", "facts", "facts.jsonl", "--create", "--data-dir", "data"], "");
    let account = |object: &str| format!("{TENANT}/{object}");
    let (person, robot) = (account(PERSON), account(ROBOT));
    let user = ["credential", "user", UPN, "--account", &person, "--data-dir", "data"];
    run(folder, &user, PASSWORD);
    let app = ["credential", "app", APP, "--account", &robot, "--data-dir", "data"];
    run(folder, &app, SECRET);
    made
}

/// A command that must succeed and must not print what it reads.
pub fn run(folder: &Path, args: &[&str], input: &str) {
    let mut command = program(folder);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success(), "{args:?}: {text}");
    assert!(input.is_empty() || !text.contains(input), "{args:?} printed its input: {text}");
}
