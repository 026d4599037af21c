//! The program as a process of its own, serving plain HTTP on loopback, and clients that speak to it
//! over bare sockets: a test of what happens between bytes must write the bytes itself.

#[path = "../../../../bench/service/src/issuer.rs"]
mod issuer;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pal_model::Principal;
use pal_store::{LinkRecord, LinkStore, SqliteOptions, SqliteStore};
use serde_json::json;
use tempfile::TempDir;

use issuer::Issuer;

pub const TENANT: &str = "bec40000-0000-4000-8000-000000000000";
pub const UTRECHT: u64 = 5_127_255;
pub const MALMO: u64 = 5_127_256;
const AUDIENCE: &str = "https://service.example/";
const PARTNERS: &str = "/providers/Microsoft.ManagementPartner/partners";

/// Tests of this file run one after the other: they measure, and they fill the machine.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many, from the environment.
pub fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Numbers that are as good as random and the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Less than `below`.
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % below
    }
}

/// A service over a folder of its own.
pub struct Running {
    folder: TempDir,
    address: SocketAddr,
    child: Option<Child>,
    tokens: Vec<String>,
    /// Kept: its keys are fetched again after each start.
    _issuer: Issuer,
}

impl Running {
    /// With this many service principals, none linked, and further lines of configuration.
    pub fn new(owners: usize, settings: &[(&str, &str)]) -> Self {
        let issuer = Issuer::start().unwrap();
        let now = unix_now();
        let folder = tempfile::tempdir().unwrap();
        let tokens = (0..owners)
            .map(|n| issuer.token((TENANT, &object(n)), AUDIENCE, now).unwrap())
            .collect();
        let facts = folder.path().join("facts.jsonl");
        std::fs::write(&facts, facts_of(owners)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        std::fs::write(folder.path().join("openpal.toml"), configuration(&issuer, settings))
            .unwrap();
        let mut running = Self { folder, address, child: None, tokens, _issuer: issuer };
        let data = running.data();
        let facts = facts.to_str().unwrap();
        let done = running.pal(&["import", "facts", facts, "--create", "--data-dir", &data]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        running.start();
        running
    }

    pub fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The program, with nothing of the person who runs the test.
    fn command(&self) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_pal"))
    }

    fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("OPENPAL_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub fn pal(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    /// Starts it; the time until `/readyz` said yes.
    pub fn start(&mut self) -> Duration {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        self.start_through("exec \"$0\" \"$@\"", log.into(), &[])
    }

    /// The same by a line for the shell, which must end with the program `"$0" "$@"`, and with more
    /// options.
    pub fn start_through(&mut self, line: &str, stderr: Stdio, options: &[&str]) -> Duration {
        assert!(self.child.is_none(), "it runs");
        let begun = Instant::now();
        let listen = self.address.to_string();
        let mut command = self.command_of("sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_pal")]);
        command.args(["serve", "--config", "openpal.toml", "--http", "--listen", &listen]);
        command.args(["--data-dir", &self.data()]).args(options);
        command.stdout(Stdio::null()).stderr(stderr);
        self.child = Some(command.spawn().unwrap());
        while !self.is_ready() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "pal ended, {ended:?}\n{}", self.log());
            assert!(begun.elapsed() < Duration::from_mins(1), "never ready\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        begun.elapsed()
    }

    pub fn is_ready(&self) -> bool {
        let mut client = self.client_without_token();
        client.ask("GET", "/readyz").is_ok_and(|answer| answer.status == 200)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM: it must end by itself, with success.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{status}\n{}", self.log());
                return;
            }
            if begun.elapsed() > Duration::from_secs(30) {
                child.kill().unwrap();
                panic!("it did not stop\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A client that is this principal.
    pub fn client(&self, owner: usize) -> Client {
        Client { address: self.address, token: Some(self.tokens[owner].clone()), stream: None }
    }

    pub fn client_without_token(&self) -> Client {
        Client { address: self.address, token: None, stream: None }
    }

    /// The audit log and the register agree, and nothing was changed by other means.
    pub fn assert_audit_is_whole(&self) {
        let done = self.pal(&["audit", "verify", "--data-dir", &self.data()]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    }

    /// The versions of a principal's link. Only while no service runs.
    pub fn histories(&self, owners: usize) -> Vec<Vec<LinkRecord>> {
        assert!(self.child.is_none(), "the folder is in use");
        let folder = self.folder.path().join("data");
        let store = SqliteStore::open(&folder, SqliteOptions::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let of = |n| store.link_history(principal(n));
        (0..owners).map(|n| runtime.block_on(of(n)).unwrap()).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

/// Versions 1, 2, 3, … without a gap, times that only rise, one time of creation.
pub fn assert_gapless(history: &[LinkRecord]) {
    for (at, record) in history.iter().enumerate() {
        assert_eq!(usize::try_from(record.version).unwrap(), at + 1, "{history:?}");
        assert_eq!(record.created, history[0].updated, "{history:?}");
        assert!(at == 0 || history[at - 1].updated < record.updated, "{history:?}");
    }
}

pub fn object(owner: usize) -> String {
    format!("bec40000-3000-4000-8000-{owner:012x}")
}

fn principal(owner: usize) -> Principal {
    Principal::new(TENANT.parse().unwrap(), object(owner).parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "tokens of this test must be valid now")]
fn unix_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

fn facts_of(owners: usize) -> String {
    let mut facts = vec![
        json!({"kind": "tenant", "tenant": TENANT, "name": "Measured", "domain": "measured.example"}),
    ];
    for (id, name) in [(UTRECHT, "Utrecht"), (MALMO, "Malmö")] {
        let id = id.to_string();
        facts.push(json!({"kind": "partner", "partner": id, "name": name, "type": "location"}));
    }
    facts.extend((0..owners).map(|n| {
        json!({
            "kind": "principal", "tenant": TENANT, "object": object(n),
            "type": "ServicePrincipal", "name": format!("writer-{n}"),
        })
    }));
    facts.iter().map(|fact| format!("{fact}\n")).collect::<Vec<_>>().concat()
}

fn configuration(issuer: &Issuer, settings: &[(&str, &str)]) -> String {
    let own = settings.iter().map(|(key, value)| format!("{key} = {value}"));
    let limits =
        ["reads_per_hour", "writes_per_hour", "link_writes_per_minute", "link_writes_per_day"];
    let limits = limits.iter().map(|limit| format!("limits.{limit} = 4000000000"));
    let url = issuer.url();
    let identity = format!(
        "log.level = \"warn\"\nidentity.embedded = \"off\"\n\
         [[identity.issuers]]\nkind = \"oidc\"\nissuer = \"{url}\"\njwks_url = \"{url}/keys\"\n\
         audiences = [\"{AUDIENCE}\"]\ntenants = [\"{TENANT}\"]\nobject_claim = \"oid\"\n"
    );
    own.chain(limits).chain([identity]).collect::<Vec<_>>().join("\n")
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The link's version.
    pub fn version(&self) -> i64 {
        self.json()["etag"].as_i64().unwrap()
    }

    /// The link's partner.
    pub fn partner(&self) -> u64 {
        self.json()["name"].as_str().unwrap().parse().unwrap()
    }
}

/// A client that keeps its connection while that works.
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
    stream: Option<TcpStream>,
}

impl Client {
    /// The bytes of a request without a body.
    pub fn request(&self, method: &str, path: &str) -> String {
        let token = self
            .token
            .as_ref()
            .map_or_else(String::new, |t| format!("Authorization: Bearer {t}\r\n"));
        let length = if method == "GET" { "" } else { "Content-Length: 0\r\n" };
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{token}{length}\r\n")
    }

    /// The path of a link, or of the caller's own whichever it is.
    pub fn path(partner: Option<u64>) -> String {
        let id = partner.map_or_else(String::new, |id| format!("/{id}"));
        format!("{PARTNERS}{id}?api-version=2018-02-01")
    }

    pub fn link(&mut self, method: &str, partner: Option<u64>) -> io::Result<Answer> {
        self.ask(method, &Self::path(partner))
    }

    /// Sends and waits. An error = it is not known what became of the request.
    pub fn ask(&mut self, method: &str, path: &str) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address)?,
        };
        stream.write_all(self.request(method, path).as_bytes())?;
        let answer = read_answer(&mut stream)?;
        if !answer.head.to_ascii_lowercase().contains("connection: close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

impl Client {
    /// Sends a tar archive, on a connection of its own.
    pub fn upload(&self, path: &str, archive: &[u8]) -> io::Result<Answer> {
        let mut stream = connect(self.address)?;
        let length = format!("Content-Length: {}", archive.len());
        let head = self.request("POST", path).replace("Content-Length: 0", &length);
        stream.write_all(head.as_bytes())?;
        // Whoever refuses it may stop reading before its end.
        let _ = stream.write_all(archive);
        read_answer(&mut stream)
    }
}

pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.set_write_timeout(Some(Duration::from_mins(1)))?;
    Ok(stream)
}

/// Whether the other side has closed the connection; what it has sent, at most so much, is read away.
pub fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 16 << 10]) {
        Ok(read) => read == 0,
        Err(error) => {
            use std::io::ErrorKind::{TimedOut, WouldBlock};
            !matches!(error.kind(), WouldBlock | TimedOut)
        }
    }
}

/// One answer, as long as its head says; the bytes after it are left unread.
pub fn read_answer(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            _ => head.push(byte[0]),
        }
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let wrong = || io::Error::other(format!("not an answer: {head}"));
    let status = head.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(wrong)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.ok_or_else(wrong)?];
    stream.read_exact(&mut body)?;
    Ok(Answer { status, head, body })
}
