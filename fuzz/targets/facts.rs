#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("facts"),
    |input: &[u8]| pal_fuzz::by_name("facts").read(input)
);
