//! Tokens of the Azure CLI's own sign-in: `pal login --from-az`.

use std::process::Command;

use serde_json::Value;

use super::Secret;
use super::oauth::{Seconds, Tokens};
use crate::clean::lines;
use crate::cloud::Cloud;
use crate::printer::Failure;

fn az(args: &[&str]) -> Result<Value, Failure> {
    // On Windows az is a script, which is not found by its bare name.
    let program = if cfg!(windows) { "az.cmd" } else { "az" };
    let done =
        Command::new(program).args(args).args(["--output", "json", "--only-show-errors"]).output();
    let done = done.map_err(|error| {
        Failure::failed(format!(
            "Cannot run az: {error}\nIs the Azure CLI installed? Without it: pal login --use-device-code"
        ))
    })?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(Failure::failed(format!("az refused: {}", lines(said.trim()))));
    }
    serde_json::from_slice(&done.stdout)
        .map_err(|_| Failure::failed("az did not answer with JSON."))
}

/// A token of az for a cloud, and its directory. az must be set to the same cloud: another one's
/// token would be sent to a stranger.
///
/// # Errors
///
/// When az is not there, not signed in, or set to another cloud.
pub fn borrow(cloud: &Cloud, tenant: Option<&str>) -> Result<(Tokens, String), Failure> {
    let theirs = az(&["cloud", "show"])?;
    let manager = theirs["endpoints"]["resourceManager"].as_str().unwrap_or_default();
    if !manager.trim_end_matches('/').eq_ignore_ascii_case(&cloud.resource_manager) {
        let name = lines(theirs["name"].as_str().unwrap_or("unknown"));
        return Err(Failure::failed(format!(
            "az is set to the cloud '{name}', not to {} ({}); its token is not for this one.\nTo change az: az cloud set -n <name>",
            cloud.name, cloud.resource_manager
        )));
    }
    let mut args = vec!["account", "get-access-token", "--resource", &cloud.audience];
    if let Some(tenant) = tenant {
        args.extend(["--tenant", tenant]);
    }
    let answer = az(&args)?;
    let token = answer["accessToken"].as_str();
    let token = token.ok_or_else(|| Failure::failed("az did not answer with a token."))?;
    let tokens = Tokens {
        access_token: Secret::new(token),
        refresh_token: None,
        id_token: None,
        expires_in: Seconds::Number(300),
    };
    Ok((tokens, answer["tenant"].as_str().unwrap_or_default().to_owned()))
}
