#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare("upload"),
    |input: &[u8]| pal_fuzz::by_name("upload").read(input)
);
