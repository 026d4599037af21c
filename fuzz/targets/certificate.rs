#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("certificate"),
    |input: &[u8]| pal_fuzz::by_name("certificate").read(input)
);
