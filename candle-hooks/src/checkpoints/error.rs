//! Why a training cannot go on from a checkpoint.

use std::path::PathBuf;

use candle_core::DType;
use tracker_core::adapter::checkpoints::NotFound;

/// Why a training cannot go on from a checkpoint. The weights are as they were, but where
/// [`NotSet`](Self::NotSet) says otherwise.
///
/// It becomes a [`candle_core::Error`] by `?`, so it fits loops that return candle's `Result`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The run was resumed, but no checkpoint of it was ever saved.
    #[error(
        "no checkpoint of the resumed run in {}\nhint: a run can go on from where its first \
         checkpoint was saved, and a fork after a step up to which there is one; start a new run, or name \
         the folder that was used before",
        folder.display()
    )]
    NoCheckpoint {
        /// The folder that was searched beside the run's index.
        folder: PathBuf,
    },

    /// There is nothing to restore: the model was not made yet.
    #[error(
        "no variable to restore\nhint: make the model first, with a `VarBuilder` of this `VarMap`"
    )]
    NoVariables,

    /// There are checkpoints, but none is whole.
    #[error(
        "no checkpoint of the resumed run is whole: {}\nhint: bring a file back if you have a \
         copy of it, or start a new run",
        checkpoints.join("; ")
    )]
    Damaged {
        /// What is wrong with each, the newest first.
        checkpoints: Vec<String>,
    },

    /// The model or an optimizer has a variable that the checkpoint does not have.
    #[error(
        "checkpoint {} has no `{variable}`\nhint: make the model and its optimizers as they were \
         when it was saved{}",
        file.display(),
        order(variable)
    )]
    MissingVariable {
        /// The variable's name.
        variable: String,
        /// The file.
        file: PathBuf,
    },

    /// A variable has another shape in the checkpoint.
    #[error(
        "`{variable}` has the shape {wanted:?}, but {saved:?} in checkpoint {}\nhint: make the \
         model as it was when it was saved: the same sizes and numbers of classes{}",
        file.display(),
        order(variable)
    )]
    OtherShape {
        /// The variable's name.
        variable: String,
        /// Its shape in the program.
        wanted: Vec<usize>,
        /// Its shape in the file.
        saved: Vec<usize>,
        /// The file.
        file: PathBuf,
    },

    /// A variable holds numbers of another type in the checkpoint.
    #[error(
        "`{variable}` is {}, but {saved} in checkpoint {}\nhint: make the variables with the \
         type with which they were saved",
        wanted.as_str().to_uppercase(),
        file.display()
    )]
    OtherType {
        /// The variable's name.
        variable: String,
        /// Its type in the program.
        wanted: DType,
        /// Its type in the file.
        saved: String,
        /// The file.
        file: PathBuf,
    },

    /// A variable could not be set. Those before it are those of the checkpoint already.
    #[error(
        "failed to set `{variable}` from checkpoint {}: {source}\nhint: end the program: its \
         variables are partly restored; check the device's free memory",
        file.display()
    )]
    NotSet {
        /// The variable's name.
        variable: String,
        /// The file.
        file: PathBuf,
        /// What candle said.
        source: Box<candle_core::Error>,
    },

    /// The store does not say what it knows of the run.
    #[error("failed to read what is known of the run's checkpoints: {source}")]
    Store {
        /// What the store said; it has a hint of its own.
        #[from]
        source: tracker_core::Error,
    },
}

/// What to look at where a name is only a count.
fn order(variable: &str) -> &'static str {
    if variable.starts_with(|first: char| first.is_ascii_digit()) {
        "; moments that are only counted need the same order of variables in every process: use \
         `ResumableAdamW::from_var_map`"
    } else {
        ""
    }
}

impl From<RestoreError> for candle_core::Error {
    fn from(error: RestoreError) -> Self {
        Self::wrap(error)
    }
}

impl From<NotFound> for RestoreError {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Never { folder } => Self::NoCheckpoint { folder },
            NotFound::Damaged { checkpoints } => Self::Damaged { checkpoints },
            NotFound::Index(source) => Self::Store { source },
        }
    }
}
