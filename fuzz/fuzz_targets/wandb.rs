//! Any bytes where a `.wandb` file is expected.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker_export::fuzzing::wandb(bytes).unwrap());
