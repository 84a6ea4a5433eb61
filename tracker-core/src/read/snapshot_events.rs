//! What a run has recorded beside its points, for those who ask again and again.

use std::{collections::BTreeSet, ops::RangeInclusive};

use crate::{
    Alert, KnobChange, Result, Step, Timestamp,
    format::event_line::{EventHead, EventKind, StoredEvent},
    read::{
        ArtifactVersion, HistogramRow, MediaRow, Snapshot, alerts, artifacts, event_names,
        events::Found, histograms, knobs, media,
    },
};

impl Snapshot {
    /// The events that are `wanted`, in the order of time, without what a resumed training took back.
    /// Only their lines are read whole.
    ///
    /// ```no_run
    /// use tracker_core::{Step, read::{EventKind, Store}};
    ///
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let now = Store::discover()?.find("@latest")?.snapshot()?;
    /// let early = now.events_of(|head| {
    ///     head.kind == EventKind::Text && head.step.is_some_and(|step| step < Step(1_000))
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn events_of(
        &self,
        mut wanted: impl FnMut(&EventHead<'_>) -> bool,
    ) -> Result<Vec<StoredEvent>> {
        self.ask_events(&mut wanted, &mut |_| {})
    }

    /// The files that belong to the run, as [`RunReader::artifacts`](crate::read::RunReader::artifacts) gives them.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn artifacts(&self) -> Result<Vec<ArtifactVersion>> {
        Ok(artifacts::artifacts(self.events_of(artifacts::is_artifact)?))
    }

    /// What somebody should look at, as [`RunReader::alerts`](crate::read::RunReader::alerts) gives it.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn alerts(&self) -> Result<Vec<(Timestamp, Alert)>> {
        if !self.run.may_have_alerts() {
            return Ok(Vec::new());
        }
        Ok(alerts::alerts(self.events_of(alerts::is_alert)?))
    }

    /// How the run's knobs were changed, as [`RunReader::knob_changes`](crate::read::RunReader::knob_changes) gives it.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn knob_changes(&self) -> Result<Vec<(Timestamp, KnobChange)>> {
        Ok(knobs::changes(self.events_of(knobs::is_knob)?))
    }

    /// The names of all histograms, sorted.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn histogram_names(&self) -> Result<Vec<String>> {
        event_names::names(EventKind::Histogram, |wanted| self.events_of(wanted))
    }

    /// The histograms of one name whose step is in `steps`, in the order of steps; none for a name
    /// that the run has not.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn histograms(&self, name: &str, steps: RangeInclusive<u64>) -> Result<Vec<HistogramRow>> {
        Ok(self.some_histograms(name, steps, usize::MAX)?.0)
    }

    /// As [`histograms`](Self::histograms), at most `most` of them, evenly, the last one included;
    /// and how many there are. The others are not read.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn some_histograms(
        &self,
        name: &str,
        steps: RangeInclusive<u64>,
        most: usize,
    ) -> Result<(Vec<HistogramRow>, usize)> {
        let mut of = 0;
        let events = self.ask_events(
            &mut |head| head.is_of(EventKind::Histogram, name) && is_within(head, &steps),
            &mut |found| {
                of = found.len();
                found.sort_by_key(Found::step);
                let mut shown = histograms::spread(of, most).peekable();
                let mut place = 0;
                found.retain(|_| {
                    place += 1;
                    shown.next_if_eq(&(place - 1)).is_some()
                });
            },
        )?;
        Ok((histograms::rows(events), of))
    }

    /// The names of all media, sorted.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn media_names(&self) -> Result<Vec<String>> {
        event_names::names(EventKind::Media, |wanted| self.events_of(wanted))
    }

    /// The steps at which there are media of a name, in their order. No line is read for them.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn media_steps(&self, name: &str) -> Result<Vec<Step>> {
        let mut steps = BTreeSet::new();
        self.events_of(|head| {
            steps.extend(head.step.filter(|_| head.is_of(EventKind::Media, name)));
            false
        })?;
        Ok(steps.into_iter().collect())
    }

    /// The media of one name whose step is in `steps`, in the order of steps; none for a name that the
    /// run has not.
    ///
    /// # Errors
    /// As [`RunReader::events`](crate::read::RunReader::events).
    pub fn media(&self, name: &str, steps: RangeInclusive<u64>) -> Result<Vec<MediaRow>> {
        let is_wanted =
            |head: &EventHead<'_>| head.is_of(EventKind::Media, name) && is_within(head, &steps);
        Ok(media::rows(self.events_of(is_wanted)?))
    }

    fn ask_events(
        &self,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
        choose: &mut dyn FnMut(&mut Vec<Found>),
    ) -> Result<Vec<StoredEvent>> {
        self.run.ask_events(Some(&self.events), wanted, choose)
    }
}

fn is_within(head: &EventHead<'_>, steps: &RangeInclusive<u64>) -> bool {
    head.step.is_some_and(|step| steps.contains(&step.0))
}
