//! The engine against the reference evaluator, on generated worlds: equal to the last digit.
//!
//! `PAL_WORLDS` sets how many (1,000 by default), `PAL_FIRST_WORLD` the first seed. A difference
//! prints the seed and the first row that differs; it becomes a scenario before it is mended.

use crate::support::world;

use pal_attribution::engine::evaluate_charges;
use pal_attribution::reference::Reference;
use pal_attribution::roles::RoleData;
use pal_model::Facts;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

fn compare(seed: u64, roles: &RoleData) -> Result<usize, String> {
    let world = world::world(seed);
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &world.facts, None).map_err(|e| e.to_string())?;
    roles.resolve_names(&mut facts).map_err(|e| e.to_string())?;
    facts.check().map_err(|e| e.to_string())?;
    let reference = Reference::new(&facts, roles, &world.policy);
    let expected = reference.report(&world.charges, &world.keys).map_err(|e| e.to_string())?;
    let (found, balance) =
        evaluate_charges(&facts, roles, &world.policy, &world.charges, &world.keys)
            .map_err(|e| e.to_string())?;
    if found != expected {
        let differ = expected.iter().zip(&found).find(|(a, b)| a != b);
        return Err(format!(
            "keys {:?}\n{} rows expected, {} found; first that differs:\n{differ:?}",
            world.keys,
            expected.len(),
            found.len()
        ));
    }
    let expected_balance = reference.balance(&world.charges).map_err(|e| e.to_string())?;
    if balance != expected_balance {
        return Err(format!("balance expected {expected_balance:#?}, found {balance:#?}"));
    }
    Ok(expected.len())
}

#[test]
fn engine_and_reference_agree() {
    let roles = RoleData::shipped().unwrap();
    let (first, count) = (setting("PAL_FIRST_WORLD", 0), setting("PAL_WORLDS", 1000));
    let mut rows = 0;
    for seed in first..first + count {
        match compare(seed, &roles) {
            Ok(found) => rows += found,
            Err(difference) => panic!("world {seed}: {difference}"),
        }
    }
    // Worlds that credit nobody would agree about nothing.
    assert!(rows as u64 > count * 3, "{rows} rows in {count} worlds");
}
