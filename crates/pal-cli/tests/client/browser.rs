//! Signing in with a browser: the test is the browser.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;

use url::Url;

use crate::client::{Desk, Done};

/// Starts the sign-in; the address that the browser was sent to.
fn start(desk: &Desk) -> (Child, Url) {
    use std::os::unix::fs::PermissionsExt;
    let (program, shown) = (desk.dir.path().join("browser"), desk.dir.path().join("shown"));
    let text = format!("#!/bin/sh\nprintf %s \"$1\" > {0}.new\nmv {0}.new {0}\n", shown.display());
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = desk.command();
    command.args(["login", "--tenant", crate::client::fake::CONTOSO]).env("BROWSER", &program);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    (child, Url::parse(&wait(&shown)).unwrap())
}

fn wait(path: &Path) -> String {
    for _ in 0..600 {
        if let Ok(text) = std::fs::read_to_string(path) {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no browser was opened");
}

fn query(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned()
}

/// Sends a request to where the browser is sent back to.
fn send(url: &Url, request: &str) -> String {
    let back = Url::parse(&query(url, "redirect_uri")).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", back.port().unwrap())).unwrap();
    let request = request.replace("HOST", &format!("localhost:{}", back.port().unwrap()));
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn post(url: &Url, body: &str) -> String {
    let length = body.len();
    send(url, &format!("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: {length}\r\n\r\n{body}"))
}

fn finish(child: Child) -> Done {
    child.wait_with_output().unwrap().into()
}

#[test]
fn a_browser_signs_in_with_proof_of_who_asked() {
    let desk = Desk::new();
    let (child, url) = start(&desk);
    assert_eq!(query(&url, "code_challenge_method"), "S256");
    assert_eq!(query(&url, "response_type"), "code");
    desk.cloud.state.lock().unwrap().nonce = Some(query(&url, "nonce"));
    let state = query(&url, "state");
    // Nobody else gets an answer, and nobody else ends the waiting.
    assert!(
        send(&url, "GET /favicon.ico HTTP/1.1\r\nHost: HOST\r\n\r\n").starts_with("HTTP/1.1 404")
    );
    assert!(post(&url, "code=stolen&state=guessed").starts_with("HTTP/1.1 404"));
    let elsewhere = format!("GET /?code=x&state={state} HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert!(send(&url, &elsewhere).starts_with("HTTP/1.1 404"));
    let shown = post(&url, &format!("code=right&state={state}"));
    assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("Signed in"), "{shown}");
    let done = finish(child);
    assert_eq!(done.status, 0, "{done:?}");
    let asked = desk.cloud.requests().into_iter().find(|r| r.path.ends_with("/token")).unwrap();
    assert_eq!(asked.field("code").unwrap(), "right");
    assert_eq!(asked.field("redirect_uri").unwrap(), query(&url, "redirect_uri"));
    let challenge = {
        use base64::Engine;
        let verifier = asked.field("code_verifier").unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
    };
    assert_eq!(challenge, query(&url, "code_challenge"));
}

#[test]
fn an_answer_in_the_query_is_taken_too() {
    let desk = Desk::new();
    let (child, url) = start(&desk);
    desk.cloud.state.lock().unwrap().nonce = Some(query(&url, "nonce"));
    let state = query(&url, "state");
    send(&url, &format!("GET /?code=right&state={state} HTTP/1.1\r\nHost: HOST\r\n\r\n"));
    let done = finish(child);
    assert_eq!(done.status, 0, "{done:?}");
}

#[test]
fn an_identity_token_for_another_sign_in_is_refused() {
    let desk = Desk::new();
    let (child, url) = start(&desk);
    desk.cloud.state.lock().unwrap().nonce = Some("another".to_owned());
    post(&url, &format!("code=right&state={}", query(&url, "state")));
    let done = finish(child);
    assert_eq!(done.status, 1);
    assert!(
        done.err.contains("ERROR: The identity token is not the answer to this sign-in"),
        "{done:?}"
    );
    assert!(!desk.dir.path().join("settings/sign-ins.json").exists());
}

#[test]
fn an_answer_of_another_issuer_is_refused() {
    let desk = Desk::new();
    let (child, url) = start(&desk);
    let state = query(&url, "state");
    post(&url, &format!("code=right&state={state}&iss=https%3A%2F%2Fevil.example%2Fv2.0"));
    let done = finish(child);
    assert_eq!(done.status, 1);
    assert!(done.err.contains("came from another sign-in service"), "{done:?}");
    assert!(!desk.cloud.requests().iter().any(|r| r.path.ends_with("/token")));
}

#[test]
fn a_refusal_is_told_without_its_escapes() {
    let desk = Desk::new();
    let (child, url) = start(&desk);
    let state = query(&url, "state");
    let shown = post(
        &url,
        &format!("error=access_denied&error_description=AADSTS65004%3A+%1b%5B2JNo.&state={state}"),
    );
    assert!(shown.contains("Not signed in"), "{shown}");
    let done = finish(child);
    assert!(done.err.ends_with("ERROR: Sign-in failed: AADSTS65004: No.\n"), "{done:?}");
}
