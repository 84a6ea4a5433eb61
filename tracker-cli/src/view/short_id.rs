//! Short ids: the beginnings of run ids that still tell runs apart.

use std::collections::BTreeMap;

use tracker_core::{RunId, read::RunReader};

/// The first characters of an id change once a second, so fewer would rarely be enough.
const SHORTEST: usize = 8;

/// The short ids of a store's runs. [`Store::find`](tracker_core::read::Store::find) takes them.
#[derive(Debug, Default)]
pub(crate) struct ShortIds(BTreeMap<RunId, usize>);

impl ShortIds {
    /// The short ids of `runs`, each unique among them.
    pub(crate) fn of(runs: &[RunReader]) -> Self {
        Self::of_ids(runs.iter().map(|run| run.info().id.clone()).collect())
    }

    fn of_ids(mut ids: Vec<RunId>) -> Self {
        ids.sort_unstable();
        let mut lengths: BTreeMap<RunId, usize> =
            ids.iter().map(|id| (id.clone(), SHORTEST)).collect();
        for pair in ids.windows(2) {
            let [a, b] = pair else { continue };
            let needed = common_prefix(a.as_str(), b.as_str()) + 1;
            for id in [a, b] {
                lengths.entry(id.clone()).and_modify(|length| *length = needed.max(*length));
            }
        }
        Self(lengths)
    }

    /// The short form of `id`.
    pub(crate) fn short<'a>(&self, id: &'a RunId) -> &'a str {
        let length = self.0.get(id).copied().unwrap_or(SHORTEST);
        id.as_str().get(..length).unwrap_or(id.as_str())
    }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_long_as_they_must_be() {
        let ids = [
            "01KX3F2A0000000000000000AA",
            "01KX3F2A0011111111111111BB",
            "01KX9999999999999999999999",
        ];
        let ids: Vec<RunId> = ids.map(|id| id.parse().unwrap()).into();
        let short = ShortIds::of_ids(ids.clone());
        let shown: Vec<&str> = ids.iter().map(|id| short.short(id)).collect();
        assert_eq!(shown, ["01KX3F2A000", "01KX3F2A001", "01KX9999"]);
    }
}
