//! What holds in every world. `PAL_WORLDS` sets how many.

use crate::support::world as worlds;

use std::collections::{BTreeMap, BTreeSet};

use pal_attribution::answer::{Basis, ExplainError, When, explain, explain_to};
use pal_attribution::explain::Audience;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, PartnerId, PrivacyLevel, ScopePath, TenantId, fold};
use serde_json::Value;

/// Others, in every directory and on every subscription of a world: none of it is told to a partner.
/// `T` stands for a directory, `S` for a subscription, `G` for a group that is there, `F` for another
/// number each time.
const OTHERS: [&str; 11] = [
    r#"{"kind":"principal","tenant":"T","object":"FFFFFFFF-0000-4000-8000-00000000CA01","type":"User","name":"CANARY person"}"#,
    r#"{"kind":"principal","tenant":"T","object":"FFFFFFFF-0000-4000-8000-00000000CA02","type":"Group","name":"CANARY group"}"#,
    r#"{"kind":"membership","tenant":"T","group":"FFFFFFFF-0000-4000-8000-00000000CA02","member":"FFFFFFFF-0000-4000-8000-00000000CA01"}"#,
    r#"{"kind":"membership","tenant":"T","group":"G","member":"FFFFFFFF-0000-4000-8000-00000000CA01"}"#,
    r#"{"kind":"link","tenant":"T","object":"FFFFFFFF-0000-4000-8000-00000000CA01","partner":"654321"}"#,
    r#"{"kind":"roleAssignment","tenant":"T","id":"CANARY","principal":"FFFFFFFF-0000-4000-8000-00000000CA02","role":"Owner","scope":"/subscriptions/S"}"#,
    r#"{"kind":"roleAssignment","tenant":"T","id":"CANARY2","principal":"FFFFFFFF-0000-4000-8000-00000000CA01","role":"Contributor","scope":"/subscriptions/S/resourceGroups/CANARY"}"#,
    r#"{"kind":"denyAssignment","tenant":"T","id":"CANARY","principals":["FFFFFFFF-0000-4000-8000-00000000CA01"],"actions":["*"],"scope":"/subscriptions/S"}"#,
    r#"{"kind":"delegation","tenant":"T","id":"CANARY","scope":"/subscriptions/S","managingTenant":"FFFFFFFF-0000-4000-8000-00000000CA03","authorizations":[{"principal":"FFFFFFFF-0000-4000-8000-00000000CA04","role":"Contributor"}]}"#,
    r#"{"kind":"auditor","tenant":"T","object":"FFFFFFFF-0000-4000-8000-00000000CA01"}"#,
    r#"{"kind":"viewer","tenant":"T","object":"FFFFFFFF-0000-4000-8000-00000000CA01","partner":"654321","level":"executive"}"#,
];

/// A directory of its own, delegating and delegated to.
const ELSEWHERE: [&str; 5] = [
    r#"{"kind":"partner","partner":"654321","name":"CANARY partner","type":"location"}"#,
    r#"{"kind":"tenant","tenant":"FFFFFFFF-0000-4000-8000-00000000CA03","name":"CANARY tenant"}"#,
    r#"{"kind":"principal","tenant":"FFFFFFFF-0000-4000-8000-00000000CA03","object":"FFFFFFFF-0000-4000-8000-00000000CA04","type":"User","name":"CANARY delegate"}"#,
    r#"{"kind":"link","tenant":"FFFFFFFF-0000-4000-8000-00000000CA03","object":"FFFFFFFF-0000-4000-8000-00000000CA04","partner":"654321"}"#,
    r#"{"kind":"subscription","tenant":"FFFFFFFF-0000-4000-8000-00000000CA03","subscription":"FFFFFFFF-0000-4000-8000-00000000CA05","name":"CANARY subscription"}"#,
];

fn read(text: &str, roles: &RoleData) -> Facts {
    let mut facts = Facts::default();
    facts.read("facts.jsonl", text, None).unwrap();
    roles.resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    facts
}

/// The facts of a world with others before and after them.
fn with_others(text: &str, facts: &Facts) -> String {
    let mut lines: BTreeSet<String> = ELSEWHERE.iter().map(|line| (*line).to_owned()).collect();
    let tenants: BTreeSet<TenantId> = facts.subscriptions.iter().map(|s| s.fact.tenant).collect();
    for tenant in tenants {
        for line in OTHERS {
            let line = line.replace("\"T\"", &format!("\"{tenant}\""));
            for stated in facts.subscriptions.iter().filter(|s| s.fact.tenant == tenant) {
                let id = stated.fact.subscription.to_string();
                for group in facts.memberships.iter().filter(|s| s.fact.tenant == tenant) {
                    let group = group.fact.group.to_string();
                    let line = line.replace("\"G\"", &format!("\"{group}\""));
                    lines.insert(line.replace("/S", &format!("/{id}")));
                }
            }
        }
    }
    let mut lines: Vec<String> = lines.into_iter().filter(|line| !line.contains("\"G\"")).collect();
    let after = lines.split_off(lines.len() / 2);
    format!("{}\n{text}{}\n", lines.join("\n"), after.join("\n"))
}

/// Without places: they are not told.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "fact");
            fields.values_mut().for_each(without_places);
        }
        Value::Array(values) => values.iter_mut().for_each(without_places),
        _ => {}
    }
}

/// The parts of a credit that do not tell who has it by which ways.
fn figures(credited: &Value) -> Vec<Value> {
    let of = |credit: &Value| {
        let paths = credit["paths"].as_array().unwrap();
        let when: Vec<&Value> = paths.iter().map(|path| &path["when"]).collect();
        let names = ["partner", "admin_type", "pec_eligible", "duplicate_in_global", "weight"];
        serde_json::json!([names.map(|name| &credit[name]), when])
    };
    credited.as_array().unwrap().iter().map(of).collect()
}

struct Case<'a> {
    roles: &'a RoleData,
    policy: &'a pal_attribution::policy::Policy,
    resource: ScopePath,
    when: When,
    partner: Option<PartnerId>,
}

impl Case<'_> {
    /// Text and JSON, or nothing if it is not there.
    fn told(&self, facts: &Facts, audience: &Audience) -> Option<(String, Value)> {
        let basis = Basis { facts, roles: self.roles, policy: self.policy };
        let resource = self.resource.clone();
        match explain_to(audience, basis, resource, self.when, self.partner, None) {
            Ok(found) => Some((found.to_string(), serde_json::to_value(&found).unwrap())),
            Err(ExplainError::NotThere) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether the subscription is in one directory all the time: a part of a month in another one
    /// is told by an operator's answer only.
    fn stays(&self, facts: &Facts) -> bool {
        let stated = facts.subscriptions.iter().filter(|s| {
            Some(s.fact.subscription.to_string().to_ascii_lowercase().as_str())
                == self.resource.subscription()
        });
        let tenants: BTreeSet<TenantId> = stated.map(|s| s.fact.tenant).collect();
        tenants.len() == 1
    }

    /// What an operator is told; nothing of unknown subscriptions.
    fn whole(&self, facts: &Facts) -> Option<Value> {
        let basis = Basis { facts, roles: self.roles, policy: self.policy };
        let found = explain(basis, self.resource.clone(), self.when, self.partner, None).ok()?;
        let mut value = serde_json::to_value(&found).unwrap();
        without_places(&mut value);
        Some(value)
    }
}

/// A partner that sees everything of its customers is told the same credit in the same words; where
/// it has none, the same reason, unless that would tell of others' access.
fn partner_is_told_the_truth(
    case: &Case,
    facts: &Facts,
    told: Option<&Value>,
) -> Result<(), String> {
    let Some(whole) = case.whole(facts).filter(|_| case.stays(facts)) else { return Ok(()) };
    if whole["customer"].is_null() {
        return Ok(()); // A month that begins before anything is known of the subscription.
    }
    let empty = Value::Array(Vec::new());
    let credited = told.map_or(&empty, |told| &told["credited"]);
    // GUIDs have one casing, which may be another's.
    let folded = |value: &Value| fold(&value.to_string());
    if folded(credited) != folded(&whole["credited"]) {
        return Err(format!("credited {credited:#}\nas a whole {:#}", whole["credited"]));
    }
    let reason = |value: &Value| value["not_credited"][0]["reason"].as_str().map(str::to_owned);
    let (Some(own), Some(all)) = (told.and_then(reason), reason(&whole)) else { return Ok(()) };
    // It is with a customer that the partner has nothing to do with.
    let gone = told.is_some_and(|told| told["customer"].is_null()) && own == "unknown-subscription";
    let access = ["no-assignment", "not-linked", "linked-elsewhere", "no-access"];
    match own == all
        || gone
        || (own != access[0] && [&own, &all].iter().all(|r| access.contains(&r.as_str())))
    {
        true => Ok(()),
        false => Err(format!("told {own}, it is {all}")),
    }
}

#[test]
fn nothing_of_others_and_all_of_ones_own() {
    let roles = RoleData::shipped().unwrap();
    let worlds = std::env::var("PAL_WORLDS").map_or(40, |text| text.parse().unwrap());
    let (mut answers, mut credits, mut not_there) = (0, 0, 0);
    for seed in 0..worlds {
        let world = worlds::world(seed);
        let facts = read(&world.facts, &roles);
        let crowded = read(&with_others(&world.facts, &facts), &roles);
        let tenants: BTreeSet<TenantId> =
            facts.subscriptions.iter().map(|s| s.fact.tenant).collect();
        let partners: BTreeSet<PartnerId> = facts.links.iter().map(|l| l.fact.partner).collect();
        let shown =
            |level| tenants.iter().map(|tenant| (*tenant, level)).collect::<BTreeMap<_, _>>();
        for (at, charge) in world.charges.iter().enumerate() {
            let Some(Ok(resource)) = charge.resource.as_ref().map(|r| r.parse::<ScopePath>())
            else {
                continue;
            };
            let Some(subscription) = resource.subscription() else { continue };
            let subscription = format!("/subscriptions/{subscription}").parse().unwrap();
            let resource = if at % 3 == 0 { subscription } else { resource };
            let start = charge.period.from();
            let when = if at % 2 == 0 { When::At(start) } else { When::Month(start.month()) };
            for &partner in &partners {
                let (resource, partner) = (resource.clone(), Some(partner));
                let case = Case { roles: &roles, policy: &world.policy, resource, when, partner };
                let context = format!("world {seed}, {}, {when:?}, {partner:?}", case.resource);
                for level in
                    [PrivacyLevel::Full, PrivacyLevel::Subscription, PrivacyLevel::TenantTotal]
                {
                    let audience = Audience::Partner {
                        partners: partner.into_iter().collect(),
                        money: true,
                        privacy: shown(level),
                    };
                    let told = case.told(&facts, &audience);
                    assert_eq!(told, case.told(&crowded, &audience), "{context}");
                    assert!(told.is_none() || level < PrivacyLevel::TenantTotal, "{context}");
                    answers += usize::from(told.is_some());
                    not_there += usize::from(told.is_none());
                    if level == PrivacyLevel::Full {
                        let told = told.map(|(_, value)| value);
                        credits +=
                            told.iter().filter(|v| v["credited"] != serde_json::json!([])).count();
                        if let Err(wrong) = partner_is_told_the_truth(&case, &facts, told.as_ref())
                        {
                            panic!("{context}: {wrong}");
                        }
                    }
                }
            }
            for &tenant in &tenants {
                let audience = Audience::Customer(tenant);
                let case = Case {
                    roles: &roles,
                    policy: &world.policy,
                    resource: resource.clone(),
                    when,
                    partner: None,
                };
                let Some((_, told)) = case.told(&facts, &audience) else { continue };
                answers += 1;
                let id = tenant.to_string();
                let owner = told["customer"]["id"].as_str();
                let owns = owner.is_some_and(|owner| owner.eq_ignore_ascii_case(&id));
                assert!(owns || told["customer"].is_null(), "world {seed}: {told:#}");
                if owns && case.stays(&facts) {
                    let whole = case.whole(&facts).unwrap();
                    if whole["customer"].is_null() {
                        continue;
                    }
                    assert_eq!(
                        figures(&told["credited"]),
                        figures(&whole["credited"]),
                        "world {seed}"
                    );
                }
            }
        }
    }
    assert!(answers > 500 && credits > 100 && not_there > 100, "{answers} {credits} {not_there}");
}
