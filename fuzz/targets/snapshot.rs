#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("snapshot"),
    |input: &[u8]| pal_fuzz::by_name("snapshot").read(input)
);
