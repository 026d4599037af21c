//! Fuzz targets for the readers of bytes that come from others. `README.md` lists them.
//!
//! A target is a function that gives its input to a reader and panics if the reader does what it must not.
//! libFuzzer calls it from the programs in `targets/`; the test of this package calls it with the seeds and with
//! the inputs that once failed, which are in `regressions/`.

mod memory;
mod scratch;
#[expect(dead_code, reason = "it serves the tests of the service as well")]
#[path = "../../crates/pal-server/tests/support.rs"]
mod support;
mod targets;

use std::path::Path;
use std::sync::Once;
use std::{env, fs, panic};

use pal_attribution::ingest::is_decoding;

pub use memory::Bound;
pub use targets::*;

/// What is fuzzed.
pub struct Target {
    /// The name of its program and of its folder of regressions.
    pub name: &'static str,
    run: fn(&[u8]),
    /// Inputs to start from, taken from the fixtures of the repository.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How much memory the reader may take.
    pub bound: Bound,
    warmed: Once,
}

impl Target {
    const fn new(
        name: &'static str,
        run: fn(&[u8]),
        seeds: fn() -> Vec<Vec<u8>>,
        bound: Bound,
    ) -> Self {
        Self { name, run, seeds, bound, warmed: Once::new() }
    }

    /// Reads an input.
    pub fn read(&self, input: &[u8]) {
        // What is made once and kept, such as tables of roles, is not the input's memory.
        self.warmed.call_once(|| (self.run)(b""));
        self.bound.check(input.len(), || (self.run)(input));
    }
}

/// The variable that names the folder for the seeds.
const SEEDS: &str = "PAL_FUZZ_SEEDS";

/// Prepares the process of a fuzz target: writes the seeds into the folder that is asked for, which libFuzzer reads
/// next, and lets panics pass that the reader catches.
pub fn prepare(target: &Target) {
    if let Some(folder) = env::var_os(SEEDS) {
        for (n, seed) in (target.seeds)().iter().enumerate() {
            fs::write(Path::new(&folder).join(format!("seed-{n:03}")), seed).unwrap();
        }
    }
    // libFuzzer has set its own hook by now, which ends the process at any panic. A panic of a library that decodes a
    // damaged file is caught by the reader and is no fault.
    let ends = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !is_decoding() {
            ends(panic);
        }
    }));
}
