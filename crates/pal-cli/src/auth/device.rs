//! Signing in by a code that is typed in another browser (RFC 8628).

use std::time::Duration;

use serde::Deserialize;

use super::oauth::{Authority, Refusal, Seconds, TokenScope, Tokens};
use crate::clean::lines;
use crate::client::http::{Ask, Http};
use crate::printer::{Failure, Printer};

/// The pause between two questions, also where the service asks for none.
const SHORTEST: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct DeviceAuthorization {
    device_code: super::Secret,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: Seconds,
    interval: Option<Seconds>,
    message: Option<String>,
}

/// Shows the code and waits until it was used.
///
/// # Errors
///
/// When it was refused, or not used in time.
pub fn device_code(
    http: &Http,
    authority: &Authority,
    client_id: &str,
    scope: &TokenScope,
    printer: &Printer,
) -> Result<Tokens, Failure> {
    let endpoint = authority.device_authorization_endpoint.as_deref().ok_or_else(|| {
        Failure::failed("This cloud knows no sign-in by device code. Use: pal login")
    })?;
    let mut form = vec![("client_id", client_id.to_owned())];
    form.extend(scope.fields());
    let answer = http.send(&Ask::post(endpoint, &form))?;
    if answer.status != 200 {
        let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        return Err(Failure::failed(format!("Sign-in failed: {}", refusal.text(answer.status))));
    }
    let started: DeviceAuthorization = serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::failed(format!("{endpoint} does not answer with a code.")))?;
    let message = started.message.clone().unwrap_or_else(|| {
        format!(
            "To sign in, open {} and enter the code {}",
            started.verification_uri, started.user_code
        )
    });
    printer.instruction(lines(&message));
    wait(http, authority, client_id, &started)
}

fn wait(
    http: &Http,
    authority: &Authority,
    client_id: &str,
    started: &DeviceAuthorization,
) -> Result<Tokens, Failure> {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()),
        ("client_id", client_id.to_owned()),
        ("device_code", started.device_code.expose().to_owned()),
        ("client_info", "1".to_owned()),
    ];
    let mut interval =
        started.interval.as_ref().map_or(5, Seconds::get).clamp(0, 60).unsigned_abs();
    let end = crate::clock::now() + started.expires_in.get();
    while crate::clock::now() < end {
        std::thread::sleep(Duration::from_secs(interval).max(SHORTEST));
        match authority.ask(http, &form)? {
            Ok(tokens) => return Ok(tokens),
            Err((refusal, _)) if refusal.error == "authorization_pending" => {}
            Err((refusal, _)) if refusal.error == "slow_down" => interval += 5,
            Err((refusal, status)) => {
                return Err(Failure::failed(format!("Sign-in failed: {}", refusal.text(status))));
            }
        }
    }
    Err(Failure::failed(
        "The code was not used in time.\nTo get another one: pal login --use-device-code",
    ))
}
