//! One file of `tests/scenarios` a rule: facts, charges and what the rules make of them, worked out
//! by hand. Every evaluator must give the same.
//!
//! `$alice` anywhere in a file stands for a GUID made from the name, so that files read as
//! sentences. Two spellings of a name are two GUIDs; GUIDs written out stay as they are. A charge
//! with `every: day` or `every: hour` stands for one charge of that cost for each.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;

use datatest_stable::Result;
use pal_attribution::engine::evaluate_charges;
use pal_attribution::policy::{DenyMode, Granularity, Policy};
use pal_attribution::reference::Reference;
use pal_attribution::roles::RoleData;
use pal_model::{
    Balance, Charge, ChargeTraits, Exact, Exclusion, Facts, Instant, Interval, KeyColumn, Money,
    Row,
};
use serde::Deserialize;

type Evaluate = fn(&Case, &[KeyColumn]) -> Result<(Vec<Row>, Balance)>;

/// Who is asked.
fn evaluators() -> Vec<(&'static str, Evaluate)> {
    vec![
        ("reference", |case, keys| {
            let reference = Reference::new(&case.facts, &case.roles, &case.policy);
            Ok((reference.report(&case.charges, keys)?, reference.balance(&case.charges)?))
        }),
        ("engine", |case, keys| {
            Ok(evaluate_charges(&case.facts, &case.roles, &case.policy, &case.charges, keys)?)
        }),
    ]
}

/// A scenario, read.
struct Case {
    facts: Facts,
    roles: RoleData,
    policy: Policy,
    charges: Vec<Charge>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scenario {
    name: String,
    facts: Vec<serde_json::Value>,
    policy: String,
    granularity: Option<Granularity>,
    deny: Option<DenyMode>,
    #[serde(default)]
    keep_cost_allocation: bool,
    charges: Vec<Usage>,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Usage {
    start: String,
    end: String,
    every: Option<Step>,
    resource: Option<String>,
    resource_group: Option<String>,
    subscription: Option<String>,
    cost: Text,
    currency: Option<String>,
    #[serde(default)]
    traits: Vec<String>,
    service_category: Option<String>,
    service_name: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Hour,
    Day,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    by_partner: Option<BTreeMap<Text, Amounts>>,
    report: Option<Report>,
    balance: Option<Vec<Vec<Text>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Report {
    group_by: Vec<String>,
    rows: Vec<Vec<Option<Text>>>,
}

/// Credited cost, in the currency of all charges or by currency.
#[derive(Deserialize)]
#[serde(untagged)]
enum Amounts {
    One(Text),
    ByCurrency(BTreeMap<String, Text>),
}

/// A text, or a whole number; a fraction must be quoted, so that it never is a binary one.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
enum Text {
    Number(i64),
    Text(String),
}

impl Text {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// As a report cell prints it.
    fn cell(&self) -> Result<String> {
        Ok(Exact::print_rounded(self.text().parse::<Money>()?.rounded()))
    }
}

fn scenario(path: &Path, text: String) -> Result<()> {
    let names = Names::of(&text);
    let scenario: Scenario = yaml_serde::from_str(&names.to_guids(text))?;
    let case = case(&scenario)?;
    let mut wrong = String::new();
    for (who, evaluate) in evaluators() {
        for (what, expected, got) in compare(&scenario.expect, &case, evaluate)? {
            if expected != got {
                let (expected, got) = (expected.join("\n    "), got.join("\n    "));
                wrong += &[
                    "\n",
                    who,
                    ", ",
                    what,
                    ":\n  expected\n    ",
                    &expected,
                    "\n  got\n    ",
                    &got,
                    "\n",
                ]
                .concat();
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let title = format!("{} ({})", scenario.name, path.display());
    Err(Box::new(Differs(format!("{title}\n{}", names.to_names(wrong)))))
}

/// An error whose lines stay lines in the harness's output.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Differs(String);

impl fmt::Debug for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is asked, the lines expected and the lines got.
type Comparison = (&'static str, Vec<String>, Vec<String>);

fn compare(expected: &Expected, case: &Case, evaluate: Evaluate) -> Result<Vec<Comparison>> {
    let mut all = Vec::new();
    if let Some(partners) = &expected.by_partner {
        let (rows, _) = evaluate(case, &[KeyColumn::PartnerId, KeyColumn::Currency])?;
        let got = rows.iter().map(|row| {
            let keys: Vec<&str> = row.keys.iter().flatten().map(String::as_str).collect();
            format!("{}: {}", keys.join(" "), Exact::print_rounded(row.credited_cost))
        });
        all.push(("by partner", partner_lines(partners, case)?, got.collect()));
    }
    if let Some(report) = &expected.report {
        let keys: Vec<KeyColumn> =
            report.group_by.iter().map(|key| key.parse()).collect::<std::result::Result<_, _>>()?;
        let (rows, _) = evaluate(case, &keys)?;
        let expected: Result<Vec<_>> = report.rows.iter().map(|row| row_line(row)).collect();
        let got = rows.iter().map(|row| {
            let measures = [
                row.charges.to_string(),
                Exact::print_rounded(row.cost),
                Exact::print_rounded(row.credited_cost),
            ];
            let keys = row.keys.iter().map(|key| key.clone().unwrap_or_else(|| "~".to_owned()));
            keys.chain(measures).collect::<Vec<_>>().join(" | ")
        });
        all.push(("report", expected?, got.collect()));
    }
    if let Some(balance) = &expected.balance {
        let expected: Result<Vec<_>> = balance.iter().map(|line| balance_line(line)).collect();
        let (_, balance) = evaluate(case, &KeyColumn::DEFAULT)?;
        let got = balance.iter().map(|((month, currency, line), (charges, amount))| {
            let (line, reason) = (line.line(), line.reason());
            format!("{month} | {currency} | {line} | {reason} | {charges} | {amount}")
        });
        all.push(("balance", expected?, got.collect()));
    }
    if all.is_empty() { Err("nothing is expected".into()) } else { Ok(all) }
}

fn partner_lines(partners: &BTreeMap<Text, Amounts>, case: &Case) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (partner, amounts) in partners {
        let partner = partner.text();
        match amounts {
            Amounts::One(amount) => {
                let currency = &case.charges.first().ok_or("no charges")?.currency;
                lines.push(format!("{partner} {currency}: {}", amount.cell()?));
            }
            Amounts::ByCurrency(amounts) => {
                for (currency, amount) in amounts {
                    lines.push(format!("{partner} {currency}: {}", amount.cell()?));
                }
            }
        }
    }
    lines.sort();
    Ok(lines)
}

/// Keys, then the count and two amounts.
fn row_line(row: &[Option<Text>]) -> Result<String> {
    let amounts_from = row.len().checked_sub(2).ok_or("a row needs three measures")?;
    let mut cells = Vec::new();
    for (at, cell) in row.iter().enumerate() {
        cells.push(match cell {
            None => "~".to_owned(),
            Some(amount) if at >= amounts_from => amount.cell()?,
            Some(key) => key.text(),
        });
    }
    Ok(cells.join(" | "))
}

/// Month, currency, line, reason, charges, amount.
fn balance_line(line: &[Text]) -> Result<String> {
    let (amount, rest) = line.split_last().ok_or("an empty line")?;
    let mut cells: Vec<String> = rest.iter().map(Text::text).collect();
    cells.push(amount.text().parse::<Money>()?.to_string());
    Ok(cells.join(" | "))
}

fn case(scenario: &Scenario) -> Result<Case> {
    let lines: Vec<String> = scenario.facts.iter().map(|fact| format!("{fact}\n")).collect();
    let mut facts = Facts::default();
    facts.read("facts", &lines.concat(), None)?;
    facts.check()?;
    if let Some(remark) = facts.remarks.first() {
        return Err(remark.clone().into());
    }
    let roles = RoleData::shipped()?;
    roles.resolve_names(&mut facts)?;
    let shipped = Policy::shipped()?.into_iter().find(|policy| policy.name == scenario.policy);
    let mut policy = shipped.ok_or("no such policy")?;
    policy.granularity = scenario.granularity.unwrap_or(policy.granularity);
    policy.deny = scenario.deny.unwrap_or(policy.deny);
    if scenario.keep_cost_allocation {
        policy = policy.keeping_cost_allocation();
    }
    let mut charges = Vec::new();
    for usage in &scenario.charges {
        charges.extend(charges_of(usage)?);
    }
    Ok(Case { facts, roles, policy, charges })
}

fn charges_of(usage: &Usage) -> Result<Vec<Charge>> {
    let mut traits = ChargeTraits::USAGE;
    for code in &usage.traits {
        let exclusion = Exclusion::ALL.into_iter().find(|reason| reason.code() == code);
        traits = traits.with(match exclusion {
            Some(reason) => ChargeTraits::of(reason),
            None if code == "correction" => ChargeTraits::CORRECTION,
            None => return Err(format!("unknown trait '{code}'").into()),
        });
    }
    let charge = |period| -> Result<Charge> {
        Ok(Charge {
            period,
            billing_period: None,
            resource: usage.resource.clone(),
            resource_group: usage.resource_group.clone(),
            subscription: usage.subscription.clone(),
            cost: usage.cost.text().parse()?,
            currency: usage.currency.clone().unwrap_or_else(|| "EUR".to_owned()),
            traits,
            service_category: usage.service_category.clone(),
            service_name: usage.service_name.clone(),
            meter: None,
            quantity: None,
            unit: None,
        })
    };
    periods(usage)?.into_iter().map(charge).collect()
}

fn periods(usage: &Usage) -> Result<Vec<Interval>> {
    let instant = |text: &str| -> std::result::Result<Instant, Box<dyn Error>> {
        let midnight = if text.len() == 10 { "T00:00:00Z" } else { "" };
        Ok(format!("{text}{midnight}").parse()?)
    };
    let (mut from, end) = (instant(&usage.start)?, instant(&usage.end)?);
    let step = match usage.every {
        None => return Ok(vec![Interval::new(from, end)?]),
        Some(Step::Hour) => 3_600_000_000_000,
        Some(Step::Day) => 86_400_000_000_000,
    };
    let mut periods = Vec::new();
    while from < end {
        let to = Instant::from_nanoseconds(from.nanoseconds() + step).ok_or("beyond all years")?;
        periods.push(Interval::new(from, to)?);
        from = to;
    }
    Ok(periods)
}

/// The names in a file and their GUIDs, the longest name first.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(text: &str) -> Self {
        let name_char = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let after = text.split('$').skip(1);
        let mut names: Vec<String> = after
            .map(|rest| rest.split(|c| !name_char(c)).next().unwrap_or_default().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
        names.dedup();
        Self(names.into_iter().map(|name| (guid(&name), format!("${name}"))).collect())
    }

    fn to_guids(&self, text: String) -> String {
        self.0.iter().fold(text, |text, (guid, name)| text.replace(name, guid))
    }

    fn to_names(&self, text: String) -> String {
        self.0.iter().fold(text, |text, (guid, name)| text.replace(guid, name))
    }
}

/// FNV-1a of the name, as a GUID.
fn guid(name: &str) -> String {
    let hash = name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    let digits = format!("{hash:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

datatest_stable::harness! {
    { test = scenario, root = "tests/scenarios", pattern = r"\.yaml$" },
}
