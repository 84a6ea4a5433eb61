//! What `finish` returns: what was written, what went wrong, and the table of values.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    AlertSummary, Definition, Outcome, Problem, RunId, Sent, State, Summary,
    value::words::{plural, seen, shown_duration, shown_value},
};

/// The metrics that the table has at most …
const MAX_METRICS: usize = 40;

/// … those of one of the sections of a model's parameters, beyond which it is folded, …
const MOST_OF_A_SECTION: usize = 8;
const FOLDED: [&str; 3] = ["gradients", "parameters", "updates"];
/// The section of what the machine does.
const MACHINE: &str = "system";
/// … and the problems, so that all of it fits on a screen or two.
const MAX_PROBLEMS: usize = 4;

/// The end of a run in short. Its `Display` is a plain table of at most 60 lines for the terminal,
/// without metrics that are [hidden](Definition::hidden).
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub(crate) outcome: Outcome,
    /// What the training said of its end.
    pub(crate) conclusion: Option<String>,
    pub(crate) run: Option<RunLabel>,
    pub(crate) points: u64,
    pub(crate) elapsed: Duration,
    pub(crate) table: Table,
    pub(crate) problems: Vec<Problem>,
    pub(crate) alerts: AlertSummary,
    pub(crate) sync: Vec<Sent>,
}

/// Which run a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunLabel {
    pub(crate) id: RunId,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) path: PathBuf,
}

/// Each metric's summary and definition, by name.
pub(crate) type Table = BTreeMap<String, (Summary, Definition)>;

impl Report {
    /// A report that says how training ended and nothing else: for trackers that store nothing,
    /// and to start from in a tracker of your own.
    pub fn empty(outcome: Outcome) -> Self {
        Self {
            outcome,
            conclusion: None,
            run: None,
            points: 0,
            elapsed: Duration::ZERO,
            table: Table::new(),
            problems: Vec::new(),
            alerts: AlertSummary::default(),
            sync: Vec::new(),
        }
    }

    /// Says how many points were written.
    #[must_use]
    pub fn with_points(mut self, points: u64) -> Self {
        self.points = points;
        self
    }

    /// Says what went wrong.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// How training ended.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The state that the run is in now.
    pub fn state(&self) -> State {
        self.outcome.state()
    }

    /// How many points this process wrote to the run.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// The time from `start` to `finish`.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The run's id; `None` from a tracker that stores nothing.
    pub fn id(&self) -> Option<&RunId> {
        self.run.as_ref().map(|run| &run.id)
    }

    /// The run's folder; `None` from a tracker that stores nothing.
    pub fn path(&self) -> Option<&Path> {
        self.run.as_ref().map(|run| run.path.as_path())
    }

    /// The summary of one metric.
    pub fn summary(&self, metric: &str) -> Option<&Summary> {
        self.table.get(metric).map(|(summary, _)| summary)
    }

    /// All metrics with their summaries and definitions, by name.
    pub fn summaries(&self) -> impl Iterator<Item = (&str, &Summary, &Definition)> {
        self.table.iter().map(|(name, (summary, definition))| (name.as_str(), summary, definition))
    }

    /// What went wrong, by kind, with counts and hints; empty if nothing did.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What somebody should look at, in short: what rules saw, and what the program raised, in all
    /// attempts of the run.
    pub fn alerts(&self) -> &AlertSummary {
        &self.alerts
    }

    /// How much of the run is in each place that it is [sent](crate::RunBuilder::sync) to; empty where it is sent nowhere.
    pub fn sync(&self) -> &[Sent] {
        &self.sync
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = String::new();
        self.write_page(&mut page)?;
        f.write_str(&seen(&page))
    }
}

impl Report {
    fn write_page(&self, f: &mut String) -> fmt::Result {
        self.write_head(f)?;
        self.write_table(f)?;
        if let AlertSummary { count, last: Some(last) } = &self.alerts {
            let before = match count.saturating_sub(1) {
                0 => String::new(),
                before => format!(" (and {before} before)"),
            };
            writeln!(f, "\nalert: {}{before}", last.text)?;
        }
        for problem in self.problems.iter().take(MAX_PROBLEMS) {
            let times = match problem.count {
                1 => String::new(),
                count => format!(" ({count} ×)"),
            };
            writeln!(f, "\nwarning: {}{times}\n   hint: {}", problem.message, problem.hint)?;
        }
        if let Some(more) = more(self.problems.len(), MAX_PROBLEMS) {
            writeln!(f, "… and {more} more warnings")?;
        }
        if let Some(run) = &self.run {
            writeln!(f, "\nstored in {}", run.path.display())?;
            for sent in self.sync.iter().take(MAX_PROBLEMS) {
                writeln!(f, "{sent}")?;
            }
            writeln!(f, "next: tracker show {}", run.name)?;
        }
        Ok(())
    }

    fn write_head(&self, f: &mut String) -> fmt::Result {
        if let Some(run) = &self.run {
            write!(f, "run {} in {} ", run.name, run.project)?;
        }
        match self.outcome.message().or(self.conclusion.as_deref()) {
            Some(message) if self.state().is_said_by(message) => write!(f, "{message}")?,
            Some(message) => write!(f, "{} ({message})", self.state())?,
            None => write!(f, "{}", self.state())?,
        }
        if self.run.is_none() && self.points == 0 {
            return writeln!(f, "; nothing was tracked");
        }
        let points = plural(self.points, "point");
        writeln!(f, " after {}: {points}", shown_duration(self.elapsed))
    }

    fn write_table(&self, f: &mut String) -> fmt::Result {
        let shown = self.summaries().filter(|(.., definition)| !definition.hidden);
        // Batch values last: the epoch's are read first.
        let (batch, mut rows): (Vec<_>, Vec<_>) =
            shown.partition(|(name, ..)| name.starts_with("batch/"));
        rows.extend(batch);
        let folded = fold(&mut rows);
        let all = rows.len();
        if all + folded.len() == 0 {
            return Ok(());
        }
        rows.truncate(MAX_METRICS);
        let longest = rows.iter().map(|(name, ..)| name.chars().count()).max();
        let name_width = longest.unwrap_or_default().max(6);
        writeln!(f, "\n{:<name_width$}  {:>12}  {:>12}  {:>10}", "metric", "last", "best", "step")?;
        for (name, summary, definition) in rows {
            let last = shown_value(summary.last, definition);
            let best =
                summary.best.map_or_else(|| "-".to_owned(), |best| shown_value(best, definition));
            writeln!(f, "{name:<name_width$}  {last:>12}  {best:>12}  {:>10}", summary.step)?;
        }
        for (section, count) in folded {
            writeln!(f, "{section}/…  {count} metrics more")?;
        }
        match (more(all, MAX_METRICS), &self.run) {
            (None, _) => Ok(()),
            (Some(more), None) => writeln!(f, "… and {more} more metrics"),
            (Some(more), Some(run)) => {
                let hint = format!("`tracker show {} --metric NAME` shows them", run.name);
                writeln!(f, "… and {more} more: {hint}")
            }
        }
    }
}

/// Takes out the metrics of a model's parameters and of the machine, where there are many: gives their
/// sections, and how many metrics of each.
fn fold<T>(rows: &mut Vec<(&str, T, &Definition)>) -> BTreeMap<String, usize> {
    let section = |name: &str| {
        let of_process = match name.split_once('/') {
            Some((rank, rest)) if rank.starts_with("rank.") => rest,
            _ => name,
        };
        let (section, rest) = of_process.split_once('/')?;
        let is_folded = section == MACHINE || FOLDED.contains(&section) && rest.contains('/');
        is_folded.then(|| section.to_owned())
    };
    let mut sections: BTreeMap<String, usize> = BTreeMap::new();
    for (name, ..) in &*rows {
        if let Some(section) = section(name) {
            *sections.entry(section).or_default() += 1;
        }
    }
    sections.retain(|_, count| *count > MOST_OF_A_SECTION);
    rows.retain(|(name, ..)| section(name).is_none_or(|section| !sections.contains_key(&section)));
    sections
}

/// How many of a list are left out of which some are shown.
fn more(all: usize, shown: usize) -> Option<usize> {
    all.checked_sub(shown).filter(|more| *more > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Writer, value::summary::Accumulator};

    #[test]
    fn an_end_is_told_once_and_one_point_is_no_points() {
        let stopped = Outcome::Stopped("stopped by SIGTERM".to_owned());
        let told = Report::empty(stopped).with_points(1).to_string();
        assert!(told.starts_with("stopped by SIGTERM after 0.0 s: 1 point\n"), "{told}");
        let failed = Outcome::Failed("the loss is NaN".to_owned());
        let told = Report::empty(failed).with_points(2).to_string();
        assert!(told.starts_with("failed (the loss is NaN) after 0.0 s: 2 points\n"), "{told}");
    }

    #[test]
    fn a_report_steers_no_terminal() {
        let told = Report::empty(Outcome::Failed("\x1b]0;title\x07\u{202e}".to_owned()));
        assert!(!told.to_string().contains(['\x1b', '\x07', '\u{202e}']));
    }

    #[test]
    fn how_often_is_told_of_what_happened_more_than_once() {
        let once = Problem::new("a", "it broke", "mend it");
        let twice = Problem { count: 2, ..once.clone() };
        let told = Report::empty(Outcome::Finished).with_problems(vec![once, twice]).to_string();
        assert!(told.contains("it broke\n") && told.contains("it broke (2 ×)\n"), "{told}");
    }

    #[test]
    fn the_parameters_of_a_model_are_one_line_of_a_report() {
        let mut report = Report::empty(Outcome::Finished);
        let sum = Accumulator::of(0.5, 9, Writer { rank: 0, attempt: 1 }, 0);
        let mut insert = |name: String| {
            report.table.insert(name, (sum.summary(None), Definition::new()));
        };
        for layer in 0..30 {
            insert(format!("gradients/layers.{layer}.weight/norm"));
        }
        for name in ["gradients/norm", "test/digits/loss", "batch/train/loss", "train/loss"] {
            insert(name.to_owned());
        }
        let text = report.to_string();
        assert!(text.contains("gradients/…  30 metrics more"), "{text}");
        assert_eq!(text.matches("0.5").count(), 4, "{text}");
        report.table.retain(|name, _| name.starts_with("gradients/layers"));
        assert!(report.to_string().contains("gradients/…  30 metrics more"), "and nothing else");
    }

    #[test]
    fn a_report_of_many_metrics_and_problems_fits_on_a_screen_or_two() {
        let mut report = Report::empty(Outcome::Finished);
        report.run = Some(RunLabel {
            id: RunId::generate(),
            name: "wide".into(),
            project: "mnist".into(),
            path: "/store".into(),
        });
        let sum = Accumulator::of(0.5, 9, Writer { rank: 0, attempt: 1 }, 0);
        for number in 0..50_000 {
            let row = (sum.summary(None), Definition::new());
            report.table.insert(format!("layer/{number:05}"), row);
        }
        let problem = |kind: u32| Problem::new(kind.to_string(), "it went wrong", "mend it");
        report.problems = (0..20).map(problem).collect();
        let text = report.to_string();
        assert!(text.lines().count() <= 60, "{text}");
        assert!(text.contains("layer/00039  ") && !text.contains("layer/00040"), "{text}");
        let hint = "… and 49960 more: `tracker show wide --metric NAME` shows them";
        assert!(text.contains(hint) && text.contains("… and 16 more warnings"), "{text}");
    }
}
