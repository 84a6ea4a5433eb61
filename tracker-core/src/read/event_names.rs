//! Under which names there are events of a kind.

use std::collections::BTreeSet;

use crate::{
    Result,
    format::event_line::{EventHead, EventKind, StoredEvent},
};

/// The names of all events of a kind, sorted. `ask` looks at the events; none of them is wanted.
pub(super) fn names(
    kind: EventKind,
    ask: impl FnOnce(&mut dyn FnMut(&EventHead<'_>) -> bool) -> Result<Vec<StoredEvent>>,
) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    ask(&mut |head| {
        let name = head.name.filter(|_| head.kind == kind);
        if let Some(name) = name.filter(|name| !names.contains(*name)) {
            names.insert(name.to_owned());
        }
        false
    })?;
    Ok(names.into_iter().collect())
}
