//! Signing in by device code, staying signed in, and what is kept of it.

use serde_json::{Value, json};

use crate::client::fake::{CONTOSO, FABRIKAM, Reply, reply};
use crate::client::{Desk, Done};

#[test]
fn a_device_code_signs_in_to_every_directory() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().pending = 2;
    let done = desk.pal(&["login", "--use-device-code"]);
    assert_eq!((done.out.as_str(), done.status), ("", 0), "{done:?}");
    assert_eq!(
        done.err,
        "To sign in, open the page and enter the code BCDFGHJK\n\
         Signed in to Contoso (contoso.example) as ada@contoso.example, cloud lab.\n\
         2 more directories: pal account list -o table\n"
    );
    let shown: Value = serde_json::from_str(&desk.ok(&["account", "show"])).unwrap();
    assert_eq!(shown["tenantId"], CONTOSO);
    assert_eq!(shown["user"], json!({"name": "ada@contoso.example", "type": "user"}));
    let names = ["account", "list", "--query", "[].{name:name,isDefault:isDefault}", "-o", "tsv"];
    assert_eq!(desk.ok(&names), "Contoso\tTrue\nFabrikam\tFalse\nTailwind Traders\tFalse\n");
    desk.ok(&["account", "set", "--tenant", "FABRIKAM.example"]);
    assert_eq!(
        desk.ok(&["account", "show", "--query", "tenantId", "-o", "tsv"]),
        format!("{FABRIKAM}\n")
    );
    let done = desk.pal(&["account", "set", "--tenant", "nowhere"]);
    assert!(done.status == 1 && done.err.contains("'nowhere'"), "{done:?}");
    desk.ok(&["logout"]);
    let done = desk.pal(&["managementpartner", "show"]);
    assert_eq!(done.err, "ERROR: Nobody is signed in to the cloud 'lab'.\nTo sign in: pal login\n");
    assert!(!desk.kept().contains("secret"), "{}", desk.kept());
}

#[test]
fn a_named_directory_is_the_only_one() {
    let desk = Desk::new();
    desk.ok(&["login", "--use-device-code", "--tenant", FABRIKAM]);
    assert_eq!(
        desk.ok(&["account", "list", "--query", "[].tenantId", "-o", "tsv"]),
        format!("{FABRIKAM}\n")
    );
    assert_eq!(desk.cloud.state.lock().unwrap().refreshes, 0);
}

/// A refresh token that is used twice ends the sign-in: commands that run at once must share one.
#[test]
fn t52_commands_at_once_use_a_refresh_token_once() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().lasts = Some(1);
    desk.ok(&["login", "--use-device-code"]);
    let before = {
        let mut state = desk.cloud.state.lock().unwrap();
        state.lasts = Some(3599);
        // Long enough for all of them to find the kept token at its end.
        state.slow = std::time::Duration::from_secs(1);
        state.links.push((CONTOSO.to_owned(), "5127255".to_owned()));
        state.refreshes
    };
    let running: Vec<_> = (0..12)
        .map(|_| {
            let mut command = desk.command();
            command.args(["managementpartner", "show"]).stdout(std::process::Stdio::piped());
            command.stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in running {
        let done = Done::from(child.wait_with_output().unwrap());
        assert_eq!(done.status, 0, "{done:?}");
    }
    let state = desk.cloud.state.lock().unwrap();
    assert!(!state.reused, "a refresh token was used twice");
    assert_eq!(state.refreshes - before, 1);
}

#[test]
fn an_ended_sign_in_says_how_to_begin_anew() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().lasts = Some(1);
    desk.ok(&["login", "--use-device-code"]);
    desk.cloud.state.lock().unwrap().refresh = None;
    let done = desk.pal(&["managementpartner", "show"]);
    assert_eq!(
        done.err,
        "ERROR: Sign-in failed: AADSTS700082: The refresh token has ended.\nTo sign in again: pal login\n"
    );
    assert_eq!(done.status, 1);
}

#[cfg(unix)]
#[test]
fn t52_tokens_are_kept_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::person();
    let mode = |path: &str| {
        let path = desk.dir.path().join(path);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode("settings/sign-ins.json"), 0o600);
    assert_eq!(mode("settings"), 0o700);
    assert!(desk.kept().contains("refresh-secret-"));
}

#[test]
fn t52_debug_shows_no_token_and_no_secret() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().lasts = Some(1);
    let mut shown = String::new();
    let add = |done: Done, shown: &mut String| {
        shown.push_str(&done.out);
        shown.push_str(&done.err);
    };
    add(desk.pal(&["login", "--use-device-code", "--debug", "--verbose"]), &mut shown);
    desk.cloud.state.lock().unwrap().first = vec![Reply {
        headers: vec![("WWW-Authenticate", "Bearer error=\"invalid_token\"".to_owned())],
        ..reply(401, &json!({}))
    }];
    add(desk.pal(&["managementpartner", "show", "--debug"]), &mut shown);
    add(desk.pal(&["doctor", "--debug"]), &mut shown);
    add(desk.pal(&["account", "list", "--debug", "-o", "json"]), &mut shown);
    assert!(shown.contains("DEBUG: POST ") && shown.contains("/oauth2/v2.0/token"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    // Every token here is a JWT, and each of those begins like this.
    assert!(!shown.contains("eyJ") && !shown.contains("Bearer"), "{shown}");
}

#[test]
fn t52_names_from_the_server_cannot_colour_the_terminal() {
    let desk = Desk::person();
    for style in ["json", "table", "tsv", "yaml"] {
        let shown = desk.ok(&["account", "list", "-o", style]);
        assert!(shown.contains("Fabrikam") && !shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[cfg(unix)]
#[test]
fn az_lends_its_token_for_its_own_cloud_only() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let az = |manager: &str| {
        let token = crate::client::fake::jwt(
            &json!({"tid": CONTOSO, "oid": "0", "upn": "ada@contoso.example"}),
        );
        let path = desk.dir.path().join("az");
        let text = format!(
            "#!/bin/sh\ncase \"$1\" in\ncloud) echo '{{\"name\":\"theirs\",\"endpoints\":{{\"resourceManager\":\"{manager}\"}}}}';;\n*) echo '{{\"accessToken\":\"{token}\",\"tenant\":\"{CONTOSO}\"}}';;\nesac\n"
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let pal = |args: &[&str]| -> Done {
        let path = format!("{}:/usr/bin:/bin", desk.dir.path().display());
        desk.command().env("PATH", path).args(args).output().unwrap().into()
    };
    az("https://management.azure.com/");
    let done = pal(&["login", "--from-az"]);
    assert_eq!(done.status, 1);
    assert!(done.err.starts_with("ERROR: az is set to the cloud 'theirs', not to lab"), "{done:?}");
    az(&format!("{}/", desk.cloud.url));
    let done = pal(&["login", "--from-az"]);
    assert_eq!(done.status, 0, "{done:?}");
    let done = pal(&["managementpartner", "create", "--partner-id", "5127255"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(!desk.kept().contains("eyJ"), "az's token was written down");
}
