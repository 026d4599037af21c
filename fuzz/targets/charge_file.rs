#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("charge_file"),
    |input: &[u8]| pal_fuzz::by_name("charge_file").read(input)
);
