//! The resource manager, with a token and with az's patience.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;

use super::http::{Answer, Ask, Http};
use crate::auth::{Sessions, Target};
use crate::printer::{Failure, Printer};

/// What az tries again.
const AGAIN: [u16; 6] = [408, 429, 500, 502, 503, 504];
/// Pauses before each further attempt, where the service does not say how long to wait.
const PAUSES: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(1600), Duration::from_millis(3200)];
/// Nobody waits longer than this at a command line.
const LONGEST: Duration = Duration::from_mins(2);

/// Requests of one account in one directory.
pub struct Arm<'a> {
    pub http: &'a Http<'a>,
    pub sessions: &'a Sessions<'a>,
    pub target: &'a Target,
    pub base: &'a str,
    pub printer: &'a Printer,
}

impl Arm<'_> {
    /// Asks; once more with a new token when the service does not take the kept one.
    ///
    /// # Errors
    ///
    /// When there is no token or no answer. An answer that says no is an answer.
    pub fn send(&self, method: &Method, path: &str) -> Result<Answer, Failure> {
        let answer = self.patiently(method, path)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        if !challenge.contains("error=") {
            return Ok(answer);
        }
        self.printer.verbose("The token was refused; asking for a new one.");
        let claims = challenge.split("claims=\"").nth(1).and_then(|rest| rest.split('"').next());
        let claims = claims.and_then(|text| STANDARD.decode(text).ok());
        let claims = claims.and_then(|bytes| String::from_utf8(bytes).ok());
        match self.sessions.renew(self.http, self.target, claims.as_deref()) {
            Ok(()) => self.patiently(method, path),
            // What the service said matters more than why there is no new token.
            Err(_) => Ok(answer),
        }
    }

    fn patiently(&self, method: &Method, path: &str) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.base);
        let token = self.sessions.token(self.http, self.target)?;
        let headers = [("x-ms-client-request-id", crate::random::guid()?)];
        let mut pauses = PAUSES.into_iter();
        loop {
            let ask = Ask {
                method: method.clone(),
                url: &url,
                token: Some(&token),
                form: None,
                headers: &headers,
            };
            let answer = self.http.send(&ask)?;
            let Some(pause) = pauses.next().filter(|_| AGAIN.contains(&answer.status)) else {
                return Ok(answer);
            };
            let told = answer.header("retry-after").and_then(|text| text.parse().ok());
            let pause = told.map_or(pause, Duration::from_secs);
            if pause > LONGEST {
                return Ok(answer);
            }
            self.printer.verbose(format_args!(
                "Status {}; trying again in {:.1} s.",
                answer.status,
                pause.as_secs_f64()
            ));
            std::thread::sleep(pause);
        }
    }
}
