//! What was found, and what was looked for.

use serde::Serialize;

use crate::{Level, Step};

/// What seems to be the matter with a run.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What was found, what matters most first. Empty for a run that seems sound.
    pub findings: Vec<Finding>,
    /// What could not be looked for, as the run holds nothing to see it by: that nothing was found says nothing there.
    pub unseen: Vec<FindingKind>,
}

/// Something that seems wrong, with its evidence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// How much it matters.
    pub level: Level,
    /// What it is, in a sentence for people.
    pub text: String,
    /// What to try.
    pub hint: String,
    /// The metric that shows it; `None` where no metric does, as for a crash.
    pub metric: Option<String>,
    /// Where it shows: up to eight steps, the first of them first.
    pub steps: Vec<Step>,
    /// The values by which it was found, one for each step where there are steps.
    pub values: Vec<f64>,
    /// The limit that they passed, as [`FindingKind`] says; `None` where there is none.
    pub threshold: Option<f64>,
}

/// What is looked for. Each says what it goes by, what [`values`](field@Finding::values) are, and what
/// [`threshold`](field@Finding::threshold) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// The run failed, crashed, was lost, or was dropped before its end.
    Ended,
    /// Values are NaN or infinite. Of several metrics, the one that was so first is told: of one step, losses before
    /// gradients, these before parameters.
    NotFinite,
    /// A loss jumps far above what is usual, as [`Rule::spike`](crate::Rule::spike) has it: more than 10 deviations above the
    /// median of the values before it, twice as much, and twice as far above it as any of them. The threshold is the value at
    /// which that begins: twice what is usual. Losses of reinforcement learning are left out.
    Spike,
    /// The training loss ends at more than twice the least level that it had: medians of tenths of the training. The
    /// threshold is twice that level.
    Rising,
    /// The updates of the weights are large, and the loss spikes, rises, or is not finite: the median of `updates/ratio` is
    /// above 0.01, which is the threshold.
    LrHigh,
    /// The validation loss ends more than 5 % above its best, while the training loss fell on. The threshold is 1.05 times the
    /// best.
    Overfit,
    /// The training loss fell by less than 1 % in the last third of the training, rose by less than 5 %, and no validation got better. The values
    /// are the medians before and after, the threshold is 0.99 times the first. Good trainings end so, too.
    Plateau,
    /// The training waits for data more than 20 % of its time: the median of `data_wait`. The threshold is 0.2.
    DataWait,
    /// One step in a hundred takes more than five times as long as usual, and 20 ms longer. The threshold is five medians, in
    /// seconds.
    SlowSteps,
    /// A graphics card whose memory is in use computes less than 30 % of the time: the median of its utilization. The
    /// threshold is 0.3.
    GpuIdle,
    /// The machine's memory is more than 95 % full; the threshold is 0.95.
    MemoryFull,
    /// Less than 1 GB of the disk is free; the threshold is 10⁹ bytes.
    DiskFull,
    /// A layer left what is usual first, as the flight recorder stored it.
    Flight,
    /// An alert of a rule or of the program that tells something else.
    Alert,
}

impl FindingKind {
    /// The name that JSON has.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::NotFinite => "not_finite",
            Self::Spike => "spike",
            Self::Rising => "rising",
            Self::LrHigh => "lr_high",
            Self::Overfit => "overfit",
            Self::Plateau => "plateau",
            Self::DataWait => "data_wait",
            Self::SlowSteps => "slow_steps",
            Self::GpuIdle => "gpu_idle",
            Self::MemoryFull => "memory_full",
            Self::DiskFull => "disk_full",
            Self::Flight => "flight",
            Self::Alert => "alert",
        }
    }
}

impl std::fmt::Display for FindingKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl Diagnosis {
    /// Takes in what was found of a kind; `None` if there was nothing to see it by.
    pub(super) fn add(&mut self, kind: FindingKind, found: Option<Vec<Finding>>) {
        match found {
            Some(found) => self.findings.extend(found),
            None => self.unseen.push(kind),
        }
    }

    pub(super) fn sort(&mut self) {
        self.findings.sort_by_key(|finding| (std::cmp::Reverse(finding.level), finding.kind));
    }

    pub(super) fn of(&self, kind: FindingKind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.kind == kind)
    }
}

impl Finding {
    pub(super) fn new(kind: FindingKind, level: Level, text: String) -> Self {
        let (hint, metric, threshold) = (String::new(), None, None);
        Self { kind, level, text, hint, metric, steps: Vec::new(), values: Vec::new(), threshold }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn metric(mut self, metric: &str) -> Self {
        self.metric = Some(metric.to_owned());
        self
    }

    /// The points that show it.
    pub(super) fn at(mut self, points: impl IntoIterator<Item = (u64, f64)>) -> Self {
        (self.steps, self.values) =
            points.into_iter().map(|(step, value)| (Step(step), value)).unzip();
        self
    }

    pub(super) fn values(mut self, values: impl Into<Vec<f64>>) -> Self {
        self.values = values.into();
        self
    }

    pub(super) fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }
}
