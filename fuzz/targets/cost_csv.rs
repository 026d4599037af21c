#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("cost_csv"),
    |input: &[u8]| pal_fuzz::by_name("cost_csv").read(input)
);
