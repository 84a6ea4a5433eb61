//! The other tools.

use std::{path::Path, str::FromStr};

use serde_json::Value;
use tracker_core::read::RunReader;

use crate::{
    Error, MlflowTarget, Patience, Result, Target, TensorBoardTarget, TrackioTarget, WandbTarget,
};

/// Another tool, in whose form runs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Neighbour {
    /// Event files, for TensorBoard and for Hugging Face's "Training metrics".
    TensorBoard,
    /// Offline runs, for `wandb sync`.
    Wandb,
    /// A server, or the database of one.
    Mlflow,
    /// The inbox of a `TRACKIO_DIR`.
    Trackio,
}

impl Neighbour {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::TensorBoard, Self::Wandb, Self::Mlflow, Self::Trackio];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::TensorBoard => "tensorboard",
            Self::Wandb => "wandb",
            Self::Mlflow => "mlflow",
            Self::Trackio => "trackio",
        }
    }

    /// What it says of itself in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Self::TensorBoard => "TensorBoard",
            Self::Wandb => "W&B",
            Self::Mlflow => "MLflow",
            Self::Trackio => "Trackio",
        }
    }
}

impl FromStr for Neighbour {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|neighbour| neighbour.name() == name);
        known.ok_or_else(|| Error::Unusable {
            what: format!("no tool `{name}` is known"),
            hint: "use tensorboard, wandb, mlflow or trackio".to_owned(),
        })
    }
}

/// Which tool, and where: `tensorboard:runs`, `mlflow:http://127.0.0.1:5000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The tool.
    pub neighbour: Neighbour,
    /// A folder, a file or an address.
    pub place: String,
}

impl FromStr for Destination {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once(':').filter(|(_, place)| !place.is_empty());
        let (name, place) = parts.ok_or_else(|| Error::Unusable {
            what: format!("`{text}` does not say where to"),
            hint: "name a tool and a place, such as `tensorboard:runs`".to_owned(),
        })?;
        Ok(Self { neighbour: name.parse()?, place: place.to_owned() })
    }
}

impl Destination {
    /// Opens what a run is to be written to. With the place that [`Target::flush`] told before, it goes on from there.
    ///
    /// # Errors
    /// If the place cannot be written.
    pub fn open(&self, run: &RunReader, from: Option<&Value>) -> Result<Box<dyn Target>> {
        let folder = Path::new(&self.place);
        Ok(match self.neighbour {
            Neighbour::TensorBoard => Box::new(TensorBoardTarget::open(folder, run, from)?),
            Neighbour::Wandb => Box::new(WandbTarget::open(folder, run, from)?),
            Neighbour::Mlflow => {
                Box::new(MlflowTarget::open(&self.place, Patience::default(), from)?)
            }
            Neighbour::Trackio => Box::new(TrackioTarget::open(folder, run, from)?),
        })
    }
}
