#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::MANIFEST),
    |input: &[u8]| pal_fuzz::MANIFEST.read(input)
);
