#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("policy"),
    |input: &[u8]| pal_fuzz::by_name("policy").read(input)
);
