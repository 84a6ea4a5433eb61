//! Losses on one scale.

/// How many widths of the middle half a loss may be beyond it: Tukey's fence.
const FENCE: f64 = 1.5;

/// The losses with the mean 0 and the deviation 1. Before, those above Tukey's upper fence are put on it: how bad the bad
/// ones are would else hide how the good ones differ. All are 0 where they do not differ.
pub(super) fn standardized(losses: &[f64]) -> Vec<f64> {
    let clipped = clipped(losses);
    let count = clipped.len().max(1) as f64;
    let mean = clipped.iter().sum::<f64>() / count;
    let squares: f64 = clipped.iter().map(|loss| (loss - mean) * (loss - mean)).sum();
    let deviation = (squares / count).sqrt();
    // What is left of equal losses is rounding.
    let is_flat = deviation <= 1e-13 * mean.abs() || deviation < 1e-150;
    clipped.iter().map(|loss| if is_flat { 0.0 } else { (loss - mean) / deviation }).collect()
}

fn clipped(losses: &[f64]) -> Vec<f64> {
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |quarters: usize| sorted.get(quarters * sorted.len() / 4).copied().unwrap_or(0.0);
    let fence = at(3) + FENCE * (at(3) - at(1));
    losses.iter().map(|loss| loss.min(fence)).collect()
}
