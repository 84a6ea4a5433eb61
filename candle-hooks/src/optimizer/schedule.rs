//! Learning rates by step.

use std::{f64::consts::PI, fmt};

use tracker_core::Knob;

/// The learning rate of each step of an optimizer; see
/// [`TrackedOptimizer::schedule`](crate::TrackedOptimizer::schedule).
///
/// Steps are counted from 0. With [`warm_up`](Self::warm_up), the shape begins after it.
///
/// ```
/// use candle_hooks::Schedule;
///
/// let schedule = Schedule::cosine(1e-3, 1_000).down_to(1e-5).warm_up(100);
/// assert_eq!(schedule.rate(0), 1e-5); // a hundredth of the way up
/// assert_eq!(schedule.rate(99), 1e-3);
/// assert_eq!(schedule.rate(5_000), 1e-5);
/// ```
#[derive(Debug)]
pub struct Schedule {
    shape: Shape,
    peak: f64,
    least: f64,
    warm_up: u64,
    scale: Option<Knob>,
}

enum Shape {
    Constant,
    Linear { steps: u64 },
    Cosine { steps: u64 },
    Steps { every: u64, factor: f64 },
    Exponential { factor: f64 },
    Custom(Box<dyn Fn(u64) -> f64 + Send>),
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("Constant"),
            Self::Linear { steps } => write!(f, "Linear({steps})"),
            Self::Cosine { steps } => write!(f, "Cosine({steps})"),
            Self::Steps { every, factor } => write!(f, "Steps({every}, {factor})"),
            Self::Exponential { factor } => write!(f, "Exponential({factor})"),
            Self::Custom(_) => f.write_str("Custom"),
        }
    }
}

impl Schedule {
    fn new(shape: Shape, peak: f64) -> Self {
        Self { shape, peak, least: 0.0, warm_up: 0, scale: None }
    }

    /// The same rate for all steps.
    pub fn constant(rate: f64) -> Self {
        Self::new(Shape::Constant, rate)
    }

    /// Falls in a straight line from `rate` to 0 within `steps` steps, those of the warm-up
    /// included.
    pub fn linear(rate: f64, steps: u64) -> Self {
        Self::new(Shape::Linear { steps }, rate)
    }

    /// Falls from `rate` to 0 within `steps` steps, those of the warm-up included, as half a cosine
    /// wave (Loshchilov and Hutter, 2017): `least + (rate - least) * (1 + cos(pi * share)) / 2`
    /// after this share of the steps.
    pub fn cosine(rate: f64, steps: u64) -> Self {
        Self::new(Shape::Cosine { steps }, rate)
    }

    /// Multiplies the rate by `factor` after `every` steps, again and again.
    pub fn step(rate: f64, every: u64, factor: f64) -> Self {
        Self::new(Shape::Steps { every: every.max(1), factor }, rate)
    }

    /// Multiplies the rate by `factor` after each step.
    pub fn exponential(rate: f64, factor: f64) -> Self {
        Self::new(Shape::Exponential { factor }, rate)
    }

    /// Any other shape: the rate of each step, counted from 0.
    pub fn custom(rate: impl Fn(u64) -> f64 + Send + 'static) -> Self {
        Self::new(Shape::Custom(Box::new(rate)), 0.0)
    }

    /// Falls to `least` rather than to 0, and no lower, in all shapes but a custom one.
    #[must_use]
    pub fn down_to(mut self, least: f64) -> Self {
        self.least = least;
        self
    }

    /// Rises in a straight line to the rate with which the shape begins, which the last of these
    /// `steps` has.
    #[must_use]
    pub fn warm_up(mut self, steps: u64) -> Self {
        self.warm_up = steps;
        self
    }

    /// Multiplies the rate, that of the warm-up too, by what a [knob](Knob) says, such as
    /// `run.knob("lr_scale", 1.0).bounds(0.0..=10.0)`.
    #[must_use]
    pub fn scaled(mut self, scale: &Knob) -> Self {
        self.scale = Some(scale.clone());
        self
    }

    /// The rate of a step, counted from 0.
    pub fn rate(&self, step: u64) -> f64 {
        let rate = self.unscaled(step);
        self.scale.as_ref().map_or(rate, |scale| rate * scale.get())
    }

    pub(super) fn knob(&self) -> Option<&Knob> {
        self.scale.as_ref()
    }

    fn unscaled(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return self.shaped(0) * (step + 1) as f64 / self.warm_up as f64;
        }
        self.shaped(step - self.warm_up)
    }

    /// The rate this many steps after the warm-up.
    fn shaped(&self, step: u64) -> f64 {
        let fall = |steps: u64| {
            let steps = steps.saturating_sub(self.warm_up).max(1);
            (step as f64 / steps as f64).min(1.0)
        };
        let between = |share: f64| self.least + (self.peak - self.least) * share;
        match &self.shape {
            Shape::Constant => self.peak,
            Shape::Linear { steps } => between(1.0 - fall(*steps)),
            Shape::Cosine { steps } => between(f64::midpoint(1.0, (PI * fall(*steps)).cos())),
            Shape::Steps { every, factor } => self.shrunk(*factor, step / every),
            Shape::Exponential { factor } => self.shrunk(*factor, step),
            Shape::Custom(rate) => rate(step),
        }
    }

    fn shrunk(&self, factor: f64, times: u64) -> f64 {
        (self.peak * factor.powf(times as f64)).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    fn rates<const N: usize>(schedule: &Schedule, steps: [u64; N]) -> [f64; N] {
        steps.map(|step| (schedule.rate(step) * 1e6).round() / 1e6)
    }

    #[test]
    fn shapes_have_the_rates_of_their_formulas() {
        assert_eq!(rates(&Schedule::constant(0.1), [0, 9]), [0.1, 0.1]);
        assert_eq!(rates(&Schedule::linear(1.0, 4), [0, 1, 2, 4, 9]), [1.0, 0.75, 0.5, 0.0, 0.0]);
        let cosine = Schedule::cosine(1.0, 4);
        assert_eq!(rates(&cosine, [0, 1, 2, 3, 4]), [1.0, 0.853_553, 0.5, 0.146_447, 0.0]);
        let step = Schedule::step(1.0, 3, 0.1);
        assert_eq!(rates(&step, [0, 2, 3, 5, 6]), [1.0, 1.0, 0.1, 0.1, 0.01]);
        assert_eq!(rates(&Schedule::exponential(1.0, 0.5), [0, 1, 3]), [1.0, 0.5, 0.125]);
        assert_eq!(rates(&Schedule::custom(|step| step as f64), [0, 7]), [0.0, 7.0]);
    }

    #[test]
    fn no_shape_falls_below_its_least_rate() {
        for schedule in [
            Schedule::linear(1.0, 10),
            Schedule::cosine(1.0, 10),
            Schedule::step(1.0, 1, 0.1),
            Schedule::exponential(1.0, 0.1),
        ] {
            let schedule = schedule.down_to(0.2);
            assert_eq!(rates(&schedule, [0, 10, u64::MAX]), [1.0, 0.2, 0.2], "{schedule:?}");
        }
    }

    #[test]
    fn the_last_step_of_the_warm_up_has_the_full_rate() {
        let schedule = Schedule::linear(1.0, 6).warm_up(2);
        assert_eq!(rates(&schedule, [0, 1, 2, 4, 6]), [0.5, 1.0, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn odd_lengths_are_no_trouble() {
        for steps in [0, 1, u64::MAX] {
            for warm_up in [0, 1, u64::MAX] {
                for step in [0, 1, u64::MAX] {
                    let rate = Schedule::cosine(1.0, steps).warm_up(warm_up).rate(step);
                    assert!((0.0..=1.0).contains(&rate), "{steps} {warm_up} {step}: {rate}");
                }
            }
        }
    }
}
