//! Results in shares: put together they are the report of one run, byte for byte, however usage was
//! cut; and a share whose facts have the same fingerprint has the same rows.
//!
//! `PAL_WORLDS` sets how many invented worlds (300 by default), `PAL_FIRST_WORLD` the first seed.

mod fields;
mod fingerprints;
mod limits;
mod only;
mod spelling;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;

use pal_attribution::engine::merge;
use pal_attribution::engine::shares::{BalanceShare, Cells, ShareKey};
use pal_attribution::engine::{Engine, EngineError, Only, Options, PrivacyLevels, Usage, View};
use pal_attribution::output::{Format, Origin, Writer};
use pal_attribution::policy::{Granularity, Policy};
use pal_model::{Charge, Facts, KeyColumn, Months, PartnerId, PrivacyLevel, Row, TenantId, fold};

use crate::support::case::{Case, Dice};
use crate::support::world::casing;

/// Every world, with dice of its own.
fn each(one_in: u64, check: impl Fn(Case, &mut Dice) -> bool) {
    some(1, one_in, check);
}

/// A part of the worlds.
fn some(part: u64, one_in: u64, check: impl Fn(Case, &mut Dice) -> bool) {
    let setting = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    };
    let (first, count) = (setting("PAL_FIRST_WORLD", 0), setting("PAL_WORLDS", 300) / part);
    let seeds = first + 5_000_000_000..first + 5_000_000_000 + count;
    let told = seeds.filter(|seed| check(Case::new(*seed), &mut Dice::new(*seed))).count() as u64;
    assert!(count < 40 || told * one_in >= count, "told something in {told} of {count} worlds");
}

/// What is asked of a world.
#[derive(Debug, Clone)]
struct Asked {
    keys: Vec<KeyColumn>,
    view: View,
    months: Option<Months>,
}

impl Asked {
    fn all(keys: &[KeyColumn]) -> Self {
        Self { keys: keys.to_vec(), view: View::default(), months: None }
    }

    fn random(facts: &Facts, dice: &mut Dice) -> Self {
        let keys = match dice.below(4) {
            0 => KeyColumn::ALL.to_vec(),
            1 => KeyColumn::DEFAULT.to_vec(),
            _ => {
                let mut keys = KeyColumn::ALL.to_vec();
                dice.shuffle(&mut keys);
                keys.truncate(dice.below(8) as usize);
                keys
            }
        };
        let months = ["2026-10", "2026-11", "2026-09..2026-10", "2026-10..2026-11"];
        let months = (dice.below(4) == 0).then(|| dice.pick(&months).parse().unwrap());
        Self { keys, view: view(facts, dice), months }
    }

    fn options<'o>(&self, rows: &'o AtomicU64) -> Options<'o> {
        let (months, view) = (self.months, self.view.clone());
        Options { threads: 1, months, view, ..Options::new(rows) }
    }

    fn report(&self, engine: &Engine, charges: &[Charge]) -> Vec<Row> {
        let rows = AtomicU64::new(0);
        let options = self.options(&rows);
        let usage = Usage::Charges(charges);
        self.taken(|keys, take| engine.report(usage, keys, &options, take))
    }

    fn shares(&self, engine: &Engine, charges: &[Charge]) -> BTreeMap<ShareKey, Cells> {
        let rows = AtomicU64::new(0);
        let options = self.options(&rows);
        engine.shares(Usage::Charges(charges), &self.keys, &options).unwrap().unwrap()
    }

    fn balance_shares(
        &self,
        engine: &Engine,
        charges: &[Charge],
    ) -> BTreeMap<ShareKey, BalanceShare> {
        let rows = AtomicU64::new(0);
        engine.balance_shares(Usage::Charges(charges), &self.options(&rows)).unwrap()
    }

    fn merged<'c>(&self, cells: impl IntoIterator<Item = &'c Cells>) -> Vec<Row> {
        self.taken(|keys, take| merge(cells, keys, Only::default(), take))
    }

    fn taken(
        &self,
        run: impl FnOnce(&[KeyColumn], &mut pal_attribution::engine::TakeRow) -> Result<(), EngineError>,
    ) -> Vec<Row> {
        let mut found = Vec::new();
        run(&self.keys, &mut |keys, charges, cost, credited_cost| {
            let keys = keys.iter().map(|key| key.map(str::to_owned)).collect();
            found.push(Row { keys, charges, cost, credited_cost });
            Ok(())
        })
        .unwrap();
        found
    }

    /// Rows as they are printed.
    fn csv(&self, rows: &[Row]) -> String {
        let origin = Origin { policy: (String::new(), String::new()) };
        let mut out = Vec::new();
        let money = !self.view.without_money;
        let sink = Box::new(&mut out);
        let mut writer = Writer::report(Format::Csv, &self.keys, money, &origin, sink).unwrap();
        for row in rows {
            let keys: Vec<Option<&str>> = row.keys.iter().map(Option::as_deref).collect();
            writer.row(&keys, row.charges, row.cost, row.credited_cost).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// All, or what some reader sees.
fn view(facts: &Facts, dice: &mut Dice) -> View {
    let mut view = View { without_money: dice.below(5) == 0, ..View::default() };
    let partners: BTreeSet<PartnerId> = facts.partners.iter().map(|p| p.fact.partner).collect();
    let tenants: BTreeSet<TenantId> = facts.subscriptions.iter().map(|s| s.fact.tenant).collect();
    let tenants: Vec<TenantId> = tenants.into_iter().collect();
    match dice.below(5) {
        0 => view.partners = Some(partners.into_iter().filter(|_| dice.below(3) < 2).collect()),
        1 if !tenants.is_empty() => view.customer = Some(*dice.pick(&tenants)),
        2 | 3 => {
            let all = [
                PrivacyLevel::Full,
                PrivacyLevel::Subscription,
                PrivacyLevel::TenantTotal,
                PrivacyLevel::Masked,
            ];
            let mut levels = BTreeMap::new();
            for tenant in &tenants {
                if dice.below(4) > 0 {
                    levels.insert(*tenant, *dice.pick(&all));
                }
            }
            let name = |tenant: &TenantId| (*tenant, format!("Customer {tenant:.4}"));
            let pseudonyms = tenants.iter().map(name).collect();
            view.privacy = Some(PrivacyLevels { levels, pseudonyms });
        }
        _ => {}
    }
    view
}

/// The shipped policies, the first also in proportion, and what the world has made of one.
fn policy(case: &Case, dice: &mut Dice) -> Policy {
    let mut shipped = Policy::shipped().unwrap();
    match dice.below(5) {
        0 => case.policy.clone(),
        1 => Policy { granularity: Granularity::Proportional, ..shipped.swap_remove(2) },
        at => shipped.swap_remove(at as usize - 2),
    }
}

/// One letter as a small one.
fn small(letter: char) -> char {
    fold(&letter.to_string()).chars().next().unwrap_or(letter)
}

/// Every id of usage in another casing, each time anew.
fn respell(charges: &mut [Charge], dice: &mut Dice) {
    let mut respell = |text: &mut Option<String>| {
        let Some(text) = text else { return };
        *text = match dice.below(4) {
            0 => casing::upper(text),
            1 => fold(text),
            2 => {
                let flip = |c: char| match dice.below(2) {
                    0 => casing::capital(c),
                    _ => small(c),
                };
                text.chars().map(flip).collect()
            }
            _ => return,
        };
    };
    for charge in charges {
        respell(&mut charge.resource);
        respell(&mut charge.resource_group);
        respell(&mut charge.subscription);
    }
}
