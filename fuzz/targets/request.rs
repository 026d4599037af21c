#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::REQUEST),
    |input: &[u8]| pal_fuzz::REQUEST.read(input)
);
