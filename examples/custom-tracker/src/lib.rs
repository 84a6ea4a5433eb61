//! A tracker of your own: five methods, and it works wherever a `Run` does.
//!
//! This one writes a CSV file that any spreadsheet opens. The contract forbids to wait for a disk
//! in a log call, so it collects points in memory and writes the file when the training ends.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tracker_core::{
    Error, Event, MetricId, MetricName, Outcome, Point, Problem, Report, Step, Tracker,
    TrackerInstance,
};

/// Collects points and writes them as rows of `metric,step,value`.
#[derive(Debug)]
pub struct CsvTracker {
    instance: TrackerInstance,
    path: PathBuf,
    collected: Mutex<Collected>,
}

#[derive(Debug, Default)]
struct Collected {
    names: Vec<String>,
    points: Vec<(usize, Step, f64)>,
    problems: Vec<Problem>,
    report: Option<Report>,
}

impl CsvTracker {
    /// A tracker that will write `path` when the training ends.
    pub fn new(path: impl Into<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            instance: TrackerInstance::unique(),
            path: path.into(),
            collected: Mutex::default(),
        })
    }

    /// The points of a metric so far.
    pub fn series(&self, metric: &str) -> Vec<(Step, f64)> {
        let collected = self.collected.lock();
        let of_metric = |(name, ..): &&(usize, Step, f64)| collected.names[*name] == metric;
        let points = collected.points.iter().filter(of_metric);
        points.map(|(_, step, value)| (*step, *value)).collect()
    }
}

impl Tracker for CsvTracker {
    fn metric_id(&self, name: &str) -> MetricId {
        let name = MetricName::new(name);
        let names = &mut self.collected.lock().names;
        let known = names.iter().position(|known| known == name.as_str());
        let index = known.unwrap_or_else(|| {
            names.push(name.as_str().to_owned());
            names.len() - 1
        });
        MetricId::new(self.instance, u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn write(&self, points: &[Point]) {
        let mut collected = self.collected.lock();
        for point in points {
            match point.metric.index_in(self.instance) {
                None => collected.count(Problem::foreign_metric()),
                Some(_) if collected.report.is_some() => collected.count(Problem::after_finish()),
                Some(metric) => collected.points.push((metric as usize, point.step, point.value)),
            }
        }
    }

    fn record(&self, event: Event) {
        // A table has no place for texts; problems go into the report.
        if let Event::Problem(problem) = event {
            self.collected.lock().count(problem);
        }
    }

    fn flush(&self, _: Duration) -> Result<(), Error> {
        Ok(())
    }

    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        let mut collected = self.collected.lock();
        if let Some(report) = &collected.report {
            return Ok(report.clone());
        }
        fs::write(&self.path, collected.to_csv()).map_err(|source| Error::Io {
            action: "write",
            path: self.path.clone(),
            hint: "name a file in a folder that exists and can be written".into(),
            source,
        })?;
        let report = Report::empty(outcome)
            .with_points(collected.points.len() as u64)
            .with_problems(collected.problems.clone());
        collected.report = Some(report.clone());
        Ok(report)
    }
}

impl Collected {
    fn count(&mut self, problem: Problem) {
        match self.problems.iter_mut().find(|known| known.kind == problem.kind) {
            Some(known) => known.count += problem.count,
            None => self.problems.push(problem),
        }
    }

    fn to_csv(&self) -> String {
        let row = |(metric, step, value): &(usize, Step, f64)| {
            format!("\"{}\",{step},{value:?}\n", self.names[*metric].replace('"', "\"\""))
        };
        std::iter::once("metric,step,value\n".to_owned())
            .chain(self.points.iter().map(row))
            .collect()
    }
}
