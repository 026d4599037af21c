#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("request"),
    |input: &[u8]| pal_fuzz::by_name("request").read(input)
);
