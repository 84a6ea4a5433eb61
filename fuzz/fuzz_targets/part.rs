//! Any bytes where the store expects: a Parquet part.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker_core::testing::fuzzing::part(bytes));
