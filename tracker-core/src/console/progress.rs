//! What a person sees of a training in the terminal: a bar on a screen, plain lines elsewhere.
//!
//! ```text
//! epoch 3/10 ▕█████████▌          ▏ 412/938 · loss 0.231 · 1.9k it/s · eta 0:42
//! ```

use std::{
    env,
    fmt::Write as _,
    io::IsTerminal,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Definition,
    console::notice,
    text::{shown_duration, shown_value},
};

/// How often a bar is drawn at most.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// How often a plain line is written at most, but for the ends of epochs.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProgressMode {
    /// A bar on a terminal, plain lines elsewhere.
    #[default]
    Auto,
    /// A bar.
    Bar,
    /// Plain lines: one at the start, one an epoch and at most one every 30 seconds.
    Plain,
    /// Nothing.
    Off,
}

impl ProgressMode {
    /// The mode that `TRACKER_PROGRESS` asks for, `auto`, `bar`, `plain` or `off`; `Auto` without
    /// it.
    pub fn from_env() -> Self {
        match env::var("TRACKER_PROGRESS").as_deref() {
            Ok("bar") => Self::Bar,
            Ok("plain") => Self::Plain,
            Ok("off") => Self::Off,
            _ => Self::Auto,
        }
    }

    /// Decides `Auto`: a bar needs a terminal on standard error that takes colours, and no CI.
    fn decide(self) -> Self {
        if cfg!(not(feature = "progress")) && matches!(self, Self::Auto | Self::Bar) {
            return Self::Plain;
        }
        if self != Self::Auto {
            return self;
        }
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !set("CI") && !set("NO_COLOR") && !dumb {
            Self::Bar
        } else {
            Self::Plain
        }
    }
}

/// Shows where training stands. Adapters tell it; nothing it does can fail, and it draws at most
/// ten times a second, so it does not slow training. All calls may come from any thread.
#[derive(Debug)]
pub struct Progress {
    mode: ProgressMode,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    epoch: Option<u64>,
    epochs: Option<u64>,
    /// What is evaluated, outside of training.
    evaluation: Option<String>,
    batch: u64,
    batches: Option<u64>,
    loss: Option<f64>,
    epoch_began: Instant,
    batches_began: Instant,
    drawn: Instant,
    said_start: bool,
}

impl Progress {
    /// Progress as the environment asks for it, see [`ProgressMode::from_env`].
    pub fn from_env() -> Self {
        Self::new(ProgressMode::from_env())
    }

    /// Progress shown in this way.
    pub fn new(mode: ProgressMode) -> Self {
        let now = Instant::now();
        let state = State {
            epoch: None,
            epochs: None,
            evaluation: None,
            batch: 0,
            batches: None,
            loss: None,
            epoch_began: now,
            batches_began: now,
            drawn: now,
            said_start: false,
        };
        Self { mode: mode.decide(), state: Mutex::new(state) }
    }

    /// An epoch begins: its number, counted from 1, and how many there will be, if known.
    pub fn begin_epoch(&self, epoch: u64, epochs: Option<u64>) {
        let mut state = self.state.lock();
        (state.epoch, state.epochs) = (Some(epoch), epochs);
        state.evaluation = None;
        (state.batch, state.batches) = (0, None);
        state.epoch_began = Instant::now();
        state.batches_began = state.epoch_began;
        self.say_start(&mut state);
    }

    /// An evaluation outside of training begins, such as `test/mnist`. Batches follow, and
    /// [`end_epoch`](Self::end_epoch) shows its values.
    pub fn begin_evaluation(&self, name: &str) {
        let mut state = self.state.lock();
        state.evaluation = Some(name.to_owned());
        (state.batch, state.batches, state.loss) = (0, None, None);
        state.epoch_began = Instant::now();
        state.batches_began = state.epoch_began;
        state.said_start = true;
    }

    /// Batches begin, within an epoch or without one: how many, if known.
    pub fn begin_batches(&self, batches: Option<u64>) {
        let mut state = self.state.lock();
        (state.batch, state.batches) = (0, batches);
        state.batches_began = Instant::now();
        if state.epoch.is_none() {
            state.epoch_began = state.batches_began;
        }
        self.say_start(&mut state);
    }

    /// Says that batches at the beginning are left out, because a training before has been through them.
    pub fn leave_out_batches(&self, count: u64) {
        self.state.lock().batch = count;
    }

    fn say_start(&self, state: &mut State) {
        if self.mode == ProgressMode::Plain && !state.said_start {
            let epochs = match state.epochs {
                None => String::new(),
                Some(1) => " for 1 epoch".to_owned(),
                Some(epochs) => format!(" for {epochs} epochs"),
            };
            notice::say(&format!("training{epochs}"));
        }
        state.said_start = true;
    }

    /// One more batch is done.
    pub fn batch(&self) {
        let mut state = self.state.lock();
        state.batch += 1;
        let every = match self.mode {
            ProgressMode::Bar => DRAW_EVERY,
            ProgressMode::Plain => LINE_EVERY,
            _ => return,
        };
        if state.drawn.elapsed() < every {
            return;
        }
        state.drawn = Instant::now();
        match self.mode {
            ProgressMode::Bar => screen::draw(&state),
            _ => notice::say(&state.line()),
        }
    }

    /// The loss to show from now on. Tell it whenever it is known: drawing is what is rare.
    pub fn loss(&self, loss: f64) {
        self.state.lock().loss = Some(loss);
    }

    /// The epoch, or the evaluation, is over; `values` are its means by metric name, in the order to show them, with
    /// what is known of each metric.
    pub fn end_epoch<'a>(&self, values: impl IntoIterator<Item = (&'a str, f64, Definition)>) {
        let state = self.state.lock();
        if self.mode == ProgressMode::Off {
            return;
        }
        let mut line = state.head();
        for (name, value, definition) in values {
            let _ = write!(line, " · {name} {}", shown_value(value, &definition));
        }
        let _ = write!(line, " · {}", shown_duration(state.epoch_began.elapsed()));
        drop(state);
        notice::say(&line);
    }

    /// Training is over: takes the bar away.
    pub fn finish(&self) {
        if self.mode == ProgressMode::Bar {
            screen::clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl State {
    fn head(&self) -> String {
        if let Some(name) = &self.evaluation {
            return name.clone();
        }
        match (self.epoch, self.epochs) {
            (Some(epoch), Some(epochs)) => format!("epoch {epoch}/{epochs}"),
            (Some(epoch), None) => format!("epoch {epoch}"),
            _ => "training".to_owned(),
        }
    }

    /// Batches, loss, speed and remaining time.
    fn numbers(&self) -> String {
        let mut text = self.batch.to_string();
        if let Some(batches) = self.batches {
            let _ = write!(text, "/{batches}");
        }
        if let Some(loss) = self.loss {
            let _ = write!(text, " · loss {loss:.3}");
        }
        let seconds = self.batches_began.elapsed().as_secs_f64();
        if seconds > 0.0 && self.batch > 0 {
            let speed = self.batch as f64 / seconds;
            let _ = write!(text, " · {} it/s", shown_speed(speed));
            if let Some(left) = self.batches.and_then(|batches| batches.checked_sub(self.batch)) {
                let left = Duration::try_from_secs_f64(left as f64 / speed).unwrap_or_default();
                let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
                let _ = write!(text, " · eta {minutes}:{seconds:02}");
            }
        }
        text
    }

    fn line(&self) -> String {
        format!("{} · {}", self.head(), self.numbers())
    }
}

fn shown_speed(speed: f64) -> String {
    match speed {
        1e6.. => format!("{:.1}M", speed / 1e6),
        1e3.. => format!("{:.1}k", speed / 1e3),
        10.0.. => format!("{speed:.0}"),
        _ => format!("{speed:.2}"),
    }
}

/// Runs `print` with the progress bar out of its way, and draws it again below.
///
/// ```
/// tracker_core::progress::suspend(|| println!("a sample of generated text"));
/// ```
pub fn suspend(print: impl FnOnce()) {
    screen::suspend(print);
}

/// The one bar of the process, by indicatif.
#[cfg(feature = "progress")]
mod screen {
    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
    use parking_lot::Mutex;

    use super::State;

    static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

    pub(super) fn draw(state: &State) {
        let mut bar = BAR.lock();
        let bar = bar.get_or_insert_with(new_bar);
        bar.set_prefix(state.head());
        bar.set_message(state.numbers());
        match state.batches {
            Some(batches) => bar.set_length(batches),
            None => bar.unset_length(),
        }
        bar.set_position(state.batch);
    }

    fn new_bar() -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{prefix} ▕{bar:24}▏ {msg}") {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        bar
    }

    pub(super) fn suspend(print: impl FnOnce()) {
        match &*BAR.lock() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub(super) fn clear() {
        if let Some(bar) = BAR.lock().take() {
            bar.finish_and_clear();
        }
    }
}

/// Without the feature there is no bar: lines stand for it.
#[cfg(not(feature = "progress"))]
mod screen {
    use super::State;

    pub(super) fn draw(_: &State) {}

    pub(super) fn suspend(print: impl FnOnce()) {
        print();
    }

    pub(super) fn clear() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_training_stands() {
        let progress = Progress::new(ProgressMode::Off);
        progress.begin_epoch(3, Some(10));
        progress.begin_batches(Some(938));
        (0..412).for_each(|_| progress.batch());
        progress.loss(0.2314);
        let line = progress.state.lock().line();
        assert!(line.starts_with("epoch 3/10 · 412/938 · loss 0.231 · "), "{line}");
        assert!(line.contains(" it/s · eta 0:00"), "{line}");
    }

    #[test]
    fn speeds_are_short() {
        let shown = [0.5, 42.4, 1_940.0, 2.5e6].map(shown_speed);
        assert_eq!(shown, ["0.50", "42", "1.9k", "2.5M"]);
    }
}
