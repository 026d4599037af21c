#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::SNAPSHOT),
    |input: &[u8]| pal_fuzz::SNAPSHOT.read(input)
);
