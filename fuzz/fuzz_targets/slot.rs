//! Any bytes where the store expects: a slot of a ring or a log.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker_core::testing::fuzzing::slot(bytes));
