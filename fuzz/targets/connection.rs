#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::CONNECTION),
    |input: &[u8]| pal_fuzz::CONNECTION.read(input)
);
