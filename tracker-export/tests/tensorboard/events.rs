//! Event files made by hand, byte by byte.

/// Adds a field of bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Adds a field with a whole number.
pub(crate) fn number(out: &mut Vec<u8>, field: u8, number: u64) {
    out.push(field << 3);
    varint(out, number);
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// An event with one value, whose fields are given.
pub(crate) fn event(step: i64, value: &[u8]) -> Vec<u8> {
    let (mut summary, mut event) = (Vec::new(), vec![1 << 3 | 1]);
    bytes(&mut summary, 1, value);
    event.extend_from_slice(&1_700_000_000.25_f64.to_le_bytes());
    number(&mut event, 2, step.cast_unsigned());
    bytes(&mut event, 5, &summary);
    event
}

/// A value with a plugin and a tensor, whose fields are given.
pub(crate) fn tensor(tag: &str, plugin: &str, tensor: &[u8]) -> Vec<u8> {
    let (mut data, mut metadata, mut value) = (Vec::new(), Vec::new(), Vec::new());
    bytes(&mut value, 1, tag.as_bytes());
    bytes(&mut value, 8, tensor);
    if !plugin.is_empty() {
        bytes(&mut data, 1, plugin.as_bytes());
        bytes(&mut metadata, 1, &data);
        bytes(&mut value, 9, &metadata);
    }
    value
}

/// A scalar of the older form.
pub(crate) fn scalar(tag: &str, number: f32) -> Vec<u8> {
    let mut value = Vec::new();
    bytes(&mut value, 1, tag.as_bytes());
    value.push(2 << 3 | 5);
    value.extend_from_slice(&number.to_le_bytes());
    value
}

/// A file with these events.
pub(crate) fn file(events: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for data in events {
        let length = (data.len() as u64).to_le_bytes();
        out.extend_from_slice(&length);
        out.extend_from_slice(&masked_crc(&length));
        out.extend_from_slice(data);
        out.extend_from_slice(&masked_crc(data));
    }
    out
}

fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}
