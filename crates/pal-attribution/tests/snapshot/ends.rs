//! Nothing ends that could not be seen: subscriptions, shorter lists, and what proves an end.

use pal_attribution::snapshot::{Limit, Options, SnapshotError, Unconfirmed, read};
use serde_json::{Value, json};

use crate::snapshot::{
    DAYS, GROUP, OTHER, RA, SUB, TENANT, USER, at, day, facts, folder, list, plain, try_day, user,
};

fn subscription(id: &str, tenant: &str) -> Value {
    json!({"subscriptionId": id, "tenantId": tenant, "displayName": "s", "state": "Enabled"})
}

fn both() -> (&'static str, Value) {
    ("subscriptions.json", list(&[subscription(SUB, TENANT), subscription(OTHER, TENANT)]))
}

fn one() -> (&'static str, Value) {
    ("subscriptions.json", list(&[subscription(OTHER, TENANT)]))
}

const FIELDS: [&str; 2] = ["subscription", "unconfirmedSince"];

/// The facts of the first day: two subscriptions, and a role in the first.
fn first() -> String {
    let name = format!("role-assignments.{SUB}.json");
    day(None, 0, &[both(), (&name, list(&[plain()]))]).text
}

fn number(index: usize) -> String {
    format!("00000000-0000-4000-8000-{index:012}")
}

fn people(count: usize) -> Value {
    let person = |index| {
        json!({"id": number(index), "userPrincipalName": "u@x.example", "accountEnabled": true,
            "createdDateTime": "2026-01-01T00:00:00Z"})
    };
    list(&(0..count).map(person).collect::<Vec<Value>>())
}

fn accepted() -> Options {
    Options { limit: Limit { accepted: true, ..Limit::default() }, ..Options::default() }
}

#[test]
fn a_subscription_that_is_not_listed_is_unconfirmed_until_it_is_seen() {
    let second = day(Some(&first()), 1, &[one()]);
    let open = [format!("- - {SUB} {}", DAYS[1]), format!("- - {OTHER} -")];
    assert_eq!(facts(&second.text, "subscription", &FIELDS), open);
    assert_eq!(facts(&second.text, "roleAssignment", &[]), ["2026-03-01T00:00:00Z -"]);
    let expected =
        Unconfirmed { subscription: SUB.to_owned(), name: "s".to_owned(), since: at(DAYS[1]) };
    assert_eq!(second.summary.unconfirmed, [expected]);
    // Still missing: since when does not change, and no byte.
    assert_eq!(day(Some(&second.text), 2, &[one()]).text, second.text);
    assert_eq!(day(Some(&second.text), 2, &[both()]).text, first());
    // Without a list of subscriptions nothing is said.
    let users = [("users.json", people(1))];
    let without = day(Some(&first()), 1, &users);
    assert!(without.text.starts_with(&first()) && without.summary.unconfirmed.is_empty());
}

#[test]
fn a_subscription_ends_by_what_the_service_says() {
    let not_found = json!({"error": {"code": "SubscriptionNotFound",
        "message": format!("The subscription '{SUB}' could not be found.")}});
    let requested = json!({"takenAt": DAYS[1], "finishedAt": DAYS[1], "requests": [
        {"url": format!("https://management.azure.com/subscriptions/{SUB}?api-version=2022-12-01"),
            "status": 404, "error": {"code": "SubscriptionNotFound"}}]});
    let mut deleted = subscription(SUB, TENANT);
    deleted["state"] = json!("Deleted");
    let named = format!("subscription.{SUB}.json");
    for (name, file) in [
        ("gone.json", not_found.clone()),
        (named.as_str(), json!({"error": {"code": "SubscriptionNotFound", "message": "no"}})),
        ("collect.json", requested),
        ("more.json", list(&[deleted])),
    ] {
        let text = day(Some(&first()), 1, &[one(), (name, file)]).text;
        let ended = [format!("- {} {SUB} -", DAYS[1]), format!("- - {OTHER} -")];
        assert_eq!(facts(&text, "subscription", &FIELDS), ended, "{name}");
        // What was assigned in it is gone too.
        let expected = format!("2026-03-01T00:00:00Z {}", DAYS[1]);
        assert_eq!(facts(&text, "roleAssignment", &[]), [expected], "{name}");
    }
    let wrong = format!("subscription.{OTHER}.json");
    let error = try_day(Some(&first()), 1, &[(&wrong, not_found)], &Options::default());
    assert!(matches!(error, Err(SnapshotError::Service { .. })), "the name says another");
    let refused = json!({"error": {"code": "AuthorizationFailed", "message": SUB}});
    let error = try_day(Some(&first()), 1, &[(&named, refused)], &Options::default());
    assert!(matches!(error, Err(SnapshotError::Service { .. })), "403 is no end");
}

#[test]
fn a_deletion_event_ends_a_subscription_and_a_cancellation_does_not() {
    let event = |operation: &str| {
        json!([{"operationName": {"value": operation}, "status": {"value": "Succeeded"},
            "eventTimestamp": "2026-09-01T20:00:00Z", "resourceId": format!("/subscriptions/{SUB}")}])
    };
    let delete = [one(), ("log.json", event("Microsoft.Subscription/subscriptions/delete"))];
    let text = day(Some(&first()), 1, &delete).text;
    assert_eq!(facts(&text, "subscription", &[])[0], "- 2026-09-01T20:00:00Z");
    assert_eq!(facts(&text, "roleAssignment", &[]), ["2026-03-01T00:00:00Z 2026-09-01T20:00:00Z"]);
    let cancel = [one(), ("log.json", event("Microsoft.Subscription/cancel/action"))];
    let text = day(Some(&first()), 1, &cancel).text;
    assert_eq!(facts(&text, "subscription", &[])[0], "- -");
}

#[test]
fn a_subscription_ends_where_another_directory_lists_it() {
    let dir = folder(&[("s.json", list(&[subscription(SUB, GROUP)]))]);
    let other = read(dir.path(), at(DAYS[1]), Some(GROUP.parse().unwrap())).unwrap();
    let moved = super::merged(Some(&first()), &other).text;
    let expected = [format!("- {} {TENANT}", DAYS[1]), format!("- - {TENANT}")];
    assert_eq!(facts(&moved, "subscription", &["tenant"])[..2], expected);
    assert_eq!(facts(&moved, "subscription", &["tenant"])[2], format!("{} - {GROUP}", DAYS[1]));
    // What was assigned in its old directory ended with it.
    let next = day(Some(&moved), 2, &[one()]);
    let expected = format!("2026-03-01T00:00:00Z {}", DAYS[1]);
    assert_eq!(facts(&next.text, "roleAssignment", &[]), [expected]);
    assert!(next.summary.unconfirmed.is_empty());
}

#[test]
fn accept_ended_ends_what_is_missing() {
    let done = try_day(Some(&first()), 1, &[one()], &accepted()).unwrap();
    assert_eq!(facts(&done.text, "subscription", &[])[0], format!("- {}", DAYS[1]));
    let expected = format!("2026-03-01T00:00:00Z {}", DAYS[1]);
    assert_eq!(facts(&done.text, "roleAssignment", &[]), [expected]);
}

#[test]
fn more_than_a_fifth_of_a_kind_stops_the_import() {
    let before = day(None, 0, &[("users.json", people(24))]).text;
    let ends = |left: usize, options: &Options| {
        try_day(Some(&before), 1, &[("users.json", people(left))], options)
    };
    // 4 of 24 are few.
    assert!(ends(20, &Options::default()).is_ok());
    let error = ends(19, &Options::default()).unwrap_err();
    let SnapshotError::Ends(stopped) = &error else { panic!("{error}") };
    assert_eq!(stopped.kinds["the users"].absent.len(), 5);
    assert!(error.to_string().contains(&number(23)), "{error}");
    let limit =
        |percent| Options { limit: Limit { percent, accepted: false }, ..Options::default() };
    assert!(ends(19, &limit(25)).is_ok());
    assert!(ends(20, &limit(0)).is_ok(), "fewer than five never stop");
    assert!(ends(19, &accepted()).is_ok());
    // Exactly a fifth is not more.
    let before = day(None, 0, &[("users.json", people(25))]).text;
    let fifth = try_day(Some(&before), 1, &[("users.json", people(20))], &Options::default());
    assert!(fifth.is_ok());
}

#[test]
fn all_of_a_kind_stops_the_import_from_two_on() {
    let group = |index| json!({"id": number(index), "displayName": "g", "securityEnabled": true});
    let groups = |count| ("groups.json", list(&(0..count).map(group).collect::<Vec<Value>>()));
    let before = day(None, 0, &[groups(2)]).text;
    let gone = |before: &str| try_day(Some(before), 1, &[groups(0)], &Options::default());
    assert!(matches!(gone(&before), Err(SnapshotError::Ends(_))));
    assert!(gone(&day(None, 0, &[groups(1)]).text).is_ok(), "one may go");
    // Role assignments, by an empty list whose name says of where.
    let mut other = plain();
    other["id"] = json!(plain()["id"].as_str().unwrap().replace(RA, OTHER));
    let name = format!("role-assignments.{SUB}.json");
    let before = day(None, 0, &[(&name, list(&[plain(), other]))]).text;
    let none = try_day(Some(&before), 1, &[(&name, list(&[]))], &Options::default());
    assert!(matches!(none, Err(SnapshotError::Ends(_))));
}

#[test]
fn what_is_proven_does_not_count() {
    let mut bin: Vec<Value> = people(24)["value"].as_array().unwrap()[4..].to_vec();
    for one in &mut bin {
        one["@odata.type"] = json!("#microsoft.graph.user");
        one["deletedDateTime"] = json!("2026-09-01T12:00:00Z");
    }
    let before = day(None, 0, &[("users.json", people(24))]).text;
    let files = [("users.json", people(4)), ("deleted.json", list(&bin))];
    let done = try_day(Some(&before), 1, &files, &Options::default()).unwrap();
    assert_eq!(done.text.matches("2026-09-01T12:00:00Z").count(), 20);
}

#[test]
fn a_query_and_a_flat_list_end_nothing() {
    let mut other = plain();
    other["id"] = json!(plain()["id"].as_str().unwrap().replace(RA, OTHER));
    let name = format!("role-assignments.{SUB}.json");
    let before = day(None, 0, &[(&name, list(&[plain(), other.clone()]))]).text;
    // Resource Graph shows what the reader may see.
    let query = json!({"count": 1, "data": [plain()], "skip_token": null, "total_records": 1});
    let flat = {
        let p = &plain()["properties"];
        json!([{"id": plain()["id"], "type": "Microsoft.Authorization/roleAssignments",
            "principalId": p["principalId"], "roleDefinitionId": p["roleDefinitionId"],
            "scope": p["scope"], "createdOn": p["createdOn"]}])
    };
    for file in [query.clone(), flat] {
        let after = day(Some(&before), 1, &[("a.json", file)]);
        assert_eq!(after.text, before);
        assert_eq!(after.summary.left.values().sum::<usize>(), 1);
    }
    // Nor under a name that claims a place, and as rows without the answer around them.
    let mut row = plain();
    row["type"] = json!("microsoft.authorization/roleassignments");
    for file in [query, list(std::slice::from_ref(&row)), json!([row])] {
        assert_eq!(day(Some(&before), 1, &[(&name, file)]).text, before);
    }
}

#[test]
fn a_recycle_bin_is_no_list_of_accounts() {
    let mut deleted = user(true);
    deleted["@odata.type"] = json!("#microsoft.graph.user");
    deleted["deletedDateTime"] = json!("2026-09-02T09:00:00Z");
    let before = day(None, 0, &[("users.json", people(3))]).text;
    let after = day(Some(&before), 1, &[("deleted.json", list(&[deleted]))]).text;
    assert!(after.starts_with(&before), "{after}");
}

fn tree(children: &Value) -> Value {
    json!({"type": "Microsoft.Management/managementGroups", "name": TENANT,
        "properties": {"tenantId": TENANT, "children": children}})
}

fn group(name: &str, children: Option<Value>) -> Value {
    let mut group = json!({"type": "Microsoft.Management/managementGroups", "name": name,
        "displayName": name});
    if let Some(children) = children {
        group["children"] = children;
    }
    group
}

#[test]
fn a_tree_that_is_not_whole_ends_no_group() {
    let deep = tree(&json!([group("a", Some(json!([group("b", None)]))), group("c", None)]));
    let before = day(None, 0, &[("m.json", deep)]).text;
    let ended = |after: &str| {
        let groups = facts(after, "managementGroup", &[]);
        groups.iter().filter(|group| group.ends_with(DAYS[1])).count()
    };
    // Without $recurse the groups below the root show nothing in them.
    let shallow = tree(&json!([group("a", None), group("c", None)]));
    let after = day(Some(&before), 1, &[("m.json", shallow)]);
    assert_eq!((ended(&after.text), after.summary.doubts.len()), (0, 1));
    // A group that is not in the tree has role assignments.
    let less = tree(&json!([group("a", Some(json!([])))]));
    let scope = "/providers/Microsoft.Management/managementGroups/c";
    let assignment = json!({"id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{RA}"),
        "type": "Microsoft.Authorization/roleAssignments", "properties": {"scope": scope,
            "principalId": USER, "roleDefinitionId": GROUP, "createdOn": "2026-03-01T00:00:00Z"}});
    let files = [("m.json", less.clone()), ("role-assignments.c.json", list(&[assignment]))];
    let after = day(Some(&before), 1, &files);
    assert_eq!((ended(&after.text), after.summary.doubts.len()), (0, 1));
    // The root itself may not be seen.
    let entity = |name: &str, above: &Value, permissions: &str| {
        json!({"type": "Microsoft.Management/managementGroups", "name": name, "properties": {
            "tenantId": TENANT, "displayName": name, "permissions": permissions,
            "parent": {"id": above}}})
    };
    let root = json!(format!("/providers/Microsoft.Management/managementGroups/{TENANT}"));
    let unseen = [entity(TENANT, &Value::Null, "noaccess"), entity("a", &root, "view")];
    let after = day(Some(&before), 1, &[("e.json", list(&unseen))]);
    assert_eq!(ended(&after.text), 0);
    // A whole tree ends what it lacks.
    let after = day(
        Some(&before),
        1,
        &[("m.json", tree(&json!([group("a", Some(json!([]))), group("c", None)])))],
    );
    assert_eq!(ended(&after.text), 1);
}

#[test]
fn a_deny_that_only_audits_gives_no_fact_and_ends_one_that_denied() {
    let scope = format!("/subscriptions/{SUB}");
    let deny = |effect: &str| {
        json!({"id": format!("{scope}/providers/Microsoft.Authorization/denyAssignments/{RA}"),
            "type": "Microsoft.Authorization/denyAssignments", "properties": {
                "denyAssignmentEffect": effect, "permissions": [{"actions": ["*"]}], "scope": scope,
                "principals": [{"id": USER}], "createdOn": "2026-05-01T00:00:00Z"}})
    };
    let of = |effect: &str| [("d.json", list(&[deny(effect)]))];
    assert!(facts(&day(None, 0, &of("Audit")).text, "denyAssignment", &[]).is_empty());
    let before = day(None, 0, &of("enforced")).text;
    assert_eq!(facts(&before, "denyAssignment", &[]), ["2026-05-01T00:00:00Z -"]);
    let after = day(Some(&before), 1, &of("audit"));
    let expected = format!("2026-05-01T00:00:00Z {}", DAYS[1]);
    assert_eq!(facts(&after.text, "denyAssignment", &[]), [expected]);
    assert!(after.summary.ignored[0].contains("deny assignments that only audit"));
    let error = try_day(None, 0, &of("warn"), &Options::default()).unwrap_err();
    assert!(matches!(error, SnapshotError::Item { item: 1, .. }), "{error}");
}

#[test]
fn names_that_the_reader_may_not_see_stay() {
    let group = |name: Value| {
        let id = GROUP;
        ("groups.json", list(&[json!({"id": id, "displayName": name, "securityEnabled": true})]))
    };
    let before = day(None, 0, &[group(json!("ops"))]).text;
    assert_eq!(day(Some(&before), 1, &[group(Value::Null)]).text, before);
    let limited = json!({"id": USER, "userPrincipalName": null, "displayName": null,
        "userType": "Guest", "accountEnabled": true});
    let before = day(None, 0, &[("users.json", list(&[user(true)]))]).text;
    assert_eq!(day(Some(&before), 1, &[("users.json", list(&[limited]))]).text, before);
}
