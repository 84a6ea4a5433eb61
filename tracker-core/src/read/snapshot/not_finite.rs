//! Which metrics have values that are no numbers, or infinite.

use std::collections::BTreeSet;

use super::{Layer, Snapshot};
use crate::format::block::Block;

impl Snapshot {
    /// The metrics of which a value may be not finite. What the parts say of their blocks tells, so none is decoded; and a
    /// block across the step from which on a resumed training took all back may have it behind that.
    pub(crate) fn not_finite(&self) -> BTreeSet<String> {
        self.layers().flat_map(Layer::not_finite).collect()
    }
}

impl<'a> Layer<'a> {
    fn not_finite(self) -> impl Iterator<Item = String> + 'a {
        let found = self.found;
        let of_parts = found.parts.iter().flat_map(move |(name, part)| {
            let writer = name.writer;
            let metrics = part.metrics().filter(move |metric| {
                let Some(last) = self.last_step(writer, metric) else { return false };
                let mut blocks = part.spans(metric).iter().flat_map(|span| &span.blocks);
                blocks.any(|block| block.first.step <= last.0 && is_not_finite(block))
            });
            metrics.map(str::to_owned)
        });
        let loose = found.loose.iter().filter_map(move |((writer, key), rows)| {
            let mut odd = rows.iter().filter(|row| !row.value.is_finite()).peekable();
            odd.peek()?;
            let metric = found.name(*writer, *key);
            odd.any(|row| self.keeps(&metric, row)).then_some(metric)
        });
        of_parts.chain(loose)
    }
}

fn is_not_finite(block: &Block) -> bool {
    block.values.nan + block.values.pos_infinite + block.values.neg_infinite > 0
}
