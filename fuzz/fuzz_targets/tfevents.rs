//! Any bytes where an import expects an event file of TensorBoard, and the same as the data of a whole record.

#![no_main]

#[path = "shared/nobody.rs"]
mod nobody;

use nobody::Nobody;
use tracker_export::{Account, read_events};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for file in [bytes.to_vec(), record(bytes)] {
        let _ = read_events(&*file, &mut Nobody, &mut Account::default());
    }
});

/// A record that is whole, so that what is in it is looked at.
fn record(data: &[u8]) -> Vec<u8> {
    let masked = |bytes: &[u8]| {
        crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
    };
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), data, &masked(data)].concat()
}
