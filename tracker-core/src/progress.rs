//! What a person sees of a training in the terminal: bars on a screen, plain lines elsewhere.

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProgressMode {
    /// Bars on a terminal, plain lines elsewhere.
    #[default]
    Auto,
    /// Bars.
    Bar,
    /// Plain lines.
    Plain,
    /// Nothing.
    Off,
}

/// Shows where training stands. Adapters tell it; nothing it does can fail or slow training:
/// it draws at most ten times a second.
#[derive(Debug)]
pub struct Progress {
    mode: ProgressMode,
}

impl Progress {
    /// Progress as the environment asks for it: `TRACKER_PROGRESS=auto|bar|plain|off`.
    pub fn from_env() -> Self {
        Self { mode: ProgressMode::Auto }
    }

    /// Progress shown in this way.
    pub fn new(mode: ProgressMode) -> Self {
        Self { mode }
    }

    /// An epoch begins: its number, counted from 1, and how many there will be, if known.
    pub fn begin_epoch(&self, epoch: u64, epochs: Option<u64>) {
        let _ = (epoch, epochs);
    }

    /// Batches begin, within an epoch or without one: how many, if known.
    pub fn begin_batches(&self, batches: Option<u64>) {
        let _ = batches;
    }

    /// One more batch of `items` items is done.
    pub fn batch(&self, items: u64) {
        let _ = items;
    }

    /// Whether a value passed to [`loss`](Self::loss) now would be drawn. Reading a value back
    /// from a GPU only to draw it is worth it at most this often.
    pub fn wants_loss(&self) -> bool {
        false
    }

    /// The loss to show.
    pub fn loss(&self, loss: f64) {
        let _ = loss;
    }

    /// The epoch is over; `values` are its means in the order to show them.
    pub fn end_epoch(&self, values: &[(&str, f64)]) {
        let _ = values;
    }

    /// Training is over: removes the bars.
    pub fn finish(&self) {}
}
