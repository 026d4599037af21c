#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::PROVIDER),
    |input: &[u8]| pal_fuzz::PROVIDER.read(input)
);
