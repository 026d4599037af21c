//! Signing in as a service principal.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::client::Desk;
use crate::client::fake::{CONTOSO, SECRET};

const LOGIN: [&str; 6] = ["login", "--service-principal", "-u", "app", "--tenant", CONTOSO];

#[test]
fn a_secret_signs_in() {
    let desk = Desk::new();
    let done = desk.pal(&[&LOGIN[..], &["-p", SECRET, "--allow-no-subscriptions"]].concat());
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.err.starts_with("WARNING: A secret on the command line can be seen"), "{done:?}");
    assert!(done.err.ends_with("Signed in to Contoso (contoso.example) as app, cloud lab.\n"));
    let asked = desk.cloud.requests().into_iter().find(|r| r.path.ends_with("/token")).unwrap();
    assert_eq!(asked.path, format!("/{CONTOSO}/oauth2/v2.0/token"));
    assert_eq!(asked.field("scope").unwrap(), format!("{}//.default", desk.cloud.url));
    std::fs::write(desk.dir.path().join("secret.txt"), format!("{SECRET}\n")).unwrap();
    let done = desk.pal(&[&LOGIN[..], &["-p", "@secret.txt"]].concat());
    assert!(done.status == 0 && !done.err.contains("WARNING"), "{done:?}");
}

#[test]
fn a_wrong_secret_is_told_in_the_services_words() {
    let desk = Desk::new();
    let done = desk.command().args(LOGIN).env("AZURE_CLIENT_SECRET", "wrong").output().unwrap();
    let done = crate::client::Done::from(done);
    assert_eq!(done.err, "ERROR: Sign-in failed: AADSTS7000215: Invalid client secret provided.\n");
    assert_eq!(done.status, 1);
    let done = desk.pal(&LOGIN);
    assert_eq!(done.status, 2, "{done:?}");
}

#[test]
fn a_certificate_signs_in_by_its_key() {
    let desk = Desk::new();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["app".to_owned()]).unwrap().self_signed(&key).unwrap();
    let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
    std::fs::write(desk.dir.path().join("app.pem"), pem).unwrap();
    desk.ok(&[&LOGIN[..], &["--certificate", "app.pem"]].concat());
    let asked = desk.cloud.requests().into_iter().find(|r| r.path.ends_with("/token")).unwrap();
    let assertion = asked.field("client_assertion").unwrap();
    let header: Value = part(&assertion, 0);
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate.der()));
    assert_eq!((&header["alg"], &header["x5t#S256"]), (&"RS256".into(), &thumbprint.into()));
    let claims = part(&assertion, 1);
    assert_eq!((&claims["iss"], &claims["sub"]), (&"app".into(), &"app".into()));
    let endpoint = format!("{}/{CONTOSO}/oauth2/v2.0/token", desk.cloud.url);
    assert_eq!(claims["aud"], endpoint.as_str());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
        key.public_key_raw(),
    );
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    std::fs::write(desk.dir.path().join("bad.pem"), "nothing").unwrap();
    let done = desk.pal(&[&LOGIN[..], &["--certificate", "bad.pem"]].concat());
    assert!(done.status == 1 && done.err.contains("bad.pem holds no certificate"), "{done:?}");
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn another_issuers_token_signs_in_and_is_read_anew() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().lasts = Some(1);
    let file = desk.dir.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    desk.ok(&[&LOGIN[..], &["--federated-token", "token"]].concat());
    std::fs::write(&file, "second").unwrap();
    desk.pal(&["managementpartner", "show"]);
    let tokens = desk.cloud.requests().into_iter().filter(|r| r.path.ends_with("/token"));
    let assertions: Vec<String> = tokens.map(|r| r.field("client_assertion").unwrap()).collect();
    assert_eq!(assertions.first().unwrap(), "first");
    assert_eq!(assertions.last().unwrap(), "second");
}
