//! Any bytes where the store expects: a log.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker_core::testing::fuzzing::log(bytes));
