#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("manifest"),
    |input: &[u8]| pal_fuzz::by_name("manifest").read(input)
);
