//! `pal cloud` and `pal doctor`.

use serde_json::Value;

use crate::client::Desk;

#[test]
fn a_cloud_is_registered_by_its_address() {
    let desk = Desk::new();
    let with_slash = format!("{}/", desk.cloud.url);
    let register = ["cloud", "register", "-n", "again", "--endpoint-resource-manager", &with_slash];
    let done = desk.pal(&register);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.err.starts_with("Cloud 'again' registered: resource manager http://127.0.0.1:"));
    let asked = desk.cloud.requests();
    assert!(asked.iter().all(|r| !r.path.starts_with("//")));
    assert!(asked.iter().any(|r| r.path == "/metadata/endpoints?api-version=2022-09-01"));
    assert_eq!(
        desk.ok(&["cloud", "list", "-o", "table"]),
        "IsActive    Name               Profile\n\
         ----------  -----------------  ---------\n\
         False       AzureCloud         latest\n\
         False       AzureChinaCloud    latest\n\
         False       AzureUSGovernment  latest\n\
         False       again              latest\n\
         True        lab                latest\n"
    );
    let shown = desk.ok(&["cloud", "show", "-n", "LAB"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["endpoints"]["activeDirectory"], desk.cloud.url.as_str());
    assert_eq!(shown["endpoints"]["activeDirectoryResourceId"], format!("{}/", desk.cloud.url));
    desk.ok(&["cloud", "unregister", "-n", "lab"]);
    assert_eq!(desk.ok(&["cloud", "show", "--query", "name", "-o", "tsv"]), "AzureCloud\n");
}

#[test]
fn addresses_that_tokens_must_not_go_to_are_refused() {
    let desk = Desk::new();
    for (url, why) in [
        ("http://pal.example", "is not https: tokens would be sent in the open"),
        ("ftp://pal.example", "is not an https address"),
        ("https://a@pal.example", "has a user name in it"),
        ("pal.example", "is no address"),
    ] {
        let done = desk.pal(&["cloud", "register", "-n", "x", "--endpoint-resource-manager", url]);
        assert!(done.status == 2 && done.err.contains(why), "{url}: {done:?}");
    }
    let done = desk.pal(&[
        "cloud",
        "register",
        "-n",
        "azurecloud",
        "--endpoint-resource-manager",
        &desk.cloud.url,
    ]);
    assert!(done.status == 1 && done.err.contains("is built in"), "{done:?}");
    let done = desk.pal(&["cloud", "set", "-n", "nowhere"]);
    assert!(
        done.status == 1 && done.err.contains("The cloud 'nowhere' is not registered."),
        "{done:?}"
    );
}

#[test]
fn clouds_without_pal_are_not_asked() {
    let desk = Desk::new();
    for cloud in ["AzureUSGovernment", "AzureChinaCloud"] {
        for command in [&["login", "--use-device-code"][..], &["managementpartner", "show"]] {
            let done = desk.pal(&[command, &["--cloud", cloud]].concat());
            assert_eq!(done.status, 1);
            assert!(
                done.err
                    .starts_with(&format!("ERROR: PAL is not offered in this cloud ({cloud})."))
            );
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let desk = Desk::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let done = desk.pal(&["cloud", "register", "-n", "x", "--endpoint-resource-manager", &url]);
    assert!(
        done.status == 1 && done.err.starts_with(&format!("ERROR: Cannot reach {url}: ")),
        "{done:?}"
    );
}

/// State of each check, by name.
fn checks(text: &str) -> Vec<(String, String)> {
    let all: Vec<Value> = serde_json::from_str(text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.iter().map(|check| (text(&check["check"]), text(&check["state"]))).collect()
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_mends_it() {
    let desk = Desk::new();
    let done = desk.pal(&["doctor", "-o", "json"]);
    let signed_in = ("signed-in".to_owned(), "FAIL".to_owned());
    assert!(done.status == 0 && checks(&done.out).contains(&signed_in), "{done:?}");
    let done = desk.pal(&["doctor", "--exit-code"]);
    assert_eq!(done.status, 4);
    assert!(done.out.contains(" FAIL  signed-in            Nobody is signed in to the cloud 'lab'.\n       to mend              pal login\n"), "{done:?}");

    desk.ok(&["login", "--use-device-code"]);
    let done = desk.pal(&["doctor", "--exit-code", "-o", "json"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(checks(&done.out).contains(&("token".to_owned(), "ok".to_owned())));

    let azure = desk.dir.path().join(".azure");
    std::fs::create_dir(&azure).unwrap();
    let done = desk.pal(&["doctor", "--exit-code"]);
    assert_eq!(done.status, 4);
    assert!(done.out.contains("az config set core.instance_discovery=false"), "{done:?}");
    assert!(done.out.contains("az cloud register -n lab --endpoint-resource-manager http://127"));
    std::fs::write(
        azure.join("config"),
        "[core]\ninstance_discovery = False\n[cloud]\nname = lab\n",
    )
    .unwrap();
    let clouds = format!("[lab]\nendpoint_resource_manager = {}/\n", desk.cloud.url);
    std::fs::write(azure.join("clouds.config"), clouds).unwrap();
    let done = desk.pal(&["doctor", "--exit-code"]);
    assert!(done.status == 0 && done.out.contains("registered as lab, and current"), "{done:?}");
}

#[test]
fn az_setup_prints_lines_for_every_tool() {
    let desk = Desk::new();
    let url = desk.cloud.url.clone();
    let shown = desk.ok(&["az", "setup"]);
    assert!(
        shown.contains(&format!("az cloud register -n lab --endpoint-resource-manager {url}\n")),
        "{shown}"
    );
    assert!(shown.contains("export AZURE_CORE_INSTANCE_DISCOVERY=false\n"));
    for tool in [
        "# Azure CLI",
        "# Python",
        "# Node.js",
        "# PowerShell",
        "# Terraform (azapi)",
        "# Terraform (azurerm)",
    ] {
        assert!(shown.contains(tool), "{tool}: {shown}");
    }
    let folder = desk.dir.path().join("data of ada");
    std::fs::create_dir_all(folder.join("tls")).unwrap();
    std::fs::write(folder.join("tls/ca.pem"), "").unwrap();
    std::fs::write(folder.join("tls/bundle.pem"), "").unwrap();
    let done = desk.pal(&["az", "setup", "--data-dir", "data of ada"]);
    assert!(done.status == 1 && done.err.contains("dev.json"), "{done:?}");
    let about = r#"{"url":"https://localhost:8443","tenants":[{"tenant":"t","apps":[{"clientId":"c","secret":"s"}]}]}"#;
    std::fs::write(folder.join("dev.json"), about).unwrap();
    let shown = desk.ok(&["az", "setup", "--data-dir", "data of ada"]);
    let bundle = folder.join("tls/bundle.pem").display().to_string();
    assert!(shown.starts_with(&format!("export REQUESTS_CA_BUNDLE='{bundle}'")), "{shown}");
    assert!(
        shown.contains(
            "az login --service-principal --tenant t -u c -p s --allow-no-subscriptions\n"
        )
    );
    assert!(shown.contains("export ARM_METADATA_HOSTNAME=localhost:8443\n"));
    // A shell takes them as they are.
    let checked = std::process::Command::new("sh").args(["-n", "-c", &shown]).status().unwrap();
    assert!(checked.success(), "{shown}");
}

/// Entra ID signs people in: every line and every request is for it, and for the audience that it knows.
#[test]
fn an_entra_elsewhere_is_where_everything_goes() {
    let desk = Desk::new();
    let entra = crate::client::fake::Cloud::start();
    desk.cloud.state.lock().unwrap().elsewhere = Some(entra.url.clone());
    let (url, login) = (desk.cloud.url.clone(), entra.url.clone());
    let done = desk.pal(&["doctor"]);
    let moved =
        format!("the sign-in is now at {login} for api://openpal, registered is {url} for {url}/");
    assert!(done.out.contains(&moved), "{done:?}");
    let done = desk.pal(&["cloud", "register", "-n", "own", "--endpoint-resource-manager", &url]);
    assert!(done.status == 0 && done.err.contains(&format!("sign-in {login}.")), "{done:?}");
    desk.ok(&["cloud", "set", "-n", "own"]);
    for args in [&["az", "setup"][..], &["az", "setup", "--url", &url]] {
        let shown = desk.ok(args);
        for line in [
            format!("authority=\"{login}\""),
            "credential_scopes=[\"api://openpal/.default\"]".to_owned(),
            format!("authorityHost: \"{login}\""),
            format!(
                "ARM_RESOURCE_MANAGER_ENDPOINT={url} ARM_RESOURCE_MANAGER_AUDIENCE=api://openpal"
            ),
            format!("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST={login}"),
        ] {
            assert!(shown.contains(&line), "{line}: {shown}");
        }
    }
    let done = desk.pal(&["login", "--use-device-code"]);
    let told = format!("Signing in at {login}, for api://openpal.");
    assert!(done.status == 0 && done.err.contains(&told), "{done:?}");
    let asked = entra.requests();
    let tenant = crate::client::fake::CONTOSO;
    let devicecode = asked.iter().find(|asked| asked.path.ends_with("/devicecode")).unwrap();
    assert_eq!(devicecode.path, format!("/{tenant}/oauth2/v2.0/devicecode"), "the one tenant");
    let scope = devicecode.field("scope").unwrap();
    assert!(scope.starts_with("api://openpal/.default "), "{scope}");
    assert!(!desk.cloud.requests().iter().any(|asked| asked.path.contains("/oauth2/")));
    let done = desk.pal(&["doctor"]);
    let found = format!("the sign-in at {login} answers; tokens are for api://openpal");
    assert!(done.out.contains(&found) && !done.out.contains("FAIL  metadata"), "{done:?}");
}

#[test]
fn every_shell_gets_its_completion() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = desk.ok(&["completion", shell]);
        assert!(
            script.contains("managementpartner") && script.contains("all-directories"),
            "{shell}"
        );
    }
    assert_eq!(desk.pal(&["completion", "tcsh"]).status, 2);
}
