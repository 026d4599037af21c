#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("key_set"),
    |input: &[u8]| pal_fuzz::by_name("key_set").read(input)
);
