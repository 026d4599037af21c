//! `Microsoft.ManagementPartner`, api-version 2018-02-01.

use std::fmt::Write;

use reqwest::Method;
use serde_json::{Map, Value};

use super::http::Answer;
use super::{Arm, az_error};
use crate::printer::Failure;

/// The address of a partner ID; without one, of whatever is linked.
pub fn path(partner: &str) -> String {
    let mut escaped = String::new();
    for byte in partner.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    format!("/providers/Microsoft.ManagementPartner/partners/{escaped}?api-version=2018-02-01")
}

/// Asks, and takes 200 for success and nothing else, as az does.
///
/// # Errors
///
/// What the service says against it.
pub fn ask(arm: &Arm, method: &Method, partner: &str) -> Result<Option<Value>, Failure> {
    answered(arm, method, &path(partner))
}

/// Dates the link by the service's clock as it is now.
///
/// # Errors
///
/// As [`ask`].
pub fn correct_date(arm: &Arm, partner: &str) -> Result<Option<Value>, Failure> {
    answered(arm, &Method::PATCH, &(path(partner) + "&correct-date=true"))
}

fn answered(arm: &Arm, method: &Method, path: &str) -> Result<Option<Value>, Failure> {
    let answer = arm.send(method, path)?;
    if answer.status != 200 {
        return Err(az_error(&answer));
    }
    if answer.body.is_empty() {
        return Ok(None);
    }
    flat(&answer).map(Some)
}

/// The link, or nothing when there is none.
///
/// # Errors
///
/// What the service says besides "there is none".
pub fn linked(arm: &Arm) -> Result<Option<Value>, Failure> {
    match ask(arm, &Method::GET, "") {
        Err(Failure::NotFound(_)) => Ok(None),
        other => other,
    }
}

/// The object as az prints it: what is inside `properties` beside the rest.
fn flat(answer: &Answer) -> Result<Value, Failure> {
    let refused =
        || Failure::failed("The answer is not JSON. Is this the address of a resource manager?");
    let body: Map<String, Value> = serde_json::from_slice(&answer.body).map_err(|_| refused())?;
    let mut out = Map::new();
    for (name, value) in body {
        match value {
            Value::Object(properties) if name == "properties" => out.extend(properties),
            other => {
                out.insert(name, other);
            }
        }
    }
    Ok(Value::Object(out))
}
