//! What of a writer still changes, in one object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, packed};

/// The most bytes of a tail before it is packed.
const MOST_TAIL: u64 = 64 << 20;

/// What of a writer's files is in no other object yet. Replaced as a whole, and only by one that knows more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// The ends of files that grow, by path in the run's folder: from which byte on, and the bytes.
    pub ends: BTreeMap<String, End>,
    /// Small files that are replaced as wholes, by path.
    pub whole: BTreeMap<String, String>,
}

/// The end of a file that grows. What is before it lies in pieces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// The place of the first byte in the file.
    pub from: u64,
    /// How many bytes follow in the tail's body.
    pub length: u64,
    /// The bytes; apart from the rest where it is stored.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl Tail {
    /// As it is stored: a line of JSON that says what is in it, then the bytes of all ends in the order of their paths,
    /// compressed.
    pub fn pack(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        text.push(b'\n');
        for end in self.ends.values() {
            text.extend_from_slice(&end.bytes);
        }
        packed::pack(&text)
    }

    /// A tail from the bytes of the object of this name.
    ///
    /// # Errors
    /// If it is too long, or no tail.
    pub fn unpack(object: &str, bytes: &[u8]) -> Result<Self> {
        let text = packed::unpack(object, bytes, MOST_TAIL)?;
        let damaged = |reason: &str| Error::damaged(object, reason);
        let line = text.iter().position(|byte| *byte == b'\n');
        let (line, mut body) = text.split_at(line.ok_or_else(|| damaged("it is no tail"))?);
        let mut tail: Self = serde_json::from_slice(line)
            .map_err(|error| damaged(&format!("it is no tail: {error}")))?;
        body = &body[1..];
        for end in tail.ends.values_mut() {
            let length = usize::try_from(end.length).unwrap_or(usize::MAX);
            let (bytes, rest) =
                body.split_at_checked(length).ok_or_else(|| damaged("it is cut short"))?;
            end.bytes = bytes.to_vec();
            body = rest;
        }
        if body.is_empty() { Ok(tail) } else { Err(damaged("something follows its end")) }
    }
}

impl End {
    /// The bytes of a file from this place on.
    pub fn new(from: u64, bytes: Vec<u8>) -> Self {
        Self { from, length: bytes.len() as u64, bytes }
    }

    /// The place behind the last byte.
    pub fn to(&self) -> u64 {
        self.from.saturating_add(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_reads_back_and_a_cut_one_is_told() {
        let mut tail = Tail::default();
        tail.ends.insert("live/r0a1/log-0".into(), End::new(9, vec![0, 10, 255]));
        tail.ends.insert("events-r0a1.jsonl".into(), End::new(0, b"{}\n".to_vec()));
        tail.whole.insert("live/r0a1/lock".into(), "{}".into());
        let packed = tail.pack();
        assert_eq!(Tail::unpack("t", &packed).unwrap(), tail);
        assert!(Tail::unpack("t", &packed[..packed.len() - 3]).is_err());
        assert!(Tail::unpack("t", &packed::pack(b"no tail")).is_err());
    }
}
