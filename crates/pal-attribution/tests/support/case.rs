//! A generated world that can be changed: facts as JSON, charges as structs, and what comes out.

use std::collections::BTreeMap;

use pal_attribution::engine::evaluate_charges;
use pal_attribution::policy::{Granularity, Policy};
use pal_attribution::roles::RoleData;
use pal_model::{
    Balance, BalanceLine, Charge, Facts, Instant, Interval, KeyColumn, Money, PartnerId, Row, fold,
};
use serde_json::{Value, json};

use super::world;

/// A world taken apart.
#[derive(Clone)]
pub struct Case {
    pub seed: u64,
    pub lines: Vec<Value>,
    pub charges: Vec<Charge>,
    pub policy: Policy,
    pub keys: Vec<KeyColumn>,
}

/// One credit: everything the report shows of it beside the charge and the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Credited, in 10⁻¹⁰ units.
    pub amount: i128,
    /// `admin_type` and `pec_eligible`.
    pub role: (String, String),
    pub duplicate: String,
    pub customer: String,
}

/// Credits by charge (its place in the list) and partner.
pub type Credits = BTreeMap<(usize, u64), Credit>;

impl Case {
    /// The world of a seed as it is.
    pub fn new(seed: u64) -> Self {
        let world = world::world(seed);
        let lines = world.facts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (charges, policy, keys) = (world.charges, world.policy, world.keys);
        Self { seed, lines, charges, policy, keys }
    }

    /// The world of a seed with every id in lower case, so that each has one casing.
    pub fn folded(seed: u64) -> Self {
        let mut case = Self::new(seed);
        case.recase(&mut |text| fold(text));
        case
    }

    /// Writes every id another way.
    pub fn recase(&mut self, write: &mut dyn FnMut(&str) -> String) {
        const KEPT: [&str; 9] = [
            "kind",
            "from",
            "to",
            "recordedAt",
            "type",
            "id",
            "displayName",
            "condition",
            "effect",
        ];
        for line in &mut self.lines {
            let group = line["kind"] == "managementGroup";
            for (field, value) in line.as_object_mut().unwrap() {
                if !KEPT.contains(&field.as_str()) && (field != "name" || group) {
                    rewrite(value, write);
                }
            }
        }
        for charge in &mut self.charges {
            let texts =
                [&mut charge.resource, &mut charge.resource_group, &mut charge.subscription];
            texts.into_iter().flatten().for_each(|text| *text = write(text));
        }
    }

    /// Costs whose shares are whole numbers of 10⁻¹⁰, so that rounded cells add up exactly: a
    /// cost of k · (nanoseconds of the period) · 10⁻¹⁰.
    pub fn exact(mut self, dice: &mut Dice, negative: bool) -> Self {
        for charge in &mut self.charges {
            let times = i128::from(dice.below(50)) + 1;
            let sign = if negative && dice.below(4) == 0 { -1 } else { 1 };
            let units = sign * times * charge.period.length() * 100_000_000;
            charge.cost = Money::from_units(units);
        }
        self
    }

    /// The facts known at an instant, checked.
    pub fn facts(&self, known_at: Option<Instant>) -> Result<Facts, String> {
        facts_of(&[&self.text()], known_at)
    }

    /// The facts as JSON Lines.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
    }

    /// Rows by the world's keys, and the balance.
    pub fn run(&self) -> (Vec<Row>, Balance) {
        self.run_by(&self.keys)
    }

    pub fn run_by(&self, keys: &[KeyColumn]) -> (Vec<Row>, Balance) {
        let facts = self.facts(None).unwrap_or_else(|error| panic!("world {}: {error}", self.seed));
        self.run_with(&facts, keys)
    }

    pub fn run_with(&self, facts: &Facts, keys: &[KeyColumn]) -> (Vec<Row>, Balance) {
        evaluate_charges(facts, &roles(), &self.policy, &self.charges, keys)
            .unwrap_or_else(|error| panic!("world {}: {error}", self.seed))
    }

    /// Each credit by itself: every charge gets a service name of its own, which decides nothing.
    pub fn credits(&self) -> Credits {
        const KEYS: [KeyColumn; 6] = [
            KeyColumn::ServiceName,
            KeyColumn::PartnerId,
            KeyColumn::AdminType,
            KeyColumn::PecEligible,
            KeyColumn::DuplicateInGlobal,
            KeyColumn::CustomerTenantId,
        ];
        let mut named = self.clone();
        for (at, charge) in named.charges.iter_mut().enumerate() {
            charge.service_name = Some(at.to_string());
        }
        let mut credits = Credits::new();
        for row in named.run_by(&KEYS).0 {
            let [charge, partner, class, pec, duplicate, customer] =
                row.keys.try_into().unwrap_or_else(|_| panic!("six keys"));
            let text = |key: Option<String>| key.unwrap();
            let key: (usize, u64) = (text(charge).parse().unwrap(), text(partner).parse().unwrap());
            assert_eq!(row.charges, 1, "world {}: {key:?} is credited twice", self.seed);
            assert_eq!(row.cost, self.charges[key.0].cost.rounded(), "world {}", self.seed);
            let credit = Credit {
                amount: row.credited_cost,
                role: (text(class), text(pec)),
                duplicate: text(duplicate),
                customer: text(customer),
            };
            credits.insert(key, credit);
        }
        credits
    }

    /// The time that counts for a charge.
    pub fn window(&self, charge: usize) -> Interval {
        self.policy.granularity.window(self.charges[charge].period)
    }

    /// The same rules, but covered time counts in proportion, or at all.
    pub fn counting(mut self, granularity: Granularity) -> Self {
        self.policy.granularity = granularity;
        self
    }

    /// Adds a line of a fact.
    pub fn add(&mut self, kind: &str, fields: Value) {
        let mut line = json!({"kind": kind});
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        line.as_object_mut().unwrap().extend(fields);
        self.lines.push(line);
    }

    /// The places of the lines of a kind.
    pub fn of_kind(&self, kind: &str) -> Vec<usize> {
        (0..self.lines.len()).filter(|&at| self.lines[at]["kind"] == kind).collect()
    }
}

/// Checked facts from the texts of files.
pub fn facts_of(files: &[&str], known_at: Option<Instant>) -> Result<Facts, String> {
    let mut facts = Facts::default();
    for (at, text) in files.iter().enumerate() {
        facts.read(&format!("facts-{at}.jsonl"), text, known_at).map_err(|e| e.to_string())?;
    }
    roles().resolve_names(&mut facts).map_err(|e| e.to_string())?;
    facts.check().map_err(|e| e.to_string())?;
    Ok(facts)
}

pub fn roles() -> RoleData {
    RoleData::shipped().unwrap()
}

fn rewrite(value: &mut Value, write: &mut dyn FnMut(&str) -> String) {
    match value {
        Value::String(text) => *text = write(text),
        Value::Array(list) => list.iter_mut().for_each(|value| rewrite(value, write)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(_, value)| rewrite(value, write));
        }
        _ => {}
    }
}

/// Why a balance line of nobody's credit is told apart is not every relation's business.
pub fn without_reasons(balance: &Balance) -> BTreeMap<(String, String, String), (u64, Money)> {
    let mut sums = BTreeMap::new();
    for ((month, currency, line), (count, amount)) in balance {
        let line = match line {
            BalanceLine::Uncredited(_) => "uncredited".to_owned(),
            other => format!("{} {}", other.line(), other.reason()),
        };
        let sum: &mut (u64, Money) =
            sums.entry((month.clone(), currency.clone(), line)).or_default();
        *sum = (sum.0 + count, sum.1.plus(*amount).unwrap());
    }
    sums
}

/// Amounts only.
pub fn amounts(credits: &Credits) -> BTreeMap<(usize, u64), i128> {
    credits.iter().map(|(key, credit)| (*key, credit.amount)).collect()
}

/// The credits of one partner, by charge.
pub fn of_partner(credits: &Credits, partner: u64) -> BTreeMap<usize, Credit> {
    let mine = credits.iter().filter(|((_, id), _)| *id == partner);
    mine.map(|((charge, _), credit)| (*charge, credit.clone())).collect()
}

/// The amounts of all partners but some.
pub fn others(credits: &Credits, partners: &[u64]) -> BTreeMap<(usize, u64), i128> {
    let mut amounts = amounts(credits);
    amounts.retain(|(_, partner), _| !partners.contains(partner));
    amounts
}

pub fn partner(text: &str) -> u64 {
    text.parse::<PartnerId>().unwrap().number()
}

// Lines of facts.

/// A text of a fact, folded; empty = none.
pub fn text(line: &Value, field: &str) -> String {
    fold(line[field].as_str().unwrap_or_default())
}

pub fn from(line: &Value) -> Instant {
    line["from"].as_str().map_or(Instant::MIN, |text| text.parse().unwrap())
}

pub fn to(line: &Value) -> Instant {
    line["to"].as_str().map_or(Instant::MAX, |text| text.parse().unwrap())
}

/// The interval of a line.
pub fn during(line: &Value) -> Interval {
    Interval::new(from(line), to(line)).unwrap()
}

/// The line for another time.
pub fn held(line: &Value, during: Interval) -> Value {
    let mut line = line.clone();
    let fields = line.as_object_mut().unwrap();
    let ends = [("from", during.from(), Instant::MIN), ("to", during.to(), Instant::MAX)];
    for (name, instant, open) in ends {
        fields.remove(name);
        if instant != open {
            fields.insert(name.to_owned(), json!(instant.to_string()));
        }
    }
    line
}

/// Time cut wherever a fact begins or ends; in between nothing changes.
pub fn pieces(lines: &[Value]) -> Vec<Interval> {
    let mut cuts: Vec<Instant> = lines.iter().flat_map(|line| [from(line), to(line)]).collect();
    cuts.extend([Instant::MIN, Instant::MAX]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| Interval::new(pair[0], pair[1]).unwrap()).collect()
}

/// Random numbers: splitmix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x6d65_7461_6d6f_7270)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len() as u64) as usize]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            list.swap(last, other);
        }
    }
}
