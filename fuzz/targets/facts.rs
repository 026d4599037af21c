#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::FACTS),
    |input: &[u8]| pal_fuzz::FACTS.read(input)
);
