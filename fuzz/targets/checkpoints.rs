#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("checkpoints"),
    |input: &[u8]| pal_fuzz::by_name("checkpoints").read(input)
);
