//! Forged tokens by rows of the attack table (T01 – T16). Each is refused, and none makes the
//! verifier ask anybody but the configured address.

use aws_lc_rs::hmac;
use pal_identity::TokenError;
use serde_json::{Value, json};

use crate::verifier::support::{
    ADA, AUDIENCE, EVIL, GOOD, NOW, OTHER_TENANT, OTHERS, RS256, TENANT, at, claims, entra, header,
    part, sign_text, token, with,
};

/// The row, what is done, the token.
type Forged = (&'static str, String, String);

fn hs(key: &[u8], name: &str, algorithm: hmac::Algorithm) -> String {
    let header = with(header(), &json!({"alg": name}));
    let signed = format!("{}.{}", part(header.to_string()), part(claims().to_string()));
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), signed.as_bytes());
    format!("{signed}.{}", part(tag))
}

/// T01, T02: no signature, or one that anybody can make.
fn algorithms() -> Vec<Forged> {
    let mut all = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "null"] {
        let head = with(header(), &json!({"alg": alg})).to_string();
        let body = claims().to_string();
        for (how, end) in [("without signature", ""), ("with another's", "AAAA")] {
            let token = format!("{}.{}.{end}", part(&head), part(&body));
            all.push(("t01", format!("alg '{alg}' {how}"), token));
        }
        let signed = sign_text(&head, &body, &GOOD.pair, RS256);
        all.push(("t01", format!("alg '{alg}' with a good signature"), signed));
    }
    for value in [Value::Null, json!(0), json!(["RS256"]), json!({"alg": "RS256"})] {
        all.push((
            "t01",
            format!("alg {value}"),
            token(&with(header(), &json!({"alg": value})), &claims()),
        ));
    }
    let modulus = GOOD.jwk["n"].as_str().unwrap().to_owned();
    let secrets: [(&str, Vec<u8>); 6] = [
        ("PEM", GOOD.pem.clone().into_bytes()),
        ("PEM without its end", GOOD.pem.trim_end().as_bytes().to_vec()),
        ("modulus as text", modulus.clone().into_bytes()),
        ("JWK", GOOD.jwk.to_string().into_bytes()),
        ("nothing", Vec::new()),
        ("key id", b"good".to_vec()),
    ];
    for (name, secret) in &secrets {
        for (alg, algorithm) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
        ] {
            all.push(("t02", format!("{alg} keyed with {name}"), hs(secret, alg, algorithm)));
        }
    }
    all
}

/// T03, T04, T05: headers that want something, key ids that lead somewhere, other keys.
fn headers() -> Vec<Forged> {
    let mut all = Vec::new();
    for (name, value) in [
        ("jwk", EVIL.jwk.clone()),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("epk", json!({})),
    ] {
        let forged = with(header(), &json!({name: value}));
        all.push(("t03", format!("{name}, good key"), token(&forged, &claims())));
        let text = (forged.to_string(), claims().to_string());
        let signed = sign_text(&text.0, &text.1, &EVIL.pair, RS256);
        all.push(("t03", format!("{name}, own key"), signed));
    }
    let long = "k".repeat(64 << 10);
    for kid in [
        "../../etc/passwd",
        "/dev/null",
        "https://evil.example/k",
        "' OR 1=1 --",
        "good\0",
        "good\r\nx: y",
        "Good",
        "good ",
        "",
        "unknown",
        &long,
    ] {
        let forged = with(header(), &json!({"kid": kid}));
        let shown: String = kid.chars().take(20).collect();
        all.push(("t04", format!("kid '{shown}'"), token(&forged, &claims())));
    }
    for kid in [json!(1), json!(["good"]), Value::Null] {
        all.push((
            "t04",
            format!("kid {kid}"),
            token(&with(header(), &json!({"kid": kid})), &claims()),
        ));
    }
    let (head, body) = (header().to_string(), claims().to_string());
    all.push(("t05", "right kid, other key".into(), sign_text(&head, &body, &EVIL.pair, RS256)));
    for algorithm in OTHERS {
        // Signed so, said to be another.
        let signed = sign_text(&head, &body, &GOOD.pair, algorithm);
        all.push(("t05", format!("signed by {}, RS256 in the header", algorithm.0), signed));
    }
    for typ in ["JOSE", "dpop+jwt", "logout+jwt", "secevent+jwt", "id+jwt"] {
        all.push((
            "t10",
            format!("typ {typ}"),
            token(&with(header(), &json!({"typ": typ})), &claims()),
        ));
    }
    all.push(("t10", "nested".into(), token(&with(header(), &json!({"cty": "JWT"})), &claims())));
    all
}

/// T06 – T09, T10: claims that are missing, of another form, for somebody else.
#[expect(clippy::too_many_lines, reason = "a table")]
fn of_claims() -> Vec<Forged> {
    let mut all: Vec<Forged> = Vec::new();
    let mut add = |row, changes: Value| {
        let name = changes.to_string().chars().take(100).collect();
        all.push((row, name, token(&header(), &with(claims(), &changes))));
    };
    for value in [
        Value::Null,
        json!(NOW - 61),
        json!(NOW - 301),
        json!("never"),
        json!([NOW + 900]),
        json!(1e300),
        json!(-1),
        json!(true),
        json!({}),
        json!(NOW.to_string()),
    ] {
        add("t06", json!({ "exp": value }));
    }
    for name in ["nbf", "iat"] {
        for value in [json!(NOW + 301), json!("soon"), json!(1e300), json!([0]), json!(-5)] {
            add("t06", json!({ name: value }));
        }
    }
    add("t06", json!({ "iat": null }));
    for value in [
        Value::Null,
        json!("https://other.example/"),
        json!("https://pal.exampl"),
        json!(1),
        json!([]),
        json!("*"),
        json!(""),
        json!(["https://other.example/"]),
        json!([AUDIENCE, 1]),
        json!({"aud": AUDIENCE}),
        json!(AUDIENCE.to_ascii_uppercase()),
    ] {
        add("t07", json!({ "aud": value }));
    }
    let iss = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    for value in [
        Value::Null,
        json!(iss(OTHER_TENANT)),
        json!(format!("{}/", iss(TENANT))),
        json!(1),
        json!(iss(TENANT).to_ascii_uppercase()),
        json!([iss(TENANT)]),
        json!(iss("{tenantid}")),
        json!(format!("https://u:p@login.microsoftonline.com/{TENANT}/v2.0")),
        json!(format!("http://login.microsoftonline.com/{TENANT}/v2.0")),
        json!(format!("https://evil.example/{TENANT}/v2.0")),
        json!(iss("common")),
        json!(""),
    ] {
        add("t08", json!({ "iss": value }));
    }
    for value in [
        Value::Null,
        json!([TENANT]),
        json!("common"),
        json!(format!("{TENANT}\0")),
        json!(""),
        json!(OTHER_TENANT),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(1),
    ] {
        add("t08", json!({ "tid": value }));
    }
    add("t08", json!({ "tid": OTHER_TENANT, "iss": iss(OTHER_TENANT) }));
    for value in [
        Value::Null,
        json!("ada@contoso.example"),
        json!([ADA]),
        json!(""),
        json!(7),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(format!("{{{ADA}}}")),
        json!(format!(" {ADA}")),
        json!(ADA.replace('-', "")),
    ] {
        add("t09", json!({ "oid": value }));
    }
    for changes in [
        json!({"nonce": "n"}),
        json!({"at_hash": "h"}),
        json!({"c_hash": "h"}),
        json!({"events": {}}),
        json!({"cnf": {"jkt": "x"}}),
        json!({"azp": null, "scp": null}),
        json!({"azp": null}),
        json!({"azp": ""}),
        json!({"scp": null}),
        json!({"scp": ""}),
        json!({"scp": ["a"]}),
        json!({"scp": null, "roles": "admin"}),
        json!({"scp": null, "idtyp": "device"}),
    ] {
        add("t10", changes);
    }
    all
}

/// T09, T10 and the forms of texts: doubled names, broken encodings, other serialisations.
fn texts() -> Vec<Forged> {
    let (head, body) = (header().to_string(), claims().to_string());
    let sign = |head: &str, body: &str| sign_text(head, body, &GOOD.pair, RS256);
    let doubled = |field: &str| body.replacen('{', &format!("{{{field},"), 1);
    let good = sign(&head, &body);
    let parts: Vec<&str> = good.split('.').collect();
    let mut all: Vec<Forged> = Vec::new();
    let mut add = |row, name: &str, token: String| all.push((row, name.to_owned(), token));
    for (name, field) in [
        ("oid", format!("\"oid\":\"{ADA}\"")),
        ("tid", format!("\"tid\":\"{TENANT}\"")),
        ("exp", format!("\"exp\":{}", NOW + 9)),
        ("aud", format!("\"aud\":\"{AUDIENCE}\"")),
        ("a claim inside", "\"x\":{\"a\":1,\"a\":2}".to_owned()),
    ] {
        add("t09", &format!("doubled {name}"), sign(&head, &doubled(&field)));
    }
    add("t09", "doubled alg", sign(&head.replacen('{', "{\"alg\":\"RS256\",", 1), &body));
    add("t09", "doubled kid", sign(&head.replacen('{', "{\"kid\":\"good\",", 1), &body));
    add("t10", "five parts", format!("{good}.x.y"));
    add("t10", "four parts", format!("{good}.x"));
    add("t10", "two parts", format!("{}.{}", parts[0], parts[1]));
    add("t10", "one part", parts[0].to_owned());
    add(
        "t10",
        "JSON",
        json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string(),
    );
    add("t10", "no signature", format!("{}.{}.", parts[0], parts[1]));
    add("t10", "cut signature", good[..good.len() - 2].to_owned());
    add("t10", "padded", format!("{good}=="));
    add("t10", "blank inside", good.replacen('.', " .", 1));
    add("t10", "standard base64", format!("{}.{}.{}+/", parts[0], parts[1], parts[2]));
    add(
        "t10",
        "payload changed",
        format!("{}.{}.{}", parts[0], part(body.replace("ada", "bda")), parts[2]),
    );
    add(
        "t10",
        "header changed",
        format!("{}.{}.{}", part(head.replace("JWT", "jwt")), parts[1], parts[2]),
    );
    add("t10", "payload is a list", sign(&head, "[]"));
    add("t10", "payload is a text", sign(&head, "\"x\""));
    add("t10", "payload is no JSON", sign(&head, "{\"aud\":"));
    add("t10", "payload with more behind", sign(&head, &format!("{body} {{}}")));
    add("t10", "header is a list", sign("[]", &body));
    add("t10", "empty", String::new());
    add("t10", "dots", "..".to_owned());
    add(
        "t10",
        "too long",
        sign(&head, &body.replacen('{', &format!("{{\"x\":\"{}\",", "y".repeat(20_000)), 1)),
    );
    add("t10", "not UTF-8", format!("{}.{}.{}", parts[0], part([0xff, 0xfe]), parts[2]));
    all
}

#[tokio::test]
async fn t01_to_t16_every_forged_token_is_refused() {
    let all = [algorithms(), headers(), of_claims(), texts()].concat();
    assert!(all.len() > 150, "only {} forged tokens", all.len());
    let (verifier, network) = entra();
    verifier.verify(&token(&header(), &claims()), at(NOW)).await.unwrap();
    for (row, name, forged) in &all {
        match verifier.verify(forged, at(NOW)).await {
            Ok(caller) => panic!("{row} {name}: taken for {caller:?}"),
            Err(TokenError::KeysUnavailable(why)) => panic!("{row} {name}: not judged: {why}"),
            Err(_) => {}
        }
    }
    // The configured address, once; nothing that a token names (T03, T04).
    assert_eq!(network.asked(), 1);
    verifier.verify(&token(&header(), &claims()), at(NOW)).await.unwrap();
}

/// A key set for all tenants says whom each key is for: a key of another issuer signs nothing here.
#[tokio::test]
async fn t05_a_key_of_another_issuer_is_refused() {
    let (verifier, network) = entra();
    let mut consumer = GOOD.jwk.clone();
    consumer["issuer"] = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0").into();
    network.publish(&[consumer]);
    let refused = verifier.verify(&token(&header(), &claims()), at(NOW)).await.unwrap_err();
    assert_eq!(refused, TokenError::BadSignature);
}

#[tokio::test]
async fn t05_keys_for_encryption_or_of_another_algorithm_are_refused() {
    for changes in [json!({"use": "enc"}), json!({"alg": "RS512"}), json!({"alg": "RSA-OAEP"})] {
        let (verifier, network) = entra();
        network.publish(&[
            with(GOOD.jwk.clone(), &changes),
            with(EVIL.jwk.clone(), &json!({"kid": "other"})),
        ]);
        let refused = verifier.verify(&token(&header(), &claims()), at(NOW)).await.unwrap_err();
        assert_eq!(refused, TokenError::BadSignature, "{changes}");
    }
}
