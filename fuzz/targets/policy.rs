#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::POLICY),
    |input: &[u8]| pal_fuzz::POLICY.read(input)
);
