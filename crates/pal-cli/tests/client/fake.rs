//! A cloud in a thread: the sign-in service and the resource manager, in the shapes that Azure
//! answers with. It speaks plain HTTP on loopback, where the client allows that.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
pub const TAILWIND: &str = "7a110000-0000-4000-8000-000000000000";
pub const ADA: &str = "a0a00000-0000-4000-8000-000000000001";
pub const SECRET: &str = "demo-secret+/=%";

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
    }
}

/// What is answered.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

pub fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, headers: Vec::new(), body: body.to_string() }
}

/// What a test can change, and see.
#[derive(Default)]
pub struct State {
    pub requests: Vec<Request>,
    /// Answers given first to requests of the resource manager.
    pub first: Vec<Reply>,
    /// The refresh token that works; any other ends the sign-in.
    pub refresh: Option<String>,
    pub refreshes: u32,
    pub reused: bool,
    /// Polls of the device code that are answered "pending".
    pub pending: u32,
    /// Seconds that tokens last.
    pub lasts: Option<i64>,
    /// Tenant and partner id of links.
    pub links: Vec<(String, String)>,
    /// A directory that nobody gets a token for.
    pub closed: Option<String>,
    pub nonce: Option<String>,
    /// Where people sign in, when not here: as Entra ID for one tenant.
    pub elsewhere: Option<String>,
    /// How long the token endpoint thinks.
    pub slow: Duration,
}

pub struct Cloud {
    pub url: String,
    pub state: Arc<Mutex<State>>,
}

impl Cloud {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let (base, shared) = (url.clone(), Arc::clone(&state));
        std::thread::spawn(move || {
            for stream in socket.incoming() {
                let (base, shared) = (base.clone(), Arc::clone(&shared));
                std::thread::spawn(move || serve(stream.unwrap(), &base, &shared));
            }
        });
        Self { url, state }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap().requests.clone()
    }
}

fn serve(mut stream: TcpStream, base: &str, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read(&mut reader) {
        if request.path.ends_with("/token") {
            let slow = state.lock().unwrap().slow;
            std::thread::sleep(slow);
        }
        let mut state = state.lock().unwrap();
        // What only our own service has is asked beside, and counted as nothing.
        if request.path != "/api/v1/me" {
            state.requests.push(request.clone());
        }
        let answer = answer(&request, base, &mut state);
        let mut text = format!("HTTP/1.1 {} X\r\n", answer.status);
        for (name, value) in &answer.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "Content-Length: {}\r\n\r\n{}", answer.body.len(), answer.body);
        stream.write_all(text.as_bytes()).unwrap();
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut first = line.split_whitespace();
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted);
    let mut body = vec![0; header("content-length").map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    // A body whose length is not known before comes in pieces, an empty one at the end.
    while header("transfer-encoding").is_some() {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let mut piece = vec![0; usize::from_str_radix(size.trim(), 16).ok()? + 2];
        reader.read_exact(&mut piece).ok()?;
        if piece.len() == 2 {
            break;
        }
        body.extend_from_slice(&piece[..piece.len() - 2]);
    }
    Some(Request { method, path, headers, body: String::from_utf8(body).unwrap() })
}

fn answer(request: &Request, base: &str, state: &mut State) -> Reply {
    let path = request.path.split('?').next().unwrap();
    if path == "/metadata/endpoints" {
        let authentication = match &state.elsewhere {
            None => json!({"loginEndpoint": base, "audiences": [format!("{base}/")]}),
            Some(login) => json!({
                "loginEndpoint": login, "audiences": ["api://openpal", CONTOSO], "tenant": CONTOSO,
                "identityProvider": "AAD",
            }),
        };
        return reply(
            200,
            &json!({
                "name": "Pal", "resourceManager": base, "portal": format!("{base}/portal"), "suffixes": {},
                "authentication": authentication,
            }),
        );
    }
    let tenant = path.split('/').nth(1).unwrap_or_default().to_owned();
    if path.ends_with("/.well-known/openid-configuration") {
        let issuer = if tenant == "organizations" { "{tenantid}" } else { &tenant };
        return reply(
            200,
            &json!({
                "issuer": format!("{base}/{issuer}/v2.0"),
                "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
                "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
                "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
            }),
        );
    }
    if path.ends_with("/devicecode") {
        return reply(
            200,
            &json!({
                "device_code": "device-code-secret", "user_code": "BCDFGHJK", "expires_in": 60,
                "interval": 0, "verification_uri": format!("{base}/device"),
                "message": "To sign in, open the page and enter the code \u{1b}[31mBCDFGHJK",
            }),
        );
    }
    if path.ends_with("/token") {
        return token(request, &tenant, base, state);
    }
    if !state.first.is_empty() {
        return state.first.remove(0);
    }
    manager(request, path, state)
}

fn refused(status: u16, error: &str, text: &str) -> Reply {
    reply(status, &json!({"error": error, "error_description": text}))
}

fn token(request: &Request, tenant: &str, base: &str, state: &mut State) -> Reply {
    let tenant = if tenant == "organizations" { CONTOSO } else { tenant };
    let field = |name: &str| request.field(name).unwrap_or_default();
    let client = field("client_id");
    match field("grant_type").as_str() {
        "client_credentials" => {
            if field("client_secret") != SECRET && field("client_assertion").is_empty() {
                return refused(
                    401,
                    "invalid_client",
                    "AADSTS7000215: Invalid client secret provided.",
                );
            }
            return reply(
                200,
                &json!({
                    "token_type": "Bearer", "expires_in": state.lasts.unwrap_or(3599),
                    "access_token": jwt(&json!({"tid": tenant, "oid": ADA, "iss": base})),
                }),
            );
        }
        "refresh_token" => {
            state.refreshes += 1;
            if state.refresh.as_deref() != Some(&field("refresh_token")) {
                state.reused = true;
                state.refresh = None;
                return refused(400, "invalid_grant", "AADSTS700082: The refresh token has ended.");
            }
            if state.closed.as_deref() == Some(tenant) {
                return refused(400, "interaction_required", "AADSTS50076: More is needed here.");
            }
        }
        "urn:ietf:params:oauth:grant-type:device_code" if state.pending > 0 => {
            state.pending -= 1;
            return refused(400, "authorization_pending", "AADSTS70016: pending");
        }
        "urn:ietf:params:oauth:grant-type:device_code" | "authorization_code" => {}
        other => return refused(400, "unsupported_grant_type", other),
    }
    let refresh = format!("refresh-secret-{}", state.refreshes);
    state.refresh = Some(refresh.clone());
    reply(
        200,
        &json!({
            "token_type": "Bearer", "expires_in": state.lasts.unwrap_or(3599), "refresh_token": refresh,
            "access_token": jwt(&json!({"tid": tenant, "oid": ADA})),
            "id_token": jwt(&json!({
                "tid": tenant, "oid": ADA, "aud": client, "iss": format!("{base}/{tenant}/v2.0"),
                "preferred_username": "ada@contoso.example", "nonce": state.nonce,
            })),
        }),
    )
}

pub fn jwt(claims: &Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part("{\"alg\":\"RS256\"}"),
        part(&claims.to_string()),
        part("signature-secret")
    )
}

fn claims(request: &Request) -> Option<Value> {
    let token = request.header("authorization")?.strip_prefix("Bearer ")?;
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn manager(request: &Request, path: &str, state: &mut State) -> Reply {
    let error = |status: u16, code: &str, text: &str| {
        reply(status, &json!({"error": {"code": code, "message": text}}))
    };
    let Some(claims) = claims(request) else {
        return error(401, "AuthenticationFailed", "There is no token.");
    };
    let tenant = claims["tid"].as_str().unwrap().to_owned();
    if path == "/tenants" {
        let one = |id: &str, name: &str, domain: &str| json!({"id": format!("/tenants/{id}"), "tenantId": id, "displayName": name, "defaultDomain": domain});
        return reply(
            200,
            &json!({"value": [
                one(CONTOSO, "Contoso", "contoso.example"),
                one(FABRIKAM, "Fabrikam\u{1b}[31m", "fabrikam.example"),
                one(TAILWIND, "Tailwind Traders", "tailwind.example"),
            ]}),
        );
    }
    if path == "/api/v1/me" {
        return error(404, "NotFound", "Nothing is served at this path.");
    }
    let id = path.strip_prefix("/providers/Microsoft.ManagementPartner/partners/").unwrap();
    let at = state.links.iter().position(|(t, _)| *t == tenant);
    match (request.method.as_str(), at) {
        ("PUT", Some(_)) => return error(409, "Conflict", "Linked already."),
        ("PUT", None) => state.links.push((tenant.clone(), id.to_owned())),
        ("PATCH", Some(at)) => id.clone_into(&mut state.links[at].1),
        ("DELETE", Some(at)) if state.links[at].1 == id => {
            state.links.remove(at);
            return Reply { status: 200, headers: Vec::new(), body: String::new() };
        }
        ("GET", Some(at)) if id.is_empty() || state.links[at].1 == id => {}
        _ => return error(404, "NotFound", "No partner ID is linked."),
    }
    let id = state.links.iter().find(|(t, _)| *t == tenant).unwrap().1.clone();
    reply(
        200,
        &json!({
            "id": format!("/providers/microsoft.managementpartner/partners/{id}"),
            "type": "Microsoft.ManagementPartner/partners", "name": id, "etag": 3,
            "properties": {
                "partnerId": id, "partnerName": "Contoso Services, Utrecht", "tenantId": tenant,
                "objectId": ADA, "version": 3, "updatedTime": "2026-11-20T21:14:03.118302Z",
                "createdTime": "2026-05-03T09:12:00.5Z", "state": "Active",
            },
        }),
    )
}
