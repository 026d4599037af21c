#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::DECODER_ANSWER),
    |input: &[u8]| pal_fuzz::DECODER_ANSWER.read(input)
);
