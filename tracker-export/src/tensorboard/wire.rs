//! Protocol buffers, as few of them as event files need: fields one by one, without a copy.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The fields of a message in their order, up to the first that is malformed.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or(Malformed))
    }
}

impl<'a> Fields<'a> {
    #[inline]
    fn field(&mut self) -> Option<(u64, Wire<'a>)> {
        let key = self.varint()?;
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.chunk()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Wire::Bytes(bytes)
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.chunk()?)),
            _ => return None,
        };
        Some((key >> 3, wire))
    }

    /// The next number of seven bits a byte.
    #[inline]
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for (place, byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Some(number);
            }
        }
        None
    }

    #[inline]
    pub(crate) fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }
}

/// The last field of this number that holds bytes.
pub(crate) fn bytes_of(message: &[u8], number: u64) -> Option<&[u8]> {
    let bytes = Fields(message).filter_map(|field| match field {
        Ok((found, Wire::Bytes(bytes))) if found == number => Some(bytes),
        _ => None,
    });
    bytes.last()
}

/// The text of a field; none if it is not there or is no text.
pub(crate) fn text_of(message: &[u8], number: u64) -> Option<&str> {
    std::str::from_utf8(bytes_of(message, number)?).ok()
}

/// The last field of this number that holds a number of 64 bits.
pub(crate) fn double_of(message: &[u8], number: u64) -> Option<f64> {
    let doubles = Fields(message).filter_map(|field| match field {
        Ok((found, Wire::Fixed64(bits))) if found == number => Some(f64::from_bits(bits)),
        _ => None,
    });
    doubles.last()
}

/// The last field of this number that holds a whole number.
pub(crate) fn varint_of(message: &[u8], number: u64) -> Option<u64> {
    let numbers = Fields(message).filter_map(|field| match field {
        Ok((found, Wire::Varint(value))) if found == number => Some(value),
        _ => None,
    });
    numbers.last()
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A whole number, an enum or a truth. Zero is what a field says that is not there.
pub(crate) fn put_uint(out: &mut Vec<u8>, field: u64, number: u64) {
    if number != 0 {
        put_varint(out, field << 3);
        put_varint(out, number);
    }
}

pub(crate) fn put_double(out: &mut Vec<u8>, field: u64, number: f64) {
    put_varint(out, field << 3 | 1);
    out.extend_from_slice(&number.to_bits().to_le_bytes());
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, field << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A message whose fields `write` adds.
pub(crate) fn put_message(out: &mut Vec<u8>, field: u64, write: impl FnOnce(&mut Vec<u8>)) {
    let mut message = Vec::new();
    write(&mut message);
    put_bytes(out, field, &message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were_written() {
        let mut out = Vec::new();
        put_uint(&mut out, 1, u64::MAX);
        put_double(&mut out, 2, -0.0);
        put_message(&mut out, 300, |out| put_bytes(out, 1, b"deep"));
        let fields: Result<Vec<_>, _> = Fields(&out).collect();
        let inner: &[u8] = b"\x0a\x04deep";
        let expected = [
            (1, Wire::Varint(u64::MAX)),
            (2, Wire::Fixed64((-0.0f64).to_bits())),
            (300, Wire::Bytes(inner)),
        ];
        assert_eq!(fields.unwrap(), expected);
    }

    #[test]
    fn what_is_no_message_ends_at_once() {
        for bytes in [&b"\xff"[..], b"\x0a\x05abc", b"\x09abc", b"\x0b", &[0x80; 11]] {
            let fields: Vec<_> = Fields(bytes).collect();
            assert_eq!(fields, [Err(Malformed)], "{bytes:?}");
        }
    }
}
