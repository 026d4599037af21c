//! The same access said another way: groups as their members, management groups as subscriptions,
//! subscriptions as resource groups, delegations as guests. Straight from the lines of facts, piece
//! of time by piece of time, and without a word from the engine.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Charge, Interval, IntervalSet, fold};
use serde_json::{Value, json};

use crate::support::case::{Case, during, held, pieces, text};

const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// The scope of a line, folded, without slashes at its end.
pub fn scope(line: &Value) -> String {
    match text(line, "scope").trim_end_matches('/') {
        "" => "/".to_owned(),
        scope => scope.to_owned(),
    }
}

fn lines_of<'l>(lines: &'l [Value], kinds: &'static [&str]) -> impl Iterator<Item = &'l Value> {
    lines.iter().filter(|line| kinds.iter().any(|kind| line["kind"] == *kind))
}

/// Replaces grants: every role assignment and every single line of a delegation goes through
/// `replace`, other facts stay.
pub fn replace_grants(case: &Case, replace: &mut dyn FnMut(&Value) -> Vec<Value>) -> Case {
    let mut out = case.clone();
    out.lines.clear();
    for line in &case.lines {
        match line["kind"].as_str() {
            Some("roleAssignment") => out.lines.extend(replace(line)),
            Some("delegation") => {
                for one in line["authorizations"].as_array().unwrap() {
                    let mut single = line.clone();
                    single["authorizations"] = json!([one]);
                    out.lines.extend(replace(&single));
                }
            }
            _ => out.lines.push(line.clone()),
        }
    }
    out
}

/// The holder of a grant that went through [`replace_grants`].
pub fn holder(grant: &Value) -> (String, String) {
    match grant["kind"] == "delegation" {
        true => (text(grant, "managingTenant"), text(&grant["authorizations"][0], "principal")),
        false => (text(grant, "tenant"), text(grant, "principal")),
    }
}

/// The grant for another holder of the same tenant, at another time.
fn given_to(grant: &Value, object: &str, during: Interval) -> Value {
    let mut grant = held(grant, during);
    if grant["kind"] == "delegation" {
        grant["authorizations"][0]["principal"] = json!(object);
    } else {
        grant["principal"] = json!(object);
    }
    grant
}

/// Groups and their members during one piece of time, by (tenant, object).
struct Directory {
    during: Interval,
    groups: BTreeSet<(String, String)>,
    members: BTreeMap<(String, String), Vec<String>>,
}

fn directories(lines: &[Value]) -> Vec<Directory> {
    let facts: Vec<Value> = lines_of(lines, &["principal", "membership"]).cloned().collect();
    let directory = |during: Interval| {
        let mut now = Directory { during, groups: BTreeSet::new(), members: BTreeMap::new() };
        for line in
            facts.iter().filter(|line| crate::support::case::during(line).contains(during.from()))
        {
            let tenant = text(line, "tenant");
            if line["kind"] == "membership" {
                let members = now.members.entry((tenant, text(line, "group"))).or_default();
                members.push(text(line, "member"));
            } else if line["type"] == "Group" {
                now.groups.insert((tenant, text(line, "object")));
            }
        }
        now
    };
    pieces(&facts).into_iter().map(directory).collect()
}

impl Directory {
    /// Everybody an object of a tenant stands for who is no group.
    fn people(&self, tenant: &str, object: &str) -> Vec<String> {
        let mut reached = vec![object.to_owned()];
        let mut next = 0;
        while let Some(member) = reached.get(next).cloned() {
            next += 1;
            let key = (tenant.to_owned(), member);
            let members = self.members.get(&key).filter(|_| self.groups.contains(&key));
            for member in members.into_iter().flatten() {
                if !reached.contains(member) {
                    reached.push(member.clone());
                }
            }
        }
        reached.retain(|object| !self.groups.contains(&(tenant.to_owned(), object.clone())));
        reached
    }
}

/// Grants to groups become grants to each of their members for as long as they are members.
pub fn to_members(case: &Case) -> Case {
    let directories = directories(&case.lines);
    replace_grants(case, &mut |grant| {
        let (tenant, object) = holder(grant);
        let mut people: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
        for directory in &directories {
            let Some(shared) = directory.during.intersect(during(grant)) else { continue };
            for one in directory.people(&tenant, &object) {
                people.entry(one).or_default().push(shared);
            }
        }
        let whole = |times: Vec<Interval>| times.into_iter().collect::<IntervalSet>();
        let each = people.into_iter().flat_map(|(one, times)| {
            let times: Vec<Interval> = whole(times).iter().copied().collect();
            times.into_iter().map(move |time| given_to(grant, &one, time))
        });
        each.collect()
    })
}

/// Whether a grant is held by a group at any time.
pub fn has_groups(case: &Case) -> bool {
    let directories = directories(&case.lines);
    let mut found = false;
    replace_grants(case, &mut |grant| {
        let now = |d: &&Directory| d.during.overlaps(during(grant));
        found |= directories.iter().filter(now).any(|d| d.groups.contains(&holder(grant)));
        Vec::new()
    });
    found
}

/// Grants on management groups become grants on the subscriptions below, while they are below.
pub fn to_subscriptions(case: &Case) -> Case {
    let facts: Vec<Value> =
        lines_of(&case.lines, &["subscription", "managementGroup"]).cloned().collect();
    let pieces = pieces(&facts);
    replace_grants(case, &mut |grant| {
        let scope = scope(grant);
        if grant["kind"] == "delegation" || scope.starts_with("/subscriptions/") {
            return vec![grant.clone()];
        }
        let mut below: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
        for piece in &pieces {
            let Some(shared) = piece.intersect(during(grant)) else { continue };
            let now: Vec<&Value> =
                facts.iter().filter(|line| during(line).contains(piece.from())).collect();
            for line in now.iter().filter(|line| line["kind"] == "subscription") {
                let here = text(line, "tenant") == text(grant, "tenant");
                let above = || scope == "/" || names_above(&now, line).contains(&scope);
                if here && above() {
                    below.entry(text(line, "subscription")).or_default().push(shared);
                }
            }
        }
        let mut grants = Vec::new();
        for (subscription, times) in below {
            for time in &times.into_iter().collect::<IntervalSet>() {
                let mut grant = held(grant, *time);
                grant["scope"] = json!(format!("/subscriptions/{subscription}"));
                grants.push(grant);
            }
        }
        grants
    })
}

/// The scopes of the management groups above a subscription, by the facts of one instant.
fn names_above(now: &[&Value], subscription: &Value) -> Vec<String> {
    let tenant = text(subscription, "tenant");
    let mut above = Vec::new();
    let mut name = text(subscription, "managementGroup");
    while !name.is_empty() && name != tenant {
        above.push(format!("{MANAGEMENT_GROUPS}{name}"));
        let group = now.iter().find(|line| {
            line["kind"] == "managementGroup"
                && text(line, "tenant") == tenant
                && text(line, "name") == name
        });
        name = group.map(|line| text(line, "parent")).unwrap_or_default();
    }
    above.push(format!("{MANAGEMENT_GROUPS}{tenant}"));
    above
}

/// The resource group a charge sits in, as (subscription, group), folded.
pub fn group_of(charge: &Charge) -> Option<(String, String)> {
    let Some(resource) = &charge.resource else {
        return Some((fold(charge.subscription.as_ref()?), fold(charge.resource_group.as_ref()?)));
    };
    let resource = fold(resource);
    match resource.split('/').skip(1).collect::<Vec<_>>()[..] {
        ["subscriptions", subscription, "resourcegroups", group, ..] => {
            Some((subscription.to_owned(), group.to_owned()))
        }
        _ => None,
    }
}

/// Grants on whole subscriptions become grants on each resource group that a charge sits in; also
/// the world in which there are simply no such grants.
pub fn to_resource_groups(case: &Case) -> (Case, Case) {
    let groups: BTreeSet<(String, String)> = case.charges.iter().filter_map(group_of).collect();
    let whole = |grant: &Value| {
        let scope = scope(grant);
        let mut segments = scope.split('/').skip(1);
        let subscription = segments.next() == Some("subscriptions");
        let id = segments.next().filter(|_| subscription)?.to_owned();
        segments.next().is_none().then_some(id)
    };
    let with = replace_grants(case, &mut |grant| {
        let Some(id) = whole(grant) else { return vec![grant.clone()] };
        let here = groups.iter().filter(|(subscription, _)| *subscription == id);
        let each = here.map(|(_, group)| {
            let mut grant = grant.clone();
            grant["scope"] = json!(format!("/subscriptions/{id}/resourceGroups/{group}"));
            grant
        });
        each.collect()
    });
    let keep = |grant: &Value| if whole(grant).is_none() { vec![grant.clone()] } else { vec![] };
    (with, replace_grants(case, &mut { keep }))
}

/// Delegations become role assignments of guests: the managing tenant's whole directory is copied
/// into the customer's under other ids, links included.
pub fn to_guests(case: &Case) -> Case {
    // One to one, and unlike any object of the world: the tenant's digits where those have zeros.
    let guest = |managing: &str, object: &str| {
        format!("{}-{}-{}", &object[..8], &managing[..4], &object[14..])
    };
    let mut pairs = BTreeSet::new();
    let mut out = replace_grants(case, &mut |grant| {
        if grant["kind"] != "delegation" {
            return vec![grant.clone()];
        }
        let (managing, object) = holder(grant);
        let (customer, one) = (text(grant, "tenant"), &grant["authorizations"][0]);
        let principal = match managing == customer {
            true => object,
            false => guest(&managing, &object),
        };
        pairs.insert((managing, customer.clone()));
        let mut assignment = held(&json!({"kind": "roleAssignment"}), during(grant));
        for (field, value) in [
            ("tenant", json!(customer)),
            ("id", grant["id"].clone()),
            ("principal", json!(principal)),
            ("role", one["role"].clone()),
            ("scope", grant["scope"].clone()),
            ("eligible", json!(one["eligible"] == true)),
        ] {
            assignment[field] = value;
        }
        vec![assignment]
    });
    for (managing, customer) in pairs.iter().filter(|(managing, customer)| managing != customer) {
        for line in lines_of(&case.lines, &["principal", "membership", "link"]) {
            if text(line, "tenant") != *managing {
                continue;
            }
            let mut copy = line.clone();
            copy["tenant"] = json!(customer);
            for field in ["object", "group", "member"] {
                if copy[field].is_string() {
                    copy[field] = json!(guest(managing, &text(line, field)));
                }
            }
            if copy["type"] == "User" {
                copy["userType"] = json!("Guest");
            }
            out.lines.push(copy);
        }
    }
    out
}
