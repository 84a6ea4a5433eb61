//! What is watched, and how often.

/// More bins show no more, and their counters would fill the memory of a device.
const MOST_BINS: usize = 1_024;

/// How many steps the flight recorder keeps: a loss that is read from a device late comes some 256 steps
/// after its own.
const FLIGHT_ROWS: usize = 512;

/// What to watch of a model: which parameters, how often, how fine.
///
/// ```
/// use tracker_core::adapter::WatchOptions;
///
/// let options = WatchOptions::new().every(200).exclude("bias").histogram_bins(32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchOptions {
    every: u64,
    bins: usize,
    included: Vec<String>,
    excluded: Vec<String>,
    model: Option<String>,
    flight: usize,
    whole_flight: bool,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            every: 50,
            bins: 64,
            included: Vec::new(),
            excluded: Vec::new(),
            model: None,
            flight: FLIGHT_ROWS,
            whole_flight: false,
        }
    }
}

impl WatchOptions {
    /// All parameters, every 50 optimizer steps, with histograms of 64 bins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the model in each `steps`th optimizer step, beginning with the first one. With 0 it
    /// never does.
    #[must_use]
    pub fn every(mut self, steps: u64) -> Self {
        self.every = steps;
        self
    }

    /// The number of bins of each histogram, 1,024 at most; 0 for no histograms.
    #[must_use]
    pub fn histogram_bins(mut self, bins: usize) -> Self {
        self.bins = bins.min(MOST_BINS);
        self
    }

    /// Watches only parameters whose path has `part` in it. Several calls add up.
    ///
    /// A part is one or more whole names of a path: `encoder`, `encoder.0` and `weight` are parts
    /// of `encoder.0.weight`; `enc` is none.
    #[must_use]
    pub fn include(mut self, part: impl Into<String>) -> Self {
        self.included.push(part.into());
        self
    }

    /// Leaves out parameters whose path has `part` in it, also where [`include`](Self::include)
    /// takes them.
    #[must_use]
    pub fn exclude(mut self, part: impl Into<String>) -> Self {
        self.excluded.push(part.into());
        self
    }

    /// Names the model, where one training has several: `gradients/generator/norm`.
    #[must_use]
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// How many of the last steps the flight recorder keeps in memory, 8,192 at most; 0 for none. 512 where nobody
    /// says.
    ///
    /// It looks at some values of each gradient and of the weights in each step, for 1.5 % of the step's time.
    /// When a [rule](crate::Rule) sees something, a gradient is not finite, the training fails, or somebody asks
    /// with `tracker flight`, it stores them, and an alert says which tensor left what was usual first.
    #[must_use]
    pub fn flight(mut self, steps: usize) -> Self {
        self.flight = steps.min(crate::flight::MAX_STEPS);
        self
    }

    /// Lets the flight recorder look at as much as it can in each step, however long that takes: for the hunt after
    /// a fault that shows in few values or in a single step. Otherwise it leaves out values, then steps, where looking
    /// takes too long.
    #[must_use]
    pub fn whole_flight(mut self) -> Self {
        self.whole_flight = true;
        self
    }

    /// Whether the flight recorder leaves nothing out to be quick.
    pub fn is_flight_whole(&self) -> bool {
        self.whole_flight
    }

    /// How many steps the flight recorder keeps.
    pub fn flight_rows(&self) -> usize {
        self.flight
    }

    /// The model's name, if it has one.
    pub fn model_name(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The number of bins of each histogram; 0 for no histograms.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Whether the parameter with this path is watched.
    pub fn takes(&self, path: &str) -> bool {
        let any = |parts: &[String]| parts.iter().any(|part| has_part(path, part));
        (self.included.is_empty() || any(&self.included)) && !any(&self.excluded)
    }

    /// Whether this step, counted from 0, is one to look at.
    pub fn is_due(&self, step: u64) -> bool {
        self.every > 0 && step.is_multiple_of(self.every)
    }
}

fn has_part(path: &str, part: &str) -> bool {
    format!(".{path}.").contains(&format!(".{part}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_names() {
        let options = WatchOptions::new().include("encoder").include("head.0").exclude("bias");
        for (path, taken) in [
            ("encoder.0.weight", true),
            ("encoder.0.bias", false),
            ("head.0.weight", true),
            ("head.01.weight", false),
            ("encoder2.weight", false),
        ] {
            assert_eq!(options.takes(path), taken, "{path}");
        }
        assert!(WatchOptions::new().takes("weight"));
    }

    #[test]
    fn the_first_step_is_due() {
        let due = |every| (0..7).filter(move |step| WatchOptions::new().every(every).is_due(*step));
        assert_eq!(due(3).collect::<Vec<_>>(), [0, 3, 6]);
        assert_eq!(due(0).count(), 0);
    }
}
