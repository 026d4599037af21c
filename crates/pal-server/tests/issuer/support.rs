//! A service with the embedded issuer: a store in a folder of its own, a clock that is set by hand.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use http_body_util::BodyExt;
use pal_attribution::roles::RoleData;
use pal_identity::{
    KeyFetch, KeySource, SigningKey, SigningKeys, Tenants, TokenStyle, TrustedIssuer, Verifier,
};
use pal_issuer::{Issuer, IssuerSettings, hash_password};
use pal_model::{Instant, Principal};
use pal_server::{
    App, Bounds, Clock, Limits, Live, PageSeal, Pseudonyms, Quotas, StoreAccounts,
    SystemRandomness, normalise, router,
};
use pal_store::{
    Actor, App as Program, FactImport, Login, PartnerRules, SignInStore, SqliteOptions,
    SqliteStore, Store,
};
use pal_usage::{Decoder, Intake};
use tempfile::TempDir;
use tower::ServiceExt;

pub use crate::issuer::people::*;
use crate::issuer::wire::{Answer, Fields};

struct HandSet(Mutex<Instant>);

impl Clock for HandSet {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

struct NoFetch;

#[async_trait]
impl KeyFetch for NoFetch {
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no network here".to_owned())
    }
}

/// What is slow to make, made once: hash of the password, hash of the secret, the issuer's key.
fn made() -> &'static [String; 3] {
    static MADE: OnceLock<[String; 3]> = OnceLock::new();
    MADE.get_or_init(|| {
        let random = SystemRandomness::new();
        let hash = |secret| hash_password(secret, &random).unwrap();
        [hash(PASSWORD), hash(SECRET), SigningKey::generate().unwrap().pem().to_owned()]
    })
}

/// The key of [`WITH_CERTIFICATE`] and its certificate, which is good in 2026.
pub fn certificate() -> &'static (rcgen::KeyPair, rcgen::Certificate) {
    static MADE: OnceLock<(rcgen::KeyPair, rcgen::Certificate)> = OnceLock::new();
    MADE.get_or_init(|| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let mut wanted = rcgen::CertificateParams::new(vec!["program".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let certificate = wanted.self_signed(&key).unwrap();
        (key, certificate)
    })
}

fn actor() -> Actor {
    Actor { principal: None, client: None, token: None, request: "test".to_owned() }
}

fn who(tenant: &str, object: &str) -> Principal {
    Principal::new(tenant.parse().unwrap(), object.parse().unwrap())
}

/// A service on 3 May 2026 at eight o'clock.
pub struct World {
    app: Arc<App>,
    clock: Arc<HandSet>,
    folder: TempDir,
    from: Mutex<Option<IpAddr>>,
}

impl World {
    /// With the device code.
    pub async fn new() -> Self {
        Self::with(true).await
    }

    pub async fn with(device_code: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap());
        let start: Instant = "2026-05-03T08:00:00Z".parse().unwrap();
        import(store.as_ref(), &facts(), start).await;
        store.begin_serving(start).await.unwrap();
        let [password, secret, pem] = made();
        for (upn, accounts) in [
            (ADA, vec![who(CONTOSO, ADA_HOME), who(FABRIKAM, ADA_GUEST)]),
            (BEN, vec![who(CONTOSO, BEN_HOME)]),
            (CEM, vec![who(CONTOSO, CEM_HOME)]),
        ] {
            let login = Login { upn: upn.to_owned(), password_hash: password.clone(), accounts };
            store.put_login(login, start, actor()).await.unwrap();
        }
        for (client, principal, secret_hash, certificates) in [
            (WITH_SECRET, who(FABRIKAM, WITH_SECRET_OBJECT), Some(secret.clone()), vec![]),
            (
                WITH_CERTIFICATE,
                who(FABRIKAM, WITH_CERTIFICATE_OBJECT),
                None,
                vec![certificate().1.pem()],
            ),
            (ABROAD, who(CONTOSO, ABROAD_OBJECT), Some(secret.clone()), vec![]),
        ] {
            let client = client.parse().unwrap();
            let program = Program { client, principal, secret_hash, certificates };
            store.put_app(program, start, actor()).await.unwrap();
        }
        let keys = SigningKeys::new(vec![SigningKey::from_pem(pem).unwrap()]).unwrap();
        let keys = Arc::new(keys);
        let azure = "https://management.azure.com/";
        let trusted = TrustedIssuer {
            issuers: vec![format!("{BASE}/{{tenantid}}/v2.0"), format!("{BASE}/{{tenantid}}/")],
            keys: KeySource::Embedded(keys.public()),
            audiences: vec![BASE.to_owned(), format!("{BASE}/"), azure.to_owned()],
            tenants: Tenants::Any,
            tenant_claim: Some("tid".to_owned()),
            object_claim: "oid".to_owned(),
            style: TokenStyle::Entra,
        };
        let settings = IssuerSettings {
            base: BASE.to_owned(),
            audiences: vec![azure.to_owned()],
            access_token_seconds: 900,
            device_code,
        };
        let random = Arc::new(SystemRandomness::new());
        let accounts = Arc::new(StoreAccounts::new(store.clone()));
        let issuer = Issuer::new(settings, keys, accounts, random.clone()).unwrap();
        let clock = Arc::new(HandSet(Mutex::new(start)));
        let many = NonZeroU32::new(15_000).unwrap();
        let roles = Arc::new(RoleData::shipped().unwrap());
        let app = Arc::new(App {
            verifier: Arc::new(Verifier::new(vec![trusted], Arc::new(NoFetch))),
            issuer: Some(Arc::new(issuer)),
            clock: clock.clone(),
            random,
            base: BASE.to_owned(),
            loopback: false,
            partners: PartnerRules::default(),
            limits: Limits::new(Quotas {
                reads_per_hour: many,
                writes_per_hour: many,
                link_writes_per_minute: many,
                link_writes_per_day: many,
            }),
            operators: Vec::new(),
            pseudonyms: Pseudonyms::new(b"a secret"),
            pages: PageSeal::new(b"a secret"),
            facts_body: Bounds { bytes: 4 << 20, time: Duration::from_secs(5) },
            policies: folder.path().join("policies"),
            max_upload_bytes: 64 << 20,
            live: Live::new(Intake::new(store.clone(), folder.path(), Decoder::Here), roles),
            store,
        });
        Self { app, clock, folder, from: Mutex::default() }
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        let moved = now.nanoseconds() + i128::from(seconds) * 1_000_000_000;
        *now = Instant::from_nanoseconds(moved).unwrap();
    }

    /// The address that requests come from, from now on.
    pub fn comes_from(&self, address: &str) {
        *self.from.lock().unwrap() = Some(address.parse().unwrap());
    }

    /// The directory says from now on whether an account is enabled.
    pub async fn enable(&self, tenant: &str, object: &str, kind: &str, enabled: bool) {
        let fact = account(tenant, object, kind, enabled, &self.now().to_string());
        import(self.app.store.as_ref(), &fact, self.now()).await;
    }

    /// Another password for a person.
    pub async fn set_password(&self, upn: &str, password: &str) {
        let mut login = self.app.store.login(upn).await.unwrap().unwrap();
        login.password_hash = hash_password(password, self.app.random.as_ref()).unwrap();
        self.app.store.put_login(login, self.now(), actor()).await.unwrap();
    }

    /// Every byte that the service has written to disk.
    pub fn written(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.flat_map(|path| std::fs::read(path).unwrap()).collect()
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, String::new()).await
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &Fields, headers: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields.0).finish();
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.send("POST", path, &[headers, &[form]].concat(), body).await
    }

    /// The caller's own link, asked for with a token.
    pub async fn link(&self, token: &str) -> Answer {
        let path = "/providers/Microsoft.ManagementPartner/partners?api-version=2018-02-01";
        self.get(path, &[("authorization", &format!("Bearer {token}"))]).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(from) = *self.from.lock().unwrap() {
            request = request.extension(ConnectInfo(SocketAddr::new(from, 50_000)));
        }
        let request = normalise(request.body(Body::from(body)).unwrap());
        let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(5) };
        let response = router(self.app.clone(), None, bounds).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let body = String::from_utf8(body).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

async fn import(store: &dyn Store, text: &str, at: Instant) {
    let check = Box::new(|_: &mut pal_model::Facts| Ok(()));
    let import = FactImport { name: "facts", text, at, actor: actor(), check };
    store.import_facts(import).await.unwrap();
}
