//! What a step did to the weights of a tensor.

use crate::adapter::{
    flight::Blocks,
    sums::{BLOCK, Real, squares},
};

/// The weights that the last look at a tensor saw; none before the first one.
#[derive(Debug, Default)]
pub struct SeenWeights(Vec<f32>);

/// A look at the weights of a tensor, which takes the place of the last one.
#[derive(Debug)]
pub struct WeightLook<'a> {
    /// Of these blocks, the weights that are yet to come.
    seen: &'a mut [f32],
    count: usize,
    is_first: bool,
    squares: f64,
    changes: f64,
}

impl SeenWeights {
    /// Begins to look at these blocks, as the last look did.
    pub fn look(&mut self, blocks: Blocks) -> WeightLook<'_> {
        let count = blocks.values();
        let is_first = self.0.len() != count;
        self.0.resize(count, 0.0);
        WeightLook { seen: &mut self.0, count, is_first, squares: 0.0, changes: 0.0 }
    }

    /// Other blocks are looked at from now on.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

impl WeightLook<'_> {
    /// Takes the next weights, in the order of the blocks.
    pub fn add<T: Real>(&mut self, weights: &[T]) {
        let mut changes = [0.0; BLOCK];
        for weights in weights.chunks(BLOCK) {
            self.squares += squares(weights);
            let seen = std::mem::take(&mut self.seen);
            let Some((seen, rest)) = seen.split_at_mut_checked(weights.len()) else { return };
            self.seen = rest;
            for ((seen, weight), change) in seen.iter_mut().zip(weights).zip(&mut changes) {
                let weight = weight.narrow();
                *change = weight - *seen;
                *seen = weight;
            }
            self.changes += squares(&changes[..weights.len()]);
        }
    }

    /// The mean squares of the weights, and of their change since the last look.
    pub fn mean_squares(self) -> (f64, Option<f64>) {
        let mean = |squares: f64| squares / self.count.max(1) as f64;
        (mean(self.squares), (!self.is_first).then(|| mean(self.changes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look<T: Real>(seen: &mut SeenWeights, weights: &[T], piece: usize) -> (f64, Option<f64>) {
        let mut look = seen.look(Blocks::all(weights.len()));
        weights.chunks(piece).for_each(|weights| look.add(weights));
        look.mean_squares()
    }

    #[test]
    fn a_change_is_that_since_the_last_look() {
        for piece in [100, BLOCK, 1_500] {
            let mut seen = SeenWeights::default();
            assert_eq!(look(&mut seen, &[2.0_f32; 1_500], piece), (4.0, None));
            assert_eq!(look(&mut seen, &[5.0_f64; 1_500], piece), (25.0, Some(9.0)));
            assert_eq!(look(&mut seen, &[5.0_f32; 1_500], piece), (25.0, Some(0.0)));
            seen.forget();
            assert_eq!(look(&mut seen, &[5.0_f32; 1_500], piece), (25.0, None));
            assert_eq!(look(&mut seen, &[5.0_f32; 7], piece), (25.0, None), "another size");
        }
    }

    #[test]
    fn large_values_are_finite_and_infinite_ones_are_not() {
        let mean = |value: f32| look(&mut SeenWeights::default(), &[value; 20], 20).0;
        assert!((mean(1e25).sqrt() / 1e25 - 1.0).abs() < 1e-6);
        assert!((mean(1e-30).sqrt() / 1e-30 - 1.0).abs() < 1e-6);
        assert_eq!(mean(f32::INFINITY), f64::INFINITY);
        assert!(mean(f32::NAN).is_nan());
    }
}
