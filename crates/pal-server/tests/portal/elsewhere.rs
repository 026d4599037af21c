//! Sign-in at an issuer elsewhere: Entra ID, and any other; each is played by the test.

use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::{KeyFetch, PrivateKey, SigningKey, SigningKeys, TrustedIssuer};
use pal_server::{BackChannel, External, ExternalKind, Portal, PortalIssuer};
use serde_json::{Value, json};

use crate::portal::world::{
    ADA_GUEST, ADA_HOME, Browser, CONTOSO, FABRIKAM, LINK, OPTIONS, SESSION, V, World, assets,
};

const ENTRA: &str = "https://login.microsoftonline.com";
const KEYCLOAK: &str = "https://id.example/realms/contoso";
const CLIENT: &str = "7a110000-7000-4000-8000-000000000001";
const SECRET: &str = "the secret of the client";

fn keys() -> &'static (PrivateKey, String, Value) {
    static MADE: OnceLock<(PrivateKey, String, Value)> = OnceLock::new();
    MADE.get_or_init(|| {
        let signing = SigningKey::generate().unwrap();
        let private = PrivateKey::from_pem(signing.pem()).unwrap();
        let jwks = serde_json::to_value(SigningKeys::new(vec![signing]).unwrap().jwks()).unwrap();
        let kid = jwks["keys"][0]["kid"].as_str().unwrap().to_owned();
        (private, kid, jwks)
    })
}

/// What is wrong with claims.
type Change = Box<dyn Fn(&mut Value)>;
/// What was posted: the address, the fields.
type Posted = (String, Vec<(String, String)>);

/// The issuer's side: what it answers next, and what it was asked.
#[derive(Default)]
struct Cloud {
    answer: Mutex<Option<(u16, Value)>>,
    posted: Mutex<Vec<Posted>>,
}

#[async_trait]
impl KeyFetch for Cloud {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let document = if url == format!("{KEYCLOAK}/.well-known/openid-configuration") {
            json!({
                "issuer": KEYCLOAK,
                "authorization_endpoint": format!("{KEYCLOAK}/protocol/auth"),
                "token_endpoint": format!("{KEYCLOAK}/protocol/token"),
            })
        } else {
            keys().2.clone()
        };
        Ok(document.to_string().into_bytes())
    }
}

#[async_trait]
impl BackChannel for Cloud {
    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<(u16, Vec<u8>), String> {
        let fields = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.posted.lock().unwrap().push((url.to_owned(), fields));
        let (status, body) =
            self.answer.lock().unwrap().take().ok_or("the issuer is away".to_owned())?;
        Ok((status, body.to_string().into_bytes()))
    }
}

async fn world(entra: bool) -> (World, Arc<Cloud>) {
    let cloud = Arc::new(Cloud::default());
    let back: Arc<dyn BackChannel> = cloud.clone();
    let audiences = vec!["api://openpal".to_owned()];
    let tenants = vec![CONTOSO.parse().unwrap(), FABRIKAM.parse().unwrap()];
    let (kind, trusted) = if entra {
        let kind = ExternalKind::Entra { authority: ENTRA.to_owned(), tenant: None };
        (kind, TrustedIssuer::entra(audiences, tenants))
    } else {
        let keys = format!("{KEYCLOAK}/keys");
        let one = vec![CONTOSO.parse().unwrap()];
        let kind = ExternalKind::Oidc { issuer: KEYCLOAK.to_owned() };
        let object = Some("oid".to_owned());
        (kind, TrustedIssuer::oidc(KEYCLOAK.to_owned(), keys, audiences, one, None, object))
    };
    let secret = entra.then(|| SECRET.to_owned().into());
    let external = External::new(kind, CLIENT.to_owned(), secret, trusted, back);
    let world = World::with(|_| {
        let issuer = PortalIssuer::External(Box::new(external));
        Some(Portal::new(issuer, OPTIONS, assets(), b"a secret"))
    })
    .await;
    (world, cloud)
}

/// An ID token of Ada in a directory, as the issuer would answer with it.
fn claims(world: &World, tenant: &str, object: &str, nonce: &str) -> Value {
    let now = i64::try_from(world.app.now().nanoseconds() / 1_000_000_000).unwrap();
    json!({
        "aud": CLIENT, "iss": format!("{ENTRA}/{tenant}/v2.0"), "iat": now, "nbf": now,
        "exp": now + 3_600, "tid": tenant, "oid": object, "sub": "pairwise", "nonce": nonce,
        "name": "Mallory", "preferred_username": "operator@contoso.example", "ver": "2.0",
    })
}

fn signed(claims: &Value) -> String {
    let (key, kid, _) = keys();
    key.sign(&json!({"typ": "JWT", "alg": "RS256", "kid": kid}), claims).unwrap()
}

/// Begins; the marks that the issuer was given.
async fn begin(browser: &mut Browser<'_>, query: &str) -> (String, String, String) {
    let begun = browser.get(&format!("/portal/auth/sign-in{query}")).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let fields = begun.query();
    let to = begun.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(
        (fields["client_id"].as_str(), fields["scope"].as_str()),
        (CLIENT, "openid profile")
    );
    (to, fields["state"].clone(), fields["nonce"].clone())
}

fn answers(cloud: &Cloud, token: &str) {
    let body =
        json!({"id_token": token, "access_token": "an access token", "token_type": "Bearer"});
    *cloud.answer.lock().unwrap() = Some((200, body));
}

#[tokio::test]
async fn a_person_of_entra_signs_in_and_links() {
    let (world, cloud) = world(true).await;
    let mut browser = world.browser();
    let (to, state, nonce) = begin(&mut browser, "").await;
    assert_eq!(to, format!("{ENTRA}/organizations/oauth2/v2.0/authorize"));
    let token = signed(&claims(&world, CONTOSO, ADA_HOME, &nonce));
    answers(&cloud, &token);
    let path = format!("/portal/auth/callback?code=the+code&state={state}");
    let answer = browser.get(&path).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/portal/")));
    let (url, fields) = cloud.posted.lock().unwrap().pop().unwrap();
    assert_eq!(url, format!("{ENTRA}/organizations/oauth2/v2.0/token"));
    let field = |name: &str| {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    assert_eq!((field("code"), field("client_secret")), (Some("the code"), Some(SECRET)));
    assert_eq!(field("redirect_uri"), Some("https://pal.example/portal/auth/callback"));
    assert_eq!(field("code_verifier").unwrap().len(), 43);
    // Names and rights come from the directory, not from the token.
    let session = browser.session().await;
    assert_eq!(session["account"]["name"], "Ada <b>");
    assert_eq!(session["directories"].as_array().unwrap().len(), 1);
    let own = browser.get("/portal/session/links").await.json();
    assert_eq!(own["value"].as_array().unwrap().len(), 1);
    let link = browser.page("PUT", &format!("{LINK}/5127255?{V}"), "").await;
    assert_eq!(link.json()["properties"]["objectId"], ADA_HOME);
    // Nothing of the issuer's answer is kept.
    for file in ["openpal.db", "openpal.db-wal"] {
        let bytes = std::fs::read(world.folder.path().join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(&token) && !text.contains("an access token"), "{file}");
    }
}

/// Another directory is another sign-in there, and only an answer for that directory counts.
#[tokio::test]
async fn p1_another_directory_is_another_sign_in() {
    let (world, cloud) = world(true).await;
    let mut browser = world.browser();
    let (_, state, nonce) = begin(&mut browser, "").await;
    answers(&cloud, &signed(&claims(&world, CONTOSO, ADA_HOME, &nonce)));
    browser.get(&format!("/portal/auth/callback?code=c&state={state}")).await;
    let first = browser.jar[SESSION].clone();
    let to = format!("{{\"tenantId\":\"{FABRIKAM}\"}}");
    let refused = browser.page("POST", "/portal/session/directory", &to).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "SignInRequired"));
    for (named, status) in [(FABRIKAM, 403), (CONTOSO, 200)] {
        let headers = [("x-openpal-directory", named)];
        let answer = browser.send("GET", "/portal/api/v1/me", &headers, "").await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.body == refused.body, status == 403);
    }
    let (to, state, nonce) = begin(&mut browser, &format!("?tenant={FABRIKAM}")).await;
    assert_eq!(to, format!("{ENTRA}/{FABRIKAM}/oauth2/v2.0/authorize"));
    let mut mixed = browser.clone();
    answers(&cloud, &signed(&claims(&world, CONTOSO, ADA_HOME, &nonce)));
    let path = format!("/portal/auth/callback?code=c&state={state}");
    assert_eq!(mixed.get(&path).await.status, 403, "an answer for another directory");
    answers(&cloud, &signed(&claims(&world, FABRIKAM, ADA_GUEST, &nonce)));
    assert_eq!(browser.get(&path).await.status, 303);
    assert_ne!(browser.jar[SESSION], first);
    assert_eq!(browser.session().await["account"]["objectId"], ADA_GUEST);
}

#[tokio::test]
async fn t10_t48_answers_that_are_not_ours_sign_nobody_in() {
    let (world, cloud) = world(true).await;
    let wrong: Vec<(&str, Change, u16)> = vec![
        ("another nonce", Box::new(|c| c["nonce"] = "x".into()), 400),
        ("no nonce", Box::new(|c| c["nonce"] = Value::Null), 400),
        ("the API's audience", Box::new(|c| c["aud"] = "api://openpal".into()), 400),
        ("another client", Box::new(|c| c["aud"] = "x".into()), 400),
        ("another issuer", Box::new(|c| c["iss"] = "https://evil.example/v2.0".into()), 400),
        ("an unknown tenant", Box::new(|c| c["tid"] = ADA_HOME.into()), 400),
        ("an access token", Box::new(|c| c["scp"] = "x".into()), 400),
        ("a program", Box::new(|c| c["idtyp"] = "app".into()), 400),
        (
            "a directory that is not allowed",
            Box::new(|c| {
                c["tid"] = ADA_HOME.into();
                c["iss"] = format!("{ENTRA}/{ADA_HOME}/v2.0").into();
            }),
            403,
        ),
        ("expired", Box::new(|c| c["exp"] = 1.into()), 400),
        ("no account", Box::new(|c| c["oid"] = CONTOSO.into()), 403),
    ];
    for (what, change, status) in wrong {
        let mut browser = world.browser();
        let (_, state, nonce) = begin(&mut browser, "").await;
        let mut claims = claims(&world, CONTOSO, ADA_HOME, &nonce);
        change(&mut claims);
        answers(&cloud, &signed(&claims));
        let answer = browser.get(&format!("/portal/auth/callback?code=c&state={state}")).await;
        assert_eq!(answer.status, status, "{what}");
        assert!(!browser.jar.contains_key(SESSION), "{what}");
    }
    let none = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
    for (what, answer, status) in [
        ("nobody there", None, 503),
        ("a used code", Some((400, json!({"error": "invalid_grant"}))), 400),
        ("a wrong secret", Some((401, json!({"error": "invalid_client"}))), 503),
        ("no token", Some((200, json!({}))), 400),
        ("no signature", Some((200, json!({"id_token": format!("{none}.e30.")}))), 400),
    ] {
        let mut browser = world.browser();
        let (_, state, _) = begin(&mut browser, "").await;
        *cloud.answer.lock().unwrap() = answer;
        let answer = browser.get(&format!("/portal/auth/callback?code=c&state={state}")).await;
        assert_eq!(answer.status, status, "{what}");
        assert!(!browser.jar.contains_key(SESSION) && !answer.body.contains(SECRET), "{what}");
    }
    // `iss` of the answer, where it is said, is that of the token (T48).
    for (iss, status) in [("https%3A%2F%2Fevil.example", 400), (CONTOSO, 400)] {
        let mut browser = world.browser();
        let (_, state, nonce) = begin(&mut browser, "").await;
        answers(&cloud, &signed(&claims(&world, CONTOSO, ADA_HOME, &nonce)));
        let path = format!("/portal/auth/callback?code=c&state={state}&iss={iss}");
        assert_eq!(browser.get(&path).await.status, status, "{iss}");
    }
}

/// A public client of another issuer: where it is stands in its discovery document.
#[tokio::test]
async fn a_person_of_another_issuer_signs_in() {
    let (world, cloud) = world(false).await;
    let mut browser = world.browser();
    let (to, state, nonce) = begin(&mut browser, "").await;
    assert_eq!(to, format!("{KEYCLOAK}/protocol/auth"));
    let mut claims = claims(&world, CONTOSO, ADA_HOME, &nonce);
    claims["iss"] = KEYCLOAK.into();
    claims["typ"] = "ID".into();
    claims["azp"] = CLIENT.into();
    answers(&cloud, &signed(&claims));
    let iss: String = form_urlencoded::byte_serialize(KEYCLOAK.as_bytes()).collect();
    let path = format!("/portal/auth/callback?code=c&state={state}&iss={iss}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (url, fields) = cloud.posted.lock().unwrap().pop().unwrap();
    assert_eq!(url, format!("{KEYCLOAK}/protocol/token"));
    assert!(!fields.iter().any(|(name, _)| name == "client_secret"));
    assert_eq!(browser.session().await["account"]["objectId"], ADA_HOME);
    // Everywhere is every session of this account.
    let mut other = browser.clone();
    browser.page("POST", "/portal/auth/sign-out", "{\"everywhere\":true}").await;
    assert_eq!(other.session().await["signedIn"], false);
}

/// Roles of an application are given to people as well: they are no sign of a program.
#[tokio::test]
async fn t12_a_person_with_roles_signs_in() {
    let (world, cloud) = world(true).await;
    let mut browser = world.browser();
    let (_, state, nonce) = begin(&mut browser, "").await;
    let mut claims = claims(&world, CONTOSO, ADA_HOME, &nonce);
    claims["roles"] = json!(["PartnerAdmin", "Operator"]);
    answers(&cloud, &signed(&claims));
    let answer = browser.get(&format!("/portal/auth/callback?code=c&state={state}")).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/portal/")));
    assert_eq!(browser.session().await["account"]["objectId"], ADA_HOME);
}

/// What is wrong with the issuer's token is on the page, in three languages, and not "open for too long".
#[tokio::test]
async fn a_token_that_cannot_be_used_is_told_by_name() {
    let (world, cloud) = world(true).await;
    let claim = |name: &'static str, value: Value| -> Change {
        Box::new(move |claims| claims[name] = value.clone())
    };
    let cases: Vec<(Change, &str, &str, &str)> = vec![
        (
            claim("oid", "ada".into()),
            "RS256",
            "en",
            "the claim &#39;oid&#39; of its token is missing",
        ),
        (claim("aud", "x".into()), "RS256", "nl", "de claim &#39;aud&#39; van het token ontbreekt"),
        (
            claim("nonce", "x".into()),
            "RS256",
            "sv",
            "anspråket &#39;nonce&#39; i dess token saknas",
        ),
        (claim("idtyp", "app".into()), "RS256", "en", "the claim &#39;idtyp&#39;"),
        (claim("x", 1.into()), "HS256", "en", "signs by the algorithm &#39;HS256&#39;"),
        (
            Box::new(|claims| {
                claims["tid"] = ADA_HOME.into();
                claims["iss"] = format!("{ENTRA}/{ADA_HOME}/v2.0").into();
            }),
            "RS256",
            "en",
            "not allowed here",
        ),
    ];
    for (change, algorithm, language, told) in cases {
        let mut browser = world.browser();
        let (_, state, nonce) = begin(&mut browser, "").await;
        let mut claims = claims(&world, CONTOSO, ADA_HOME, &nonce);
        change(&mut claims);
        let (key, kid, _) = keys();
        let header = json!({"typ": "JWT", "alg": algorithm, "kid": kid});
        answers(&cloud, &key.sign(&header, &claims).unwrap());
        let path = format!("/portal/auth/callback?code=c&state={state}");
        let answer = browser.send("GET", &path, &[("accept-language", language)], "").await;
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
        assert!(!answer.body.contains("too long"), "{told}");
        assert!(answer.status == 400 || answer.status == 403);
    }
    for (error, told) in
        [("access_denied", "Nobody was signed in."), ("server_error", "in a few seconds")]
    {
        let mut browser = world.browser();
        let (_, state, _) = begin(&mut browser, "").await;
        let path = format!("/portal/auth/callback?error={error}&state={state}");
        let answer = browser.get(&path).await;
        assert!(answer.body.contains(told), "{error}: {}", answer.body);
    }
}
