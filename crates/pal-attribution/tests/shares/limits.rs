//! What is too much for memory is said, and always of the same usage.

use std::fs;
use std::sync::atomic::AtomicU64;

use pal_attribution::engine::shares::Cells;
use pal_attribution::engine::{Engine, Options, Usage};
use pal_attribution::ingest::Part;
use pal_model::{Charge, KeyColumn};

use crate::shares::{Asked, each, respell, some};
use crate::support::case;
use crate::support::charges::table_of;

/// The least limit that is enough.
fn least(engine: &Engine, charges: &[Charge], keys: &[KeyColumn]) -> usize {
    let rows = AtomicU64::new(0);
    let fits = |groups_in_memory: usize| {
        let options = Options { groups_in_memory, threads: 1, ..Options::new(&rows) };
        engine.shares(Usage::Charges(charges), keys, &options).unwrap().is_some()
    };
    let (mut low, mut high) = (0, 256);
    while low < high {
        let middle = usize::midpoint(low, high);
        if fits(middle) { high = middle } else { low = middle + 1 }
    }
    assert!(fits(low) && fits(low * 2) && (low == 0 || !fits(low - 1) && !fits(low / 2)));
    low
}

#[test]
fn too_many_is_a_matter_of_the_rows_and_not_of_order_and_spelling() {
    some(4, 4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::all(&KeyColumn::ALL);
        let cells: usize = asked.shares(&engine, &case.charges).values().map(Cells::len).sum();
        let limit = least(&engine, &case.charges, &KeyColumn::ALL);
        assert!(limit >= cells, "{limit} for {cells}");
        let few = [KeyColumn::PartnerId, KeyColumn::Currency];
        let few_limit = least(&engine, &case.charges, &few);
        let mut charges = case.charges.clone();
        dice.shuffle(&mut charges);
        assert_eq!(least(&engine, &charges, &KeyColumn::ALL), limit, "world {}", case.seed);
        // One subscription in two spellings is one share.
        respell(&mut charges, dice);
        assert_eq!(least(&engine, &charges, &few), few_limit, "world {}", case.seed);
        cells > 2
    });
}

/// What several threads have seen of the same counts once.
#[test]
fn too_many_is_no_matter_of_threads() {
    some(4, 4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        // Many outcomes become few rows here: what counts is what comes before.
        let keys = [KeyColumn::AssociationType];
        let limit = least(&engine, &case.charges, &keys);
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Vec::new();
        for (at, charges) in case.charges.chunks(1 + dice.below(3) as usize).enumerate() {
            let file = folder.path().join(format!("part_{at}.csv"));
            fs::write(&file, table_of(charges).csv()).unwrap();
            parts.push(Part::of_file(&file).unwrap());
        }
        let rows = AtomicU64::new(0);
        for groups_in_memory in [limit.saturating_sub(1), limit] {
            let options = Options { groups_in_memory, threads: 3, ..Options::new(&rows) };
            let shares = engine.shares(Usage::Parts(&parts), &keys, &options).unwrap();
            assert_eq!(shares.is_some(), groups_in_memory == limit, "world {}", case.seed);
        }
        limit > 2
    });
}

/// A cache counts by it: more rows, more weight; and it is in the order of what is kept.
#[test]
fn weight_grows_with_what_is_kept() {
    each(4, |case, _| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let weigh = |keys: &[KeyColumn]| -> (usize, usize) {
            let shares = Asked::all(keys).shares(&engine, &case.charges);
            shares.values().fold((0, 0), |(w, n), cells| (w + cells.weight(), n + cells.len()))
        };
        let (few, many) = (weigh(&[KeyColumn::PartnerId]), weigh(&KeyColumn::ALL));
        assert!(few.0 < many.0 || many.1 == 0);
        // Texts of a row, its sums, and room for a few parts.
        assert!(many.0 >= many.1 * 64 && many.0 <= 1000 * (1 + case.charges.len() + many.1));
        many.1 > 2
    });
}
