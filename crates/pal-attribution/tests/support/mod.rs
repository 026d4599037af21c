//! Invented worlds: facts and charges, what can be done to them, and the files that say them.

pub mod case;
pub mod casing;
pub mod charges;
#[expect(dead_code, reason = "the tests of the readers use more of it")]
pub mod columns;
pub mod run;
pub mod table;
pub mod world;
