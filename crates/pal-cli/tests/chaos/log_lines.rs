//! What outsiders write must neither look like a line of the log (T63) nor be a label of the
//! metrics (T66).

use std::io::{Read, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::chaos::embedded::{APP, AZ, DOMAIN, PASSWORD, PERSON, SECRET, Service, TENANT, UPN};
use crate::support::running::{alone, connect, read_answer};

/// Ends a line, a text in quotes, an object and a colour, and begins a line in either format.
const FORGED: &str = "\r\n2026-01-01T00:00:00.000000Z  INFO forged\r\n\
                      {\"level\":\"INFO\",\"message\":\"forged\"}\n\u{1b}[2J\u{9b}31m\u{85}\u{2028}\"},{\"\u{0}";
const PARTNERS: &str = "/providers/Microsoft.ManagementPartner/partners";

/// Every byte encoded.
fn encoded() -> String {
    let letters: Vec<String> = FORGED.bytes().map(|byte| format!("%{byte:02x}")).collect();
    letters.concat()
}

/// A token whose every part is made up.
fn token() -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": "RS256", "typ": FORGED, "kid": FORGED});
    let claims = json!({"iss": FORGED, "aud": FORGED, "tid": FORGED, "oid": FORGED, "exp": 4e9});
    format!("{}.{}.{}", part(&header), part(&claims), part(&json!(FORGED)))
}

/// Heads, in which `EVIL` is the text encoded, `TOKEN` a token, and the rest goes out as it is.
const HEADS: &[&[u8]] = &[
    b"GET /providers/Microsoft.ManagementPartner/partners/EVIL?api-version=2018-02-01 HTTP/1.1",
    b"PUT /providers/Microsoft.ManagementPartner/partners/EVIL?api-version=EVIL HTTP/1.1",
    b"GET /EVIL?EVIL=EVIL HTTP/1.1",
    b"GET /EVIL/v2.0/.well-known/openid-configuration HTTP/1.1",
    b"GET /EVIL/oauth2/v2.0/authorize?client_id=EVIL&redirect_uri=EVIL&state=EVIL HTTP/1.1",
    b"FORGED'|~!#$%&*+-.^_` /healthz HTTP/1.1",
    b"GET /\x1b[31mforged HTTP/1.1",
    b"GET /a\rforged HTTP/1.1",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: EVIL\r\nx-ms-return-client-request-id: true",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: a\x1b[31mforged",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: a\x9b31mforged\xc2\x85\xe2\x80\xa8forged\r\nx-ms-return-client-request-id: true",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: a\nforged",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: a\rforged",
    b"GET /healthz HTTP/1.1\r\nx-ms-client-request-id: a\r\n forged",
    b"GET /healthz HTTP/1.1\r\ntraceparent: \"},{\"forged\":\"\r\nuser-agent: \"},{\"forged\":\"",
    b"GET /tenants?api-version=2020-01-01 HTTP/1.1\r\nAuthorization: Bearer TOKEN",
    b"GET /tenants?api-version=2020-01-01 HTTP/1.1\r\nAuthorization: \"},{\"forged\":\"",
];

/// Sends heads as they are; the ids of the requests that the service saw.
fn send_heads(service: &Service) -> Vec<String> {
    let mut ids = Vec::new();
    for head in HEADS {
        let mut bytes = Vec::new();
        let mut rest = *head;
        while let Some(byte) = rest.first() {
            let (word, with) = match rest {
                [b'E', b'V', b'I', b'L', ..] => (4, encoded()),
                [b'T', b'O', b'K', b'E', b'N', ..] => (5, token()),
                _ => (0, String::new()),
            };
            if word == 0 {
                bytes.push(*byte);
            }
            bytes.extend(with.bytes());
            rest = &rest[word.max(1)..];
        }
        bytes.extend(b"\r\nHost: localhost\r\n\r\n");
        let mut stream = connect(service.address).unwrap();
        // In one piece: a head that cannot be read is refused before its end.
        stream.write_all(&bytes).unwrap();
        let answer = read_answer(&mut stream).unwrap();
        let shown = String::from_utf8_lossy(head);
        assert!(answer.status < 500, "{shown}: {answer:?}");
        let id = answer.head.lines().find_map(|line| line.strip_prefix("x-ms-request-id: "));
        // A head that cannot be read is refused before there is an id.
        assert!(id.is_some() || answer.status == 400, "{shown}: {answer:?}");
        ids.extend(id.map(str::to_owned));
    }
    ids
}

/// Forms with the text in every field.
fn send_forms(service: &Service) -> Vec<String> {
    let sign_in = format!("/{TENANT}/oauth2/v2.0/authorize");
    let token = format!("/{TENANT}/oauth2/v2.0/token");
    let device = format!("/{TENANT}/oauth2/v2.0/devicecode");
    let evil = |name| (name, FORGED);
    let app = ("client_id", AZ);
    let rows: &[(&str, &[(&str, &str)])] = &[
        (&sign_in, &[evil("client_id"), evil("username"), evil("password"), evil("mark")]),
        (&token, &[evil("grant_type")]),
        (&token, &[("grant_type", "client_credentials"), evil("client_id"), evil("client_secret")]),
        (
            &token,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", APP),
                evil("client_assertion"),
                evil("client_assertion_type"),
            ],
        ),
        (
            &token,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", APP),
                ("client_secret", SECRET),
                evil("scope"),
            ],
        ),
        (
            &token,
            &[
                ("grant_type", "authorization_code"),
                app,
                evil("code"),
                evil("code_verifier"),
                evil("redirect_uri"),
            ],
        ),
        (&token, &[("grant_type", "refresh_token"), app, evil("refresh_token")]),
        (&token, &[("grant_type", "device_code"), app, evil("device_code")]),
        (&device, &[app, evil("scope")]),
        ("/device", &[evil("code"), evil("mark"), evil("username")]),
    ];
    rows.iter()
        .map(|(path, fields)| {
            let answer = service.send(path, service.request("POST", path).form(fields));
            assert!(answer.status < 500, "{answer:?}");
            answer.header("x-ms-request-id").unwrap()
        })
        .collect()
}

/// Whether a line is one that the program writes: a time, a level, and in JSON nothing else.
fn is_own(line: &str, format: &str) -> bool {
    const LEVELS: [&str; 5] = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
    if format == "json" {
        let Ok(Value::Object(event)) = serde_json::from_str(line) else { return false };
        let level = event.get("level").and_then(Value::as_str).unwrap_or_default();
        return event.contains_key("timestamp") && LEVELS.contains(&level);
    }
    let mut words = line.split_whitespace();
    words.next().is_some_and(|time| time.len() == 27 && time.ends_with('Z'))
        && words.next().is_some_and(|level| LEVELS.contains(&level))
}

#[test]
fn t63_nobody_writes_a_line_of_the_log() {
    let _alone = alone();
    for format in ["text", "json"] {
        let mut service = Service::start(false, format, "trace");
        let before = service.printed().lines().count();
        let ids = [send_heads(&service), send_forms(&service)].concat();
        assert!(ids.len() > 20, "{ids:?}");
        service.stop();
        let log = service.printed();
        let controls = log.chars().find(|letter| letter.is_control() && *letter != '\n');
        assert_eq!(controls, None, "{format}\n{log}");
        assert!(!log.contains("forged") && !log.contains("FORGED"), "{format}\n{log}");
        for line in log.lines().skip(before) {
            assert!(is_own(line, format), "{format}: {line}");
        }
        for id in ids {
            // Why a token was refused is a line of its own.
            let lines = log.lines().filter(|line| line.contains(&id) && line.contains("route"));
            assert_eq!(lines.count(), 1, "{format}: lines of {id}\n{log}");
        }
    }
}

/// A request over HTTP/2 whose address cannot be read: the library logs it when it may.
#[test]
fn t64_an_address_that_cannot_be_read_is_not_logged() {
    let _alone = alone();
    let mut service = Service::start(false, "text", "trace");
    let path = b"/tenants?access_token=eyJ-not-for-the-log and-a-space";
    // GET, http, and the path as a literal: RFC 7541, 6.1 and 6.2.2.
    let mut block = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    block.extend(path);
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0".to_vec();
    bytes.extend([block.len() as u8, 1, 5, 0, 0, 0, 1]);
    bytes.extend(block);
    let mut stream = connect(service.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&bytes).unwrap();
    // RST_STREAM of stream 1 is the answer.
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        stream.read_exact(&mut vec![0; length]).unwrap();
        if head[3] == 3 {
            break;
        }
    }
    drop(stream);
    service.stop();
    let log = service.printed();
    assert!(!log.contains("eyJ-not-for-the-log"), "{log}");
}

#[test]
fn t66_metrics_have_a_listener_of_their_own_and_name_nobody() {
    let _alone = alone();
    let service = Service::start(false, "text", "info");
    let grant =
        [("grant_type", "client_credentials"), ("client_id", APP), ("client_secret", SECRET)];
    let scope = ("scope", "https://management.azure.com/.default");
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let form = service.request("POST", &path).form(&[&grant[..], &[scope]].concat());
    let token = service.send("a sign-in", form).field("access_token");
    let own = format!("{PARTNERS}?api-version=2018-02-01");
    let one = format!("{PARTNERS}/5127255?api-version=2018-02-01");
    // Anybody may make up a method: a person's or a tenant's name, or a thousand.
    let odd = (0..20).map(|n| format!("ADA-{n}")).chain([TENANT.to_owned(), PERSON.to_owned()]);
    for method in odd {
        service.send("an odd method", service.request(&method, &own));
    }
    for (method, path) in [
        ("GET", own.as_str()),
        ("PUT", &one),
        ("GET", &one),
        ("DELETE", &one),
        ("GET", "/tenants?api-version=2020-01-01"),
        ("GET", &format!("/{DOMAIN}/v2.0/.well-known/openid-configuration")),
        ("GET", &format!("/people/{UPN}/{PERSON}")),
        ("GET", "/api/v1/me"),
    ] {
        service.send(path, service.request(method, path).bearer_auth(&token));
    }
    let wrong = [("username", UPN), ("password", PASSWORD), ("code", "BCDFGHJK")];
    service.send("a device", service.request("POST", "/device").form(&wrong));

    let (status, page) = service.metrics("/metrics");
    assert_eq!(status, 200);
    let mut routes: Vec<&str> = pal_server::routes().iter().map(|route| route.path).collect();
    routes.extend(pal_server::ISSUER_PATHS.iter().map(|(_, path)| *path));
    routes.push("none");
    let mut labels = 0;
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, rest)) = line.split_once('{') else { continue };
        // A route has braces, too: the last one ends the labels.
        let inside = rest.rsplit_once('}').unwrap().0.trim_end_matches('"');
        for label in inside.split("\",") {
            let (name, value) = label.split_once("=\"").unwrap();
            let known = match name {
                "method" => ["GET", "PUT", "PATCH", "DELETE", "POST", "HEAD", "OPTIONS", "other"]
                    .contains(&value),
                "route" => routes.contains(&value),
                "status" => ["2xx", "3xx", "4xx", "5xx"].contains(&value),
                "action" => ["create", "update", "delete"].contains(&value),
                "outcome" => ["done", "refused"].contains(&value),
                "version" => value == env!("CARGO_PKG_VERSION"),
                "queue" => ["reports", "lists", "downloads", "changes", "log"].contains(&value),
                "state" => ["counted", "unchanged", "refused"].contains(&value),
                "why" => ["refused", "ended", "broken"].contains(&value),
                "from" => ["kept", "usage"].contains(&value),
                "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
                _ => false,
            };
            assert!(known, "{line}");
            labels += 1;
        }
    }
    assert!(labels > 50 && page.contains("method=\"other\""), "{page}");
    for line in [
        "# HELP openpal_links Links that are active.",
        "openpal_links 0",
        "openpal_link_writes_total{action=\"create\",outcome=\"done\"} 1",
        "openpal_queue_length{queue=\"changes\"} 0",
        "openpal_queue_length{queue=\"reports\"} 0",
        "openpal_usage_imports_total{state=\"counted\"} 0",
        "openpal_decoder_failures_total{why=\"ended\"} 0",
        "openpal_log_lines_lost_total 0",
        "# EOF",
    ] {
        assert!(page.lines().any(|known| known == line), "{line}\n{page}");
    }
    for name in ["openpal_facts", "openpal_audit_records_total"] {
        let value = page.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert!(value.trim().parse::<u64>().unwrap() > 0, "{name}: {value}");
    }
    for text in [TENANT, PERSON, APP, UPN, DOMAIN, "ADA", "5127255", &token[..40]] {
        assert!(!page.contains(text), "{text} is in the metrics\n{page}");
    }
    // Neither listener has the other's pages.
    for path in ["/metrics", "/metrics/", "/api/v1/metrics"] {
        let answer = service.send(path, service.request("GET", path).bearer_auth(&token));
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    for path in ["/", "/healthz", "/readyz", &own, "/device"] {
        assert_eq!(service.metrics(path).0, 404, "{path}");
    }
}
