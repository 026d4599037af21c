//! Lists that are not whole are refused: changes only, half-read pages, counts that do not fit.

use pal_attribution::snapshot::SnapshotError;
use serde_json::{Value, json};

use crate::snapshot::{
    DAYS, GROUP, OTHER, SUB, TENANT, USER, day, facts, folder, list, plain, read, refused, user,
};

const LINK: &str = "https://graph.microsoft.com/v1.0/users?$skiptoken=x";

#[test]
fn answers_of_delta_queries_are_refused_in_whatever_form() {
    let link = "https://graph.microsoft.com/v1.0/groups/delta?$deltatoken=x";
    let group = json!({"id": GROUP, "displayName": "g", "securityEnabled": true});
    let with = |field: &str, value: Value| {
        let mut group = group.clone();
        group[field] = value;
        group
    };
    let members = json!([{"@odata.type": "#microsoft.graph.user", "id": USER}]);
    let removed = json!({"reason": "deleted"});
    for file in [
        json!({"@odata.deltaLink": link, "value": [group]}),
        json!({"@odata.deltaLink": link, "value": []}),
        list(&[with("members@delta", members.clone())]),
        json!([with("@removed", removed.clone())]),
        json!({"group": {"id": GROUP}, "value": [{"id": USER, "@removed": removed}]}),
        json!([{"value": [group]}, {"value": [], "@odata.deltaLink": link}]),
        json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups/$delta",
            "value": [group]}),
    ] {
        let error = refused(&[("groups.json", file.clone())]);
        assert!(matches!(error, SnapshotError::Delta { .. }), "{file}: {error}");
    }
}

#[test]
fn a_chain_of_pages_must_reach_its_end() {
    let person = |id: &str| {
        let mut person = user(true);
        person["id"] = json!(id);
        person
    };
    let (one, two) = (person(USER), person(GROUP));
    let first = json!({"value": [one], "@odata.nextLink": LINK});
    let last = json!({"value": [two]});
    let cut = json!({"value": [two], "@odata.nextLink": LINK});
    let whole = [
        json!([first, last]).to_string(),
        format!("{first}\n{last}\n"),
        json!({"value": [first, last]}).to_string(),
    ];
    for text in whole {
        let dir = folder(&[]);
        std::fs::write(dir.path().join("users.json"), &text).unwrap();
        let snapshot =
            read(dir.path(), crate::snapshot::at(DAYS[0]), Some(TENANT.parse().unwrap())).unwrap();
        let text = crate::snapshot::merged(None, &snapshot).text;
        assert_eq!(facts(&text, "principal", &[]).len(), 2);
    }
    let halves = [
        cut.to_string(),
        json!([first, cut]).to_string(),
        format!("{first}\n{cut}"),
        json!({"value": [first, cut]}).to_string(),
        json!({"value": [one], "nextLink": LINK}).to_string(),
        json!({"value": [one], "resultTruncated": "True"}).to_string(),
    ];
    for text in halves {
        let dir = folder(&[]);
        std::fs::write(dir.path().join("users.json"), &text).unwrap();
        let error = read(dir.path(), crate::snapshot::at(DAYS[0]), Some(TENANT.parse().unwrap()))
            .unwrap_err();
        assert!(matches!(error, SnapshotError::Incomplete { .. }), "{text}: {error}");
    }
    let nested = refused(&[("users.json", json!({"value": [[one], [two]]}))]);
    assert!(matches!(nested, SnapshotError::Unrecognised { .. }), "{nested}");
}

#[test]
fn counts_must_fit() {
    let of = |field: &str, count: Value| {
        let mut file = list(&[user(true)]);
        file[field] = count;
        file
    };
    for (field, count) in [
        ("@odata.count", json!(2)),
        ("@odata.count", json!("2")),
        ("@odata.count", json!(0)),
        ("$count", json!(3)),
        ("count", json!({"type": "Total", "value": 2})),
        ("count", json!("12")),
    ] {
        let error = refused(&[("users.json", of(field, count))]);
        assert!(matches!(error, SnapshotError::Count { held: 1, .. }), "{field}: {error}");
    }
    for (field, count) in [("@odata.count", json!(1)), ("$count", json!("1")), ("count", json!(1))]
    {
        assert_eq!(
            facts(&day(None, 0, &[("users.json", of(field, count))]).text, "principal", &[]).len(),
            1
        );
    }
    let error = refused(&[("users.json", of("@odata.count", json!("many")))]);
    assert!(matches!(error, SnapshotError::Json { .. }), "{error}");
    // A count of all pages, on the first of them.
    let pages = json!([{"@odata.count": 3, "value": [user(true)], "@odata.nextLink": LINK},
        {"value": [{"id": GROUP, "userType": "Member", "accountEnabled": true}]}]);
    assert!(matches!(
        refused(&[("users.json", pages)]),
        SnapshotError::Count { counted: 3, held: 2, .. }
    ));
    // A query that counted more records than it returned.
    let query =
        json!({"count": 1, "data": [plain()], "totalRecords": 4, "resultTruncated": "false"});
    assert!(matches!(refused(&[("q.json", query)]), SnapshotError::Count { counted: 4, .. }));
}

#[test]
fn an_event_after_the_collection_is_refused() {
    let event = |time: &str| {
        json!([{"operationName": {"value": "Microsoft.Compute/x/write"}, "status": {"value": "Succeeded"},
            "eventTimestamp": time, "resourceId": "/subscriptions/x"}])
    };
    let late = refused(&[("activity-log.json", event("2026-09-01T06:00:01Z"))]);
    assert!(matches!(late, SnapshotError::Item { item: 1, .. }), "{late}");
    let collected = |end: &str| {
        ("collect.json", json!({"takenAt": DAYS[0], "finishedAt": end, "tenant": TENANT}))
    };
    let files =
        [("activity-log.json", event("2026-09-01T06:00:01Z")), collected("2026-09-01T06:20:00Z")];
    assert_eq!(day(None, 0, &files).summary.ignored.len(), 1);
    let files =
        [("activity-log.json", event("2026-09-01T06:20:01Z")), collected("2026-09-01T06:20:00Z")];
    assert!(matches!(refused(&files), SnapshotError::Item { item: 1, .. }));
    let audit = json!([{"activityDateTime": "2026-09-01T07:00:00Z", "activityDisplayName": "Add member to group",
        "result": "success", "targetResources": []}]);
    let late = refused(&[("directory-audits.json", audit)]);
    assert!(matches!(late, SnapshotError::Item { .. }), "{late}");
}

#[test]
fn a_folder_is_one_collection_of_one_directory() {
    let collected =
        |tenant: &str| json!({"takenAt": DAYS[0], "finishedAt": DAYS[0], "tenant": tenant});
    let two = [("a/collect.json", collected(TENANT)), ("b/collect.json", collected(TENANT))];
    assert!(matches!(refused(&two), SnapshotError::Collections { .. }));
    let other = [("collect.json", collected(OTHER)), ("users.json", list(&[user(true)]))];
    assert!(matches!(refused(&other), SnapshotError::Tenants { .. }));
    let listed = json!({"subscriptionId": SUB, "tenantId": OTHER});
    assert!(matches!(refused(&[("s.json", list(&[listed]))]), SnapshotError::Tenants { .. }));
}

#[test]
fn what_is_known_and_gives_no_fact_is_passed_over() {
    let tenants = list(&[
        json!({"id": format!("/tenants/{OTHER}"), "tenantId": OTHER, "displayName": "Contoso",
            "tenantCategory": "ProjectedBy", "defaultDomain": "contoso.example"}),
        json!({"id": format!("/tenants/{TENANT}"), "tenantId": TENANT}),
    ]);
    let definitions = list(&[json!({"type": "Microsoft.ManagedServices/registrationDefinitions",
        "id": "/x", "properties": {"managedByTenantId": OTHER}})]);
    let files = [
        ("tenants.json", tenants),
        ("registration-definitions.json", definitions),
        ("users.json", list(&[user(true)])),
    ];
    let ignored = day(None, 0, &files).summary.ignored;
    assert_eq!(
        ignored,
        [
            "registration-definitions.json: 1 registration definitions, which give no fact",
            "tenants.json: 2 tenants, which give no fact",
        ]
    );
}

#[test]
fn agents_are_accounts() {
    let principal = |kind: &str, more: Value| {
        let mut item = json!({"id": USER, "displayName": "a", "accountEnabled": true,
            "createdDateTime": "2026-02-01T00:00:00Z"});
        if !kind.is_empty() {
            item["@odata.type"] = json!(format!("#microsoft.graph.{kind}"));
        }
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        item
    };
    let application = principal("", json!({"id": GROUP, "servicePrincipalType": "Application"}));
    for kind in ["agentIdentity", "agentIdentityBlueprintPrincipal"] {
        let agent = principal(kind, json!({"servicePrincipalType": "ServiceIdentity"}));
        let bare = json!([application, agent]);
        let context = json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals",
            "value": [principal(kind, json!({}))]});
        for file in [bare, context] {
            let text = day(None, 0, &[("service-principals.json", file)]).text;
            let found = facts(&text, "principal", &["object", "type"]);
            assert!(
                found.iter().any(|f| f.ends_with(&format!("{USER} ServicePrincipal"))),
                "{found:?}"
            );
        }
        let mut gone = principal(kind, json!({"servicePrincipalType": "ServiceIdentity"}));
        gone["deletedDateTime"] = json!("2026-08-01T00:00:00Z");
        let text = day(None, 0, &[("deleted.json", list(&[gone]))]).text;
        assert_eq!(
            facts(&text, "principal", &["type"]),
            ["2026-02-01T00:00:00Z 2026-08-01T00:00:00Z ServicePrincipal"]
        );
    }
    let person = principal("", json!({"id": GROUP, "userType": "Member"}));
    let agent = principal("agentUser", json!({"userPrincipalName": "a@x.example"}));
    let text = day(None, 0, &[("users.json", json!([person, agent]))]).text;
    assert_eq!(facts(&text, "principal", &["type"]).len(), 2);
    // What only members of a group can be is still refused.
    let members = json!([principal("user", json!({"userPrincipalName": "u@x.example"}))]);
    let error = refused(&[("x.json", members)]);
    assert!(matches!(error, SnapshotError::Unrecognised { .. }), "{error}");
}
