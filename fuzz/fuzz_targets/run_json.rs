//! Any bytes where the store expects: a `run.json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker_core::testing::fuzzing::run_json(bytes));
