#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::CHARGE_FILE),
    |input: &[u8]| pal_fuzz::CHARGE_FILE.read(input)
);
