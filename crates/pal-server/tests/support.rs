//! A service without a socket: a store in a folder of its own, a clock that the test sets, and an
//! issuer of which the test has the key.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use pal_attribution::roles::RoleData;
use pal_identity::{
    KeyFetch, KeySource, NeededScope, PublicKeys, SigningKey, SigningKeys, Tenants, TokenStyle,
    TrustedIssuer, Verifier,
};
use pal_issuer::{Issuer, IssuerSettings, hash_password};
use pal_model::{Facts, Instant, Principal};
use pal_server::{
    App, Authority, Bounds, Clock, Limits, Live, Metrics, PageSeal, Portal, Pseudonyms, Quotas,
    SystemRandomness, Workload, normalise, router,
};
use pal_store::{
    Actor, FactImport, Login, PartnerRules, SignInStore, SqliteOptions, SqliteStore, Store,
};
use pal_usage::{Decoder, Intake};
use tempfile::TempDir;
use tower::ServiceExt;

pub const BASE: &str = "https://pal.example";

pub fn who(tenant: &str, object: &str) -> Principal {
    Principal::new(tenant.parse().unwrap(), object.parse().unwrap())
}

pub fn actor() -> Actor {
    Actor { principal: None, client: None, token: None, request: "test".to_owned() }
}

/// Hashes a password once: it is slow on purpose.
pub fn hash_of(password: &'static str) -> String {
    static HASHES: Mutex<Vec<(&str, String)>> = Mutex::new(Vec::new());
    let mut hashes = HASHES.lock().unwrap();
    if let Some((_, hash)) = hashes.iter().find(|(known, _)| *known == password) {
        return hash.clone();
    }
    let hash = hash_password(password, &SystemRandomness::new()).unwrap();
    hashes.push((password, hash.clone()));
    hash
}

/// The key that signs every token: making one is slow.
pub fn signing_key() -> SigningKey {
    static PEM: OnceLock<String> = OnceLock::new();
    SigningKey::from_pem(PEM.get_or_init(|| SigningKey::generate().unwrap().pem().to_owned()))
        .unwrap()
}

/// Tokens of the embedded issuer's form, for these audiences.
pub fn trusted(keys: PublicKeys, audiences: &[&str]) -> TrustedIssuer {
    TrustedIssuer {
        issuers: vec![format!("{BASE}/{{tenantid}}/v2.0"), format!("{BASE}/{{tenantid}}/")],
        keys: KeySource::Embedded(keys),
        audiences: audiences.iter().map(|audience| (*audience).to_owned()).collect(),
        tenants: Tenants::Any,
        tenant_claim: Some("tid".to_owned()),
        object_claim: "oid".to_owned(),
        scope: NeededScope::default(),
        style: TokenStyle::Entra,
    }
}

/// The same quota for everything.
pub fn quotas(count: u32) -> Quotas {
    let count = NonZeroU32::new(count).unwrap();
    Quotas {
        reads_per_hour: count,
        writes_per_hour: count,
        link_writes_per_minute: count,
        link_writes_per_day: count,
    }
}

struct NoFetch;

#[async_trait]
impl KeyFetch for NoFetch {
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no network here".to_owned())
    }
}

struct HandSet(Mutex<Instant>);

impl Clock for HandSet {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// A data folder that has served since 3 May 2026 at eight o'clock.
pub struct Data {
    pub folder: TempDir,
    pub store: Arc<SqliteStore>,
    start: Instant,
}

impl Data {
    pub async fn new(facts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap());
        let start: Instant = "2026-05-03T08:00:00Z".parse().unwrap();
        import(store.as_ref(), facts, start).await;
        store.begin_serving(start).await.unwrap();
        Self { folder, store, start }
    }

    /// A person, who can sign in.
    pub async fn person(&self, upn: &str, password: &'static str, accounts: Vec<Principal>) {
        let login = Login { upn: upn.to_owned(), password_hash: hash_of(password), accounts };
        self.store.put_login(login, self.start, actor()).await.unwrap();
    }

    /// A program, which can sign in.
    pub async fn program(&self, program: pal_store::App) {
        self.store.put_app(program, self.start, actor()).await.unwrap();
    }

    /// The embedded issuer, whose tokens are for the service and these audiences.
    pub fn issuer(&self, audiences: &[&str], device_code: bool) -> Arc<Issuer> {
        let settings = IssuerSettings {
            base: BASE.to_owned(),
            audiences: audiences.iter().map(|audience| (*audience).to_owned()).collect(),
            access_token_seconds: 900,
            device_code,
        };
        let keys = Arc::new(SigningKeys::new(vec![signing_key()]).unwrap());
        let random = Arc::new(SystemRandomness::new());
        Arc::new(Issuer::new(settings, keys, self.store.clone(), random).unwrap())
    }
}

/// A service over a data folder.
pub struct Service {
    pub app: Arc<App>,
    pub folder: TempDir,
    clock: Arc<HandSet>,
}

impl Service {
    pub fn new(
        data: Data,
        trusted: TrustedIssuer,
        issuer: Option<Arc<Issuer>>,
        operators: Vec<Principal>,
        quotas: Quotas,
    ) -> Self {
        let authority = Authority::embedded(BASE);
        Self::at_authority(data, trusted, issuer, operators, quotas, authority)
    }

    /// The same, where clients are told to get their tokens elsewhere.
    pub fn at_authority(
        data: Data,
        trusted: TrustedIssuer,
        issuer: Option<Arc<Issuer>>,
        operators: Vec<Principal>,
        quotas: Quotas,
        authority: Authority,
    ) -> Self {
        let Data { folder, store, start } = data;
        let clock = Arc::new(HandSet(Mutex::new(start)));
        let roles = Arc::new(RoleData::shipped().unwrap());
        let app = Arc::new(App {
            verifier: Arc::new(Verifier::new(vec![trusted], Arc::new(NoFetch))),
            issuer,
            clock: clock.clone(),
            random: Arc::new(SystemRandomness::new()),
            base: BASE.to_owned(),
            loopback: false,
            authority,
            partners: PartnerRules::default(),
            limits: Limits::new(quotas),
            operators,
            pseudonyms: Pseudonyms::new(b"a secret"),
            pages: PageSeal::new(b"a secret"),
            facts_body: Bounds { bytes: 4 << 20, time: Duration::from_secs(5) },
            policies: folder.path().join("policies"),
            metrics: Metrics::default(),
            work: Workload::new(2),
            max_upload_bytes: 64 << 20,
            live: Live::new(Intake::new(store.clone(), folder.path(), Decoder::Here), roles),
            store,
        });
        Self { app, folder, clock }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Sets the clock.
    pub fn at(&self, instant: &str) {
        *self.clock.0.lock().unwrap() = instant.parse().unwrap();
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        let moved = now.nanoseconds() + i128::from(seconds) * 1_000_000_000;
        *now = Instant::from_nanoseconds(moved).unwrap();
    }

    /// Imports facts, now.
    pub async fn import(&self, facts: &str) {
        import(self.app.store.as_ref(), facts, self.now()).await;
    }

    /// Gives a person another password.
    pub async fn set_password(&self, upn: &str, password: &str) {
        let mut login = self.app.store.login(upn).await.unwrap().unwrap();
        login.password_hash = hash_password(password, self.app.random.as_ref()).unwrap();
        self.app.store.put_login(login, self.now(), actor()).await.unwrap();
    }

    /// What the service, with a portal or without, answers: status, headers and body.
    pub async fn answer(
        &self,
        request: Request<Body>,
        portal: Option<Arc<Portal>>,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(5) };
        let service = router(self.app.clone(), portal, bounds);
        let response = service.oneshot(normalise(request)).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        (parts.status.as_u16(), parts.headers, body)
    }
}

/// A request with these headers.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body)).unwrap()
}

async fn import(store: &dyn Store, text: &str, at: Instant) {
    let check = Box::new(|_: &mut Facts| Ok(()));
    let import = FactImport { name: "facts", text, at, actor: actor(), check };
    store.import_facts(import).await.unwrap();
}
