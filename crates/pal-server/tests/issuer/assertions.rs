//! Programs that sign in by a certificate: a JWT that is right in every part, and only once.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::issuer::flow::{claims, token};
use crate::issuer::support::{
    ABROAD, BASE, CONTOSO, FABRIKAM, WITH_CERTIFICATE, WITH_SECRET, World, certificate,
};
use crate::issuer::wire::Fields;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn wish(assertion: &str) -> Fields {
    Fields::of(&[
        ("grant_type", "client_credentials"),
        ("client_id", WITH_CERTIFICATE),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion),
        ("scope", &format!("{BASE}//.default")),
    ])
}

fn now(world: &World) -> i64 {
    i64::try_from(world.now().nanoseconds() / 1_000_000_000).unwrap()
}

fn thumbprint() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate().1.der()))
}

fn header() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "x5t#S256": thumbprint()})
}

fn body(world: &World) -> Value {
    let now = now(world);
    json!({
        "aud": format!("{BASE}/{FABRIKAM}/oauth2/v2.0/token"),
        "iss": WITH_CERTIFICATE, "sub": WITH_CERTIFICATE,
        "jti": format!("{now}"), "nbf": now - 60, "iat": now, "exp": now + 600,
    })
}

/// The same with these fields; `null` leaves one out.
fn with(value: &Value, change: &Value) -> Value {
    let mut value = value.as_object().unwrap().clone();
    value.extend(change.as_object().unwrap().clone());
    value.retain(|_, kept| !kept.is_null());
    value.into()
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed_by(
    header: &str,
    body: &str,
    key: &rcgen::KeyPair,
    by: &'static dyn RsaEncoding,
) -> String {
    let key = RsaKeyPair::from_pkcs8(key.serialized_der()).unwrap();
    let signed = format!("{}.{}", part(header), part(body));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(by, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", part(signature))
}

fn sign(header: &str, body: &str, key: &rcgen::KeyPair) -> String {
    signed_by(header, body, key, &RSA_PKCS1_SHA256)
}

fn own_key() -> &'static rcgen::KeyPair {
    &certificate().0
}

fn own(header: &Value, body: &Value) -> String {
    sign(&header.to_string(), &body.to_string(), own_key())
}

fn other_key() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap()
}

#[tokio::test]
async fn a_certificate_signs_in() {
    let world = World::new().await;
    let (header, body) = (header(), body(&world));
    let place = |end: &str| json!({"aud": format!("{BASE}/{FABRIKAM}/{end}")});
    let ps = header.to_string().replace("RS256", "PS256");
    let by_ps = signed_by(&ps, &body.to_string(), own_key(), &RSA_PSS_SHA256);
    let fraction: Value = serde_json::from_str(&format!("{}.5", now(&world))).unwrap();
    let seconds = json!({"exp": now(&world) + 600, "nbf": fraction});
    let bare = with(&header, &json!({"x5t#S256": null}));
    let old = with(&bare, &json!({"x5t": "abc"}));
    for (what, path, assertion) in [
        ("as pal sends it", "oauth2/v2.0/token", own(&header, &body)),
        ("the old endpoint", "oauth2/token", own(&header, &with(&body, &place("oauth2/token")))),
        ("the issuer's name", "oauth2/v2.0/token", own(&header, &with(&body, &place("v2.0")))),
        ("PS256", "oauth2/v2.0/token", by_ps),
        ("without a thumbprint", "oauth2/v2.0/token", own(&bare, &body)),
        ("with the old thumbprint", "oauth2/v2.0/token", own(&old, &body)),
        ("fractions of seconds", "oauth2/v2.0/token", own(&header, &with(&body, &seconds))),
    ] {
        let mut fields = wish(&assertion);
        if path == "oauth2/token" {
            fields = fields.without("scope").and("resource", &format!("{BASE}/"));
        }
        let answer = world.post(&format!("/{FABRIKAM}/{path}"), &fields, &[]).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
        let access = &answer.json()["access_token"];
        assert_eq!(claims(access)["appid"], WITH_CERTIFICATE, "{what}");
        let opened = world.link(access.as_str().unwrap()).await;
        assert_eq!(opened.status, 404, "{what}: {}", opened.body);
    }
    // The assertion names the client, where the request does not.
    let fields = wish(&own(&header, &with(&body, &json!({"jti": "2"})))).without("client_id");
    assert_eq!(token(&world, FABRIKAM, &fields).await.status, 200);
}

#[tokio::test]
async fn an_assertion_works_once() {
    let world = World::new().await;
    let assertion = own(&header(), &body(&world));
    assert_eq!(token(&world, FABRIKAM, &wish(&assertion)).await.status, 200);
    for later in [0, 1, 500, 100, 60, 3_600] {
        world.later(later);
        for path in ["oauth2/v2.0/token", "oauth2/token"] {
            let answer = world.post(&format!("/{FABRIKAM}/{path}"), &wish(&assertion), &[]).await;
            answer.refused("again", 401, "invalid_client", 700_027);
        }
    }
}

#[tokio::test]
async fn a_wrong_assertion_gets_nothing() {
    let world = World::new().await;
    let now = now(&world);
    let place = |host: &str, end: &str| json!({"aud": format!("{host}/{end}")});
    let tenant = format!("{FABRIKAM}/oauth2/v2.0/token");
    let azure = "https://login.microsoftonline.com";
    for (what, change) in [
        ("another tenant", place(BASE, &format!("{CONTOSO}/oauth2/v2.0/token"))),
        ("any tenant", place(BASE, "organizations/oauth2/v2.0/token")),
        ("another host", place(azure, &tenant)),
        ("a host that begins like ours", place("https://pal.example.evil", &tenant)),
        ("without TLS", place("http://pal.example", &tenant)),
        ("more behind it", place(BASE, &format!("{tenant}/"))),
        ("another endpoint", place(BASE, &format!("{FABRIKAM}/oauth2/v2.0/devicecode"))),
        ("the host alone", place(BASE, "")),
        ("a list", json!({"aud": [format!("{BASE}/{tenant}")]})),
        ("no audience", json!({"aud": null})),
        ("over for a minute", json!({"exp": now - 60})),
        ("over for a year", json!({"exp": now - 31_536_000})),
        ("no end", json!({"exp": null})),
        ("an end that is a text", json!({"exp": (now + 600).to_string()})),
        ("good for a day", json!({"exp": now + 86_400})),
        ("good for ever", json!({"exp": 1e300})),
        ("good for ever, as far as there are numbers", json!({"exp": i64::MAX})),
        ("an end before all time", json!({"exp": -1e300})),
        ("not yet", json!({"nbf": now + 3_600})),
        ("another issuer", json!({"iss": WITH_SECRET})),
        ("another subject", json!({"sub": WITH_SECRET})),
        ("another program", json!({"iss": WITH_SECRET, "sub": WITH_SECRET})),
        ("no issuer", json!({"iss": null})),
        ("no subject", json!({"sub": null})),
    ] {
        let assertion = own(&header(), &with(&body(&world), &change));
        let answer = token(&world, FABRIKAM, &wish(&assertion)).await;
        answer.refused(what, 401, "invalid_client", 700_027);
    }
    for (what, change) in [
        ("something critical", json!({"crit": ["exp"], "exp": 1})),
        ("a key of its own", json!({"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}})),
        ("a place for keys", json!({"jku": "https://evil.example/keys"})),
        ("unencoded", json!({"b64": false})),
        ("another thumbprint", json!({"x5t#S256": "abc"})),
        ("no algorithm", json!({"alg": null})),
        ("none", json!({"alg": "none"})),
        ("another casing", json!({"alg": "rs256"})),
        ("another algorithm than it is signed with", json!({"alg": "PS256"})),
        ("one that is not for RSA", json!({"alg": "ES256"})),
        ("a shared secret", json!({"alg": "HS256"})),
        ("one that clients do not use", json!({"alg": "RS512"})),
    ] {
        let assertion = own(&with(&header(), &change), &body(&world));
        let answer = token(&world, FABRIKAM, &wish(&assertion)).await;
        answer.refused(what, 401, "invalid_client", 700_027);
    }
    // After all of them the right one works: nothing was remembered for it.
    let right = own(&header(), &body(&world));
    assert_eq!(token(&world, FABRIKAM, &wish(&right)).await.status, 200);
}

#[tokio::test]
async fn an_assertion_is_signed_by_the_certificate() {
    let world = World::new().await;
    let (header, body) = (header().to_string(), body(&world).to_string());
    let plain = header.replace("RS256", "HS256");
    let none = header.replace("RS256", "none");
    let right = sign(&header, &body, own_key());
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let changed = body.replace("\"exp\"", "\"exp\":9999999999,\"old\"");
    let shared = |secret: &[u8]| {
        let signed = format!("{}.{}", part(&plain), part(&body));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", part(tag))
    };
    let doubled = body.replace('{', "{\"exp\":1,");
    let public = certificate().0.public_key_pem();
    let kid_less = header.replace("x5t#S256", "x5t");
    for (what, assertion) in [
        ("another key", sign(&header, &body, &other_key())),
        ("another key, no thumbprint", sign(&kid_less, &body, &other_key())),
        ("the certificate as a shared secret", shared(certificate().1.pem().as_bytes())),
        ("the key's text as a shared secret", shared(public.as_bytes())),
        ("the key's bytes as a shared secret", shared(certificate().0.public_key_raw())),
        ("not signed", format!("{}.{}.", part(&none), part(&body))),
        ("not signed, but said so", format!("{}.{}.", part(&header), part(&body))),
        ("with a signature of zeros", format!("{signed}.{}", part("\0".repeat(256)))),
        ("changed", format!("{}.{}.{signature}", part(&header), part(&changed))),
        ("a field twice", sign(&header, &doubled, own_key())),
        ("cut", right[..right.len() - 4].to_owned()),
        ("padded", format!("{right}=")),
        ("four parts", format!("{right}.{signature}")),
        ("two parts", signed.to_owned()),
        ("no JWT", "evil".to_owned()),
        ("too long", format!("{}.{signed}", "A".repeat(20_000))),
    ] {
        let answer = token(&world, FABRIKAM, &wish(&assertion)).await;
        answer.refused(what, 401, "invalid_client", 700_027);
    }
    let wrong = (401, "invalid_client", 700_027);
    let missing = (401, "invalid_client", 7_000_216);
    let unknown = (400, "unauthorized_client", 700_016);
    let unclear = (400, "invalid_request", 900_144);
    let wish = || wish(&right);
    for (what, fields, (status, word, number)) in [
        ("for a program that has a secret", wish().with("client_id", WITH_SECRET), wrong),
        ("for a program that is not here", wish().with("client_id", ABROAD), unknown),
        ("no type", wish().without("client_assertion_type"), unclear),
        ("another type", wish().with("client_assertion_type", "saml"), unclear),
        ("twice", wish().and("client_assertion", &right), unclear),
        ("empty", wish().with("client_assertion", ""), missing),
    ] {
        token(&world, FABRIKAM, &fields).await.refused(what, status, word, number);
    }
    assert_eq!(token(&world, FABRIKAM, &wish()).await.status, 200, "it was not used up");
}

#[tokio::test]
async fn a_certificate_ends() {
    let world = World::new().await;
    world.later(243 * 86_400 - 8 * 3_600 - 1);
    let good = token(&world, FABRIKAM, &wish(&own(&header(), &body(&world)))).await;
    assert_eq!(good.status, 200, "at the last second of 2026: {}", good.body);
    world.later(2);
    let late = token(&world, FABRIKAM, &wish(&own(&header(), &body(&world)))).await;
    late.refused("in 2027", 401, "invalid_client", 700_027);
}
