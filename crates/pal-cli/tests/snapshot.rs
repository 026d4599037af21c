//! From Azure's answers to a report, through the program: the guide's script against an `az` that the test
//! plays, the import, and a first report.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const TENANT: &str = "fab00000-0000-4000-8000-000000000000";
const SUB: &str = "fab00000-5000-4000-8000-000000000001";
const GONE: &str = "fab00000-5000-4000-8000-000000000009";
const ADA: &str = "fab00000-1000-4000-8000-0000000000a1";
const APP: &str = "fab00000-7000-4000-8000-0000000000b1";
const OPS: &str = "fab00000-2000-4000-8000-0000000000c1";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

fn pal(folder: &Path, args: &[&str]) -> Output {
    let mut pal = Command::new(env!("CARGO_BIN_EXE_pal"));
    let config = folder.join("config");
    pal.env("PAL_CONFIG_DIR", config).current_dir(folder).args(args).output().unwrap()
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn import(folder: &Path, more: &[&str]) -> Output {
    let args = ["import", "azure-snapshot", "snapshot", "--taken-at", "2026-11-01T06:00:00Z"];
    pal(folder, &[&args[..], &["--output", "facts.jsonl"], more].concat())
}

fn write(folder: &Path, name: &str, value: &Value) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, value.to_string()).unwrap();
}

fn assignment(id: &str, principal: &str, kind: &str) -> Value {
    let scope = format!("/subscriptions/{SUB}");
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"),
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {"scope": scope, "principalId": principal, "principalType": kind,
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"),
            "createdOn": "2026-03-01T00:00:00Z"},
    })
}

fn subscriptions() -> Value {
    json!([{"id": SUB, "homeTenantId": TENANT, "tenantId": TENANT, "name": "prod", "state": "Enabled", "isDefault": true}])
}

fn users() -> Value {
    json!({"value": [{"id": ADA, "displayName": "Ada Berg", "userType": "Guest", "accountEnabled": true,
        "userPrincipalName": "ada_contoso.example#EXT#@fabrikam.example",
        "createdDateTime": "2026-02-01T00:00:00Z"}]})
}

fn link(written: &str) -> Value {
    json!({"type": "Microsoft.ManagementPartner/partners", "objectId": ADA, "tenantId": TENANT,
        "partnerId": "5127255", "partnerName": "Contoso", "state": "Active", "updatedTime": written})
}

/// One charge of 31.00 on each of two days of October.
const USAGE: &str = "ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,EffectiveCost,BilledCost,\
BillingCurrency,ChargeCategory,SubAccountId,ResourceId,x_ResourceGroupName,ServiceName,ServiceCategory\n";

fn usage() -> String {
    let row = |day: u8| {
        format!(
            "2026-10-{day}T00:00:00Z,2026-10-{}T00:00:00Z,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,31,31,EUR,\
             Usage,/subscriptions/{SUB},/subscriptions/{SUB}/resourceGroups/rg/providers/a.b/c/d,rg,VM,Compute\n",
            day + 1
        )
    };
    format!("{USAGE}{}{}", row(10), row(11))
}

/// Nothing is written by hand: what Azure answers, and the cost export.
#[test]
fn a_first_report_over_the_month_before_the_first_snapshot_has_figures() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(here, "snapshot/subscriptions.json", &subscriptions());
    write(here, "snapshot/users.json", &users());
    let held = json!({"value": [assignment("fab00000-a000-4000-8000-000000000001", ADA, "User")]});
    write(here, &format!("snapshot/role-assignments.{SUB}.json"), &held);
    write(here, "snapshot/link.json", &link("2026-10-10T12:00:00Z"));
    fs::write(here.join("usage.csv"), usage()).unwrap();
    let done = import(here, &[]);
    let told = said(&done);
    assert!(done.status.success(), "{told}");
    assert!(told.contains("partner 5127255 is named by a link and described by no fact"), "{told}");
    assert!(told.contains("reports are dependable from 2026-11-01T06:00:00Z on"), "{told}");
    let report = ["report", "--facts", "facts.jsonl", "--usage", "usage.csv", "--month", "2026-10"];
    let done = pal(here, &[&report[..], &["--group-by", "partner_id,partner_name"]].concat());
    let (rows, told) = (String::from_utf8(done.stdout.clone()).unwrap(), said(&done));
    // Half of the 10th, from the last write of the link, and the 11th.
    assert!(rows.contains("5127255,Contoso,2,62.0000000000,46.5000000000"), "{rows}{told}");
    assert!(
        told.contains("figures before 2026-11-01T06:00:00Z rest on starts that are assumed"),
        "{told}"
    );
    let resource = format!("/subscriptions/{SUB}/resourceGroups/rg/providers/a.b/c/d");
    let asked = ["explain", "--facts", "facts.jsonl", "--resource", &resource];
    let at = ["--at", "2026-10-11T10:00:00Z", "--format"];
    let text = String::from_utf8(pal(here, &[&asked[..], &at, &["text"]].concat()).stdout).unwrap();
    assert!(text.contains("· assumed · R9"), "{text}");
    assert!(text.contains("subscription prod") && text.contains("· assumed\n"), "{text}");
    let answer = pal(here, &[&asked[..], &at, &["json"]].concat()).stdout;
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let steps = answer["credited"][0]["paths"][0]["steps"].as_array().unwrap();
    let marked = |step: &str| steps.iter().find(|s| s["step"] == step).unwrap()["assumed"].clone();
    assert_eq!((marked("identity"), marked("partner")), (json!(true), json!(true)));
    assert_eq!((marked("grant"), marked("link")), (Value::Null, Value::Null));
    assert_eq!(answer["subscription"]["assumed"], true);
    // A partner that somebody states goes before the proposal.
    let stated = r#"{"kind":"partner","partner":"5127255","type":"location","name":"Own","from":"2026-10-11T00:00:00Z"}"#;
    fs::write(here.join("own.jsonl"), stated).unwrap();
    let own = ["report", "--facts", "facts.jsonl", "own.jsonl", "--usage", "usage.csv"];
    let rows = pal(here, &[&own[..], &["--group-by", "partner_id"]].concat()).stdout;
    assert!(String::from_utf8(rows).unwrap().contains("5127255,1,31.0000000000,31.0000000000"));
}

/// With a subscription that the second list lacks: reports and explanations say that nothing confirms it.
#[test]
fn what_is_unconfirmed_is_said_by_import_report_and_explain() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut both = subscriptions();
    both.as_array_mut()
        .unwrap()
        .push(json!({"id": GONE, "homeTenantId": TENANT, "tenantId": TENANT, "name": "old", "isDefault": false}));
    write(here, "snapshot/subscriptions.json", &both);
    write(here, "snapshot/link.json", &link("2026-10-10T12:00:00Z"));
    assert!(import(here, &[]).status.success());
    fs::rename(here.join("facts.jsonl"), here.join("first.jsonl")).unwrap();
    let without = subscriptions().to_string().replace(SUB, GONE);
    fs::write(here.join("snapshot/subscriptions.json"), without).unwrap();
    let args = ["import", "azure-snapshot", "snapshot", "--taken-at", "2026-11-02T06:00:00Z"];
    let files = ["--previous", "first.jsonl", "--output", "facts.jsonl"];
    let told = said(&pal(here, &[&args[..], &files].concat()));
    assert!(
        told.contains(&format!(
            "subscription {SUB} (prod) is unconfirmed since 2026-11-02T06:00:00Z"
        )),
        "{told}"
    );
    fs::write(here.join("usage.csv"), usage()).unwrap();
    let report = ["report", "--facts", "facts.jsonl", "--usage", "usage.csv"];
    let told = said(&pal(here, &report));
    assert!(
        told.contains(&format!("subscription {SUB} (prod) is unconfirmed since 2026-11-02")),
        "{told}"
    );
    let resource = format!("/subscriptions/{SUB}");
    let explain = [
        "explain",
        "--facts",
        "facts.jsonl",
        "--resource",
        &resource,
        "--at",
        "2026-11-03T00:00:00Z",
    ];
    let text = String::from_utf8(pal(here, &explain).stdout).unwrap();
    assert!(text.contains("assumed, unconfirmed since 2026-11-02T06:00:00Z"), "{text}");
    // Somebody looked: it is gone.
    let args = [&args[..], &files, &["--accept-ended", "--force"]].concat();
    assert!(pal(here, &args).status.success());
    let facts = fs::read_to_string(here.join("facts.jsonl")).unwrap();
    assert!(facts.contains("\"to\":\"2026-11-02T06:00:00Z\""), "{facts}");
}

#[test]
fn too_many_ends_stop_the_import_with_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let person = |n: u8| {
        json!({"id": format!("fab00000-1000-4000-8000-0000000000{n}"), "userType": "Member",
        "displayName": format!("Person {n}"), "accountEnabled": true})
    };
    let people = |count: u8| json!({"value": (10..10 + count).map(person).collect::<Vec<Value>>()});
    write(here, "snapshot/users.json", &people(20));
    let tenant = ["--tenant", TENANT];
    assert!(import(here, &tenant).status.success());
    fs::rename(here.join("facts.jsonl"), here.join("first.jsonl")).unwrap();
    write(here, "snapshot/users.json", &people(15));
    let again = |more: &[&str]| {
        let args = ["import", "azure-snapshot", "snapshot", "--taken-at", "2026-11-02T06:00:00Z"];
        let files = ["--previous", "first.jsonl", "--output", "facts.jsonl"];
        pal(here, &[&args[..], &files, &tenant, more].concat())
    };
    let stopped = again(&[]);
    assert_eq!(stopped.status.code(), Some(1));
    let told = said(&stopped);
    assert!(told.contains("5 of 20: the users") && told.contains("Person 29"), "{told}");
    assert!(!here.join("facts.jsonl").exists(), "nothing is written");
    assert!(again(&["--max-ended", "25%"]).status.success());
    assert!(again(&["--accept-ended", "--force"]).status.success());
    assert_eq!(again(&["--max-ended", "101"]).status.code(), Some(2));
}

/// The bash of the guide, up to the import.
fn script() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/export-from-azure.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, guide) = guide.split_once("## The access state").unwrap();
    let (guide, _) = guide.split_once("### Import").unwrap();
    let blocks = guide.split("```bash\n").skip(1).filter_map(|rest| rest.split("```").next());
    // The link is that of whoever signs in.
    blocks.filter(|block| !block.contains("partner-link")).collect()
}

/// An `az` that answers from files named by what is asked, and refuses the rest as Azure does.
fn fake_az(here: &Path) -> PathBuf {
    let bin = here.join("bin");
    let az = r#"#!/usr/bin/env bash
set -u
case "$*" in
  "account show"*) echo "$FAKE_TENANT"; exit ;;
  "account list"*) cat "$FAKE/subscriptions"; exit ;;
esac
while [ $# -gt 0 ]; do [ "$1" = --url ] && url=$2; shift; done
path=${url%%\?*}
echo "$url" >> "$FAKE/asked"
case $path in
  */roleAssignmentScheduleInstances | */roleEligibilityScheduleInstances)
    echo 'ERROR: Bad Request({"error":{"code":"AadPremiumLicenseRequired","message":"no licence"}})' >&2; exit 1 ;;
  */auditLogs/directoryAudits)
    echo 'ERROR: Forbidden({"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant"}})' >&2; exit 1 ;;
  */subscriptions/fab00000-5000-4000-8000-000000000009)
    echo 'ERROR: Not Found({"error":{"code":"SubscriptionNotFound","message":"gone"}})' >&2; exit 1 ;;
esac
name=$(printf %s "${path#https://*/}" | tr / _)
case $url in *skiptoken*) name=$name.2 ;; esac
if [ -e "$FAKE/$name" ]; then cat "$FAKE/$name"; else echo '{"value": []}'; fi
"#;
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("az"), az).unwrap();
    fs::set_permissions(bin.join("az"), fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

fn answers(fake: &Path) {
    let answer = |name: &str, value: &Value| write(fake, name, value);
    answer("subscriptions", &subscriptions());
    let tree = json!({"type": "Microsoft.Management/managementGroups", "name": TENANT, "properties": {
        "tenantId": TENANT, "children": [{"type": "Microsoft.Management/managementGroups", "name": "corp",
            "displayName": "corp", "children": [{"type": "/subscriptions", "name": SUB,
                "id": format!("/subscriptions/{SUB}"), "displayName": "prod"}]}]}});
    answer(&format!("providers_Microsoft.Management_managementGroups_{TENANT}"), &tree);
    let auth = "providers_Microsoft.Authorization_roleAssignments";
    let of = |n: u8| format!("fab00000-a000-4000-8000-00000000000{n}");
    let first = json!({"value": [assignment(&of(1), ADA, "User")],
        "nextLink": format!("https://management.azure.com/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments?$skiptoken=x")});
    answer(&format!("subscriptions_{SUB}_{auth}"), &first);
    answer(
        &format!("subscriptions_{SUB}_{auth}.2"),
        &json!({"value": [assignment(&of(2), OPS, "Group")]}),
    );
    answer("v1.0_users", &users());
    answer(
        "v1.0_servicePrincipals",
        &json!({"value": [{"id": APP, "displayName": "deploy",
        "servicePrincipalType": "Application", "accountEnabled": true, "createdDateTime": "2026-02-01T00:00:00Z"}]}),
    );
    answer(
        "v1.0_groups",
        &json!({"value": [{"id": OPS, "displayName": "ops", "securityEnabled": true}]}),
    );
    answer(
        "v1.0_organization",
        &json!({"value": [{"id": TENANT, "displayName": "Fabrikam",
        "verifiedDomains": [{"name": "fabrikam.example", "isDefault": true}]}]}),
    );
    answer(
        &format!("v1.0_groups_{OPS}_members"),
        &json!({"value": [{"@odata.type": "#microsoft.graph.user", "id": ADA}]}),
    );
    answer(
        &format!("v1.0_groups_{OPS}_members_microsoft.graph.user"),
        &json!({"value": [{"id": ADA}]}),
    );
    answer(
        &format!("v1.0_groups_{OPS}_members_microsoft.graph.servicePrincipal"),
        &json!({"value": [{"id": APP}]}),
    );
    let mg = "/providers/Microsoft.Management/managementGroups/corp";
    let event = json!({"value": [{"operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"},
        "status": {"value": "Succeeded"}, "eventTimestamp": "2026-08-01T10:00:00Z",
        "resourceId": format!("{mg}/providers/Microsoft.Authorization/roleAssignments/{}", of(3)),
        "properties": {"responseBody": json!({"properties": {"principalId": ADA, "roleDefinitionId": CONTRIBUTOR,
            "scope": mg, "createdOn": "2026-07-01T00:00:00Z"}}).to_string()}}]});
    answer(
        "providers_Microsoft.Management_managementGroups_corp_providers_Microsoft.Insights_eventtypes_management_values",
        &event,
    );
}

#[test]
fn the_script_of_the_guide_makes_a_folder_that_is_imported() {
    if Command::new("jq").arg("--version").output().is_err() {
        eprintln!("left out: there is no jq here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (bin, fake) = (fake_az(here), here.join("fake"));
    answers(&fake);
    let known = format!(
        "{{\"kind\":\"subscription\",\"tenant\":\"{TENANT}\",\"subscription\":\"{GONE}\"}}\n\
         {{\"kind\":\"subscription\",\"tenant\":\"{TENANT}\",\"subscription\":\"{SUB}\"}}\n"
    );
    fs::write(here.join("facts.jsonl"), known).unwrap();
    fs::write(here.join("script.sh"), script()).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let done = Command::new("bash")
        .arg("script.sh")
        .current_dir(here)
        .env("PATH", path)
        .env("FAKE", &fake)
        .env("FAKE_TENANT", TENANT)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("no licence for"), "{}", said(&done));
    let snapshot =
        fs::read_dir(here).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let snapshot = snapshot.into_iter().find(|name| name.starts_with("snapshot-")).unwrap();
    let collected = fs::read_to_string(here.join(&snapshot).join("collect.json")).unwrap();
    let collected: Value = serde_json::from_str(&collected).unwrap();
    let taken = collected["takenAt"].as_str().unwrap();
    let args = [
        "import",
        "azure-snapshot",
        &snapshot,
        "--taken-at",
        taken,
        "--previous",
        "facts.jsonl",
        "--output",
        "new.jsonl",
    ];
    let done = pal(here, &args);
    assert!(done.status.success(), "{}", said(&done));
    let facts = fs::read_to_string(here.join("new.jsonl")).unwrap();
    let facts: Vec<Value> = facts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| facts.iter().filter(|fact| fact["kind"] == kind).collect::<Vec<_>>();
    let members: Vec<&str> =
        of("membership").iter().map(|fact| fact["member"].as_str().unwrap()).collect();
    assert_eq!(members, [ADA, APP]);
    assert_eq!(
        of("roleAssignment").len(),
        3,
        "both pages, and one that the log of the group knows"
    );
    let gone = of("subscription").into_iter().find(|fact| fact["subscription"] == GONE).unwrap();
    assert_eq!(gone["to"], *taken);
    let ada = of("principal").into_iter().find(|fact| fact["object"] == ADA).unwrap();
    assert_eq!(ada["signInName"], "ada@contoso.example");
    assert!(
        !here
            .join(&snapshot)
            .join(format!("role-eligibility-schedule-instances.{SUB}.json"))
            .exists()
    );
}
