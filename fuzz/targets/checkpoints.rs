#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::CHECKPOINTS),
    |input: &[u8]| pal_fuzz::CHECKPOINTS.read(input)
);
