//! Small worlds: facts as lines, and what the walk through the causes says of them.
//!
//! `$alice` stands for a GUID made from the name. Line 1 of the facts is the first of `LINES`.

use std::fmt::Write as _;
use std::fs;

use pal_attribution::answer::{Basis, When, explain};
use pal_attribution::explain::{Check, Explanation, Verdict};
use pal_attribution::ingest::{Part, ReadOptions};
use pal_attribution::policy::{Granularity, Policy};
use pal_attribution::roles::RoleData;
use pal_model::Facts;
use serde_json::{Value, json};

/// A world in which 111111 is credited: alice works in the customer's tenant.
const LINES: [&str; 6] = [
    r#"{"kind":"tenant","tenant":"$customer","name":"Fabrikam"}"#,
    r#"{"kind":"subscription","tenant":"$customer","subscription":"$sub"}"#,
    r#"{"kind":"partner","partner":"111111","name":"Example, Berlin","type":"location","parent":"111110","homeTenant":"$home"}"#,
    r#"{"kind":"principal","tenant":"$customer","object":"$alice","type":"User","name":"alice"}"#,
    r#"{"kind":"roleAssignment","tenant":"$customer","id":"ra","principal":"$alice","role":"Contributor","scope":"/subscriptions/$sub/resourceGroups/rg"}"#,
    r#"{"kind":"link","tenant":"$customer","object":"$alice","partner":"111111"}"#,
];

/// Lines of [`LINES`], from 1.
pub const SUBSCRIPTION: usize = 2;
pub const PARTNER: usize = 3;
pub const ALICE: usize = 4;
pub const ROLE: usize = 5;
pub const LINK: usize = 6;

/// Facts and a question.
#[derive(Clone)]
pub struct World {
    lines: Vec<String>,
    usage: Option<String>,
    policy: Policy,
    resource: String,
    when: When,
    partner: String,
}

impl World {
    /// 111111 at the resource group, at noon of 15 October, under `pal`.
    pub fn good() -> Self {
        Self {
            lines: LINES.map(str::to_owned).to_vec(),
            usage: None,
            policy: policy("pal"),
            resource: "/subscriptions/$sub/resourceGroups/rg".to_owned(),
            when: When::At("2026-10-15T12:00:00Z".parse().unwrap()),
            partner: "111111".to_owned(),
        }
    }

    /// As if a line said something else; an empty text leaves it out, lines keep their numbers.
    pub fn line(mut self, number: usize, text: &str) -> Self {
        text.clone_into(&mut self.lines[number - 1]);
        self
    }

    /// With parts of a line replaced.
    pub fn edit(mut self, number: usize, from: &str, to: &str) -> Self {
        assert!(self.lines[number - 1].contains(from), "line {number} has no {from}");
        self.lines[number - 1] = self.lines[number - 1].replace(from, to);
        self
    }

    /// With more fields in a line.
    pub fn more(self, number: usize, fields: &str) -> Self {
        self.edit(number, "{\"kind\"", &format!("{{{fields},\"kind\""))
    }

    /// With another line at the end.
    pub fn and(mut self, text: &str) -> Self {
        self.lines.push(text.to_owned());
        self
    }

    /// With cost files: `category,day,cost`, one charge a row, of a machine in the resource group.
    pub fn usage(mut self, rows: &[&str]) -> Self {
        let mut text = "ChargePeriodStart,ChargePeriodEnd,SubAccountId,ResourceId,ChargeCategory,\
                        EffectiveCost,BillingCurrency\n"
            .to_owned();
        for row in rows {
            let [category, day, cost] = row.split(',').collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            let next = day.parse::<u8>().unwrap() + 1;
            let sub = "/subscriptions/$sub";
            let _ = writeln!(
                text,
                "2026-10-{day}T00:00:00Z,2026-10-{next:02}T00:00:00Z,{sub},\
                 {sub}/resourceGroups/rg/providers/p/t/vm,{category},{cost},EUR"
            );
        }
        self.usage = Some(named(&text));
        self
    }

    pub fn under(mut self, name: &str) -> Self {
        self.policy = policy(name);
        self
    }

    pub fn whole_days(mut self) -> Self {
        self.policy.granularity = Granularity::WholeDay;
        self
    }

    pub fn at(mut self, resource: &str) -> Self {
        resource.clone_into(&mut self.resource);
        self
    }

    pub fn in_october(mut self) -> Self {
        self.when = When::Month((2026, 10));
        self
    }

    pub fn of(mut self, partner: &str) -> Self {
        partner.clone_into(&mut self.partner);
        self
    }

    pub fn explained(&self) -> Explanation {
        let roles = RoleData::shipped().unwrap();
        let facts = facts(&named(&self.lines.join("\n")), &roles);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usage.csv");
        let parts = self.usage.as_ref().map(|text| {
            fs::write(&file, text).unwrap();
            [Part::of_file(&file).unwrap()]
        });
        let basis = Basis { facts: &facts, roles: &roles, policy: &self.policy };
        let partner = Some(self.partner.parse().unwrap());
        let usage = parts.as_ref().map(|parts| (&parts[..], ReadOptions::default()));
        let resource = named(&self.resource).parse().unwrap();
        explain(basis, resource, self.when, partner, usage).unwrap()
    }

    pub fn checks(&self) -> Vec<Check> {
        self.explained().checks.unwrap()
    }

    fn check(&self, code: &str) -> Check {
        let mut checks = self.checks();
        let at = checks.iter().position(|check| check.code.code() == code).unwrap();
        checks.swap_remove(at)
    }

    /// That a cause is the first that fails, decided by a line, and what was found.
    #[track_caller]
    pub fn first(&self, code: &str, line: impl Into<Option<usize>>, found: &Value) {
        let checks = self.checks();
        let fails = |check: &&Check| check.verdict == Verdict::Fails;
        let Some(first) = checks.iter().find(fails) else { panic!("nothing fails: {checks:#?}") };
        assert_eq!(first.code.code(), code, "{checks:#?}");
        let fact = line.into().map(|line| format!("facts.jsonl:{line}"));
        assert_eq!(first.line.fact, fact, "{first:?}");
        assert_found(first, found);
        assert!(first.change.is_some());
    }

    #[track_caller]
    pub fn fails(&self, code: &str, found: &Value) {
        let check = self.check(code);
        assert_eq!(check.verdict, Verdict::Fails, "{check:?}");
        assert_found(&check, found);
    }

    #[track_caller]
    pub fn passes(&self, code: &str, line: impl Into<Option<usize>>, found: &Value) {
        let check = self.check(code);
        assert_eq!(check.verdict, Verdict::Passes, "{check:?}");
        let fact = line.into().map(|line| format!("facts.jsonl:{line}"));
        assert_eq!(check.line.fact, fact, "{check:?}");
        assert_found(&check, found);
    }

    #[track_caller]
    pub fn gives(&self, code: &str, verdict: Verdict) {
        let check = self.check(code);
        assert_eq!(check.verdict, verdict, "{check:?}");
    }
}

/// What is found of a kind, whatever else it says.
pub fn kind(name: &str) -> Value {
    json!({ "kind": name })
}

/// The same with one time, from and to.
pub fn during(name: &str, from: Option<&str>, to: Option<&str>) -> Value {
    json!({ "kind": name, "during": [{ "from": from, "to": to }] })
}

/// That what was found is of the kind and has the fields given; it may have more.
#[track_caller]
fn assert_found(check: &Check, expected: &Value) {
    let found = serde_json::to_value(&check.finding).unwrap();
    assert!(has(&found, expected), "{found} has not {expected}");
}

fn has(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| found.get(name).is_some_and(|found| has(found, value))),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| has(f, e))
        }
        _ => found == expected,
    }
}

fn policy(name: &str) -> Policy {
    Policy::shipped().unwrap().into_iter().find(|policy| policy.name == name).unwrap()
}

/// Checked facts of a file `facts.jsonl`.
pub fn facts(text: &str, roles: &RoleData) -> Facts {
    let mut facts = Facts::default();
    facts.read("facts.jsonl", text, None).unwrap();
    roles.resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    facts
}

/// With GUIDs in the place of `$names`.
pub fn named(text: &str) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        let digits =
            name.bytes().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        assert!(digits.len() <= 20, "{name} is too long");
        let guid = format!("{digits:0<20}000000000001");
        let parts = [&guid[..8], &guid[8..12], &guid[12..16], &guid[16..20], &guid[20..]];
        out.push_str(&parts.join("-"));
        out.push_str(rest);
    }
    out
}
