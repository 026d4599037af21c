#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::KEY_SET),
    |input: &[u8]| pal_fuzz::KEY_SET.read(input)
);
