//! What is trained, and how it is tracked.

/// How many steps an epoch has: a watched model is looked at once in them.
pub(crate) const STEPS: usize = 50;

/// How many batches are validated after them.
pub(crate) const VALID: usize = 10;

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framework {
    Candle,
    Burn,
}

impl Framework {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Candle => "candle",
            Self::Burn => "burn",
        }
    }

    /// The crates whose functions only threads run that train; `None` where that cannot be told: Burn hands its
    /// multiplications to a thread of which no function bears its name.
    pub(crate) fn crates(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Candle => Some(&["candle_core", "candle_nn", "gemm"]),
            Self::Burn => None,
        }
    }
}

/// How a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Bare,
    Tracked,
    Watched,
    Sent,
}

pub(crate) const WAYS: [Way; 4] = [Way::Bare, Way::Tracked, Way::Watched, Way::Sent];

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Tracked => "tracked",
            Self::Watched => "watched",
            Self::Sent => "sent",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        WAYS.into_iter().find(|way| way.name() == name)
    }

    /// What it is compared with.
    pub(crate) fn baseline(self) -> Self {
        if self == Self::Sent { Self::Tracked } else { Self::Bare }
    }

    /// How many percent it may cost.
    pub(crate) fn goal(self) -> Option<f64> {
        match self {
            Self::Bare => None,
            Self::Tracked => Some(1.0),
            Self::Watched => Some(3.0),
            Self::Sent => Some(0.1),
        }
    }
}
