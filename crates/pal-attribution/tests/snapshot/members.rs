//! Members come from a list of all, which leaves service principals out, and from lists of each kind.

use pal_attribution::snapshot::SnapshotError;
use serde_json::{Value, json};

use crate::snapshot::{
    CONTRIBUTOR, DAYS, GROUP, OTHER, RA, TENANT, USER, day, facts, list, refused, user,
};

const APP: &str = RA;
const INNER: &str = OTHER;

fn application() -> (&'static str, Value) {
    (
        "service-principals.json",
        list(&[json!({"id": APP, "accountEnabled": true,
        "servicePrincipalType": "Application", "createdDateTime": "2026-01-01T00:00:00Z"})]),
    )
}

fn member(kind: &str, id: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id})
}

fn named(kind: &str) -> String {
    match kind {
        "" => format!("{GROUP}.members.json"),
        kind => format!("{GROUP}.members.{kind}.json"),
    }
}

/// A first day on which a person, a group and an application are members.
fn first() -> String {
    let inner = json!({"id": INNER, "displayName": "inner", "securityEnabled": true});
    let outer = json!({"id": GROUP, "displayName": "outer", "securityEnabled": true});
    let all = list(&[member("user", USER), member("group", INNER)]);
    day(
        None,
        0,
        &[
            application(),
            ("users.json", list(&[user(true)])),
            ("groups.json", list(&[inner, outer])),
            (&named(""), all),
            (&named("servicePrincipal"), list(&[json!({"id": APP})])),
        ],
    )
    .text
}

/// Which of the three are members after a second day.
fn left(files: &[(&str, Value)]) -> String {
    let after = day(Some(&first()), 1, files).text;
    let open = facts(&after, "membership", &["member"]);
    let holds = |id: &str| open.iter().any(|f| f == &format!("{} - {id}", DAYS[0]));
    [(USER, 'u'), (INNER, 'g'), (APP, 'a')]
        .iter()
        .filter(|(id, _)| holds(id))
        .map(|(_, c)| *c)
        .collect()
}

#[test]
fn lists_of_kinds_and_of_all_are_put_together() {
    let text = first();
    assert_eq!(facts(&text, "membership", &["member"]).len(), 3);
}

#[test]
fn the_list_of_all_ends_no_service_principal() {
    let all = list(&[member("user", USER), member("group", INNER)]);
    assert_eq!(left(&[(&named(""), all)]), "uga");
    // Nor does one that has another service principal.
    let beta = list(&[
        member("user", USER),
        member("group", INNER),
        member("servicePrincipal", CONTRIBUTOR),
    ]);
    assert_eq!(left(&[(&named(""), beta)]), "uga");
    assert_eq!(left(&[(&named(""), list(&[member("user", USER)]))]), "ua");
    let own = [(named(""), list(&[member("user", USER)])), (named("servicePrincipal"), list(&[]))];
    let own: Vec<(&str, Value)> = own.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    assert_eq!(left(&own), "u");
}

#[test]
fn a_list_of_one_kind_ends_only_its_kind() {
    assert_eq!(left(&[(&named("user"), list(&[]))]), "ga");
    assert_eq!(left(&[(&named("microsoft.graph.group"), list(&[]))]), "ua");
    let context = |what: &str| {
        json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{what}"),
        "group": {"id": GROUP}, "value": []})
    };
    assert_eq!(left(&[("x.json", context("servicePrincipals(id)"))]), "ug");
    assert_eq!(left(&[("x.json", context("users"))]), "ga");
    let path = format!("groups('{GROUP}')/members/microsoft.graph.user");
    assert_eq!(left(&[("x.json", context(&path))]), "ga");
    let path = format!("groups('{GROUP}')/members");
    assert_eq!(left(&[("x.json", context(&path))]), "a");
}

#[test]
fn a_member_of_unknown_kind_ends_by_all_lists_together() {
    let unknown = day(None, 0, &[(&named(""), list(&[json!({"id": USER})]))]).text;
    let open = |files: &[(&str, Value)]| {
        let after = day(Some(&unknown), 1, files).text;
        facts(&after, "membership", &[])[0].ends_with('-')
    };
    assert!(open(&[(&named(""), list(&[]))]));
    assert!(!open(&[(&named(""), list(&[])), (&named("servicePrincipal"), list(&[]))]));
}

#[test]
fn the_count_of_all_members_may_fit_the_lists_together() {
    let counted = |count: u64| json!({"@odata.count": count, "value": [member("user", USER)]});
    let apps = list(&[json!({"id": APP})]);
    let files = [(named(""), counted(2)), (named("servicePrincipal"), apps.clone())];
    let files: Vec<(&str, Value)> = files.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    assert_eq!(facts(&day(None, 0, &files).text, "membership", &[]).len(), 2);
    let error = refused(&[(&named(""), counted(2))]);
    assert!(matches!(error, SnapshotError::Count { .. }), "{error}");
    let error = refused(&[(&named(""), counted(3)), (&named("servicePrincipal"), apps)]);
    assert!(matches!(error, SnapshotError::Count { .. }), "{error}");
}

#[test]
fn a_list_of_accounts_that_lacks_a_member_is_not_whole() {
    let other = json!({"id": CONTRIBUTOR, "userType": "Member", "accountEnabled": true});
    let before = day(None, 0, &[("users.json", list(&[user(true), other.clone()]))]).text;
    let files = [("users.json", list(&[other])), (&*named("user"), list(&[json!({"id": USER})]))];
    let after = day(Some(&before), 1, &files);
    assert!(after.text.starts_with(&before), "{}", after.text);
    assert!(after.summary.doubts[0].contains("the users lacks 1"), "{:?}", after.summary.doubts);
}

#[test]
fn directory_audits_tell_when_members_came_and_went() {
    let audit = |name: &str, time: &str, id: &str| {
        let (old, new) = if name.starts_with("Add") {
            (json!(null), json!(format!("\"{GROUP}\"")))
        } else {
            (json!(format!("\"{GROUP}\"")), json!(null))
        };
        json!({"activityDisplayName": name, "activityDateTime": time, "result": "success",
            "targetResources": [{"id": id, "type": "User", "modifiedProperties": [
                {"displayName": "Group.ObjectID", "oldValue": old, "newValue": new}]},
                {"id": GROUP, "type": "Group"}]})
    };
    let log = json!({"value": [
        audit("Add member to group", "2026-08-20T10:00:00Z", USER),
        audit("Add member to group", "2026-08-21T10:00:00Z", INNER),
        audit("Remove member from group", "2026-08-22T10:00:00Z", INNER),
        audit("Update group", "2026-08-22T10:00:00Z", INNER),
    ]});
    let files = [("directory-audits.json", log), (&*named(""), list(&[member("user", USER)]))];
    let text = day(None, 0, &files).text;
    let mut found = facts(&text, "membership", &["member", "assumed"]);
    found.sort();
    assert_eq!(
        found,
        [
            format!("2026-08-20T10:00:00Z - {USER} -"),
            format!("2026-08-21T10:00:00Z 2026-08-22T10:00:00Z {INNER} -"),
        ]
    );
    let removed =
        json!({"value": [audit("Remove member from group", "2026-09-01T12:00:00Z", USER)]});
    let second = day(Some(&text), 1, &[("audits.json", removed)]).text;
    assert!(
        facts(&second, "membership", &["member"])
            .contains(&format!("2026-08-20T10:00:00Z 2026-09-01T12:00:00Z {USER}"))
    );
    assert!(second.contains(TENANT));
}
