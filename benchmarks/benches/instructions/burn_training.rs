//! The training of `examples/burn-mnist`, with tracker and without, on a part of its images.

use std::path::Path;

use crate::{
    training::{self, BATCH_SIZE, Bench},
    way::{STEPS, VALID, Way},
};

/// Trains for some epochs. What is stored lies in `store`.
pub(crate) fn train(way: Way, epochs: usize, store: &Path) {
    let way = match way {
        Way::Bare => training::Way::Bare,
        Way::Tracked | Way::Sent => training::Way::Track,
        Way::Watched => training::Way::Watch,
    };
    std::fs::create_dir_all(store).unwrap();
    Bench::of(store, epochs, [STEPS, VALID].map(|batches| batches * BATCH_SIZE)).train(way);
}
