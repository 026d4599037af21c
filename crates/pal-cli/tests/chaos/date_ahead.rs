//! `pal managementpartner update --correct-date`, against the service: a link that was made while the clock was
//! years ahead begins now when its owner says so, and when nobody else does.

use std::path::Path;
use std::process::Output;

use pal_model::Principal;
use pal_store::{
    Actor, LinkAction, LinkChange, LinkStore, PartnerRules, SqliteOptions, SqliteStore,
};
use serde_json::{Value, json};

use crate::chaos::embedded::{APP, ROBOT, SECRET, Service, TENANT, prepared, run};

const OTHER: &str = "5ec40000-3000-4000-8000-000000000002";
const OTHER_APP: &str = "5ec40000-7000-4000-8000-000000000002";
const OTHER_SECRET: &str = "9Q~annan/sleutel+3=&%.y";
const AHEAD: &str = "2099-05-02T00:00:00Z";
const CORRECT: [&str; 5] =
    ["managementpartner", "update", "--partner-id", "5127255", "--correct-date"];

fn principal(object: &str) -> Principal {
    Principal::new(TENANT.parse().unwrap(), object.parse().unwrap())
}

/// Another application, with a secret.
fn add_other(folder: &Path) {
    let fact = json!({
        "kind": "principal", "tenant": TENANT, "object": OTHER, "type": "ServicePrincipal",
        "name": "other",
    });
    std::fs::write(folder.join("other.jsonl"), fact.to_string()).unwrap();
    run(folder, &["import", "facts", "other.jsonl", "--data-dir", "data"], "");
    let account = format!("{TENANT}/{OTHER}");
    let args = ["credential", "app", OTHER_APP, "--account", &account, "--data-dir", "data"];
    run(folder, &args, OTHER_SECRET);
}

/// Links the application as a service did whose clock was years ahead.
fn link_ahead(folder: &Path) {
    let owner = principal(ROBOT);
    let request = "made-ahead".to_owned();
    let change = LinkChange {
        owner,
        action: LinkAction::Create("5127255".parse().unwrap()),
        at: AHEAD.parse().unwrap(),
        rules: PartnerRules::default(),
        actor: Actor { principal: Some(owner), client: None, token: None, request },
    };
    let store = SqliteStore::open(&folder.join("data"), SqliteOptions::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.change_link(change)).unwrap();
}

/// What a command printed, which must have done its work.
fn printed(done: &Output) -> Value {
    assert!(done.status.success(), "{done:?}");
    serde_json::from_slice(&done.stdout).unwrap_or_default()
}

/// The records of changed links, as an operator reads them.
fn updates(service: &Service) -> Vec<Value> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", OTHER_APP),
        ("client_secret", OTHER_SECRET),
        ("scope", "https://management.azure.com/.default"),
    ];
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let token = service.send("a token", service.request("POST", &path).form(&form));
    let asked = service.request("GET", "/api/v1/audit?action=link-update");
    let answer = service.send("the audit log", asked.bearer_auth(token.field("access_token")));
    let list: Value = serde_json::from_str(&answer.body).unwrap();
    list["value"].as_array().unwrap().clone()
}

#[test]
fn a_date_far_ahead_is_corrected_by_the_owner_and_by_nobody_else() {
    let folder = prepared();
    add_other(folder.path());
    link_ahead(folder.path());
    let operators = format!("operators=[\"{TENANT}/{OTHER}\"]");
    let service = Service::over(folder, false, &[operators]);
    for (who, app, secret) in [("owner", APP, SECRET), ("other", OTHER_APP, OTHER_SECRET)] {
        let pal = |args: &[&str]| printed(&service.pal(who, args));
        pal(&["cloud", "register", "-n", "lab", "--endpoint-resource-manager", &service.base]);
        pal(&["cloud", "set", "-n", "lab"]);
        pal(&["login", "--service-principal", "-u", app, "-p", secret, "--tenant", TENANT]);
    }
    let shown = |who| printed(&service.pal(who, &["managementpartner", "show"]));
    assert_eq!(shown("owner")["updatedTime"], AHEAD);

    // An operator has no power over a link of somebody else.
    let refused = service.pal("other", &CORRECT);
    assert_eq!((refused.status.code(), &*refused.stdout), (Some(3), &b""[..]), "{refused:?}");
    assert_eq!(shown("owner")["updatedTime"], AHEAD);
    assert_eq!(updates(&service), [Value::Null; 0]);

    let corrected = printed(&service.pal("owner", &CORRECT));
    let date = corrected["updatedTime"].as_str().unwrap();
    assert!(date < "2099", "{corrected}");
    assert_eq!((&corrected["partnerId"], &corrected["version"]), (&json!("5127255"), &json!(2)));
    assert_eq!(shown("owner"), corrected);
    let [record] = &updates(&service)[..] else { panic!("one change was made") };
    let (tenant, object) = (json!(TENANT), json!(ROBOT));
    assert_eq!(record["actor"]["tenantId"], tenant, "{record}");
    assert_eq!(record["actor"]["objectId"], object, "{record}");
    assert_eq!(record["detail"]["dateCorrected"], AHEAD, "{record}");

    // There is nothing left to correct.
    let again = service.pal("owner", &CORRECT);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert_eq!(shown("owner"), corrected);
    assert_eq!(updates(&service).len(), 1);
}
