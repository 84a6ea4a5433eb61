//! Fields of a protobuf message as they stand in its bytes, without copies of them.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Fields of fixed length, of which W&B uses none that matters here.
    Fixed,
}

/// The fields of a message, each with its number. Ends early where they cannot be read; [`is_whole`](Self::is_whole)
/// tells.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    failed: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { rest: message, failed: false }
    }

    /// Whether all that was met until now could be read.
    pub(super) fn is_whole(&self) -> bool {
        !self.failed
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for (at, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.rest = self.rest.get(at + 1..)?;
                return Some(value);
            }
        }
        None
    }

    #[inline]
    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let tag = self.varint()?;
        let field = match tag & 7 {
            0 => Field::Number(self.varint()?),
            1 => self.take(8).map(|_| Field::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Field::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Field::Fixed)?,
            _ => return None,
        };
        Some((tag >> 3, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.failed {
            return None;
        }
        let field = self.field();
        self.failed = field.is_none();
        field
    }
}

/// The key and the value of an item of history, summary, config or stats.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ItemRef<'a> {
    message: &'a [u8],
    key: &'a str,
    is_nested: bool,
    /// Whether the key is one that was said, and not made of history by W&B.
    pub(super) is_said: bool,
    /// The value's JSON.
    pub(super) json: &'a str,
}

impl<'a> ItemRef<'a> {
    /// `None` if it cannot be read.
    #[inline]
    pub(super) fn of(message: &'a [u8]) -> Option<Self> {
        Self::as_mostly(message).or_else(|| Self::of_any(message))
    }

    /// An item as nearly all are: one short label, then a short value.
    #[inline]
    fn as_mostly(message: &'a [u8]) -> Option<Self> {
        let (&[tag @ (0x0a | 0x12), length @ ..0x80], rest) = message.split_first_chunk()? else {
            return None;
        };
        let (key, rest) = rest.split_at_checked(length.into())?;
        let (&[0x82, 0x01, length @ ..0x80], json) = rest.split_first_chunk()? else { return None };
        if json.len() != usize::from(length) {
            return None;
        }
        let (key, json) = (str::from_utf8(key).ok()?, str::from_utf8(json).ok()?);
        Some(Self { message, key, is_nested: false, is_said: tag == 0x0a, json })
    }

    fn of_any(message: &'a [u8]) -> Option<Self> {
        let mut item = Self { message, ..Self::default() };
        let mut fields = Fields::of(message);
        let mut labels = 0;
        for (number, field) in &mut fields {
            let Field::Bytes(bytes) = field else { continue };
            match number {
                1 | 2 => {
                    item.key = str::from_utf8(bytes).ok()?;
                    labels += usize::from(number == 2);
                }
                16 => item.json = str::from_utf8(bytes).ok()?,
                _ => {}
            }
        }
        item.is_nested = labels > 1;
        item.is_said = labels == 0;
        fields.is_whole().then_some(item)
    }

    /// Its key, unless it is nested.
    #[inline]
    pub(super) fn plain_key(&self) -> Option<&'a str> {
        (!self.is_nested).then_some(self.key)
    }

    /// The last label of its key.
    #[inline]
    pub(super) fn last_label(&self) -> &'a str {
        self.key
    }

    /// The labels of its key, of which a plain key has one.
    pub(super) fn labels(&self) -> Vec<&'a str> {
        let Some(key) = self.plain_key() else {
            let nested = Fields::of(self.message).filter(|(number, _)| *number == 2);
            let label = |(_, field)| match field {
                Field::Bytes(bytes) => str::from_utf8(bytes).ok(),
                _ => None,
            };
            return nested.filter_map(label).collect();
        };
        vec![key]
    }

    /// Its name: labels are joined by a dot, as W&B shows them.
    pub(super) fn name(&self) -> String {
        self.labels().join(".")
    }
}

/// The items of a message under one number of field; what cannot be read is left out.
pub(super) fn items(message: &[u8], number: u64) -> impl Iterator<Item = ItemRef<'_>> {
    Fields::of(message).filter_map(move |(found, field)| match field {
        Field::Bytes(bytes) if found == number => ItemRef::of(bytes),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_are_not_there_end_the_walk() {
        for bytes in
            [&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0x0a][..], &[0x80; 12][..], &[0x0f][..]]
        {
            let mut fields = Fields::of(bytes);
            assert_eq!(fields.next(), None);
            assert!(!fields.is_whole());
        }
    }

    #[test]
    fn a_nested_key_is_one_name() {
        let bytes = b"\x12\x01a\x12\x01b\x82\x01\x031.5";
        let item = ItemRef::of(bytes).unwrap();
        assert_eq!((item.name().as_str(), item.json, item.plain_key()), ("a.b", "1.5", None));
        let single = ItemRef::of(b"\x12\x03a.b\x82\x01\x011").unwrap();
        assert_eq!(single.plain_key(), Some("a.b"));
        assert_eq!(Some(single), ItemRef::of_any(b"\x12\x03a.b\x82\x01\x011"));
    }
}
