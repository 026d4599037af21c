#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::UPLOAD),
    |input: &[u8]| pal_fuzz::UPLOAD.read(input)
);
