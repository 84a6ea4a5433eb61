//! What is logged by the `log` crate.

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};
use serde_json::Map;

use super::{
    hearers,
    said::{Said, place_of},
};
use crate::Level;

/// A logger for the `log` crate that writes to the living runs of this process. It keeps what is
/// [`Level::Info`] or more.
///
/// A program has one logger. The one that writes to the terminal stays if it is given to
/// [`and`](Logger::and).
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # fn terminal() -> impl log::Log { tracker_core::messages::logger() }
/// use tracker_core::{Level, messages};
///
/// // such as `env_logger::Builder::from_default_env().build()`
/// messages::logger().level(Level::Debug).and(terminal()).install()?;
/// log::info!("this line stands in every run that lives now");
/// # Ok(())
/// # }
/// ```
pub fn logger() -> Logger {
    Logger { least: Level::Info, other: None }
}

/// See [`logger`].
#[must_use = "it does nothing until it is installed"]
pub struct Logger {
    least: Level,
    other: Option<Box<dyn Log>>,
}

impl Logger {
    /// Keeps what is of this level or more. Nothing else is changed: the other logger has its own.
    pub fn level(mut self, least: Level) -> Self {
        self.least = least;
        self
    }

    /// Passes every line on to another logger too.
    pub fn and(mut self, other: impl Log + 'static) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// Makes it the program's logger, and has the `log` crate pass on as much as it keeps. If the
    /// other one wants more, say so with `log::set_max_level` before.
    ///
    /// # Errors
    /// If the program has a logger already.
    pub fn install(self) -> Result<(), SetLoggerError> {
        let most = filter_of(self.least).max(log::max_level());
        log::set_boxed_logger(Box::new(self))?;
        log::set_max_level(most);
        Ok(())
    }
}

impl std::fmt::Debug for Logger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logger").field("least", &self.least).finish_non_exhaustive()
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let wanted_there = || self.other.as_ref().is_some_and(|other| other.enabled(metadata));
        level_of(metadata.level()) >= self.least || wanted_there()
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(other) = &self.other {
            other.log(record);
        }
        let level = level_of(record.level());
        if level < self.least {
            return;
        }
        let place = place_of((record.target(), record.file(), record.line(), record.level()));
        hearers::tell(level, place, || Said {
            level,
            source: "log",
            target: record.target().to_owned(),
            text: record.args().to_string(),
            fields: Map::new(),
        });
    }

    fn flush(&self) {
        if let Some(other) = &self.other {
            other.flush();
        }
    }
}

fn level_of(level: log::Level) -> Level {
    match level {
        log::Level::Trace => Level::Trace,
        log::Level::Debug => Level::Debug,
        log::Level::Info => Level::Info,
        log::Level::Warn => Level::Warning,
        log::Level::Error => Level::Error,
    }
}

fn filter_of(least: Level) -> LevelFilter {
    match least {
        Level::Trace => LevelFilter::Trace,
        Level::Debug => LevelFilter::Debug,
        Level::Info => LevelFilter::Info,
        Level::Warning => LevelFilter::Warn,
        Level::Error => LevelFilter::Error,
    }
}
