#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::CONFIGURATION),
    |input: &[u8]| pal_fuzz::CONFIGURATION.read(input)
);
