//! Slots taken apart, in the order of their seqs, into names and points.

use std::{collections::HashMap, sync::Arc};

use crate::format::slot::{DEFINITION, DefinitionReader, NAME, Slot};

/// Takes the slots of a writer one after the other, from logs and then from its ring.
///
/// A name's slots may begin in the log and end in the ring, so one stream reads both.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlotStream {
    /// Names by key. Shared, so that a stream is cheap to copy.
    names: Arc<HashMap<u32, String>>,
    /// Points with their seq, in storage order.
    pub(crate) points: Vec<(u64, Slot)>,
    /// The seq after the last slot that was taken.
    pub(crate) next: u64,
    definitions: DefinitionReader,
}

impl SlotStream {
    /// Takes the slot of a seq; `None` for one that is not whole. Slots before it that were never
    /// taken are missing.
    pub(crate) fn push(&mut self, seq: u64, slot: Option<Slot>) {
        if seq != self.next {
            self.definitions.interrupt();
        }
        self.next = seq + 1;
        match slot {
            Some(slot) if slot.key == DEFINITION || slot.key == NAME => {
                if let Some((key, name)) = self.definitions.push(&slot) {
                    Arc::make_mut(&mut self.names).insert(key, name);
                }
            }
            Some(slot) => {
                self.definitions.interrupt();
                self.points.push((seq, slot));
            }
            None => self.definitions.interrupt(),
        }
    }

    /// Takes the names that a log's header tells, by key.
    pub(crate) fn know(&mut self, names: Vec<String>) {
        if !names.is_empty() {
            Arc::make_mut(&mut self.names).extend((0..).zip(names));
        }
    }

    /// The name of a key; one made of the key's number where damage took the name.
    pub(crate) fn name(&self, key: u32) -> String {
        self.names.get(&key).cloned().unwrap_or_else(|| unnamed(key))
    }
}

/// What a metric is called whose name was lost.
pub(crate) fn unnamed(key: u32) -> String {
    format!("unnamed-{key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::slot::definition;

    #[test]
    fn a_name_with_a_piece_missing_is_no_name() {
        let slots = definition(0, &"n".repeat(60));
        let mut torn = SlotStream::default();
        torn.push(0, Some(slots[0]));
        torn.push(1, None);
        let mut cut = SlotStream::default();
        cut.push(0, Some(slots[0]));
        for (seq, slot) in (2..).zip(&slots[1..]) {
            torn.push(seq, Some(*slot));
            cut.push(seq, Some(*slot));
        }
        assert_eq!((torn.name(0), cut.name(0)), ("unnamed-0".into(), "unnamed-0".into()));
    }
}
