#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::COST_GZIP),
    |input: &[u8]| pal_fuzz::COST_GZIP.read(input)
);
