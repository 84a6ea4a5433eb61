//! Sets a training to where its newest whole checkpoint stands.

use std::path::Path;

use candle_core::{Tensor, Var};
use safetensors::Dtype;
use tracker_core::{
    RunContext, Tracker,
    adapter::checkpoints::{Restored, find, find_best},
};

use crate::Weights;

use super::{
    RestoreError,
    format::Safetensors,
    snapshot::{States, state_variables},
    tensor_file::TensorFile,
};

/// Sets the variables of a resumed run to those of its newest whole checkpoint, and takes back what
/// was logged after it. `states` is what each optimizer remembers; of an optimizer that does not
/// tell, nothing is there.
///
/// All names, shapes and types are compared and all tensors read before the first variable is set.
/// `None` for a run that nothing was trained in before, and for a tracker that stores no run.
pub(crate) fn restore(
    tracker: &dyn Tracker,
    weights: &Weights,
    states: &States,
    folder: Option<&Path>,
) -> Result<Option<Restored>, RestoreError> {
    let is_resumed = tracker.context().is_some_and(RunContext::is_resumed);
    let variables = weights.named();
    if is_resumed && variables.is_empty() {
        return Err(RestoreError::NoVariables);
    }
    let remembered = state_variables(states);
    let found = find::<Safetensors>(tracker, folder, !remembered.is_empty())?;
    let Some(mut found) = found else { return Ok(None) };
    let mut settings = fitting(&mut found.model, &found.path, variables)?;
    if let Some((path, file)) = &mut found.optimizer {
        settings.extend(fitting(file, path, remembered.clone())?);
    }
    for setting in settings {
        setting.apply()?;
    }
    let lacking = !remembered.is_empty() && found.optimizer.is_none();
    if lacking {
        found.tell_no_optimizer(tracker);
    }
    let optimizer_state = !states.is_empty() && !lacking;
    Ok(Some(found.go_on(tracker, optimizer_state)?))
}

/// Sets variables to those of the run's best checkpoint; `None` if it has none.
pub(crate) fn load_best(
    tracker: &dyn Tracker,
    weights: &Weights,
    folder: Option<&Path>,
) -> Result<Option<Restored>, RestoreError> {
    let variables = weights.named();
    if variables.is_empty() {
        return Err(RestoreError::NoVariables);
    }
    let Some(mut found) = find_best::<Safetensors>(tracker, folder)? else { return Ok(None) };
    for setting in fitting(&mut found.model, &found.path, variables)? {
        setting.apply()?;
    }
    Ok(Some(found.into_restored()))
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
