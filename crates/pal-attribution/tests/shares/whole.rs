//! Shares put together are the whole.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use pal_attribution::engine::shares::{Cells, ShareKey};
use pal_attribution::engine::{Engine, EngineError, Only, Usage};
use pal_attribution::engine::{merge, merge_balances};
use pal_attribution::ingest::Part;
use pal_model::{Charge, KeyColumn, fold};

use crate::shares::{Asked, each, policy, respell};
use crate::support::case;
use crate::support::charges::{loose_styles, table_of};

/// The share that a charge belongs to.
fn share_of(charge: &Charge) -> ShareKey {
    let subscription = charge.subscription.as_deref().map(fold);
    ShareKey { month: charge.period.from().month(), subscription }
}

/// The bytes of the report, whatever is asked, and however ids are spelled.
#[test]
fn shares_together_are_the_report() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let policy = policy(&case, dice);
        let engine = Engine::new(&facts, &roles, &policy);
        let mut told = false;
        for _ in 0..4 {
            let asked = Asked::random(&facts, dice);
            let report = asked.report(&engine, &case.charges);
            let shares = asked.shares(&engine, &case.charges);
            let merged = asked.merged(shares.values());
            assert_eq!(asked.csv(&merged), asked.csv(&report), "world {} {asked:?}", case.seed);
            told |= report.len() > 2 && shares.len() > 2;
        }
        told
    });
}

/// Every share of the usage is there, those without a row included, and holds what a run of its
/// own charges holds.
#[test]
fn a_share_is_that_of_its_own_charges() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::random(&facts, dice);
        let shares = asked.shares(&engine, &case.charges);
        let is_asked =
            |c: &&Charge| asked.months.is_none_or(|m| m.contains(c.period.from().month()));
        let mut keys: Vec<ShareKey> = case.charges.iter().filter(is_asked).map(share_of).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(shares.keys().cloned().collect::<Vec<_>>(), keys, "world {}", case.seed);
        for (key, cells) in &shares {
            let own: Vec<Charge> =
                case.charges.iter().filter(|c| share_of(c) == *key).cloned().collect();
            let alone = asked.shares(&engine, &own);
            assert_eq!(alone.len(), 1);
            assert_eq!(asked.merged([cells]), asked.merged(alone.values()), "{key:?}");
            assert!(alone[key].subscriptions().eq(cells.subscriptions()), "{key:?}");
            assert_eq!((alone[key].len(), alone[key].is_empty()), (cells.len(), cells.is_empty()));
        }
        keys.len() > 2
    });
}

/// Usage cut anyhow, in any order and spelling: the same bytes.
#[test]
fn cuts_change_nothing() {
    each(4, |mut case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        respell(&mut case.charges, dice);
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::random(&facts, dice);
        let expected = asked.merged(asked.shares(&engine, &case.charges).values());
        for round in 0..3 {
            let mut charges = case.charges.clone();
            dice.shuffle(&mut charges);
            let mut runs: Vec<Vec<Charge>> = Vec::new();
            match round {
                // Share by share.
                0 => {
                    charges.sort_by_key(share_of);
                    let same = |a: &Charge, b: &Charge| share_of(a) == share_of(b);
                    runs.extend(charges.chunk_by(same).map(<[Charge]>::to_vec));
                }
                // A share may come in several pieces.
                _ => {
                    runs.resize(1 + dice.below(6) as usize, Vec::new());
                    let last = runs.len() as u64;
                    for charge in charges {
                        runs[dice.below(last) as usize].push(charge);
                    }
                }
            }
            let mut parts: Vec<Cells> = Vec::new();
            for run in &runs {
                parts.extend(asked.shares(&engine, run).into_values());
            }
            dice.shuffle(&mut parts);
            let found = asked.merged(&parts);
            assert_eq!(asked.csv(&found), asked.csv(&expected), "world {} {asked:?}", case.seed);
        }
        expected.len() > 2
    });
}

/// Files, packings and threads.
#[test]
fn files_and_threads_change_nothing() {
    each(4, |mut case, dice| {
        respell(&mut case.charges, dice);
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::random(&facts, dice);
        let expected = asked.merged(asked.shares(&engine, &case.charges).values());
        let folder = tempfile::tempdir().unwrap();
        let size = 1 + dice.below(12) as usize;
        let styles = loose_styles();
        let mut parts = Vec::new();
        for (at, charges) in case.charges.chunks(size).enumerate() {
            let table = table_of(charges);
            let (end, bytes) = match dice.below(2) {
                0 => ("csv", table.csv()),
                _ => ("parquet", table.parquet(dice.pick(&styles))),
            };
            let file = folder.path().join(format!("part_{at}.{end}"));
            fs::write(&file, bytes).unwrap();
            parts.push(Part::of_file(&file).unwrap());
        }
        let rows = AtomicU64::new(0);
        let mut options = asked.options(&rows);
        options.threads = 1 + dice.below(3) as usize;
        let usage = Usage::Parts(&parts);
        let shares = engine.shares(usage, &asked.keys, &options).unwrap().unwrap();
        let found = asked.merged(shares.values());
        assert_eq!(asked.csv(&found), asked.csv(&expected), "world {} {asked:?}", case.seed);
        assert_eq!(rows.load(Ordering::Relaxed), case.charges.len() as u64);
        let balances = engine.balance_shares(usage, &options).unwrap();
        assert_eq!(balances, asked.balance_shares(&engine, &case.charges));
        !found.is_empty()
    });
}

/// Cells made by many columns are merged by some of them, as if they had been made by these.
#[test]
fn fewer_columns_come_of_more() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let few = Asked::random(&facts, dice);
        let many = Asked { keys: KeyColumn::ALL.to_vec(), ..few.clone() };
        let shares = many.shares(&engine, &case.charges);
        let expected = few.merged(few.shares(&engine, &case.charges).values());
        assert_eq!(few.merged(shares.values()), expected, "world {} {few:?}", case.seed);
        let mut nothing = |_: &[Option<&str>], _, _, _| Ok(());
        let made = few.shares(&engine, &case.charges);
        let lacking = KeyColumn::ALL.into_iter().find(|key| !few.keys.contains(key));
        // A month without a charge has no share that could lack anything.
        if let Some(lacking) = lacking.filter(|_| !made.is_empty()) {
            let refused = merge(made.values(), &[lacking], Only::default(), &mut nothing);
            assert!(matches!(refused, Err(EngineError::Column(key)) if key == lacking));
        }
        expected.len() > 1
    });
}

#[test]
fn balances_of_shares_add_up() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let policy = policy(&case, dice);
        let engine = Engine::new(&facts, &roles, &policy);
        let asked = Asked { months: None, ..Asked::random(&facts, dice) };
        let rows = AtomicU64::new(0);
        let whole = engine.balance(Usage::Charges(&case.charges), &asked.options(&rows)).unwrap();
        let shares = asked.balance_shares(&engine, &case.charges);
        let added = merge_balances(shares.values().map(|share| &share.balance)).unwrap();
        assert_eq!(added, whole, "world {}", case.seed);
        // Balance and report go by the same places.
        let cells = asked.shares(&engine, &case.charges);
        assert!(cells.keys().eq(shares.keys()));
        for (cells, share) in cells.values().zip(shares.values()) {
            assert!(cells.subscriptions().eq(share.subscriptions.iter().map(AsRef::as_ref)));
        }
        shares.len() > 2
    });
}
