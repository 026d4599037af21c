#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("decoder_answer"),
    |input: &[u8]| pal_fuzz::by_name("decoder_answer").read(input)
);
