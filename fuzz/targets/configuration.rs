#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("configuration"),
    |input: &[u8]| pal_fuzz::by_name("configuration").read(input)
);
