//! What is logged to a run.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    Alert, Artifact, Definition, Event, Histogram, IntoMedia, IntoMetrics, Knob, MetricHandle,
    Problem, Run, Step, Tracker,
    run::{knobs, run::Backend},
    tracker::metric_handle::write_metrics,
    value::settings,
};

impl Run {
    /// A handle for one metric, for loops where nanoseconds count.
    pub fn metric(&self, name: &str) -> MetricHandle {
        MetricHandle::new(Arc::new(self.clone()), name)
    }

    /// Logs named values at the current step: the one that an adapter has announced, or, without
    /// an adapter, the number of this call, counted from 0.
    ///
    /// ```no_run
    /// # use tracker_core::{init, metrics};
    /// # let run = init("mnist").start().unwrap();
    /// run.log(metrics! { "loss" => 0.25_f32, "correct" => 58_u32 });
    /// run.log([("loss", 0.2), ("accuracy", 0.9)]);
    /// ```
    pub fn log(&self, metrics: impl IntoMetrics) {
        let Backend::Stored { session, .. } = &self.inner.backend else { return };
        let step = self.inner.position.for_next_log();
        session.tell_knobs_of(step);
        write_metrics(self, step, metrics);
        if let Some(next) = self.inner.position.begins_after_log() {
            session.begin_step(next);
        }
    }

    /// Logs named values at a step of your own. Steps may repeat and come in any order.
    pub fn log_at(&self, step: impl Into<Step>, metrics: impl IntoMetrics) {
        write_metrics(self, step.into(), metrics);
    }

    /// Logs many steps in one call, such as all epochs of a training that is over.
    ///
    /// ```no_run
    /// # use tracker_core::{init, metrics};
    /// # let run = init("mnist").start().unwrap();
    /// let losses = [0.9, 0.5, 0.3];
    /// run.log_epochs(losses.into_iter().map(|loss| metrics! { "loss" => loss }).enumerate());
    /// ```
    pub fn log_epochs<S, M>(&self, epochs: impl IntoIterator<Item = (S, M)>)
    where
        S: Into<Step>,
        M: IntoMetrics,
    {
        for (step, metrics) in epochs {
            self.log_at(step, metrics);
        }
    }

    /// Sets the unit, the direction or the display name of a metric.
    ///
    /// ```no_run
    /// # use tracker_core::{init, Definition};
    /// # let run = init("mnist").start().unwrap();
    /// run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    /// ```
    pub fn define(&self, metric: &str, definition: Definition) {
        self.record(Event::Define { metric: metric.to_owned(), definition });
    }

    /// Declares a number that people may change while the training goes on, by `tracker set` or on the page;
    /// [`Knob`] says when. The same name gives the same knob, of which the first declaration counts. A run
    /// has 256 of them at most; names are as those of metrics.
    ///
    /// In a resumed run, it begins with the last value that it had at or before the step after which
    /// training goes on; the first call looks for it in the run's files.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    /// let rate = lr.at(0_u64);
    /// ```
    pub fn knob(&self, name: &str, default: f64) -> Knob {
        match &self.inner.backend {
            Backend::Stored { session, .. } => knobs::declare(session, self.path(), name, default),
            Backend::Disabled { .. } => Knob::fixed(name, default),
        }
    }

    /// Records a file that belongs to the run, such as a checkpoint. The file stays where it is; its
    /// place is kept relative to the run's folder if it lies within, as in [`dir`](Self::dir).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// use tracker_core::Artifact;
    ///
    /// let path = run.dir().join("epoch-3.safetensors");
    /// std::fs::write(&path, "weights").unwrap();
    /// let model = Artifact::of_file("checkpoint/model", "epoch-3", &path)?;
    /// run.log_artifact(model.kind("model").epoch(3).alias("latest"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_artifact(&self, artifact: Artifact) {
        self.record(Event::Artifact(artifact.relative_to(self.path())));
    }

    /// Records how the values of a tensor are spread at a step.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// use tracker_core::Histogram;
    ///
    /// run.log_histogram("weights/conv1", 100_u64, Histogram::new(-0.5, 0.5, vec![3, 40, 41, 2]));
    /// ```
    pub fn log_histogram(
        &self,
        name: impl Into<String>,
        step: impl Into<Step>,
        histogram: Histogram,
    ) {
        self.record(Event::Histogram { name: name.into(), step: step.into(), histogram });
    }

    /// Raises an alert: something that a person should look at. It is stored, said on standard error and
    /// passed on to [`on_alert`](crate::RunBuilder::on_alert).
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// use tracker_core::Alert;
    ///
    /// run.alert(Alert::warning("the replay buffer has old samples only").at(812));
    /// ```
    pub fn alert(&self, alert: Alert) {
        self.record(Event::Alert(alert));
    }

    /// Logs pictures, tables, plots or files at a step: one, a vector or an array of 64 at most.
    ///
    /// The call only queues them: a thread of its own encodes and stores them, 64 MiB or 1,024 of them
    /// at a time. What finds no place is dropped and counted as a problem, and so is what cannot be
    /// kept. `flush` and [`finish`](Self::finish) wait for it; a killed process loses what is queued. A
    /// run keeps 5 GiB of them, or what `TRACKER_MEDIA_LIMIT` says.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// # let (pixels, scores, labels) = (vec![0; 28 * 28], [0.2, 0.9], [false, true]);
    /// use tracker_core::{ConfusionMatrix, Image, PrCurve, Table};
    ///
    /// let digit = Image::gray8(28, 28, pixels)?.caption("7 → 1");
    /// run.log_media("samples", 100_u64, digit.clone());
    /// let table = Table::new(["id", "image", "guess"]).row([7.into(), digit.into(), 1.into()]);
    /// run.log_media("mistakes", 100_u64, table);
    /// run.log_media("confusion", 100_u64, ConfusionMatrix::new(["cat", "dog"]).add(0, 1));
    /// run.log_media("precision-recall", 100_u64, PrCurve::of(&scores, &labels)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_media(&self, name: impl Into<String>, step: impl Into<Step>, media: impl IntoMedia) {
        if self.enabled() {
            let (name, step) = (name.into(), step.into());
            self.record(Event::Media { name, step, items: media.into_media() });
        }
    }

    /// Keeps facts about what is trained and with what: a struct or a map. Facts of one topic add
    /// up. What JSON has no number for is kept as by [`config`](crate::RunBuilder::config); what
    /// cannot be kept is counted as a problem.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// run.describe("model", serde_json::json!({ "parameters": 32_810, "layers": 7 }));
    /// ```
    pub fn describe(&self, topic: impl Into<String>, facts: impl Serialize) {
        let topic = topic.into();
        match settings::of_facts(&facts) {
            Ok(facts) => self.record(Event::About { topic, facts }),
            Err(unkept) => self.record(Event::Problem(Problem::unkept_facts(&topic, &unkept))),
        }
    }
}
