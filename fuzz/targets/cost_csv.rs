#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::COST_CSV),
    |input: &[u8]| pal_fuzz::COST_CSV.read(input)
);
