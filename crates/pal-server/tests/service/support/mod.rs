//! The service with one directory, and an issuer whose key is here.

use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::http::HeaderMap;
use pal_identity::{PrivateKey, SigningKeys};
use pal_model::Instant;
use pal_server::{Authority, Quotas, Workload};
use pal_store::{SqliteOptions, SqliteStore};
use pal_usage::counting::{Answers, OnDifference};
use pal_usage::{Order, Paths};
use serde_json::{Value, json};

use crate::support::{BASE, Data, Service, actor, request, signing_key, trusted, who};

pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
pub const ADA: &str = "fab00000-1000-4000-8000-000000000ada";
pub const DARA: &str = "fab00000-1000-4000-8000-00000000da7a";
/// Disabled.
pub const CEM: &str = "fab00000-1000-4000-8000-000000000ce3";
/// A group.
pub const GROUP: &str = "fab00000-2000-4000-8000-000000000001";
/// In no fact.
pub const NOBODY: &str = "fab00000-1000-4000-8000-00000000dead";
/// May read everything.
pub const OPERATOR: &str = "fab00000-1000-4000-8000-00000000f71d";

/// Reads the reports of Contoso, with money.
pub const EXECUTIVE: &str = "fab00000-1000-4000-8000-00000000e4ec";
/// Reads the reports of Adatum, without.
pub const VIEWER: &str = "fab00000-1000-4000-8000-0000000071e3";
/// Looks after the links of Contoso.
pub const LINK_ADMINISTRATOR: &str = "fab00000-1000-4000-8000-0000000011ad";
/// Looks after Fabrikam.
pub const AUDITOR: &str = "fab00000-1000-4000-8000-00000000a0d1";

fn facts() -> String {
    let partner = |id: &str, name: &str, rest: &str| {
        format!("{{\"kind\":\"partner\",\"partner\":\"{id}\",\"name\":\"{name}\",{rest}}}\n")
    };
    let account = |object: &str, name: &str, rest: &str| {
        format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{object}\",\
             \"name\":\"{name}\",{rest}}}\n"
        )
    };
    let location = "\"type\":\"location\",\"parent\":\"5127254\"";
    let mut text = format!(
        "{{\"kind\":\"tenant\",\"tenant\":\"{FABRIKAM}\",\"name\":\"Fabrikam\",\
         \"domain\":\"fabrikam.example\"}}\n"
    );
    text += &partner("5127254", "Contoso", "\"type\":\"global\"");
    text += &partner("5127255", "Contoso Services, Utrecht", location);
    text += &partner("5127256", "Contoso Services, Malmö", location);
    let closed = format!("{location},\"to\":\"2026-01-01T00:00:00Z\"");
    text += &partner("5127257", "Contoso Services, Gent", &closed);
    text += &partner("6203118", "Adatum Consulting", "\"type\":\"location\"");
    text += &account(ADA, "ada@contoso.example", "\"type\":\"User\",\"userType\":\"Guest\"");
    text += &account(DARA, "ext-dara@fabrikam.example", "\"type\":\"User\"");
    text += &account(OPERATOR, "frida@fabrikam.example", "\"type\":\"User\"");
    let sight = |object: &str, kind: &str, rest: &str| {
        format!("{{\"kind\":\"{kind}\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{object}\"{rest}}}\n")
    };
    for object in [EXECUTIVE, VIEWER, LINK_ADMINISTRATOR, AUDITOR] {
        text += &account(object, "somebody@fabrikam.example", "\"type\":\"User\"");
    }
    text += &sight(EXECUTIVE, "viewer", ",\"partner\":\"5127254\",\"level\":\"executive\"");
    text += &sight(VIEWER, "viewer", ",\"partner\":\"6203118\",\"level\":\"viewer\"");
    text += &sight(LINK_ADMINISTRATOR, "linkAdministrator", ",\"partner\":\"5127254\"");
    text += &sight(AUDITOR, "auditor", "");
    text += &account(CEM, "cem@contoso.example", "\"type\":\"User\",\"enabled\":false");
    text += &account(GROUP, "Contoso Ops", "\"type\":\"Group\"");
    text
}

/// A service with one directory, Fabrikam, on 3 May 2026.
pub struct World {
    service: Service,
    key: (PrivateKey, String),
}

impl Deref for World {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl World {
    pub async fn new() -> Self {
        Self::at_authority(Authority::embedded(BASE)).await
    }

    /// The same, where clients are told to get their tokens elsewhere.
    pub async fn at_authority(authority: Authority) -> Self {
        let data = Data::new(&facts()).await;
        let signing = signing_key();
        let private = PrivateKey::from_pem(signing.pem()).unwrap();
        let keys = SigningKeys::new(vec![signing]).unwrap();
        let jwks = serde_json::to_value(keys.jwks()).unwrap();
        let kid = jwks["keys"][0]["kid"].as_str().unwrap().to_owned();
        let trusted = trusted(keys.public(), &[&format!("{BASE}/")]);
        let few = |n| NonZeroU32::new(n).unwrap();
        let quotas = Quotas {
            reads_per_hour: few(15_000),
            writes_per_hour: few(1_200),
            link_writes_per_minute: few(20),
            link_writes_per_day: few(200),
        };
        let operators = vec![who(FABRIKAM, OPERATOR)];
        let service = Service::at_authority(data, trusted, None, operators, quotas, authority);
        Self { service, key: (private, kid) }
    }

    /// Takes a cost export in; nothing else counts any more.
    pub async fn usage(&self, csv: &str) {
        for before in self.app.store.usage_imports(1_000).await.unwrap() {
            let at = self.app.now();
            // What was withdrawn before says so.
            let _ = self.app.live.intake.withdraw(before.number, at, actor()).await;
        }
        self.restate(csv).await;
    }

    /// Takes a cost export in; what it says of a month and subscription counts instead of what was
    /// known of it.
    pub async fn restate(&self, csv: &str) {
        let path = self.folder.path().join("costs.csv");
        std::fs::write(&path, csv).unwrap();
        let order = Order {
            paths: Paths::Given(vec![path]),
            schema: None,
            answers: Answers { on_difference: OnDifference::Restate, ..Answers::default() },
            dry_run: false,
            at: self.app.now(),
            actor: actor(),
            id: self.app.guid(),
            name: "costs.csv".to_owned(),
            landed: None,
        };
        self.app.live.intake.import(order, &AtomicU64::new(0)).await.unwrap();
    }

    /// Puts a policy of the operator's into the data folder.
    pub fn policy(&self, name: &str, text: &str) {
        std::fs::create_dir_all(&self.app.policies).unwrap();
        std::fs::write(self.app.policies.join(format!("{name}.toml")), text).unwrap();
    }

    /// Other places for what keeps processors busy.
    pub fn replace_work(&mut self, work: Workload) {
        Arc::get_mut(&mut self.service.app).unwrap().work = work;
    }

    /// How many shares of reports were taken from those kept, and how many were made.
    pub fn shares(&self) -> (u64, u64) {
        self.app.live.composer.counts()
    }

    /// How many records the audit log has.
    pub fn records(&self) -> i64 {
        pal_store::audit::verify(self.folder.path(), None, None).unwrap().records
    }

    /// Signs the end of the audit log.
    pub fn checkpoint(&self) {
        let store = SqliteStore::open(self.folder.path(), SqliteOptions::default()).unwrap();
        store.checkpoint(self.app.now()).unwrap().unwrap();
    }

    /// The file of signed checkpoints.
    pub fn checkpoints(&self) -> std::path::PathBuf {
        self.folder.path().join("audit").join("checkpoints.jsonl")
    }

    /// A token for an object of Fabrikam, good for the months that tests play in.
    pub fn token(&self, object: &str) -> String {
        self.token_in(FABRIKAM, object)
    }

    /// A token for an object of any directory.
    pub fn token_in(&self, tenant: &str, object: &str) -> String {
        self.token_until(tenant, object, "2026-06-01T00:00:00Z")
    }

    /// The same, good until an instant.
    pub fn token_until(&self, tenant: &str, object: &str, until: &str) -> String {
        let seconds = |text: &str| text.parse::<Instant>().unwrap().unix_seconds();
        self.sign(&json!({
            "aud": format!("{BASE}/"),
            "iss": format!("{BASE}/{tenant}/v2.0"),
            "iat": seconds("2026-05-01T00:00:00Z"),
            "exp": seconds(until),
            "tid": tenant, "oid": object, "sub": object,
            "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "idtyp": "user",
            "scp": "user_impersonation",
        }))
    }

    /// A token of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.key.1});
        self.key.0.sign(&header, claims).unwrap()
    }

    /// A request without a body.
    pub async fn call(&self, method: &str, path: String, token: &str) -> Answer {
        self.send(method, &path, token, &[], Vec::new()).await
    }

    /// A request.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let signed = format!("Bearer {token}");
        let mut headers = headers.to_vec();
        if !token.is_empty() {
            headers.insert(0, ("authorization", &signed));
        }
        let request = request(method, path, &headers, body);
        let (status, headers, body) = self.answer(request, None).await;
        Answer { status, headers, body }
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Code and message of an error, which must have the form that every client reads.
    pub fn error(&self) -> (String, String) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{} {error}: {}", self.status, String::from_utf8_lossy(&self.body))
        });
        let text = |name: &str| body["error"][name].as_str().unwrap().to_owned();
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        (text("code"), text("message"))
    }
}
