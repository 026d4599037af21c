//! From folders of Azure's JSON to facts: `fixtures/azure/<day>` → `fixtures/azure/<day>.jsonl`, and
//! small folders for single rules.
#![expect(clippy::result_large_err, reason = "a test may hold a large error")]

mod counted;
mod ends;
mod members;
mod starts;

use std::fs;
use std::path::{Path, PathBuf};

use pal_attribution::snapshot::{Counts, Merged, Options, Snapshot, SnapshotError, merge, read};
use pal_model::{Facts, Instant};
use serde_json::{Value, json};
use tempfile::TempDir;

const TENANT: &str = "5a8b6c1e-3f0d-4a7b-9c55-0f1e2d3c4b5a";
const OTHER: &str = "c0ffee00-1d1d-4e4e-8f8f-101010101010";
const SUB: &str = "7d5f0e7a-91c4-4d0e-b7d1-64a1b0f0c2d3";
const USER: &str = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9";
const GROUP: &str = "e8b9f1a2-6c3d-4e5f-8a7b-9c0d1e2f3a4b";
const RA: &str = "19e3b6f8-5a4c-4b2d-9e8f-7a6b5c4d3e2f";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const DAYS: [&str; 3] = ["2026-09-01T06:00:00Z", "2026-09-02T06:00:00Z", "2026-09-03T06:00:00Z"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/azure").join(name)
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn folder(files: &[(&str, Value)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, value.to_string()).unwrap();
    }
    dir
}

/// Reads files of the tenant as the snapshot of a day and puts them into earlier facts.
fn day(previous: Option<&str>, day: usize, files: &[(&str, Value)]) -> Merged {
    let dir = folder(files);
    let snapshot = read(dir.path(), at(DAYS[day]), Some(TENANT.parse().unwrap())).unwrap();
    merged(previous, &snapshot)
}

fn merged(previous: Option<&str>, snapshot: &Snapshot) -> Merged {
    merge(previous, snapshot, &Options::default()).unwrap()
}

/// The same where it may be refused.
fn try_day(
    previous: Option<&str>,
    day: usize,
    files: &[(&str, Value)],
    options: &Options,
) -> Result<Merged, SnapshotError> {
    let dir = folder(files);
    let snapshot = read(dir.path(), at(DAYS[day]), Some(TENANT.parse().unwrap()))?;
    merge(previous, &snapshot, options)
}

fn refused(files: &[(&str, Value)]) -> SnapshotError {
    let dir = folder(files);
    read(dir.path(), at(DAYS[0]), Some(TENANT.parse().unwrap())).unwrap_err()
}

/// The facts of a kind, each as "from to" and the named fields; `-` = absent.
fn facts(text: &str, kind: &str, fields: &[&str]) -> Vec<String> {
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line["kind"] == kind)
        .map(|line| {
            let word = |name: &&str| match &line[*name] {
                Value::Null => "-".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let words: Vec<String> = ["from", "to"].iter().chain(fields).map(word).collect();
            words.join(" ")
        })
        .collect()
}

fn assignment(list: &str, id: &str, extra: &Value) -> Value {
    let scope = format!("/subscriptions/{SUB}");
    let mut properties = json!({
        "roleDefinitionId": format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"),
        "principalId": USER, "principalType": "User", "scope": scope,
        "createdOn": "2026-03-01T00:00:00Z",
    });
    for (name, value) in extra.as_object().unwrap() {
        properties[name] = value.clone();
    }
    let id = format!("{scope}/providers/Microsoft.Authorization/{list}/{id}");
    json!({"id": id, "type": format!("Microsoft.Authorization/{list}"), "properties": properties})
}

fn plain() -> Value {
    assignment("roleAssignments", RA, &json!({}))
}

fn user(on: bool) -> Value {
    json!({"id": USER, "userPrincipalName": "u@x.example", "userType": "Guest",
        "accountEnabled": on, "createdDateTime": "2026-02-01T00:00:00Z"})
}

fn list(items: &[Value]) -> Value {
    json!({ "value": items })
}

#[test]
fn a_folder_gives_the_expected_facts() {
    let one = read(&fixture("2026-09-01"), at(DAYS[0]), None).unwrap();
    let first = merged(None, &one);
    assert_eq!(first.text, fs::read_to_string(fixture("2026-09-01.jsonl")).unwrap());
    let two = read(&fixture("2026-09-02"), at(DAYS[1]), None).unwrap();
    let second = merged(Some(&first.text), &two);
    assert_eq!(second.text, fs::read_to_string(fixture("2026-09-02.jsonl")).unwrap());
    let mut facts = Facts::default();
    facts.read("second", &second.text, None).unwrap();
    facts.check().unwrap();
    assert!(facts.remarks.is_empty(), "{:?}", facts.remarks);
}

#[test]
fn what_was_not_exported_is_left_and_said() {
    let one = read(&fixture("2026-09-01"), at(DAYS[0]), None).unwrap();
    let two = read(&fixture("2026-09-02"), at(DAYS[1]), None).unwrap();
    let merged = merged(Some(&merged(None, &one).text), &two);
    let left: Vec<(&str, usize)> =
        merged.summary.left.iter().map(|(list, count)| (list.as_str(), *count)).collect();
    assert_eq!(
        left,
        [
            ("members of group b1bf336b-9c7f-4c0b-993e-1778322ba2b2 (service principals)", 1),
            ("role assignments at 65e471e0-d6c9-4003-ac43-16dfc8663eb4", 1),
            ("the service principals", 2),
        ]
    );
    let expected = Counts { changed: 1, unchanged: 3, ..Counts::default() };
    assert_eq!(merged.summary.kinds["principal"], expected);
}

#[test]
fn the_same_state_leaves_every_byte() {
    let one = read(&fixture("2026-09-01"), at(DAYS[0]), None).unwrap();
    let first = merged(None, &one).text;
    let again = read(&fixture("2026-09-01"), at("2026-09-01T07:00:00Z"), None).unwrap();
    assert_eq!(merged(Some(&first), &again).text, first);
}

#[test]
fn an_account_that_comes_back_begins_when_it_is_seen() {
    let other = json!({"id": GROUP, "userType": "Member", "accountEnabled": true});
    let first = day(None, 0, &[("users.json", list(&[user(true), other.clone()]))]).text;
    let second = day(Some(&first), 1, &[("users.json", list(std::slice::from_ref(&other)))]).text;
    let third = day(Some(&second), 2, &[("users.json", list(&[user(true), other]))]).text;
    let mine: Vec<String> = facts(&third, "principal", &["object"])
        .into_iter()
        .filter(|fact| fact.ends_with(USER))
        .collect();
    assert_eq!(
        mine,
        [format!("2026-02-01T00:00:00Z {} {USER}", DAYS[1]), format!("{} - {USER}", DAYS[2]),]
    );
}

#[test]
fn the_recycle_bin_tells_when_an_account_was_deleted() {
    let first = day(None, 0, &[("users.json", list(&[user(true)]))]).text;
    let mut deleted = user(true);
    deleted["@odata.type"] = json!("#microsoft.graph.user");
    deleted["deletedDateTime"] = json!("2026-09-01T12:00:00Z");
    let second = day(Some(&first), 1, &[("deleted.json", list(&[deleted]))]).text;
    assert_eq!(
        facts(&second, "principal", &[]),
        ["2026-02-01T00:00:00Z 2026-09-01T12:00:00Z"],
        "{second}"
    );
}

#[test]
fn an_activation_ends_as_planned_and_eligibility_grants_nothing() {
    let origin = plain()["id"].clone();
    let active = assignment(
        "roleAssignmentScheduleInstances",
        GROUP,
        &json!({
            "startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-09-01T14:00:00Z",
            "originRoleAssignmentId": origin, "assignmentType": "Activated",
        }),
    );
    let eligible = assignment(
        "roleEligibilityScheduleInstances",
        OTHER,
        &json!({
            "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": null,
        }),
    );
    let files =
        [("assignments.json", list(&[plain()])), ("pim.json", list(&[active.clone(), eligible]))];
    let first = day(None, 0, &files).text;
    assert_eq!(
        facts(&first, "roleAssignment", &["eligible"]),
        ["2026-03-01T00:00:00Z 2026-09-01T14:00:00Z -", "2026-01-01T00:00:00Z - true",]
    );
    // Without the list of role assignments an instance stands for itself.
    let alone = day(None, 0, &[("pim.json", list(&[active]))]).text;
    assert_eq!(
        facts(&alone, "roleAssignment", &["eligible"]),
        ["2026-03-01T00:00:00Z 2026-09-01T14:00:00Z -"]
    );
    // Taken back before its planned end.
    let name = format!("role-assignments.{SUB}.json");
    let second = day(Some(&first.replace("09-01T14", "09-05T14")), 1, &[(&name, list(&[]))]).text;
    assert_eq!(
        facts(&second, "roleAssignment", &[]),
        [format!("2026-03-01T00:00:00Z {}", DAYS[1]), "2026-01-01T00:00:00Z -".to_owned()]
    );
}

fn delete(properties: &Value, status: &str) -> Value {
    json!({"operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"},
        "status": {"value": status}, "eventTimestamp": "2026-09-01T20:30:00.1234567Z",
        "resourceId": plain()["id"].as_str().unwrap().to_ascii_lowercase(), "properties": properties})
}

#[test]
fn the_activity_log_gives_the_exact_end() {
    let first = day(None, 0, &[("assignments.json", list(&[plain()]))]).text;
    let log = ("log.json", list(&[delete(&json!({}), "Started"), delete(&json!({}), "Succeeded")]));
    let ended = ["2026-03-01T00:00:00Z 2026-09-01T20:30:00.1234567Z"];
    let second = day(Some(&first), 1, std::slice::from_ref(&log));
    assert_eq!(facts(&second.text, "roleAssignment", &[]), ended);
    assert!(second.summary.ignored[0].starts_with("1 events of logs that tell"));
    // The log tells the same for 90 days.
    assert_eq!(day(Some(&second.text), 2, std::slice::from_ref(&log)).text, second.text);
    // Made again under the same id after that.
    let again = assignment("roleAssignments", RA, &json!({"createdOn": "2026-09-02T00:00:00Z"}));
    let third = day(Some(&first), 1, &[log, ("a.json", list(&[again]))]).text;
    assert_eq!(facts(&third, "roleAssignment", &[]), [ended[0], "2026-09-02T00:00:00Z -"]);
}

#[test]
fn an_assignment_only_the_log_knows_is_history() {
    let old = json!({"responseBody": plain().to_string()});
    let first = day(None, 1, &[("log.json", list(&[delete(&old, "Succeeded")]))]).text;
    let fields = ["principal", "role"];
    let expected =
        format!("2026-03-01T00:00:00Z 2026-09-01T20:30:00.1234567Z {USER} {CONTRIBUTOR}");
    assert_eq!(facts(&first, "roleAssignment", &fields), [expected]);
    let unusable = json!({"responseBody": "{\"properties\":{\"principalId\":\"...\"}}"});
    let none = day(None, 1, &[("log.json", list(&[delete(&unusable, "Succeeded")]))]).text;
    assert!(facts(&none, "roleAssignment", &[]).is_empty());
}

fn delegation(change: impl Fn(&mut Value)) -> Value {
    let scope = format!("/subscriptions/{SUB}/resourceGroups/rg");
    let mut item = json!({
    "id": format!("{scope}/providers/Microsoft.ManagedServices/registrationAssignments/{RA}"),
    "type": "Microsoft.ManagedServices/registrationAssignments",
    "properties": {"provisioningState": "Succeeded", "registrationDefinition": {
        "systemData": {"createdAt": "2026-05-01T00:00:00Z"},
        "properties": {
            "authorizations": [{"principalId": GROUP, "roleDefinitionId": CONTRIBUTOR}],
            "managedByTenantId": OTHER, "manageeTenantId": TENANT,
        }}}});
    change(&mut item);
    item
}

#[test]
fn a_delegation_is_told_by_either_side() {
    let files = [("d.json", list(&[delegation(|_| {})]))];
    let fields = ["tenant", "managingTenant"];
    let expected = [format!("2026-05-01T00:00:00Z - {TENANT} {OTHER}")];
    let customer = day(None, 0, &files);
    assert_eq!(facts(&customer.text, "delegation", &fields), expected);
    let dir = folder(&files);
    let partner = read(dir.path(), at(DAYS[0]), Some(OTHER.parse().unwrap())).unwrap();
    assert_eq!(facts(&merged(None, &partner).text, "delegation", &fields), expected);
    let third = read(dir.path(), at(DAYS[0]), Some(GROUP.parse().unwrap())).unwrap_err();
    assert!(matches!(third, SnapshotError::Tenants { .. }), "{third}");
    // Nothing else says whose snapshot this is: the customer's.
    assert_eq!(read(dir.path(), at(DAYS[0]), None).unwrap().tenant(), TENANT.parse().unwrap());
}

#[test]
fn a_delegation_that_fails_ends_and_one_without_definition_is_refused() {
    let first = day(None, 0, &[("d.json", list(&[delegation(|_| {})]))]).text;
    let failing = delegation(|item| item["properties"]["provisioningState"] = json!("Deleting"));
    let second = day(Some(&first), 1, &[("d.json", list(&[failing]))]).text;
    let expected = [format!("2026-05-01T00:00:00Z {}", DAYS[1])];
    assert_eq!(facts(&second, "delegation", &[]), expected);
    // Taken away: an empty list whose name says of which resource group.
    let name = format!("registration-assignments.{SUB}.RG.json");
    assert_eq!(
        facts(&day(Some(&first), 1, &[(&name, list(&[]))]).text, "delegation", &[]),
        expected
    );
    let bare = delegation(|item| {
        item["properties"]["registrationDefinition"] = Value::Null;
    });
    let error = refused(&[("d.json", list(&[bare]))]);
    assert!(matches!(error, SnapshotError::Item { item: 1, .. }), "{error}");
    // The parameter to add.
    assert!(error.to_string().contains("$expandRegistrationDefinition=true"), "{error}");
}

#[test]
fn group_members_by_wrapper_context_or_name() {
    let members = json!([{"@odata.type": "#microsoft.graph.user", "id": USER}]);
    let context = format!("https://graph.microsoft.com/v1.0/$metadata#groups('{GROUP}')/members");
    for (name, file) in [
        ("x.json".to_owned(), json!({"group": {"id": GROUP}, "value": members})),
        ("x.json".to_owned(), json!({"@odata.context": context, "value": members})),
        (format!("{GROUP}.members.json"), members.clone()),
    ] {
        let text = day(None, 0, &[(&name, file)]).text;
        let expected = format!("{} - {GROUP} {USER}", DAYS[0]);
        assert_eq!(facts(&text, "membership", &["group", "member"]), [expected]);
        assert_eq!(facts(&text, "principal", &["type"]), [format!("{} - Group", DAYS[0])]);
    }
    let error = refused(&[("x.json", members)]);
    assert!(matches!(error, SnapshotError::Unrecognised { .. }), "{error}");
}

#[test]
fn a_group_that_is_gone_takes_its_members_along() {
    let group = json!({"id": GROUP, "securityEnabled": true, "displayName": "g"});
    let first = day(
        None,
        0,
        &[
            ("groups.json", list(&[group])),
            (&format!("{GROUP}.members.json"), json!([{"id": USER}])),
        ],
    );
    let second = day(Some(&first.text), 1, &[("groups.json", list(&[]))]).text;
    let expected = [format!("{} {}", DAYS[0], DAYS[1])];
    assert_eq!(facts(&second, "membership", &[]), expected);
    assert_eq!(facts(&second, "principal", &[]), expected);
}

#[test]
fn a_subscription_keeps_its_place_where_no_tree_tells_another() {
    let listed = json!({"subscriptionId": SUB, "tenantId": TENANT, "displayName": "s",
        "state": "Enabled"});
    let tree = json!({"type": "Microsoft.Management/managementGroups", "name": TENANT,
        "properties": {"tenantId": TENANT, "children": [
            {"type": "Microsoft.Management/managementGroups", "name": "corp", "children": [
                {"type": "/subscriptions", "name": SUB, "id": format!("/subscriptions/{SUB}"),
                    "displayName": "s"}]}]}});
    let first =
        day(None, 0, &[("s.json", list(std::slice::from_ref(&listed))), ("m.json", tree)]).text;
    assert_eq!(day(Some(&first), 1, &[("s.json", list(&[listed]))]).text, first);
}

#[test]
fn management_groups_as_entities() {
    let entity = |kind: &str, name: &str, above: &str| {
        json!({"id": format!("/x/{name}"), "type": kind, "name": name, "properties": {
            "tenantId": TENANT, "displayName": name,
            "parent": {"id": format!("/providers/Microsoft.Management/managementGroups/{above}")}}})
    };
    let group = "Microsoft.Management/managementGroups";
    let entities =
        [entity(group, "a", TENANT), entity(group, "b", "a"), entity("/subscriptions", SUB, "b")];
    let text = day(None, 0, &[("e.json", list(&entities))]).text;
    let fields = ["name", "parent", "assumed"];
    assert_eq!(facts(&text, "managementGroup", &fields), ["- - a - true", "- - b a true"]);
    assert_eq!(facts(&text, "subscription", &["managementGroup", "assumed"]), ["- - b true"]);
    let lonely = json!([{"type": group, "name": "a", "tenantId": TENANT}]);
    let error = refused(&[("m.json", lonely)]);
    assert!(matches!(error, SnapshotError::Item { item: 1, .. }), "{error}");
    // The parameter to add.
    assert!(error.to_string().contains("$recurse=true"), "{error}");
}

#[test]
fn a_deleted_link_ends_when_it_was_deleted() {
    let link = |state: &str, written: &str| {
        json!({"type": "Microsoft.ManagementPartner/partners", "objectId": USER,
            "tenantId": TENANT, "partnerId": 5_127_255, "state": state,
            "createdTime": "2026-08-01T00:00:00", "updatedTime": written})
    };
    let first = day(None, 0, &[("l.json", link("Active", "2026-08-02T00:00:00"))]).text;
    assert_eq!(facts(&first, "link", &["partner"]), ["2026-08-02T00:00:00Z - 5127255"]);
    let second = day(Some(&first), 1, &[("l.json", link("Deleted", "2026-09-01T09:00:00Z"))]).text;
    assert_eq!(facts(&second, "link", &[]), ["2026-08-02T00:00:00Z 2026-09-01T09:00:00Z"]);
    // A missing link ends nothing.
    let users = [("u.json", list(&[user(true)]))];
    assert_eq!(facts(&day(Some(&first), 1, &users).text, "link", &[]), ["2026-08-02T00:00:00Z -"]);
}

#[test]
fn a_resource_graph_query_is_read_whatever_its_casing() {
    let first = day(None, 0, &[("a.json", list(&[plain()]))]).text;
    let lower = plain().to_string().to_ascii_lowercase();
    let mut item: Value = serde_json::from_str(&lower).unwrap();
    let p = item["properties"].take();
    item["properties"] = json!({"principalId": p["principalid"], "scope": p["scope"],
        "roleDefinitionId": p["roledefinitionid"], "createdOn": "2026-03-01T00:00:00Z"});
    let query = json!({"count": 1, "data": [item], "skip_token": null, "total_records": 1});
    assert_eq!(day(Some(&first), 1, &[("q.json", query.clone())]).text, first);
    let mut cut = query;
    cut["skip_token"] = json!("ew0K");
    assert!(matches!(refused(&[("q.json", cut)]), SnapshotError::Incomplete { .. }));
}
