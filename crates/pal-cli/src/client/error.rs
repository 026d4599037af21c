//! Errors of a service, in az's words and with az's exit status.

use serde_json::Value;

use crate::clean::{cell, lines};
use crate::client::http::Answer;
use crate::printer::Failure;

/// The failure that an answer stands for: 3 when the status is 404, otherwise 1.
pub fn az_error(answer: &Answer) -> Failure {
    let body = answer.json();
    // Some services leave the envelope out.
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(&body);
    let text = match (error["code"].as_str(), error["message"].as_str()) {
        (Some(_), _) | (_, Some(_)) => told(error),
        _ => {
            let status = reqwest::StatusCode::from_u16(answer.status).ok();
            let reason = status.and_then(|s| s.canonical_reason()).unwrap_or("unknown");
            format!("Operation returned an invalid status '{reason}'")
        }
    };
    match (answer.status, error["code"].as_str()) {
        (404, _) => Failure::NotFound(text),
        (_, Some("Conflict")) => Failure::Conflict(text),
        _ => Failure::Failed(text),
    }
}

/// As the libraries of az write an error: first in brackets, then part by part, then what is
/// inside it, one step to the right.
fn told(error: &Value) -> String {
    // A part that is missing is "None" there.
    let part = |name: &str| error[name].as_str().map_or_else(|| "None".to_owned(), lines);
    let (code, message) = (cell(&part("code")), part("message"));
    let mut text = format!("({code}) {message}\nCode: {code}\nMessage: {message}");
    if let Some(target) = error["target"].as_str() {
        text.push_str("\nTarget: ");
        text.push_str(&cell(target));
    }
    if let Some(details) = error["details"].as_array().filter(|details| !details.is_empty()) {
        text.push_str("\nException Details:");
        for detail in details {
            let inner = told(detail);
            let inner: Vec<String> = inner.lines().map(|line| format!("\t{line}")).collect();
            text.push_str(&inner.join("\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::az_error;
    use crate::client::http::Answer;
    use crate::printer::Failure;

    fn failure(status: u16, body: &str) -> Failure {
        az_error(&Answer {
            status,
            headers: reqwest::header::HeaderMap::default(),
            body: body.into(),
        })
    }

    #[test]
    fn errors_read_as_in_az() {
        let body = r#"{"error":{"code":"NotFound","message":"No partner ID is linked."}}"#;
        let found = failure(404, body);
        assert_eq!(found.status(), 3);
        assert_eq!(
            found.to_string(),
            "(NotFound) No partner ID is linked.\nCode: NotFound\nMessage: No partner ID is linked."
        );
        let body = r#"{"code":"Conflict","message":"Linked already.","details":[{"code":"PartnerIdAlreadyLinked","message":"Use update."}]}"#;
        let found = failure(409, body);
        assert_eq!(found.status(), 1);
        assert_eq!(
            found.to_string(),
            "(Conflict) Linked already.\nCode: Conflict\nMessage: Linked already.\nException Details:\t(PartnerIdAlreadyLinked) Use update.\n\tCode: PartnerIdAlreadyLinked\n\tMessage: Use update."
        );
        let found = failure(500, r#"{"error":{"code":"X"}}"#);
        assert_eq!(found.to_string(), "(X) None\nCode: X\nMessage: None");
        let found = failure(404, "<html>");
        assert_eq!(found.to_string(), "Operation returned an invalid status 'Not Found'");
    }

    #[test]
    fn t52_the_servers_text_cannot_move_the_cursor() {
        let body =
            r#"{"error":{"code":"A\u001b[1A","message":"one\u001b]0;x\u0007\ntwo\u001b[2K"}}"#;
        assert_eq!(failure(400, body).to_string(), "(A) one\ntwo\nCode: A\nMessage: one\ntwo");
    }
}
