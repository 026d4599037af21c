#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::CERTIFICATE),
    |input: &[u8]| pal_fuzz::CERTIFICATE.read(input)
);
