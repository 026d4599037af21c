//! Requests to the service, from the router on: addresses, queries, headers and bodies.

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use pal_identity::{PrivateKey, SigningKeys};
use pal_model::Instant;
use pal_server::{Bounds, ISSUER_PATHS, normalise, router};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::support::{BASE, Data, Service, hash_of, quotas, signing_key, trusted, who};

pub const TENANT: &str = "fab00000-0000-4000-8000-000000000000";
/// Who asks: an operator, a partner's viewer, an auditor, and somebody with an account.
const PEOPLE: [&str; 4] = [
    "fab00000-1000-4000-8000-00000000f71d",
    "fab00000-1000-4000-8000-00000000e4ec",
    "fab00000-1000-4000-8000-00000000a0d1",
    "fab00000-1000-4000-8000-000000000ada",
];
const PROGRAM: &str = "90900000-1000-4000-8000-000000000001";

fn facts() -> String {
    let mut lines = vec![
        json!({"kind": "tenant", "tenant": TENANT, "name": "Fabrikam", "domain": "fabrikam.example"}),
        json!({"kind": "partner", "partner": "5127254", "name": "Contoso", "type": "global"}),
        json!({"kind": "partner", "partner": "5127255", "name": "Utrecht", "type": "location",
               "parent": "5127254"}),
        json!({"kind": "subscription", "tenant": TENANT, "subscription": TENANT, "name": "one"}),
        json!({"kind": "viewer", "tenant": TENANT, "object": PEOPLE[1], "partner": "5127254",
               "level": "executive"}),
        json!({"kind": "auditor", "tenant": TENANT, "object": PEOPLE[2]}),
        json!({"kind": "principal", "tenant": TENANT, "object": PROGRAM, "type": "ServicePrincipal"}),
    ];
    lines.extend(PEOPLE.map(
        |object| json!({"kind": "principal", "tenant": TENANT, "object": object, "type": "User"}),
    ));
    lines.extend(PEOPLE.map(|object| {
        json!({"kind": "roleAssignment", "tenant": TENANT, "id": object, "principal": object,
               "role": "Owner", "scope": format!("/subscriptions/{TENANT}")})
    }));
    lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

pub struct World {
    pub service: Service,
    router: Router,
    tokens: Vec<String>,
    pub runtime: Runtime,
}

pub static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let service = runtime.block_on(async {
        let data = Data::new(&facts()).await;
        let account = who(TENANT, PEOPLE[3]);
        data.person("ada@fabrikam.example", "correct horse battery", vec![account]).await;
        let program = pal_store::App {
            client: PROGRAM.parse().unwrap(),
            principal: who(TENANT, PROGRAM),
            secret_hashes: vec![hash_of("a secret of a program")],
            certificates: Vec::new(),
        };
        data.program(program).await;
        let issuer = data.issuer(&["https://management.azure.com/"], true);
        let trusted = trusted(issuer.keys().public(), &[&format!("{BASE}/")]);
        let operators = vec![who(TENANT, PEOPLE[0])];
        Service::new(data, trusted, Some(issuer), operators, quotas(u32::MAX))
    });
    let key = PrivateKey::from_pem(signing_key().pem()).unwrap();
    let keys = SigningKeys::new(vec![signing_key()]).unwrap();
    let kid = serde_json::to_value(keys.jwks()).unwrap()["keys"][0]["kid"].clone();
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": kid});
    let tokens = PEOPLE.map(|object| key.sign(&header, &claims(object)).unwrap()).to_vec();
    let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(5) };
    let router = router(service.app.clone(), None, bounds);
    World { service, router, tokens, runtime }
});

fn claims(object: &str) -> Value {
    let at = |text: &str| text.parse::<Instant>().unwrap().unix_seconds();
    json!({
        "aud": format!("{BASE}/"), "iss": format!("{BASE}/{TENANT}/v2.0"),
        "iat": at("2026-05-01T00:00:00Z"), "exp": at("2026-06-01T00:00:00Z"),
        "tid": TENANT, "oid": object, "sub": object, "idtyp": "user", "scp": "user_impersonation",
        "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    })
}

impl World {
    /// Sends a request; nothing in it may be answered as a fault of the service.
    fn send(&self, request: Request<Body>) -> (u16, Vec<u8>) {
        let shown = format!("{} {}", request.method(), request.uri());
        let router = self.router.clone();
        let (status, body) = self.runtime.block_on(async {
            let response = router.oneshot(normalise(request)).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts.status.as_u16(), body.collect().await.unwrap().to_bytes().to_vec())
        });
        assert_ne!(status, 500, "{shown}: {}", String::from_utf8_lossy(&body));
        (status, body)
    }
}

/// A request as a text: who asks (0 to 3, else nobody), method and address; headers; an empty line; the body.
pub fn request(input: &[u8]) {
    let world = &*WORLD;
    let end = input.windows(2).position(|two| two == b"\n\n").unwrap_or(input.len());
    let body = input.get(end + 2..).unwrap_or_default();
    let head = String::from_utf8_lossy(&input[..end]);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (person, method, address) = (words.next(), words.next(), words.next());
    let (Some(method), Some(address)) = (method, address) else { return };
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let person = person.and_then(|person| person.parse::<usize>().ok());
    if let Some(token) = person.and_then(|person| world.tokens.get(person)) {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
    let is_head = request.method() == "HEAD";
    let (status, body) = world.send(request);
    if status >= 400 && !is_head && address.starts_with("/api/v1") {
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert!(told["error"]["code"].is_string(), "{status} {}", String::from_utf8_lossy(&body));
    }
}

pub fn request_seeds() -> Vec<Vec<u8>> {
    let link = "/providers/Microsoft.ManagementPartner/partners";
    let version = "api-version=2018-02-01";
    let resource = format!("/subscriptions/{TENANT}/resourceGroups/rg/providers/a/b/c");
    let mut texts: Vec<String> = pal_server::routes()
        .iter()
        .enumerate()
        .map(|(n, route)| {
            let path = route.path.replace("{id}", "5127255").replace("{number}", "1");
            let path = path.replace("{subscription}", TENANT);
            format!("{} {} {path}?{version}\nAccept: */*\n\n{{}}", n % 4, route.method)
        })
        .collect();
    texts.extend([
        format!("3 PUT {link}/5127255?{version}\nContent-Type: application/json\n\n{{\"partnerId\":\"5127255\"}}"),
        format!("3 PATCH {link}/5127254?{version}\nIf-Match: *\n\n"),
        format!("3 GET /api/v1/me?{version}\nx-ms-client-request-id: a\nAccept-Language: nl\n\n"),
        "0 GET /api/v1/reports?month=2026-04..2026-05&group_by=partner,month&format=csv&policy=pal\n\n".to_owned(),
        format!("1 GET /api/v1/explain?resource={resource}&partner=5127255&month=2026-04\n\n"),
        "0 GET /api/v1/audit?action=facts-import&from=2026-01-01T00:00:00Z&$top=2\n\n".to_owned(),
        "0 GET /api/v1/facts?$top=2&$skiptoken=AAAA\n\n".to_owned(),
        "2 PUT /api/v1/access/privacy\n\n{\"level\":\"masked\"}".to_owned(),
        format!("0 POST /api/v1/facts\n\n{}", facts().lines().next().unwrap_or_default()),
        "x GET /%2e%2e/api//v1/./me\n\n".to_owned(),
    ]);
    texts.into_iter().map(String::into_bytes).collect()
}

/// A form for a path of the embedded issuer: the first byte says which.
pub fn form(input: &[u8]) {
    let Some((which, form)) = input.split_first() else { return };
    let (method, path) = ISSUER_PATHS[usize::from(*which) % ISSUER_PATHS.len()];
    let path = path.replace("{tenant}", TENANT);
    let request = Request::builder().method(method);
    let request = match method {
        "GET" => {
            let query = String::from_utf8_lossy(form);
            request.uri(format!("{path}?{query}")).body(Body::empty())
        }
        _ => request
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_vec())),
    };
    let Ok(request) = request else { return };
    WORLD.send(request);
}

pub fn form_seeds() -> Vec<Vec<u8>> {
    let client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    let authorize = format!(
        "client_id={client}&response_type=code&redirect_uri=http://localhost:1&scope=openid&state=s&nonce=n&\
         code_challenge={}&code_challenge_method=S256",
        "A".repeat(43)
    );
    let forms = [
        format!("client_id={client}&scope=openid%20offline_access"),
        format!(
            "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={client}&device_code=AAAA"
        ),
        format!("grant_type=refresh_token&client_id={client}&refresh_token=AAAA&scope=openid"),
        format!(
            "grant_type=client_credentials&client_id={PROGRAM}&scope=https://management.azure.com/.default&\
                 client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&\
                 client_assertion=e30.e30.AAAA"
        ),
        format!(
            "grant_type=authorization_code&client_id={client}&code=A&code_verifier={}&redirect_uri=http://localhost:1",
            "A".repeat(43)
        ),
        format!("{authorize}&upn=ada@fabrikam.example&password=x"),
        authorize,
        "user_code=ABCD-EFGH&action=allow".to_owned(),
    ];
    let paths = 0..u8::try_from(ISSUER_PATHS.len()).unwrap();
    let each = |which: u8| forms.iter().map(move |form| [&[which], form.as_bytes()].concat());
    paths.flat_map(each).collect()
}
