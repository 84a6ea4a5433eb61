//! What to do with what was written.

use crate::{Destination, Neighbour};

impl Destination {
    /// What somebody types next to see what was written, as a command or a few words.
    pub fn next_step(&self) -> String {
        let place = &self.place;
        let is_address = place.contains("://");
        match self.neighbour {
            Neighbour::TensorBoard => format!("tensorboard --logdir {place}"),
            Neighbour::Wandb => format!("wandb sync {place}/offline-run-*"),
            Neighbour::Mlflow if place.starts_with("http") => format!("open {place}"),
            Neighbour::Mlflow if is_address => format!("mlflow ui --backend-store-uri {place}"),
            Neighbour::Mlflow => format!("mlflow ui --backend-store-uri sqlite:///{place}"),
            Neighbour::Trackio => format!("TRACKIO_DIR={place} trackio show"),
        }
    }
}
