//! A look at Thrift structs of the compact protocol before the `parquet` crate reads them.
//!
//! The crate believes each list how many elements it has. Elements that take no bytes, which
//! booleans are to it, can be claimed by the thousand million in five bytes, and it counts through
//! them all. Nothing that Parquet keeps in a footer, a page's header or an index of pages has such
//! elements, so what has some is refused.
//!
//! Invariant: every element that is walked over takes a byte or more, so a walk takes no more steps
//! than there are bytes. <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>

/// How deep structs and lists may be nested. The `parquet` crate goes no deeper either.
const DEEPEST: usize = 64;

/// What comes behind the struct that these bytes begin with. `None` if it is cut, nested too deep,
/// or has elements that take no bytes.
pub(crate) fn skip_struct(bytes: &[u8]) -> Option<&[u8]> {
    let mut walk = Walk(bytes);
    walk.structure(DEEPEST)?;
    Some(walk.0)
}

/// LEB128, and what comes behind it.
pub(crate) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    const MOST: usize = 9;
    let mut number = 0;
    for (index, byte) in bytes.iter().take(MOST).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(index + 1..)?));
        }
    }
    None
}

/// The types of the protocol that differ in how they are walked over.
mod kind {
    pub(super) const STOP: u8 = 0;
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
    pub(super) const UUID: u8 = 13;
}

/// The bytes that are left.
struct Walk<'a>(&'a [u8]);

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn bytes(&mut self, count: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let (number, rest) = number(self.0)?;
        self.0 = rest;
        Some(number)
    }

    fn structure(&mut self, deepest: usize) -> Option<()> {
        loop {
            let field = self.byte()?;
            if field & 0x0f == kind::STOP {
                return Some(());
            }
            // Where the field's number does not follow from the one before, it comes next.
            if field >> 4 == 0 {
                self.number()?;
            }
            self.value(field & 0x0f, deepest)?;
        }
    }

    fn value(&mut self, kind: u8, deepest: usize) -> Option<()> {
        let inner = deepest.checked_sub(1)?;
        match kind {
            kind::TRUE | kind::FALSE => Some(()),
            kind::BYTE => self.bytes(1),
            kind::I16..=kind::I64 => self.number().map(drop),
            kind::DOUBLE => self.bytes(8),
            kind::BINARY => {
                let length = self.number()?;
                self.bytes(length)
            }
            kind::LIST | kind::SET => self.list(inner),
            kind::MAP => self.map(inner),
            kind::STRUCT => self.structure(inner),
            kind::UUID => self.bytes(16),
            _ => None,
        }
    }

    fn list(&mut self, deepest: usize) -> Option<()> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.number()? } else { u64::from(header >> 4) };
        let kind = header & 0x0f;
        if count > 0 && takes_no_bytes(kind) {
            return None;
        }
        (0..count).try_for_each(|_| self.value(kind, deepest))
    }

    fn map(&mut self, deepest: usize) -> Option<()> {
        let count = self.number()?;
        if count == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        let (key, value) = (kinds >> 4, kinds & 0x0f);
        if takes_no_bytes(key) && takes_no_bytes(value) {
            return None;
        }
        (0..count).try_for_each(|_| {
            self.value(key, deepest)?;
            self.value(value, deepest)
        })
    }
}

fn takes_no_bytes(kind: u8) -> bool {
    matches!(kind, kind::TRUE | kind::FALSE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_struct_of_all_kinds_is_walked_over() {
        let bytes = [
            &[0x11, 0x12, 0x13, 7][..],      // two booleans and a byte
            &[0x15, 0xd8, 0x04],             // an i32 of two bytes
            &[0x17, 0, 0, 0, 0, 0, 0, 0, 0], // a double
            &[0x18, 3, b'a', b'b', b'c'],    // a text
            &[0x19, 0x25, 1, 2],             // a list of two numbers
            &[0x1a, 0x1c, 0],                // a set of one empty struct
            &[0x1b, 1, 0x85, 1, b'k', 9],    // a map from a text to a number
            &[0x0c, 40, 0x15, 1, 0],         // a struct with a number of its own
            &[0x1d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(skip_struct(&[&bytes[..], b"rest"].concat()), Some(&b"rest"[..]));
        assert_eq!(skip_struct(&bytes[..bytes.len() - 1]), None);
    }

    /// `i32::MAX` as LEB128.
    const MOST: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x07];

    #[test]
    fn elements_that_take_no_bytes_are_refused_however_many() {
        for list in [0x19, 0x1a] {
            assert_eq!(skip_struct(&[&[list, 0xf1][..], &MOST, &[0]].concat()), None);
            assert_eq!(skip_struct(&[list, 0x11, 0]), None);
            assert_eq!(skip_struct(&[list, 0x01, 0]), Some(&[][..]), "none is none");
        }
        assert_eq!(skip_struct(&[&[0x1b][..], &MOST, &[0x11, 0]].concat()), None);
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        assert_eq!(skip_struct(&[0x1c; 10_000]), None);
        assert_eq!(skip_struct(&[0x19; 10_000]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_over_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(rest) = skip_struct(&bytes) {
                prop_assert!(bytes.ends_with(rest));
            }
        }
    }
}
