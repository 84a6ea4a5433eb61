//! `tracker artifact`: the files that runs made.

mod get;
mod ls;

use tracker_core::read::Store;

use crate::args::{Artifact, ArtifactCommand};

/// Runs `tracker artifact`.
pub(crate) fn run(store: &Store, args: &Artifact) -> anyhow::Result<()> {
    match &args.command {
        ArtifactCommand::Ls(args) => ls::run(store, args),
        ArtifactCommand::Get(args) => get::run(store, args),
    }
}
