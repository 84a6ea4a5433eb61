//! Where a run is forked: what `calm-otter@400` means.

use std::{collections::BTreeMap, path::Path};

use crate::{
    Error, Result, RunId, Step,
    error::excerpt,
    read::{ArtifactVersion, FoundArtifact, Parent, RunReader, Store, ancestry::ancestors},
};

/// How the names of artifacts begin that make up a checkpoint.
const CHECKPOINT: &str = "checkpoint/";

/// The artifact without which there is no checkpoint.
const MODEL: &str = "checkpoint/model";

/// Where a run is forked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ForkPoint {
    /// The run.
    pub run: RunReader,
    /// The last step of it that its fork has.
    pub step: Step,
    /// The newest whole checkpoint up to that step; `None` for a training that saves none.
    pub checkpoint: Option<ForkCheckpoint>,
    /// Newer checkpoints up to that step that are not whole, each with the reason.
    pub passed_over: Vec<String>,
}

/// The checkpoint with which a fork begins.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ForkCheckpoint {
    /// Its version, such as `epoch-3`.
    pub version: String,
    /// The last step before it was saved.
    pub step: Step,
    /// The epoch after which it was saved; `None` within one, or without epochs.
    pub epoch: Option<u64>,
    pub(crate) files: Vec<FoundArtifact>,
}

/// A reference to a run, and a step of it.
///
/// The step is the number behind the last `@`, if something is before that: `@latest@400` is step 400 of the
/// latest run, and `@latest~1` no step at all. A run whose own name ends like that, such as `try@2`, is named by
/// its id, or with a step behind it.
pub(crate) fn split_step(reference: &str) -> Result<(&str, Option<Step>)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let split = reference.rsplit_once('@');
    let Some((run, step)) = split.filter(|(run, step)| !run.is_empty() && is_number(step)) else {
        return Ok((reference, None));
    };
    let refused = |_| Error::InvalidName {
        what: "step to fork after",
        name: excerpt(step),
        reason: "it is greater than any step".into(),
        hint: "write RUN@STEP, such as `calm-otter@400`".into(),
    };
    Ok((run, Some(step.parse().map(Step).map_err(refused)?)))
}

impl Store {
    /// Where `reference` forks a run: `RUN@STEP`, where RUN is as for [`find`](Self::find) and STEP the last step
    /// that the fork has of it, such as `calm-otter@400` or `@latest@400`. Without a step, after the newest
    /// whole checkpoint. Reads that checkpoint, to see that it is whole.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let point = tracker_core::read::Store::discover()?.fork_point("calm-otter@400")?;
    /// println!("{} up to step {}", point.run.info().name, point.step);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no such run, it has not come to that step, or has no whole checkpoint and no step is named.
    pub fn fork_point(&self, reference: &str) -> Result<ForkPoint> {
        let (of, step) = split_step(reference)?;
        let run = self.find(of)?;
        let refused = |reason: String, hint: String| Error::InvalidName {
            what: "run to fork",
            name: excerpt(reference),
            reason,
            hint,
        };
        let Some(last) = run.last_step()? else {
            let hint = "fork another run, or start a new one".to_owned();
            return Err(refused("it has not logged anything yet".into(), hint));
        };
        if let Some(step) = step.filter(|step| *step > last) {
            let hint = format!("its last step is {last}: `{of}@{last}`");
            return Err(refused(format!("it has not come to step {step}"), hint));
        }
        let (checkpoint, passed_over) = newest_whole(&run, step.unwrap_or(last))?;
        let Some(step) = step.or(checkpoint.as_ref().map(|checkpoint| checkpoint.step)) else {
            let damaged = passed_over.first();
            let reason = match damaged {
                Some(damaged) => format!("it has no whole checkpoint: {damaged}"),
                None => "it has no checkpoint to go on from".to_owned(),
            };
            let hint = format!("name the step to go on after, such as `{of}@{last}`");
            return Err(refused(reason, hint));
        };
        Ok(ForkPoint { run, step, checkpoint, passed_over })
    }
}

impl ForkPoint {
    /// What the fork keeps of the run.
    pub(crate) fn parent(&self) -> Result<Parent> {
        self.run.as_parent(self.step)
    }

    /// The id of the run.
    pub(crate) fn id(&self) -> &RunId {
        &self.run.info().id
    }
}

/// The newest checkpoint up to a step whose files are there and as they were recorded, and why newer ones are
/// passed over. Those of a fork's parents are its own too.
fn newest_whole(run: &RunReader, step: Step) -> Result<(Option<ForkCheckpoint>, Vec<String>)> {
    let mut candidates = checkpoints(run, step)?;
    for ancestor in ancestors(run) {
        candidates.extend(checkpoints(&ancestor.run, step.min(ancestor.up_to))?);
    }
    // Stable: of the same step, a fork's own comes before its parent's.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.step));
    let mut passed_over = Vec::new();
    for candidate in candidates {
        match candidate.files.iter().try_for_each(FoundArtifact::check) {
            Ok(()) => return Ok((Some(candidate), passed_over)),
            Err(error) => passed_over.push(format!("{}: {error}", candidate.version)),
        }
    }
    Ok((None, passed_over))
}

/// The checkpoints that a run itself has up to a step, of one step the last that was saved first.
fn checkpoints(run: &RunReader, up_to: Step) -> Result<Vec<ForkCheckpoint>> {
    let mut by_version: BTreeMap<String, Vec<ArtifactVersion>> = BTreeMap::new();
    for version in run.artifacts()? {
        let artifact = &version.artifact;
        if !version.deleted && artifact.name.starts_with(CHECKPOINT) {
            by_version.entry(artifact.version.clone()).or_default().push(version);
        }
    }
    let mut found: Vec<_> = by_version
        .into_iter()
        .filter_map(|(version, parts)| checkpoint(run, version, parts))
        .filter(|(_, checkpoint)| checkpoint.step <= up_to)
        .collect();
    found.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    Ok(found.into_iter().map(|(_, checkpoint)| checkpoint).collect())
}

/// A checkpoint of these parts with the time of its model; `None` without a model whose step is known.
fn checkpoint(
    run: &RunReader,
    version: String,
    parts: Vec<ArtifactVersion>,
) -> Option<(crate::Timestamp, ForkCheckpoint)> {
    let model = parts.iter().find(|part| part.artifact.name == MODEL)?;
    let (time, step, epoch) = (model.time, model.artifact.step?, model.artifact.epoch);
    let files = parts.into_iter().map(|version| FoundArtifact { run: run.clone(), version });
    Some((time, ForkCheckpoint { version, step, epoch, files: files.collect() }))
}

impl FoundArtifact {
    /// Looks whether its file is there and as it was recorded.
    fn check(&self) -> Result<()> {
        self.copy_to(&mut std::io::sink()).map(drop)
    }

    /// Where a copy of its file belongs in another run: in the same place, if it is among the run's files.
    pub(crate) fn place_among_files(&self) -> Option<&Path> {
        self.version.artifact.path.as_deref().and_then(|path| path.strip_prefix("files").ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_behind_the_last_at_is_the_step() {
        let split = |reference| split_step(reference).unwrap();
        let at = |step| Some(Step(step));
        assert_eq!(split("calm-otter@400"), ("calm-otter", at(400)));
        assert_eq!(split("calm-otter"), ("calm-otter", None));
        assert_eq!(split("@latest"), ("@latest", None));
        assert_eq!(split("@latest@0"), ("@latest", at(0)));
        assert_eq!(split("@latest~1"), ("@latest~1", None));
        assert_eq!(split("@latest~1@7"), ("@latest~1", at(7)));
        assert_eq!(split("@best:valid/loss@7"), ("@best:valid/loss", at(7)));
        assert_eq!(split("mnist/try@2@30"), ("mnist/try@2", at(30)));
        assert_eq!(split("calm-otter@18446744073709551615"), ("calm-otter", at(u64::MAX)));
        for whole in ["", "@", "@400", "calm-otter@", "calm-otter@-1", "calm-otter@1e3", "a@٣"] {
            assert_eq!(split(whole), (whole, None));
        }
        let error = split_step("calm-otter@18446744073709551616").unwrap_err();
        assert!(error.to_string().contains("hint: write RUN@STEP"), "{error}");
    }
}
