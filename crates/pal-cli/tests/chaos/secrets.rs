//! Every place where something secret could be left (T64).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::chaos::embedded::{APP, PASSWORD, SECRET, Service, mode};
use crate::chaos::story::{Secret, Story, WRONG_PASSWORD, WRONG_SECRET};
use crate::support::running::alone;

/// The texts to look for: a secret as it is, and in the forms that it is sent in.
fn forms(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let basic = STANDARD.encode(format!("{APP}:{secret}"));
    let escaped = secret.replace('/', "\\/");
    let (plain, safe) = (STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret));
    vec![secret.to_owned(), form, basic, escaped, plain, safe]
}

/// What is found in a text; `at` = the answer that the text is.
fn found(story: &Story, place: &str, text: &str, at: Option<usize>) -> Vec<String> {
    let forbidden = |secret: &&Secret| at.is_none_or(|at| !secret.given_by.contains(&at));
    let holds = |secret: &Secret| forms(&secret.text).iter().any(|f| text.contains(f));
    let found = story.secrets.iter().filter(forbidden).filter(|secret| holds(secret));
    found.map(|secret| format!("{place}: {}", secret.name)).collect()
}

/// The lines of private keys that hold nothing public: a modulus is in the key set, too.
fn key_lines(service: &Service) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (path, bytes) in service.files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !text.contains("PRIVATE KEY") {
            continue;
        }
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let body: Vec<&str> = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let private = if body.len() > 10 { &body[7..body.len() - 1] } else { &body[..1] };
        assert!(private.iter().all(|line| line.len() == 64), "{}", path.display());
        let name = format!("a line of {}", path.file_name().unwrap().display());
        lines.extend(private.iter().map(|line| (name.clone(), (*line).to_owned())));
    }
    lines
}

fn nothing_secret_is_left(tls: bool, format: &str) {
    let mut service = Service::start(tls, format, "trace,h2=trace");
    assert_eq!(service.folder_mode(), 0o700);
    let mut story = Story { service: &service, secrets: Vec::new() };
    for (name, text) in [
        ("the password", PASSWORD),
        ("the wrong password", WRONG_PASSWORD),
        ("the secret", SECRET),
        ("the wrong secret", WRONG_SECRET),
    ] {
        story.secret(name, text, None);
    }
    let application = story.application();
    let person = story.person();
    story.device();
    for token in [application, person] {
        story.calls(&token);
    }
    let mut texts = vec![("the metrics".to_owned(), service.metrics("/metrics").1, None)];
    for answer in service.answers.borrow().iter() {
        let text = format!("{}\n{}", answer.head, answer.body);
        texts.push((format!("the answer to {}", answer.what), text, Some(answer.at)));
    }
    // While it runs a database has files that are gone afterwards.
    let running = service.files();
    let secrets = story.secrets;
    service.stop();
    let mut story = Story { service: &service, secrets };
    let mut faults = Vec::new();
    for (path, bytes) in running.into_iter().chain(service.files()) {
        let text = String::from_utf8_lossy(&bytes);
        faults.extend(found(&story, &path.display().to_string(), &text, None));
    }
    // Keys are in their files; and nowhere else.
    let keys = key_lines(&service);
    assert!(keys.len() > 15, "no private keys were found");
    for (name, line) in keys {
        story.secret(&name, &line, None);
    }
    let printed = service.printed();
    // Only the library for HTTP/2 has something to say at this level.
    assert!(printed.contains("TRACE") == tls, "the log is not as expected\n{printed}");
    texts.push(("the log".to_owned(), printed, None));
    for (place, text, at) in &texts {
        faults.extend(found(&story, place, text, *at));
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn t64_no_secret_is_left_anywhere_with_tls() {
    let _alone = alone();
    nothing_secret_is_left(true, "json");
}

#[test]
fn t64_no_secret_is_left_anywhere_without_tls() {
    let _alone = alone();
    nothing_secret_is_left(false, "text");
}
