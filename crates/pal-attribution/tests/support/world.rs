//! Small random worlds in which the rules of attribution collide often.
//!
//! Everything is drawn from short lists: five days around a month's end, a dozen instants a day, a
//! handful of objects used in three tenants, scopes that are prefixes of each other as text. A seed
//! always gives the same world. Worlds are valid: they pass `Facts::check`.

pub use super::casing;

use std::fmt::Debug;
use std::str::FromStr;

use pal_attribution::policy::{DenyMode, Granularity, Policy};
use pal_model::{Charge, ChargeTraits, Exclusion, Facts, Instant, Interval, KeyColumn, fold};
use serde_json::{Map, Value, json};

/// Facts and charges, and what to ask of them.
#[derive(Debug)]
pub struct World {
    /// JSON Lines.
    pub facts: String,
    /// At most thirty.
    pub charges: Vec<Charge>,
    /// One of the shipped ones, often with other settings.
    pub policy: Policy,
    /// Key columns, `currency` among them unless all charges are in one currency.
    pub keys: Vec<KeyColumn>,
}

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut dice = Dice(seed);
    let plan = Plan::new(&mut dice);
    let mut lines = Vec::new();
    plan.directory(&mut dice, &mut lines);
    plan.hierarchy(&mut dice, &mut lines);
    plan.access(&mut dice, &mut lines);
    plan.partners(&mut dice, &mut lines);
    dice.shuffle(&mut lines);
    let facts = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    let charges: Vec<Charge> = (0..dice.between(8, 30)).map(|_| plan.charge(&mut dice)).collect();
    let one_currency = charges.iter().all(|c| c.currency == charges[0].currency);
    World { facts, charges, policy: policy(&mut dice), keys: keys(&mut dice, one_currency) }
}

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, least: usize, most: usize) -> usize {
        least + (self.next() % (most - least + 1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.between(1, 100) <= percent
    }

    fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.between(0, of.len() - 1)]
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.between(0, of.len() - 1)].clone()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.between(0, last);
            list.swap(last, other);
        }
    }

    /// The text, now and then in another casing.
    fn cased(&mut self, text: &str) -> String {
        match self.between(1, 8) {
            1 => casing::upper(text),
            2 => fold(text),
            3 => {
                let mut flip = |c: char| if self.chance(50) { casing::capital(c) } else { c };
                text.chars().map(&mut flip).collect()
            }
            _ => text.to_owned(),
        }
    }

    /// An instant of the five days, most often a midnight or a noon.
    fn instant(&mut self) -> String {
        let day = self.one_of(&DAYS);
        let odd = ["07:13:20", "18:31:30.5", "23:59:59.999999999", "00:00:00.000000001"];
        let time = match self.between(1, 20) {
            1..=8 => "00:00:00",
            9..=13 => "12:00:00",
            14..=17 => self.pick(&["06:00:00", "11:00:00", "18:00:00", "23:00:00"]),
            _ => self.pick(&odd),
        };
        format!("{day}T{time}Z")
    }

    /// Consecutive intervals, some left out: the history of something that has one value at a time.
    /// `steady` percent have no cut.
    fn history(&mut self, steady: usize, most_cuts: usize, gaps: usize) -> Vec<Span> {
        let cuts = if self.chance(steady) { 0 } else { self.between(0, most_cuts) };
        let mut cuts: Vec<String> = (0..cuts).map(|_| self.instant()).collect();
        cuts.sort_by_key(|cut| parsed::<Instant>(cut));
        cuts.dedup();
        let starts = [None].into_iter().chain(cuts.iter().cloned().map(Some));
        let ends = cuts.iter().cloned().map(Some).chain([None]);
        let spans: Vec<Span> = starts.zip(ends).collect();
        spans.into_iter().filter(|_| !self.chance(gaps)).collect()
    }

    /// One interval, often open at an end.
    fn span(&mut self) -> Span {
        let (from, to) = (self.instant(), self.instant());
        let order = parsed::<Instant>(&from).cmp(&parsed(&to));
        let (from, to) = if order.is_lt() { (from, to) } else { (to, from) };
        let to = (!self.chance(55) && order.is_ne()).then_some(to);
        ((!self.chance(55)).then_some(from), to)
    }
}

/// `from` and `to` of a fact.
type Span = (Option<String>, Option<String>);

const DAYS: [&str; 5] = ["2026-10-29", "2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"];
const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";
const TENANTS: [&str; 3] = [
    "aaaaaaaa-0000-4000-8000-0000000000a1",
    "bbbbbbbb-0000-4000-8000-0000000000b2",
    "cccccccc-0000-4000-8000-0000000000c3",
];
/// The last has no fact ever.
const SUBSCRIPTIONS: [&str; 5] = [
    "5ab00000-0000-4000-8000-00000000000a",
    "5ab00000-0000-4000-8000-00000000000b",
    "5ab00000-0000-4000-8000-00000000000c",
    "5ab00000-0000-4000-8000-00000000000d",
    "5ab00000-0000-4000-8000-0000000000ff",
];
/// In this order a parent always comes later; the last never has a fact.
const MANAGEMENT_GROUPS: [&str; 4] = ["mg-leaf", "Mg-\u{f6}st", "mg-Top", "mg-ghost"];
/// Siblings that are prefixes of each other; K with the sign of Kelvin beside it; and names of which
/// a casing is longer than another, or which look alike and are two.
const RESOURCE_GROUPS: [&str; 8] = [
    "rg",
    "rg2",
    "k",
    "\u{212A}",
    "rg-Malm\u{f6}",
    "rg-Malmo\u{308}",
    "\u{23A}\u{1E9E}-\u{3A3}\u{39F}\u{3C2}",
    "\u{130}\u{131}\u{10400}",
];
const RESOURCES: [&str; 8] = [
    "Microsoft.Compute/virtualMachines/vm1",
    "Microsoft.Compute/virtualMachines/vm10",
    "Microsoft.Compute/virtualMachines/vm1/extensions/agent",
    "Microsoft.Compute/virtualMachines/vm1/providers/Microsoft.Insights/diagnosticSettings/d",
    "Microsoft.Sql/servers/sv/databases/db",
    "Microsoft.Sql/servers/sv",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/S\u{f8}ren/slots/\u{44f}",
];
/// Locations, and one that no fact knows. As text their order is not that of the numbers.
const LOCATIONS: [&str; 5] = ["111111", "99999", "222222", "3000000", "777777"];
const ACCOUNTS: [&str; 2] = ["900000", "10000000"];
const CUSTOM_ROLES: [&str; 2] =
    ["c0c0c0c0-0000-4000-8000-00000000000e", "c0c0c0c0-0000-4000-8000-00000000000f"];
const ROLES: [&str; 18] = [
    "Owner",
    "contributor",
    "Reader",
    "8E3AF657-a8ff-443c-a75c-2fe8c4bcb635", // Owner
    "b24988ac-6180-42a0-ab88-20f7382dd24c", // Contributor
    "acdd72a7-3385-48ef-bd42-f606fba81ae7", // Reader
    "Support Request Contributor",
    "AcrPush",
    "Monitoring Reader",
    "Azure Kubernetes Service RBAC Writer", // its class ships, its actions do not
    "app configuration DATA reader",
    CUSTOM_ROLES[0],
    CUSTOM_ROLES[0],
    CUSTOM_ROLES[0],
    CUSTOM_ROLES[1],
    CUSTOM_ROLES[1],
    CUSTOM_ROLES[1],
    "deadbeef-0000-4000-8000-000000000001", // no definition
];

/// What a world has. Objects are GUIDs without a tenant: each may live in several.
struct Plan {
    subscriptions: Vec<&'static str>,
    identities: Vec<(&'static str, String)>,
    groups: Vec<(&'static str, String)>,
    locations: Vec<&'static str>,
    resource_groups: Vec<&'static str>,
    resources: Vec<&'static str>,
    currencies: Vec<&'static str>,
}

impl Plan {
    fn new(dice: &mut Dice) -> Self {
        let mut in_tenants = |digit: char, objects: usize, least: usize, most: usize| {
            let mut pairs = Vec::new();
            for _ in 0..dice.between(least, most) {
                let object = dice.between(1, objects);
                let tenant = TENANTS[dice.one_of(&[0, 0, 0, 0, 0, 0, 1, 2, 2])];
                pairs.push((tenant, format!("{digit}b1ec700-0000-4000-8000-{object:012x}")));
            }
            pairs.sort();
            pairs.dedup();
            pairs
        };
        let identities = in_tenants('0', 5, 5, 8);
        let groups = in_tenants('e', 3, 2, 4);
        let one_currency = dice.chance(30);
        let (first, last) = dice.one_of(&[(0, 2), (0, 2), (0, 2), (0, 4), (4, 6), (5, 7), (6, 8)]);
        let mut resource_groups = RESOURCE_GROUPS[first..last].to_vec();
        let mut resources = RESOURCES.to_vec();
        dice.shuffle(&mut resources);
        resources.truncate(dice.between(2, 4));
        resource_groups.rotate_right(dice.between(0, 1));
        Self {
            subscriptions: SUBSCRIPTIONS[..dice.between(2, 4)].to_vec(),
            identities,
            groups,
            locations: LOCATIONS[..dice.one_of(&[2, 3, 3, 4])].to_vec(),
            resource_groups,
            resources,
            currencies: if one_currency { vec!["EUR"] } else { vec!["EUR", "USD", "eur"] },
        }
    }

    /// Tenants, identities, groups, members.
    fn directory(&self, dice: &mut Dice, lines: &mut Vec<Value>) {
        for tenant in TENANTS {
            for span in if dice.chance(20) { Vec::new() } else { dice.history(0, 2, 10) } {
                let name = dice.one_of(&[json!("Contoso"), json!("Fabrikam"), Value::Null]);
                lines.push(dice.fact("tenant", span, json!({"tenant": tenant, "name": name})));
            }
        }
        let kinds = ["User", "ServicePrincipal", "ManagedIdentity"];
        for (tenant, object) in &self.identities {
            let kind = dice.pick(&kinds);
            for span in dice.history(60, 2, 7) {
                let kind = if dice.chance(3) { "Group" } else { kind };
                let mut fact = json!({"tenant": tenant, "object": object, "type": kind});
                if dice.chance(15) {
                    fact["enabled"] = json!(dice.chance(30));
                }
                lines.push(dice.fact("principal", span, fact));
            }
        }
        for (tenant, object) in &self.groups {
            for span in dice.history(70, 1, 8) {
                let mut fact = json!({"tenant": tenant, "object": object, "type": "Group"});
                if dice.chance(10) {
                    fact["enabled"] = json!(false);
                }
                lines.push(dice.fact("principal", span, fact));
            }
        }
        for _ in 0..dice.between(6, 14) {
            let (tenant, group) = dice.one_of(&self.groups);
            let member = if dice.chance(35) { &self.groups } else { &self.identities };
            let member = dice.one_of(member).1;
            let fact = json!({"tenant": tenant, "group": group, "member": member});
            let span = dice.span();
            lines.push(dice.fact("membership", span, fact));
        }
    }

    /// Management groups and subscriptions, and their moves.
    fn hierarchy(&self, dice: &mut Dice, lines: &mut Vec<Value>) {
        for tenant in TENANTS {
            if dice.chance(15) {
                let fact = json!({"tenant": tenant, "name": tenant, "displayName": "Root"});
                lines.push(dice.fact("managementGroup", (None, None), fact));
            }
            for (at, name) in MANAGEMENT_GROUPS.iter().enumerate().take(3) {
                for span in dice.history(0, 1, 12) {
                    let mut fact = json!({"tenant": tenant, "name": name});
                    if dice.chance(65) {
                        let above = dice.between(at + 1, 4);
                        let above = MANAGEMENT_GROUPS.get(above).unwrap_or(&tenant);
                        fact["parent"] = json!(dice.cased(above));
                    }
                    lines.push(dice.fact("managementGroup", span, fact));
                }
            }
        }
        for subscription in &self.subscriptions {
            let home = dice.pick(&[TENANTS[0], TENANTS[0], TENANTS[0], TENANTS[1]]);
            for span in dice.history(20, 2, 4) {
                let tenant = if dice.chance(20) { dice.pick(&TENANTS) } else { home };
                let mut fact = json!({"tenant": tenant, "subscription": subscription});
                if dice.chance(75) {
                    let group = dice.between(0, 4);
                    let group = MANAGEMENT_GROUPS.get(group).unwrap_or(&tenant);
                    fact["managementGroup"] = json!(dice.cased(group));
                }
                if dice.chance(75) {
                    fact["name"] = json!(dice.pick(&["Production", "Test", "\u{e9}t\u{e9}"]));
                }
                lines.push(dice.fact("subscription", span, fact));
            }
        }
    }

    /// Roles, assignments, delegations and denies.
    fn access(&self, dice: &mut Dice, lines: &mut Vec<Value>) {
        let built_in = if dice.chance(10) { vec![ROLES[5]] } else { Vec::new() };
        for role in CUSTOM_ROLES.into_iter().chain(built_in) {
            for span in dice.history(0, 2, 12) {
                let kind = dice.pick(&["CustomRole", "CustomRole", "CustomRole", "BuiltInRole"]);
                let mut fact = json!({"role": role, "type": kind, "actions": actions(dice)});
                if dice.chance(30) {
                    fact["dataActions"] = actions(dice);
                }
                if dice.chance(20) {
                    fact["notActions"] = actions(dice);
                }
                lines.push(dice.fact("roleDefinition", span, fact));
            }
        }
        for id in 0..dice.between(10, 20) {
            let (tenant, object) = self.object(dice);
            let tenant = if dice.chance(20) { dice.pick(&TENANTS) } else { tenant };
            let mut fact = json!({
                "tenant": tenant, "id": format!("ra-{id}"), "principal": object,
                "role": dice.pick(&ROLES), "scope": self.scope(dice),
            });
            if dice.chance(15) {
                fact["eligible"] = json!(dice.chance(80));
            }
            if dice.chance(5) {
                fact["condition"] = json!("@Resource[a] StringEquals 'b'");
            }
            let span = dice.span();
            lines.push(dice.fact("roleAssignment", span, fact));
        }
        for id in 0..dice.between(0, 4) {
            let managing = dice.pick(&[TENANTS[2], TENANTS[2], TENANTS[1], TENANTS[0]]);
            let mut one = || {
                let objects: Vec<_> = (0..6).map(|_| self.object(dice)).collect();
                let there = objects.iter().find(|(tenant, _)| *tenant == managing);
                let (_, object) = there.unwrap_or(&objects[0]);
                let eligible = dice.chance(20);
                json!({"principal": object, "role": dice.pick(&ROLES), "eligible": eligible})
            };
            let authorizations = vec![one(), one()];
            let group = dice.pick(&self.resource_groups);
            let tail = match dice.chance(50) {
                true => String::new(),
                false => format!("/resourceGroups/{group}"),
            };
            let fact = json!({
                "tenant": dice.pick(&[TENANTS[0], TENANTS[0], TENANTS[1]]),
                "id": format!("d-{id}"),
                "scope": format!("/subscriptions/{}{tail}", dice.one_of(&self.subscriptions)),
                "managingTenant": managing, "authorizations": authorizations,
            });
            let span = dice.span();
            lines.push(dice.fact("delegation", span, fact));
        }
        for id in 0..dice.between(0, 7) {
            let whole = format!("/subscriptions/{}", dice.one_of(&self.subscriptions));
            let scope = if dice.chance(35) { whole } else { self.scope(dice) };
            let mut fact = json!({
                "tenant": dice.pick(&[TENANTS[0], TENANTS[0], TENANTS[0], TENANTS[1]]),
                "id": format!("deny-{id}"), "scope": scope,
                "principals": self.objects(dice, 20),
            });
            if dice.chance(35) {
                fact["excludePrincipals"] = self.objects(dice, 5);
            }
            if dice.chance(90) {
                fact["actions"] = denied(dice);
            }
            if dice.chance(15) {
                fact["notActions"] = json!(["*/read"]);
            }
            if dice.chance(35) {
                fact["doNotApplyToChildScopes"] = json!(dice.chance(80));
            }
            if dice.chance(20) {
                fact["effect"] = json!(dice.pick(&["audit", "enforced"]));
            }
            let span = dice.span();
            lines.push(dice.fact("denyAssignment", span, fact));
        }
    }

    /// Partners and links.
    fn partners(&self, dice: &mut Dice, lines: &mut Vec<Value>) {
        for account in ACCOUNTS {
            let fact = json!({"partner": account, "type": "global", "name": "Account"});
            lines.push(dice.fact("partner", (None, None), fact));
        }
        for location in &self.locations {
            for span in dice.history(60, 2, 8) {
                let mut fact = json!({"partner": location, "type": "location"});
                if dice.chance(75) {
                    fact["parent"] =
                        json!(dice.pick(&[ACCOUNTS[0], ACCOUNTS[0], ACCOUNTS[0], ACCOUNTS[1]]));
                }
                if dice.chance(80) {
                    fact["name"] = json!(dice.pick(&["North", "South", "\u{c5}land"]));
                }
                if dice.chance(20) {
                    fact["homeTenant"] = json!(dice.pick(&TENANTS));
                }
                lines.push(dice.fact("partner", span, fact));
            }
        }
        let mut linkable = self.identities.clone();
        if dice.chance(20) {
            linkable.push(self.groups[0].clone());
        }
        if dice.chance(20) {
            let unknown = (TENANTS[0], "0b1ec700-0000-4000-8000-00000000dead".to_owned());
            linkable.push(unknown);
        }
        for (tenant, object) in &linkable {
            for span in dice.history(40, 2, 6) {
                let partner = match dice.between(1, 25) {
                    1 => LOCATIONS[4],
                    2 => ACCOUNTS[0],
                    _ => dice.pick(&self.locations),
                };
                let fact = json!({"tenant": tenant, "object": object, "partner": partner});
                lines.push(dice.fact("link", span, fact));
            }
        }
    }

    /// An identity or group, or one that no fact knows.
    fn object(&self, dice: &mut Dice) -> (&'static str, String) {
        match dice.between(1, 25) {
            1 => (TENANTS[0], "0b1ec700-0000-4000-8000-00000000dead".to_owned()),
            2..=11 => dice.one_of(&self.groups),
            _ => dice.one_of(&self.identities),
        }
    }

    fn objects(&self, dice: &mut Dice, everyone: usize) -> Value {
        let count = dice.between(0, 4);
        let mut objects: Vec<String> = (0..count).map(|_| self.object(dice).1).collect();
        if dice.chance(everyone) {
            objects.push(EVERYONE.to_owned());
        }
        json!(objects)
    }

    /// Where a grant or a deny sits.
    fn scope(&self, dice: &mut Dice) -> String {
        let scope = match dice.between(1, 20) {
            1 => "/".to_owned(),
            2..=6 => {
                let names = [MANAGEMENT_GROUPS[0], MANAGEMENT_GROUPS[1], MANAGEMENT_GROUPS[2]];
                let root = dice.pick(&[TENANTS[0], TENANTS[1], MANAGEMENT_GROUPS[3]]);
                let name = if dice.chance(70) { dice.pick(&names) } else { root };
                format!("/providers/Microsoft.Management/managementGroups/{name}")
            }
            7..=14 => format!("/subscriptions/{}", dice.one_of(&self.subscriptions)),
            15..=18 => self.group_path(dice),
            _ => self.resource(dice),
        };
        let slash = if scope.len() > 1 && dice.chance(5) { "/" } else { "" };
        dice.cased(&scope) + slash
    }

    fn group_path(&self, dice: &mut Dice) -> String {
        let subscription = dice.one_of(&self.subscriptions);
        format!("/subscriptions/{subscription}/resourceGroups/{}", dice.pick(&self.resource_groups))
    }

    fn resource(&self, dice: &mut Dice) -> String {
        if dice.chance(8) {
            let subscription = dice.one_of(&self.subscriptions);
            return format!(
                "/subscriptions/{subscription}/providers/Microsoft.Security/pricings/p"
            );
        }
        format!("{}/providers/{}", self.group_path(dice), dice.pick(&self.resources))
    }

    fn charge(&self, dice: &mut Dice) -> Charge {
        let order = "/providers/Microsoft.Capacity/reservationOrders/o1/reservations/r1";
        let unknown = format!("/subscriptions/{}/resourceGroups/rg", SUBSCRIPTIONS[4]);
        let resource = match dice.between(1, 60) {
            1 => Some(order.to_owned()),
            2 => Some(unknown),
            3 => Some("/subscriptions/no-guid/resourceGroups/rg".to_owned()),
            4 => Some(self.group_path(dice)),
            5..=19 => None,
            _ => Some(self.resource(dice)),
        };
        let of_resource = resource.as_deref().and_then(|r| r.split('/').nth(2)).unwrap_or_default();
        let subscription = match dice.between(1, 40) {
            1 | 2 => None,
            3 => Some("5ab00000-0000-4000-8000-0000000000ee".to_owned()),
            4 => Some("no-guid".to_owned()),
            5..=26 if of_resource.len() == 36 => Some(of_resource.to_owned()),
            _ => Some(dice.one_of(&self.subscriptions).to_owned()),
        };
        let group = dice.chance(40).then(|| dice.pick(&self.resource_groups));
        let cost = dice.pick(&COSTS);
        let mut text = |of: &[&str]| dice.chance(75).then(|| dice.pick(of).to_owned());
        let service_category = text(&["Compute", "compute", "Storage"]);
        let service_name = text(&["Virtual Machines", "Databases"]);
        let (meter, unit) = (text(&["D2 v5", "LRS"]), text(&["1 Hour"]));
        Charge {
            period: period(dice),
            billing_period: dice.chance(50).then(|| month("2026-10-01", "2026-11-01")),
            resource: resource.map(|r| dice.cased(&r)),
            resource_group: group.map(|g| dice.cased(g)),
            subscription: subscription.map(|s| dice.cased(&s)),
            cost: parsed(cost),
            currency: dice.one_of(&self.currencies).to_owned(),
            traits: traits(dice, cost.starts_with('-')),
            service_category,
            service_name,
            meter,
            quantity: dice.chance(50).then(|| "1.5".to_owned()),
            unit,
        }
    }
}

impl Dice {
    /// A line of a fact, its ids and scopes in any casing.
    fn fact(&mut self, kind: &str, (from, to): Span, fields: Value) -> Value {
        let mut line = Map::new();
        line.insert("kind".to_owned(), json!(kind));
        line.extend(from.map(|from| ("from".to_owned(), json!(from))));
        line.extend(to.map(|to| ("to".to_owned(), json!(to))));
        if self.chance(10) {
            line.insert("recordedAt".to_owned(), json!("2026-11-05T08:00:00Z"));
        }
        let Value::Object(fields) = fields else { unreachable!("fields of a fact are an object") };
        for (name, value) in fields {
            let value = match (name.as_str(), value) {
                ("type" | "id" | "displayName" | "condition" | "effect", value) => value,
                ("name", value) if kind != "managementGroup" => value,
                (_, Value::String(text)) => json!(self.cased(&text)),
                (_, value) => value,
            };
            if !value.is_null() {
                line.insert(name, value);
            }
        }
        Value::Object(line)
    }
}

const COSTS: [&str; 12] = [
    "31.00",
    "24",
    "1",
    "100.000000000000000003",
    "0.00000000005",
    "0.00000000015",
    "0",
    "5.64902E-05",
    "999999999999999.999999999999999999",
    "-2.5",
    "-31.00",
    "-0.00000000005",
];

/// What a custom role can do.
fn actions(dice: &mut Dice) -> Value {
    json!(match dice.between(1, 8) {
        1 => vec!["*"],
        2 => vec!["*/read"],
        3 => vec!["Microsoft.Compute/*"],
        4 => vec!["microsoft.COMPUTE/virtualMachines/*", "*/READ"],
        5 => vec!["Microsoft.Compute/virtualMachines/start/action"],
        6 => vec!["Microsoft.Storage/storageAccounts/read", "Microsoft.Compute/*/read"],
        7 => vec!["Microsoft.Compute/virtualMachines/write", "Microsoft.Support/*"],
        _ => vec![],
    })
}

/// What a deny takes: everything, enough for some roles, or a part.
fn denied(dice: &mut Dice) -> Value {
    json!(match dice.between(1, 9) {
        1..=3 => vec!["*"],
        9 => vec!["Microsoft.Web/*", "**"],
        4 => vec!["MICROSOFT.Compute/*", "*/read", "Microsoft.S*/*"],
        5 => vec!["*/Read", "*/authorization/*", "microsoft.support/*"],
        6 => vec!["Microsoft.Compute/*/action", "Microsoft.Compute/*/write"],
        7 => vec!["*/read"],
        _ => vec!["Microsoft.Compute/virtualMachines/*", "Microsoft.Compute/*"],
    })
}

/// An hour, a day, a month, or something between.
fn period(dice: &mut Dice) -> Interval {
    let at = |text: &str| parsed::<Instant>(text);
    let day = dice.between(0, 4);
    let date = DAYS[day];
    let (from, to) = match dice.between(1, 20) {
        1..=6 => {
            let hour = dice.one_of(&[0, 6, 7, 11, 12, 17, 18, 22]);
            (at(&format!("{date}T{hour:02}:00:00Z")), at(&format!("{date}T{:02}:00:00Z", hour + 1)))
        }
        7..=14 => {
            let next = DAYS.get(day + 1).unwrap_or(&"2026-11-03");
            (at(&format!("{date}T00:00:00Z")), at(&format!("{next}T00:00:00Z")))
        }
        15 | 16 => return month("2026-10-01", "2026-11-01"),
        17 => return month("2026-11-01", "2026-12-01"),
        18 => (at("2026-10-30T00:00:00Z"), at("2026-11-02T00:00:00Z")),
        _ => {
            let (a, b) = (at(&dice.instant()), at(&dice.instant()));
            let most = at("2026-11-03T00:00:00Z");
            (a.min(b), if a == b { most } else { a.max(b) })
        }
    };
    interval(from, to)
}

fn month(from: &str, to: &str) -> Interval {
    interval(parsed(&format!("{from}T00:00:00Z")), parsed(&format!("{to}T00:00:00Z")))
}

fn interval(from: Instant, to: Instant) -> Interval {
    Interval::new(from, to).unwrap_or_else(|error| panic!("{error}"))
}

fn traits(dice: &mut Dice, negative: bool) -> ChargeTraits {
    let mut traits = ChargeTraits::USAGE;
    if negative && dice.chance(50) {
        traits = traits.with(ChargeTraits::CORRECTION);
    }
    if dice.chance(16) {
        traits = traits.with(ChargeTraits::of(dice.one_of(&Exclusion::ALL)));
    }
    if dice.chance(4) {
        traits = traits.with(ChargeTraits::of(dice.one_of(&Exclusion::ALL)));
    }
    traits
}

fn policy(dice: &mut Dice) -> Policy {
    let shipped = Policy::shipped().unwrap_or_else(|error| panic!("{error}"));
    let mut policy = dice.one_of(&shipped);
    if dice.chance(40) {
        policy.granularity = dice.one_of(&Granularity::NAMES).1;
    }
    if dice.chance(20) {
        policy.deny = dice.one_of(&[DenyMode::Full, DenyMode::Any]);
    }
    if dice.chance(20) { policy.keeping_cost_allocation() } else { policy }
}

fn keys(dice: &mut Dice, one_currency: bool) -> Vec<KeyColumn> {
    match dice.between(1, 10) {
        1..=4 => KeyColumn::ALL.to_vec(),
        5 | 6 => KeyColumn::DEFAULT.to_vec(),
        _ => {
            let mut keys = KeyColumn::ALL.to_vec();
            dice.shuffle(&mut keys);
            keys.truncate(dice.between(0, 6));
            if !one_currency && !keys.contains(&KeyColumn::Currency) {
                keys.push(KeyColumn::Currency);
            }
            keys
        }
    }
}

fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("'{text}': {error:?}"))
}

#[test]
fn worlds_are_valid_and_repeat() {
    for seed in 0..300 {
        let world = self::world(seed);
        let mut facts = Facts::default();
        assert_eq!(facts.read("facts", &world.facts, None), Ok(()), "seed {seed}");
        assert_eq!(facts.check(), Ok(()), "seed {seed}");
        assert!(facts.remarks.is_empty(), "seed {seed}: {:?}", facts.remarks);
        assert!((8..=30).contains(&world.charges.len()), "seed {seed}");
        let again = self::world(seed);
        assert_eq!((world.facts, world.charges), (again.facts, again.charges), "seed {seed}");
    }
}
