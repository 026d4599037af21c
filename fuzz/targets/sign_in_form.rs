#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("sign_in_form"),
    |input: &[u8]| pal_fuzz::by_name("sign_in_form").read(input)
);
