//! Each field of each kind of fact by itself: a small world in which every one that a report reads
//! decides something. A field that is left out of fingerprints is found here.

use std::collections::BTreeSet;

use pal_attribution::engine::Engine;
use pal_attribution::engine::shares::{Cells, ShareKey};
use pal_attribution::fingerprint::Fingerprints;
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Balance, Charge, ChargeTraits, Fact, Facts, KeyColumn, Row};
use serde_json::{Map, Value, json};

use crate::shares::Asked;

/// Fields that show in no report and in no balance. Names show before they begin.
const UNREAD: [(&str, &str); 17] = [
    ("tenant", "from"),
    ("partner", "type"),
    ("partner", "homeTenant"),
    ("tenant", "domain"),
    ("tenant", "domains"),
    ("principal", "userType"),
    ("principal", "signInName"),
    ("principal", "name"),
    ("managementGroup", "displayName"),
    ("roleDefinition", "name"),
    ("roleDefinition", "type"),
    ("roleDefinition", "notActions"),
    ("roleDefinition", "notDataActions"),
    ("roleAssignment", "id"),
    ("roleAssignment", "condition"),
    ("denyAssignment", "id"),
    ("delegation", "id"),
];
const KINDS: [&str; 11] = [
    "partner",
    "tenant",
    "principal",
    "membership",
    "managementGroup",
    "subscription",
    "roleDefinition",
    "roleAssignment",
    "denyAssignment",
    "delegation",
    "link",
];

fn id(last: &str) -> String {
    format!("00000000-0000-4000-8000-{last:0>12}")
}

fn scope(name: &str) -> String {
    match name.split_once('/') {
        None if name.starts_with("mg-") => {
            format!("/providers/Microsoft.Management/managementGroups/{name}")
        }
        None => format!("/subscriptions/{}", id(name)),
        Some((subscription, group)) => {
            format!("/subscriptions/{}/resourceGroups/{group}", id(subscription))
        }
    }
}

/// Customer c has subscription 51 under mg-leaf under mg-top; p manages it. Users are a1 … a9, and
/// each is linked to a partner of its own; role 1 writes data, role 2 can only `b/write`.
fn world() -> Vec<Value> {
    let deny = |principals: Value, more: Value| {
        let mut fact = json!({"kind": "denyAssignment", "tenant": id("c"), "id": "d",
            "scope": scope("51"), "principals": principals, "actions": ["b/*"]});
        let more: Map<String, Value> = more.as_object().unwrap().clone();
        fact.as_object_mut().unwrap().extend(more);
        fact
    };
    let role = |tenant: &str, object: &str, role: &str, at: &str, eligible: bool| {
        json!({"kind": "roleAssignment", "tenant": id(tenant), "id": "r", "principal": id(object),
            "role": id(role), "scope": scope(at), "eligible": eligible})
    };
    let mut lines = vec![
        json!({"kind": "tenant", "tenant": id("c"), "name": "Contoso"}),
        json!({"kind": "tenant", "tenant": id("f"), "name": "Fabrikam"}),
        json!({"kind": "managementGroup", "tenant": id("c"), "name": "mg-leaf", "parent": "mg-top"}),
        json!({"kind": "managementGroup", "tenant": id("f"), "name": "mg-top"}),
        json!({"kind": "subscription", "tenant": id("c"), "subscription": id("51"),
            "name": "Production", "managementGroup": "mg-leaf"}),
        json!({"kind": "subscription", "tenant": id("f"), "subscription": id("52"), "name": "Test"}),
        json!({"kind": "subscription", "tenant": id("f"), "subscription": id("53"), "name": "Bills"}),
        json!({"kind": "roleDefinition", "role": id("1"), "type": "CustomRole",
            "actions": ["a/read"], "dataActions": ["a/write"]}),
        json!({"kind": "roleDefinition", "role": id("2"), "type": "CustomRole",
            "actions": ["b/write"], "dataActions": []}),
        json!({"kind": "principal", "tenant": id("c"), "object": id("9"), "type": "Group"}),
        json!({"kind": "membership", "tenant": id("c"), "group": id("9"), "member": id("a1")}),
        role("c", "9", "1", "51/rg", false),
        role("c", "a2", "2", "51", false),
        role("c", "a3", "1", "mg-top", false),
        role("c", "a4", "1", "51", true),
        role("f", "a5", "1", "51", false),
        json!({"kind": "delegation", "tenant": id("c"), "id": "l", "scope": scope("51"),
            "managingTenant": id("e"), "authorizations": [
                {"principal": id("a6"), "role": id("1"), "eligible": false}]}),
        json!({"kind": "delegation", "tenant": id("c"), "id": "l", "scope": scope("51/other"),
            "managingTenant": id("e"), "authorizations": [
                {"principal": id("a7"), "role": id("2"), "eligible": true}]}),
        deny(json!([id("a8")]), json!({})),
        deny(json!([id("0")]), json!({"excludePrincipals": [id("a2")]})),
        deny(json!([id("a2")]), json!({"actions": ["c/*"]})),
        deny(json!([id("a2")]), json!({"notActions": ["b/x"]})),
        deny(json!([id("a2")]), json!({"doNotApplyToChildScopes": true})),
        deny(json!([id("a2")]), json!({"scope": scope("51/other")})),
        deny(json!([id("a2")]), json!({"tenant": id("f")})),
    ];
    // Everyone is the all-zero GUID.
    for line in &mut lines {
        if line["principals"] == json!([id("0")]) {
            line["principals"] = json!(["00000000-0000-0000-0000-000000000000"]);
        }
    }
    for (object, tenant) in
        [("a1", "c"), ("a2", "c"), ("a3", "c"), ("a4", "c"), ("a5", "f"), ("a6", "e"), ("a7", "e")]
    {
        let partner = format!("11111{}", &object[1..]);
        lines.push(json!({"kind": "principal", "tenant": id(tenant), "object": id(object),
            "type": "User", "enabled": object != "a7"}));
        lines.push(json!({"kind": "link", "tenant": id(tenant), "object": id(object),
            "partner": partner}));
        lines.push(json!({"kind": "partner", "partner": partner, "type": "location",
            "name": format!("Partner {object}"), "parent": "900000"}));
    }
    lines.push(json!({"kind": "partner", "partner": "222222", "type": "location"}));
    lines
}

fn charge(billed: &str, subscription: &str, group: &str) -> Charge {
    let resource = format!("{}/providers/n/t/x", scope(&format!("{subscription}/{group}")));
    Charge {
        period: pal_model::Interval::new(
            "2026-07-01T00:00:00Z".parse().unwrap(),
            "2026-07-02T00:00:00Z".parse().unwrap(),
        )
        .unwrap(),
        billing_period: None,
        resource: Some(resource),
        resource_group: None,
        subscription: Some(id(billed)),
        cost: "24".parse().unwrap(),
        currency: "EUR".to_owned(),
        traits: ChargeTraits::USAGE,
        service_category: None,
        service_name: None,
        meter: None,
        quantity: None,
        unit: None,
    }
}

/// What is said of a share, and the fingerprint of the facts about it.
type Said = ((Vec<Row>, Balance), [u8; 32]);

/// Of each share; `None` = the facts are not valid.
fn said(lines: &[Value], roles: &RoleData) -> Option<Vec<Said>> {
    let text: String = lines.iter().flat_map(|l| [l.to_string(), "\n".to_owned()]).collect();
    let mut facts = Facts::default();
    facts.read("facts", &text, None).ok()?;
    roles.resolve_names(&mut facts).ok()?;
    facts.check().ok()?;
    let policy = Policy::shipped().unwrap().swap_remove(0);
    let engine = Engine::new(&facts, roles, &policy);
    // One is billed for what lies in two, one for what lies in another.
    let charges = [
        charge("51", "51", "rg"),
        charge("51", "51", "other"),
        charge("51", "52", "rg"),
        charge("53", "51", "rg"),
    ];
    let asked = Asked::all(&KeyColumn::ALL);
    let shares = asked.shares(&engine, &charges);
    let about: Vec<Vec<&str>> = shares.values().map(|c| c.subscriptions().collect()).collect();
    assert_eq!(about, [[id("51"), id("52")], [id("51"), id("53")]]);
    let prints = Fingerprints::new(&facts);
    let mut balances = asked.balance_shares(&engine, &charges);
    let of_share = |(key, cells): (&ShareKey, &Cells)| {
        let balance = balances.remove(key).unwrap().balance;
        ((asked.merged([cells]), balance), prints.of(cells.subscriptions()))
    };
    Some(shares.iter().map(of_share).collect())
}

/// The values that a field could have: those of other facts, absence, and some that nobody has.
fn others(world: &[Value], field: &str) -> Vec<Option<Value>> {
    let mut values: Vec<Option<Value>> = Vec::new();
    let more: &[Value] = match field {
        "from" | "to" => &[json!("2026-06-01T00:00:00Z"), json!("2026-07-01T08:00:00Z")],
        "managingTenant" => &[json!(id("f"))],
        "group" | "member" | "role" | "subscription" => &[json!(id("ee"))],
        "partner" => &[json!("333333")],
        "authorizations" => &[
            json!([{"principal": id("a7"), "role": id("1"), "eligible": false}]),
            json!([{"principal": id("a6"), "role": id("2"), "eligible": false}]),
            json!([{"principal": id("a6"), "role": id("1"), "eligible": true}]),
        ],
        "name" => &[json!("Other")],
        "actions" | "dataActions" => &[json!(["*"]), json!([])],
        "effect" => &[json!("audit"), json!("enforced")],
        "enabled" | "eligible" | "doNotApplyToChildScopes" => &[json!(true), json!(false)],
        _ => &[],
    };
    for value in world.iter().filter_map(|line| line.get(field)).chain(more) {
        if !values.contains(&Some(value.clone())) {
            values.push(Some(value.clone()));
        }
        // Another spelling of the same.
        let upper = value.as_str().map(|text| json!(text.to_ascii_uppercase()));
        values.extend(upper.filter(|_| ["tenant", "subscription"].contains(&field)).map(Some));
    }
    values.push(None);
    values
}

#[test]
fn every_field_that_shows_counts() {
    let roles = RoleData::shipped().unwrap();
    let world = world();
    let plain = said(&world, &roles).unwrap();
    assert_eq!(plain.iter().map(|((rows, _), _)| rows.len()).collect::<Vec<_>>(), [6, 4]);
    let mut decided: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut read: BTreeSet<(&str, &str)> = BTreeSet::new();
    for kind in KINDS {
        let fields = Fact::fields(kind).iter().copied().chain(["from", "to"]);
        for field in fields {
            if !UNREAD.contains(&(kind, field)) {
                read.insert((kind, field));
            }
            let of_kind = (0..world.len()).filter(|at| world[*at]["kind"] == kind);
            for at in of_kind {
                for value in others(&world, field) {
                    let mut changed = world.clone();
                    let line = changed[at].as_object_mut().unwrap();
                    match value {
                        Some(value) => line.insert(field.to_owned(), value),
                        None => line.remove(field),
                    };
                    for (then, now) in plain.iter().zip(said(&changed, &roles).unwrap_or_default())
                    {
                        if then.0 != now.0 {
                            decided.insert((kind, field));
                            assert_ne!(then.1, now.1, "{field} of {}", changed[at]);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(decided, read);
}
