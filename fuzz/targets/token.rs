#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::TOKEN),
    |input: &[u8]| pal_fuzz::TOKEN.read(input)
);
