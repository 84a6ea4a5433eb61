//! Sets a training to where its newest whole checkpoint stands.

use std::path::Path;

use candle_core::{Tensor, Var};
use candle_nn::VarMap;
use safetensors::Dtype;
use tracker_core::{Artifact, Event, RunContext, Step, Tracker};

use super::{
    FOLDER, RestoreError, Restored, problem,
    search::{Found, Whole, newest_whole},
    snapshot::{States, state_variables},
    tensor_file::TensorFile,
    variables::named_variables,
    version::{LATEST, Part},
};

/// Sets the variables of a resumed run to those of its newest whole checkpoint, and takes back what
/// was logged after it. `states` is what each optimizer remembers; of an optimizer that does not
/// tell, nothing is there.
///
/// All names, shapes and types are compared and all tensors read before the first variable is set.
/// A newer checkpoint that is damaged is passed over, counted as a problem and renamed. `None` for a run
/// that nothing was trained in before, and for a tracker that stores no run.
pub(crate) fn restore(
    tracker: &dyn Tracker,
    weights: &VarMap,
    states: &States,
    folder: Option<&Path>,
) -> Result<Option<Restored>, RestoreError> {
    let Some(run) = tracker.context().filter(|run| run.is_resumed()) else { return Ok(None) };
    let variables = named_variables(weights);
    if variables.is_empty() {
        return Err(RestoreError::NoVariables);
    }
    let usual = || tracker.directory().unwrap_or(run.directory()).join(FOLDER);
    let folder = folder.map_or_else(usual, Path::to_owned);
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let remembered = state_variables(states);
    let Found { mut whole, passed_over } =
        newest_whole(tracker, run, &folder, !remembered.is_empty())?;
    for damaged in &passed_over {
        let problem = problem::passed_over(&damaged.name, &damaged.reason);
        tracker.record(Event::Problem(problem));
    }
    let mut settings = fitting(&mut whole.model, &whole.path, variables)?;
    if let Some((path, file)) = &mut whole.optimizer {
        settings.extend(fitting(file, path, remembered.clone())?);
    }
    for setting in settings {
        setting.apply()?;
    }
    let lacking = !remembered.is_empty() && whole.optimizer.is_none();
    if lacking {
        tracker.record(Event::Problem(problem::no_optimizer_state(whole.version)));
    }
    if !whole.is_indexed {
        enter(tracker, run, &whole);
    }
    run.resume_after(Step(whole.header.state.step))?;
    for file in &passed_over {
        file.set_aside(&folder);
    }
    let optimizer_state = !states.is_empty() && !lacking;
    Ok(Some(Restored::new(whole.header.state, optimizer_state, whole.path)))
}

/// A variable and what it is to be set to.
struct Setting<'a> {
    name: String,
    variable: Var,
    value: Tensor,
    file: &'a Path,
}

impl Setting<'_> {
    fn apply(self) -> Result<(), RestoreError> {
        let on_device = self.value.to_device(self.variable.device());
        on_device.and_then(|value| self.variable.set(&value)).map_err(|source| {
            RestoreError::NotSet {
                variable: self.name,
                file: self.file.to_owned(),
                source: Box::new(source),
            }
        })
    }
}

/// The values of all variables, which a file has in the same shapes and types.
fn fitting<'a>(
    file: &mut TensorFile,
    path: &'a Path,
    variables: Vec<(String, Var)>,
) -> Result<Vec<Setting<'a>>, RestoreError> {
    for (name, variable) in &variables {
        check(file, path, name, variable)?;
    }
    let setting = |(name, variable): (String, Var)| match file.tensor(&name) {
        Ok(value) => Ok(Setting { name, variable, value, file: path }),
        Err(error) => Err(RestoreError::Damaged {
            checkpoints: vec![format!("{}: `{name}`: {error}", path.display())],
        }),
    };
    variables.into_iter().map(setting).collect()
}

fn check(file: &TensorFile, path: &Path, name: &str, variable: &Var) -> Result<(), RestoreError> {
    let (name, path) = (|| name.to_owned(), || path.to_owned());
    let Some(info) = file.info(&name()) else {
        return Err(RestoreError::MissingVariable { variable: name(), file: path() });
    };
    if info.shape != variable.dims() {
        return Err(RestoreError::OtherShape {
            variable: name(),
            wanted: variable.dims().to_vec(),
            saved: info.shape.clone(),
            file: path(),
        });
    }
    if info.dtype != Dtype::from(variable.dtype()) {
        return Err(RestoreError::OtherType {
            variable: name(),
            wanted: variable.dtype(),
            saved: info.dtype.to_string(),
            file: path(),
        });
    }
    Ok(())
}

/// Enters a checkpoint in the index whose process was killed before it could.
fn enter(tracker: &dyn Tracker, run: &dyn RunContext, whole: &Whole) {
    let parts = Part::ALL.into_iter();
    for part in parts.filter(|part| *part == Part::Model || whole.header.has_optimizer) {
        let path = whole.path.with_file_name(part.file(whole.version));
        // Without its hash, it is found by its own header again.
        let Ok(artifact) = Artifact::of_file(part.artifact(), whole.version.to_string(), path)
        else {
            continue;
        };
        let state = &whole.header.state;
        let artifact = state.describe(artifact.kind(part.kind())).alias(LATEST);
        let artifact = artifact.relative_to(run.path());
        tracker.record(Event::Artifact(artifact));
    }
}
