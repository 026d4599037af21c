#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::SIGN_IN_FORM),
    |input: &[u8]| pal_fuzz::SIGN_IN_FORM.read(input)
);
