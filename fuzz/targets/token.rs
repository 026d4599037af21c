#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("token"),
    |input: &[u8]| pal_fuzz::by_name("token").read(input)
);
