//! Facts in short words, and alerts as lines.

use std::collections::BTreeSet;

use pal_attribution::alerts::{Alert, Limits, TwoMonths, alerts};
use pal_attribution::answer::Basis;
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::Instant;
use serde_json::{Map, Value};

pub const NOW: &str = "2026-10-01T12:00:00Z";

/// Lines of facts: kind and `field=value` words.
#[derive(Clone, Default)]
pub struct Facts(Vec<String>);

impl Facts {
    pub fn add(mut self, kind: &str, fields: &str) -> Self {
        let mut line = Map::from_iter([("kind".to_owned(), Value::from(kind))]);
        for (name, text) in fields.split_whitespace().map(|word| word.split_once('=').unwrap()) {
            line.insert(name.to_owned(), value(text));
        }
        self.0.push(Value::Object(line).to_string());
        self
    }

    pub fn person(self, tenant: &str, name: &str, rest: &str) -> Self {
        let fields = format!("tenant={tenant} object=${name} type=User name={name} {rest}");
        self.add("principal", &fields)
    }

    /// In Fabrikam, to 111111.
    pub fn linked(self, name: &str, rest: &str) -> Self {
        self.add("link", &format!("tenant=$fabrikam object=${name} partner=111111 {rest}"))
    }

    /// Of Fabrikam's subscription.
    pub fn contributor(self, name: &str, rest: &str) -> Self {
        self.role(name, "/subscriptions/$prod", rest)
    }

    pub fn role(self, name: &str, scope: &str, rest: &str) -> Self {
        let fields = format!("tenant=$fabrikam id=r-{name} principal=${name} role=Contributor");
        self.add("roleAssignment", &format!("{fields} scope={scope} {rest}"))
    }

    pub fn without(mut self, kind: &str) -> Self {
        self.0.retain(|line| !line.contains(&format!(r#""kind":"{kind}""#)));
        self
    }

    pub fn turned(mut self) -> Self {
        self.0.reverse();
        self
    }

    pub fn read(&self) -> pal_model::Facts {
        let mut facts = pal_model::Facts::default();
        facts.read("f", &to_guids(&self.0.join("\n")), None).unwrap();
        RoleData::shipped().unwrap().resolve_names(&mut facts).unwrap();
        facts.check().unwrap();
        assert!(facts.remarks.is_empty(), "{:?}", facts.remarks);
        facts
    }

    fn names(&self) -> BTreeSet<String> {
        let words = self.0.iter().flat_map(|line| line.split('$').skip(1));
        words.map(|rest| rest.chars().take_while(char::is_ascii_lowercase).collect()).collect()
    }
}

/// `[a,b]` is a list; in it `$who:Role` a line of a delegation.
fn value(text: &str) -> Value {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let item = |text: &str| match text.split_once(':') {
        Some((who, role)) => serde_json::json!({"principal": who, "role": role}),
        None => Value::from(text),
    };
    match (inside, text) {
        (Some(list), _) => list.split(',').map(item).collect(),
        (None, "true" | "false") => Value::from(text == "true"),
        (None, text) => Value::from(text),
    }
}

fn guid(name: &str) -> String {
    let value = name.bytes().fold(0u128, |value, byte| value << 8 | u128::from(byte));
    pal_model::Guid::from_value(value).to_string()
}

fn to_guids(text: &str) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
        out += &guid(&part[..end]);
        out += &part[end..];
    }
    out
}

/// One alert in a line.
fn line(alert: &Alert, names: &BTreeSet<String>) -> String {
    fn or_dash(text: Option<impl ToString>) -> String {
        text.map_or_else(|| "–".to_owned(), |text| text.to_string())
    }
    let principal = alert.principal.map(|p| format!("{} of {}", p.object, p.tenant));
    let cells = [
        alert.code.to_string(),
        alert.severity.to_string(),
        or_dash(alert.partner),
        alert.tenant.to_string(),
        or_dash(principal),
        or_dash(alert.scope.as_ref()),
        or_dash(alert.at),
        alert.message.clone(),
        alert.facts.join(" "),
    ];
    let text = cells.join(" | ");
    names.iter().fold(text, |text, name| text.replace(&guid(name), &format!("${name}")))
}

pub fn policy(name: &str) -> Policy {
    Policy::shipped().unwrap().into_iter().find(|policy| policy.name == name).unwrap()
}

/// What is said of facts, credit and limits under a policy.
pub fn with(facts: &Facts, name: &str, limits: &Limits, credit: Option<&TwoMonths>) -> Vec<String> {
    let (read, roles, policy) = (facts.read(), RoleData::shipped().unwrap(), policy(name));
    let basis = Basis { facts: &read, roles: &roles, policy: &policy };
    let now: Instant = NOW.parse().unwrap();
    let names = facts.names();
    alerts(basis, now, limits, credit).iter().map(|alert| line(alert, &names)).collect()
}

pub fn of(facts: &Facts, policy: &str) -> Vec<String> {
    with(facts, policy, &Limits::default(), None)
}

/// These alerts and no others, in this order.
#[track_caller]
pub fn says(facts: &Facts, expected: &[&str]) {
    let said = of(facts, "pal");
    assert_eq!(said, expected, "\n{}\n", said.join("\n"));
}

pub fn codes(facts: &Facts) -> Vec<String> {
    of(facts, "pal").iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}
