//! A run as adapters meet it: a tracker, and the run behind it.

use std::{
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use crate::{
    Event, FinishHook, Knob, MetricId, Outcome, Point, Report, Requests, Result, Run, RunContext,
    RunId, Step, Tracker,
    platform::is_forked_child,
    run::{run::Backend, shutdown::LiveRun},
    store,
};

impl Tracker for Run {
    fn enabled(&self) -> bool {
        Run::enabled(self)
    }

    fn metric_id(&self, name: &str) -> MetricId {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.metric_id(name),
            Backend::Disabled { noop, .. } => noop.metric_id(name),
        }
    }

    fn write(&self, points: &[Point]) {
        if let Backend::Stored { session, .. } = &self.inner.backend {
            session.write(points);
        }
    }

    fn record(&self, event: Event) {
        if let Backend::Stored { session, .. } = &self.inner.backend {
            store::record(session, event);
        }
    }

    fn advance(&self, step: Step) {
        self.inner.position.announce(step);
        if let Backend::Stored { session, .. } = &self.inner.backend {
            session.begin_step(step);
        }
    }

    fn requests(&self) -> Requests {
        Requests::stop(self.inner.stop.answer())
    }

    fn directory(&self) -> Option<&Path> {
        Some(self.dir())
    }

    fn context(&self) -> Option<&dyn RunContext> {
        Some(self)
    }

    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        if !is_forked_child() {
            self.inner.finish_hooks.add(adapter);
        }
    }

    fn flush(&self, timeout: Duration) -> Result<()> {
        self.inner.flush(timeout)
    }

    fn finish(&self, outcome: Outcome) -> Result<Report> {
        self.finish_as(outcome)
    }
}

impl RunContext for Run {
    fn id(&self) -> &RunId {
        Run::id(self)
    }

    fn name(&self) -> &str {
        Run::name(self)
    }

    fn path(&self) -> &Path {
        Run::path(self)
    }

    fn directory(&self) -> &Path {
        Run::dir(self)
    }

    fn is_stored(&self) -> bool {
        Run::enabled(self)
    }

    fn rank(&self) -> u16 {
        Run::rank(self)
    }

    fn is_resumed(&self) -> bool {
        Run::is_resumed(self)
    }

    fn position(&self) -> Option<Step> {
        Run::position(self)
    }

    fn next_step(&self) -> Step {
        Run::next_step(self)
    }

    fn stop_reason(&self) -> Option<String> {
        Run::stop_reason(self)
    }

    fn flights_asked(&self) -> u64 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.flights_asked(),
            Backend::Disabled { .. } => 0,
        }
    }

    fn resume_after(&self, step: Step) -> Result<()> {
        Run::resume_after(self, step)
    }

    fn conclude(&self, outcome: Outcome) {
        Run::conclude(self, outcome);
    }

    fn checkpoints_asked(&self) -> u64 {
        Run::checkpoints_asked(self)
    }

    fn knob(&self, name: &str, default: f64) -> Knob {
        Run::knob(self, name, default)
    }
}

impl From<&Run> for Arc<dyn Tracker> {
    fn from(run: &Run) -> Self {
        Arc::new(run.clone())
    }
}

impl From<Run> for Arc<dyn Tracker> {
    fn from(run: Run) -> Self {
        Arc::new(run)
    }
}
