#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cloudnet_tests::fuzz::spec_edits(input));
