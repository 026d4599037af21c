#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("connection"),
    |input: &[u8]| pal_fuzz::by_name("connection").read(input)
);
