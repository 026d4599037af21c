//! A service with a portal, its pages and three people.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_issuer::Issuer;
use pal_server::{Portal, PortalAssets, PortalIssuer, PortalOptions};

pub use crate::portal::browser::{Answer, Browser};
pub use crate::support::{BASE, who};
use crate::support::{Data, Service, quotas, request, trusted};

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

/// A service with a portal, on 3 May 2026 at eight o'clock.
pub struct World {
    service: Service,
    pub portal: Option<Arc<Portal>>,
}

impl Deref for World {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
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
        let data = Data::new(&facts()).await;
        for (upn, accounts) in [
            (ADA, vec![who(CONTOSO, ADA_HOME), who(FABRIKAM, ADA_GUEST)]),
            (BEN, vec![who(CONTOSO, BEN_HOME)]),
            (CEM, vec![who(CONTOSO, CEM_HOME)]),
        ] {
            data.person(upn, PASSWORD, accounts).await;
        }
        let issuer = data.issuer(&[], false);
        let trusted = trusted(issuer.keys().public(), &[BASE, &format!("{BASE}/")]);
        let portal = portal(issuer.clone()).map(Arc::new);
        let operators = vec![who(CONTOSO, ADA_HOME)];
        let service = Service::new(data, trusted, Some(issuer), operators, quotas(15_000));
        Self { service, portal }
    }

    /// From now on an account is disabled.
    pub async fn disable(&self, tenant: &str, object: &str) {
        let line = format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\
             \"type\":\"User\",\"enabled\":false,\"from\":\"{}\"}}\n",
            self.now()
        );
        self.import(&line).await;
    }

    /// A request as it stands.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let request = request(method, path, headers, body.to_owned().into_bytes());
        let (status, headers, body) = self.answer(request, self.portal.clone()).await;
        Answer { status, headers, body: String::from_utf8(body).unwrap() }
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
