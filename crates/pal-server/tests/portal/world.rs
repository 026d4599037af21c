//! A service with a portal, and a clock that is set by hand.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use pal_attribution::roles::RoleData;
use pal_identity::{
    KeyFetch, KeySource, SigningKey, SigningKeys, Tenants, TokenStyle, TrustedIssuer, Verifier,
};
use pal_issuer::{Issuer, IssuerSettings, hash_password};
use pal_model::{Instant, Principal};
use pal_server::{
    App, Bounds, Clock, Limits, Live, PageSeal, Portal, PortalAssets, PortalIssuer, PortalOptions,
    Pseudonyms, Quotas, StoreAccounts, SystemRandomness, normalise, router,
};
use pal_store::{
    Actor, FactImport, Login, PartnerRules, SignInStore, SqliteOptions, SqliteStore, Store,
};
use pal_usage::{Decoder, Intake};
use tempfile::TempDir;
use tower::ServiceExt;

pub use crate::portal::browser::{Answer, Browser};

pub const BASE: &str = "https://pal.example";
pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
/// At home in Contoso, a guest in Fabrikam; in Contoso she operates the service.
pub const ADA: &str = "ada@contoso.example";
pub const ADA_HOME: &str = "c0750000-1000-4000-8000-000000000ada";
pub const ADA_GUEST: &str = "fab00000-1000-4000-8000-000000000ada";
/// In Contoso only.
pub const BEN: &str = "ben@contoso.example";
pub const BEN_HOME: &str = "c0750000-1000-4000-8000-000000000be7";
/// Disabled.
pub const CEM: &str = "cem@contoso.example";
pub const CEM_HOME: &str = "c0750000-1000-4000-8000-000000000ce3";
pub const PASSWORD: &str = "correct horse battery staple";
/// Idle and absolute end, in seconds.
pub const IDLE: i64 = 30 * 60;
pub const ABSOLUTE: i64 = 8 * 3_600;

pub const SESSION: &str = "__Host-openpal";
pub const BEGUN: &str = "__Host-openpal-begun";
pub const V: &str = "api-version=2018-02-01";
pub const LINK: &str = "/portal/arm/providers/Microsoft.ManagementPartner/partners";

pub fn who(tenant: &str, object: &str) -> Principal {
    Principal::new(tenant.parse().unwrap(), object.parse().unwrap())
}

fn actor() -> Actor {
    Actor { principal: None, client: None, token: None, request: "test".to_owned() }
}

pub struct HandSet(Mutex<Instant>);

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

/// What is slow to make, made once: the hash of the password, the issuer's key.
fn made() -> &'static [String; 2] {
    static MADE: OnceLock<[String; 2]> = OnceLock::new();
    MADE.get_or_init(|| {
        let hash = hash_password(PASSWORD, &SystemRandomness::new()).unwrap();
        [hash, SigningKey::generate().unwrap().pem().to_owned()]
    })
}

fn account(tenant: &str, object: &str, name: &str, kind: &str, enabled: bool) -> String {
    format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\"type\":\"User\",\
         \"name\":\"{name}\",\"userType\":\"{kind}\",\"enabled\":{enabled},\
         \"from\":\"2026-01-01T00:00:00Z\"}}\n"
    )
}

fn facts() -> String {
    let directory = |tenant: &str, name: &str, domain: &str| {
        format!(
            "{{\"kind\":\"tenant\",\"tenant\":\"{tenant}\",\"name\":\"{name}\",\
             \"domain\":\"{domain}\"}}\n"
        )
    };
    let partner = |id: &str, name: &str| {
        format!(
            "{{\"kind\":\"partner\",\"partner\":\"{id}\",\"name\":\"{name}\",\"type\":\"location\"}}\n"
        )
    };
    [
        directory(CONTOSO, "Contoso", "contoso.example"),
        directory(FABRIKAM, "Fabrikam", "fabrikam.example"),
        partner("5127255", "Contoso, Utrecht"),
        partner("5127256", "Contoso, Malmö"),
        account(CONTOSO, ADA_HOME, "Ada <b>", "Member", true),
        account(FABRIKAM, ADA_GUEST, "Ada (Contoso)", "Guest", true),
        account(CONTOSO, BEN_HOME, "Ben", "Member", true),
        account(CONTOSO, CEM_HOME, "Cem", "Member", false),
        format!("{{\"kind\":\"auditor\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{ADA_GUEST}\"}}\n"),
        format!(
            "{{\"kind\":\"linkAdministrator\",\"tenant\":\"{CONTOSO}\",\
             \"object\":\"{BEN_HOME}\",\"partner\":\"5127255\"}}\n"
        ),
    ]
    .concat()
}

/// A service on 3 May 2026 at eight o'clock.
pub struct World {
    pub app: Arc<App>,
    pub portal: Option<Arc<Portal>>,
    pub clock: Arc<HandSet>,
    pub folder: TempDir,
}

/// The pages of most tests: one with a mark for a nonce, a script that is packed, a picture.
pub fn assets() -> PortalAssets {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    PortalAssets::of(vec![
        file("index.html", "<!doctype html><meta nonce=\"__CSP_NONCE__\"><title>the page</title>"),
        file("assets/index-B1.js", "plain script"),
        file("assets/index-B1.js.br", "packed by brotli"),
        file("assets/index-B1.js.gz", "packed by gzip"),
        file("favicon.svg", "<svg/>"),
    ])
}

pub const OPTIONS: PortalOptions =
    PortalOptions { idle_seconds: IDLE, absolute_seconds: ABSOLUTE, demo: false };

impl World {
    pub async fn new() -> Self {
        Self::with(|issuer| {
            let issuer = PortalIssuer::Embedded(issuer);
            Some(Portal::new(issuer, OPTIONS, assets(), b"a secret"))
        })
        .await
    }

    pub async fn with(portal: impl FnOnce(Arc<Issuer>) -> Option<Portal>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap());
        let start: Instant = "2026-05-03T08:00:00Z".parse().unwrap();
        import(store.as_ref(), &facts(), start).await;
        store.begin_serving(start).await.unwrap();
        let [password, pem] = made();
        for (upn, accounts) in [
            (ADA, vec![who(CONTOSO, ADA_HOME), who(FABRIKAM, ADA_GUEST)]),
            (BEN, vec![who(CONTOSO, BEN_HOME)]),
            (CEM, vec![who(CONTOSO, CEM_HOME)]),
        ] {
            let login = Login { upn: upn.to_owned(), password_hash: password.clone(), accounts };
            store.put_login(login, start, actor()).await.unwrap();
        }
        let keys = SigningKeys::new(vec![SigningKey::from_pem(pem).unwrap()]).unwrap();
        let keys = Arc::new(keys);
        let trusted = TrustedIssuer {
            issuers: vec![format!("{BASE}/{{tenantid}}/v2.0")],
            keys: KeySource::Embedded(keys.public()),
            audiences: vec![BASE.to_owned(), format!("{BASE}/")],
            tenants: Tenants::Any,
            tenant_claim: Some("tid".to_owned()),
            object_claim: "oid".to_owned(),
            style: TokenStyle::Entra,
        };
        let settings = IssuerSettings {
            base: BASE.to_owned(),
            audiences: Vec::new(),
            access_token_seconds: 900,
            device_code: false,
        };
        let random = Arc::new(SystemRandomness::new());
        let accounts = Arc::new(StoreAccounts::new(store.clone()));
        let issuer = Arc::new(Issuer::new(settings, keys, accounts, random.clone()).unwrap());
        let clock = Arc::new(HandSet(Mutex::new(start)));
        let many = NonZeroU32::new(15_000).unwrap();
        let roles = Arc::new(RoleData::shipped().unwrap());
        let portal = portal(issuer.clone()).map(Arc::new);
        let app = Arc::new(App {
            verifier: Arc::new(Verifier::new(vec![trusted], Arc::new(NoFetch))),
            issuer: Some(issuer),
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
            operators: vec![who(CONTOSO, ADA_HOME)],
            pseudonyms: Pseudonyms::new(b"a secret"),
            pages: PageSeal::new(b"a secret"),
            facts_body: Bounds { bytes: 4 << 20, time: Duration::from_secs(5) },
            policies: folder.path().join("policies"),
            max_upload_bytes: 64 << 20,
            live: Live::new(Intake::new(store.clone(), folder.path(), Decoder::Here), roles),
            store,
        });
        Self { app, portal, clock, folder }
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        let moved = now.nanoseconds() + i128::from(seconds) * 1_000_000_000;
        *now = Instant::from_nanoseconds(moved).unwrap();
    }

    /// From now on an account is disabled.
    pub async fn disable(&self, tenant: &str, object: &str) {
        let line = format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\
             \"type\":\"User\",\"enabled\":false,\"from\":\"{}\"}}\n",
            self.clock.now()
        );
        import(self.app.store.as_ref(), &line, self.clock.now()).await;
    }

    /// More facts.
    pub async fn know(&self, lines: &str) {
        import(self.app.store.as_ref(), lines, self.clock.now()).await;
    }

    /// Another password for a person.
    pub async fn set_password(&self, upn: &str, password: &str) {
        let mut login = self.app.store.login(upn).await.unwrap().unwrap();
        login.password_hash = hash_password(password, self.app.random.as_ref()).unwrap();
        self.app.store.put_login(login, self.clock.now(), actor()).await.unwrap();
    }

    /// A request as it stands.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = normalise(request.body(Body::from(body.to_owned())).unwrap());
        let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(5) };
        let response =
            router(self.app.clone(), self.portal.clone(), bounds).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { world: self, jar: BTreeMap::new() }
    }

    /// An access token of a person, as programs come by one.
    pub async fn token(&self, upn: &str) -> String {
        let mut browser = self.browser();
        let verifier = "v".repeat(43);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(hash.as_ref());
        let client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
        let address = format!(
            "/organizations/oauth2/v2.0/authorize?client_id={client}&response_type=code\
             &redirect_uri=http%3A%2F%2Flocalhost&code_challenge={challenge}\
             &code_challenge_method=S256"
        );
        let answer = browser.form(&address, upn, PASSWORD).await;
        let code = answer.query()["code"].clone();
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("client_id", client),
                ("code", &code),
                ("redirect_uri", "http://localhost"),
                ("code_verifier", &verifier),
            ])
            .finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let answer = self.send("POST", "/organizations/oauth2/v2.0/token", &[kind], &form).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A browser with a session.
    pub async fn signed_in(&self, upn: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.sign_in(upn, PASSWORD, "").await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/portal/")));
        browser
    }
}

async fn import(store: &dyn Store, text: &str, at: Instant) {
    let check = Box::new(|_: &mut pal_model::Facts| Ok(()));
    let import = FactImport { name: "facts", text, at, actor: actor(), check };
    store.import_facts(import).await.unwrap();
}
