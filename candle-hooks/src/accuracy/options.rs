//! Which answers count, and when one is right.

use candle_core::Tensor;

/// Which answers count, and when one is right. Without any option, all count, and an answer is
/// right if the label has the greatest logit.
///
/// Options combine: an answer counts if neither the label nor the mask leaves it out.
///
/// ```
/// use candle_hooks::AccuracyOptions;
///
/// // Words of a text, padded with -100; right if the next word is among the five likeliest.
/// let options = AccuracyOptions::new().top_k(5).ignore_label(-100);
/// ```
#[derive(Debug, Clone, Default)]
pub struct AccuracyOptions {
    pub(super) top_k: Option<usize>,
    pub(super) ignore_label: Option<i64>,
    pub(super) mask: Option<Tensor>,
    pub(super) threshold: Option<f64>,
}

impl AccuracyOptions {
    /// No option.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an answer as right if the label is among the `k` classes with the greatest logits.
    ///
    /// Of equal logits, that of the lower class comes first, so logits that are all the same are
    /// no better than guessing. From `k = 2` on, a logit that is NaN comes before all numbers, and
    /// a label whose own logit is NaN is wrong. With `k = 1`, NaN is as without this option. With
    /// as many classes as `k`, each label that is a class is right.
    #[must_use]
    pub fn top_k(mut self, k: usize) -> Self {
        self.top_k = Some(k);
        self
    }

    /// Does not count answers whose label is this number, such as the -100 of padding. One-hot
    /// labels have the number of their class.
    #[must_use]
    pub fn ignore_label(mut self, label: i64) -> Self {
        self.ignore_label = Some(label);
        self
    }

    /// Counts only answers where the mask is not 0.
    ///
    /// The mask has the shape of the class labels, or one that broadcasts to it, such as
    /// `(batch, 1)` for labels of shape `(batch, tokens)`; beside one-hot labels, it has the shape
    /// without the classes. It is of any integer or float type, on the device of the labels.
    #[must_use]
    pub fn mask(mut self, mask: &Tensor) -> Self {
        // Detached: options live longer than the graph of a step.
        self.mask = Some(mask.detach());
        self
    }

    /// For yes-or-no answers: takes the logits as probabilities, and those above `threshold` as
    /// yes. Without it, a logit above 0 is a yes, which is a probability above 0.5.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Among how many of the greatest logits a label may be.
    pub(crate) fn best(&self) -> usize {
        self.top_k.unwrap_or(1)
    }
}
