#![no_main]

libfuzzer_sys::fuzz_target!(
    init: pal_fuzz::prepare(&pal_fuzz::BACKUP),
    |input: &[u8]| pal_fuzz::BACKUP.read(input)
);
