//! Losses on one scale.

/// How many widths of the middle half a loss may be beyond it: Tukey's outer fence. Beyond the inner one, 1.5, losses lie
/// that still tell which way is down.
const FENCE: f64 = 3.0;

/// Losses with the mean 0 and the deviation 1, and what they had before.
#[derive(Debug)]
pub(super) struct Standard {
    pub(super) losses: Vec<f64>,
    /// The mean, and the deviation, of the losses.
    pub(super) scale: (f64, f64),
}

/// The losses with the mean 0 and the deviation 1. Before, those above Tukey's outer fence are put on it: how bad the bad
/// ones are would else hide how the good ones differ. All are 0 where they do not differ.
pub(super) fn standardized(losses: &[f64]) -> Standard {
    let clipped = clipped(losses);
    let count = clipped.len().max(1) as f64;
    let mean = clipped.iter().sum::<f64>() / count;
    let squares: f64 = clipped.iter().map(|loss| (loss - mean) * (loss - mean)).sum();
    let deviation = (squares / count).sqrt();
    // What is left of equal losses is rounding.
    let is_flat = deviation <= 1e-13 * mean.abs() || deviation < 1e-150;
    let standard = |loss: &f64| if is_flat { 0.0 } else { (loss - mean) / deviation };
    Standard { losses: clipped.iter().map(standard).collect(), scale: (mean, deviation) }
}

fn clipped(losses: &[f64]) -> Vec<f64> {
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |quarters: usize| sorted.get(quarters * sorted.len() / 4).copied().unwrap_or(0.0);
    let fence = at(3) + FENCE * (at(3) - at(1));
    losses.iter().map(|loss| loss.min(fence)).collect()
}
