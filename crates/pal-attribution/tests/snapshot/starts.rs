//! When things begin: evidence first, and what is assumed says so.

use pal_attribution::snapshot::{Lacking, Options, SnapshotError};
use serde_json::{Value, json};

use crate::snapshot::{
    DAYS, GROUP, OTHER, RA, SUB, TENANT, USER, assignment, at, day, facts, list, plain, try_day,
    user,
};

fn link(more: &Value) -> Value {
    let mut link = json!({"type": "Microsoft.ManagementPartner/partners", "objectId": USER,
        "tenantId": TENANT, "partnerId": "5127255", "partnerName": "Contoso", "state": "Active"});
    for (name, value) in more.as_object().unwrap() {
        link[name] = value.clone();
    }
    link
}

fn files() -> Vec<(&'static str, Value)> {
    let tree = json!({"type": "Microsoft.Management/managementGroups", "name": TENANT,
        "properties": {"tenantId": TENANT, "children": [
            {"type": "Microsoft.Management/managementGroups", "name": "corp", "displayName": "corp",
                "children": [{"type": "/subscriptions", "name": SUB,
                    "id": format!("/subscriptions/{SUB}"), "displayName": "s"}]}]}});
    let mut undated = user(true);
    undated["id"] = json!(OTHER);
    undated["createdDateTime"] = Value::Null;
    let role = json!({"name": RA, "type": "Microsoft.Authorization/roleDefinitions", "properties": {
        "roleName": "r", "type": "CustomRole", "permissions": [{"actions": ["*/read"]}]}});
    vec![
        ("m.json", tree),
        ("users.json", list(&[user(true), undated])),
        (
            "groups.json",
            list(&[json!({"id": GROUP, "securityEnabled": true,
            "createdDateTime": "2026-02-02T00:00:00Z"})]),
        ),
        ("e8b9f1a2-6c3d-4e5f-8a7b-9c0d1e2f3a4b.members.json", list(&[json!({"id": USER})])),
        ("roles.json", list(&[role])),
        ("a.json", list(&[plain()])),
        (
            "l.json",
            link(
                &json!({"createdTime": "2026-01-01T00:00:00Z", "updatedTime": "2026-08-02T00:00:00Z"}),
            ),
        ),
    ]
}

#[test]
fn a_first_snapshot_says_what_it_assumes() {
    let first = day(None, 0, &files());
    let of = |kind: &str, field: &str| facts(&first.text, kind, &[field, "assumed"]);
    assert_eq!(of("tenant", "tenant"), [format!("- - {TENANT} true")]);
    assert_eq!(of("managementGroup", "name"), ["- - corp true"]);
    assert_eq!(of("subscription", "name"), ["- - s true"]);
    assert_eq!(of("roleDefinition", "name"), ["- - r true"]);
    assert_eq!(of("membership", "member"), [format!("{} - {USER} true", DAYS[0])]);
    // That it was enabled before is an assumption; that the group was there is not.
    let principals = of("principal", "object");
    assert!(principals.contains(&format!("2026-02-01T00:00:00Z - {USER} true")), "{principals:?}");
    assert!(principals.contains(&format!("{} - {OTHER} true", DAYS[0])), "{principals:?}");
    assert!(principals.contains(&format!("2026-02-02T00:00:00Z - {GROUP} -")), "{principals:?}");
    assert_eq!(of("roleAssignment", "role")[0].split(' ').next(), Some("2026-03-01T00:00:00Z"));
    assert!(of("roleAssignment", "role")[0].ends_with(" -"));
    assert_eq!(of("link", "partner"), ["2026-08-02T00:00:00Z - 5127255 -"]);
    assert_eq!(of("partner", "name"), ["- - Contoso true"]);
    let summary = &first.summary;
    assert_eq!((summary.assumed, summary.dependable_from), (8, at(DAYS[0])));
    assert_eq!(summary.proposed, ["5127255".parse().unwrap()]);
    assert!(summary.lacking.is_empty(), "{:?}", summary.lacking);
}

#[test]
fn memberships_and_accounts_may_be_assumed_earlier() {
    let since = "2026-07-01T00:00:00Z";
    let options = Options { assume_since: Some(at(since)), ..Options::default() };
    let text = try_day(None, 0, &files(), &options).unwrap().text;
    assert_eq!(facts(&text, "membership", &["assumed"]), [format!("{since} - true")]);
    assert!(facts(&text, "principal", &["object"]).contains(&format!("{since} - {OTHER}")));
    // Evidence goes before it.
    assert!(
        facts(&text, "principal", &["object"]).contains(&format!("2026-02-01T00:00:00Z - {USER}"))
    );
    let late = Options { assume_since: Some(at(DAYS[1])), ..Options::default() };
    assert!(matches!(try_day(None, 0, &files(), &late), Err(SnapshotError::AssumeSince { .. })));
}

#[test]
fn what_a_later_look_sees_first_began_between_the_two() {
    let before = day(None, 0, &files()).text;
    let mut later = files();
    let member = json!({"id": OTHER});
    later[3].1 = list(&[json!({"id": USER}), member]);
    later[1].1["value"].as_array_mut().unwrap().push(json!({"id": SUB, "accountEnabled": true,
        "userType": "Guest", "createdDateTime": "2026-09-01T20:00:00Z"}));
    let options = Options { assume_since: Some(at("2026-07-01T00:00:00Z")), ..Options::default() };
    let after = try_day(Some(&before), 1, &later, &options).unwrap();
    let members = facts(&after.text, "membership", &["member", "assumed"]);
    assert_eq!(members[1], format!("{} - {OTHER} -", DAYS[1]));
    let people = facts(&after.text, "principal", &["object", "assumed"]);
    assert!(people.contains(&format!("2026-09-01T20:00:00Z - {SUB} true")), "{people:?}");
    assert_eq!(after.summary.dependable_from, at(DAYS[0]), "of the first look");
}

#[test]
fn a_link_begins_at_its_last_write() {
    let from = |more: Value| {
        let text = day(None, 0, &[("l.json", link(&more))]).text;
        facts(&text, "link", &["assumed"]).remove(0)
    };
    let created = "2026-01-01T00:00:00Z";
    // It may have been written since, for another partner.
    assert_eq!(from(json!({"createdTime": created})), format!("{} - true", DAYS[0]));
    assert_eq!(from(json!({"createdTime": created, "version": 2})), format!("{} - true", DAYS[0]));
    assert_eq!(from(json!({"createdTime": created, "version": 1})), format!("{created} - -"));
}

#[test]
fn the_log_tells_a_start_that_the_list_does_not() {
    let bare = assignment("roleAssignments", RA, &json!({"createdOn": null}));
    let wrote = json!([{"operationName": {"value": "Microsoft.Authorization/roleAssignments/write"},
        "status": {"value": "Succeeded"}, "eventTimestamp": "2026-08-03T10:00:00Z", "resourceId": bare["id"]}]);
    let alone = day(None, 0, &[("a.json", list(std::slice::from_ref(&bare)))]).text;
    assert_eq!(facts(&alone, "roleAssignment", &["assumed"]), [format!("{} - true", DAYS[0])]);
    let told = day(None, 0, &[("a.json", list(&[bare])), ("log.json", wrote)]).text;
    assert_eq!(facts(&told, "roleAssignment", &["assumed"]), ["2026-08-03T10:00:00Z - -"]);
}

#[test]
fn the_log_of_a_management_group_tells_ends_there() {
    let scope = "/providers/Microsoft.Management/managementGroups/corp";
    let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{RA}");
    let held = json!({"id": id, "type": "Microsoft.Authorization/roleAssignments", "properties": {
        "scope": scope, "principalId": USER, "roleDefinitionId": GROUP, "createdOn": "2026-03-01T00:00:00Z"}});
    let event = json!([{"operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"},
        "status": {"value": "Succeeded"}, "eventTimestamp": "2026-09-01T12:00:00Z", "resourceId": id}]);
    let before = day(None, 0, &[("role-assignments.corp.json", list(&[held]))]).text;
    let after = day(Some(&before), 1, &[("activity-log.corp.json", event)]).text;
    assert_eq!(facts(&after, "roleAssignment", &[]), ["2026-03-01T00:00:00Z 2026-09-01T12:00:00Z"]);
}

#[test]
fn what_is_missing_before_there_can_be_credit_is_told() {
    let lacking = day(None, 0, &[("users.json", list(&[user(true)]))]).summary.lacking;
    assert_eq!(lacking, [Lacking::Subscriptions, Lacking::Access, Lacking::Links]);
    let files = [
        ("l.json", link(&json!({"updatedTime": "2026-08-02T00:00:00Z"}))),
        ("a.json", list(&[plain()])),
    ];
    let lacking = day(None, 0, &files).summary.lacking;
    assert_eq!(lacking, [Lacking::Subscriptions, Lacking::Account(USER.to_owned())]);
}

#[test]
fn a_partner_that_somebody_states_is_not_proposed() {
    let stated = "{\"kind\":\"partner\",\"partner\":5127255,\"type\":\"location\",\"from\":\"2026-01-01T00:00:00Z\"}\n";
    let files = [("l.json", link(&json!({"updatedTime": "2026-08-02T00:00:00Z"})))];
    let done = day(Some(stated), 0, &files);
    assert!(done.summary.proposed.is_empty());
    assert_eq!(facts(&done.text, "partner", &[]).len(), 1);
    // Proposed once.
    let first = day(None, 0, &files).text;
    assert_eq!(day(Some(&first), 1, &files).text, first);
}

#[test]
fn people_keep_the_name_they_sign_in_with() {
    let of = |upn: &str| {
        let mut person = user(true);
        person["userPrincipalName"] = json!(upn);
        person["displayName"] = json!("Ada Berg");
        let text = day(None, 0, &[("users.json", list(&[person]))]).text;
        facts(&text, "principal", &["signInName"])[0].split(' ').nth(2).unwrap().to_owned()
    };
    assert_eq!(of("ada_contoso.example#EXT#@fabrikam.onmicrosoft.example"), "ada@contoso.example");
    assert_eq!(of("a_da_contoso.example#ext#@fabrikam.example"), "a_da@contoso.example");
    assert_eq!(of("ada@contoso.example"), "ada@contoso.example");
    assert_eq!(of("#EXT#@fabrikam.example"), "#EXT#@fabrikam.example");
}

#[test]
fn facts_without_sign_in_names_get_them_and_stay() {
    let files = [("users.json", list(&[user(true)]))];
    let now = day(None, 0, &files).text;
    let old = now.replace("\"signInName\":\"u@x.example\",", "").replace(",\"assumed\":true", "");
    assert!(!old.contains("signInName"));
    let after = day(Some(&old), 1, &files).text;
    assert_eq!(
        facts(&after, "principal", &["signInName", "recordedAt"]),
        [format!("2026-02-01T00:00:00Z - u@x.example {}", DAYS[0])]
    );
}
