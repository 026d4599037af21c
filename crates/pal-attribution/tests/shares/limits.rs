//! What is too much for memory is said, and always of the same usage.

use std::sync::atomic::AtomicU64;

use pal_attribution::engine::shares::Cells;
use pal_attribution::engine::{Engine, Options, Usage};
use pal_model::{Charge, KeyColumn};

use crate::case;
use crate::{Asked, each};

/// The least limit that is enough.
fn least(engine: &Engine, charges: &[Charge]) -> usize {
    let rows = AtomicU64::new(0);
    let fits = |groups_in_memory: usize| {
        let options = Options { groups_in_memory, threads: 1, ..Options::new(&rows) };
        engine.shares(Usage::Charges(charges), &KeyColumn::ALL, &options).unwrap().is_some()
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
fn too_many_is_a_matter_of_the_rows_and_not_of_their_order() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::all(&KeyColumn::ALL);
        let cells: usize = asked.shares(&engine, &case.charges).values().map(Cells::len).sum();
        let limit = least(&engine, &case.charges);
        assert!(limit >= cells, "{limit} for {cells}");
        let mut charges = case.charges.clone();
        dice.shuffle(&mut charges);
        assert_eq!(least(&engine, &charges), limit, "world {}", case.seed);
        cells > 2
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
