//! `tracker study`: lists studies, shows one, changes what it tries, ends it.

mod edit;
mod enqueue;
mod find;
mod given;
mod ls;
mod show;
mod show_text;
mod stop;

use tracker_core::read::Store;

use crate::args::study::{Study, StudyCommand};

pub(crate) use find::find;

/// Runs `tracker study`.
pub(crate) fn run(store: &Store, args: &Study) -> anyhow::Result<()> {
    match &args.command {
        StudyCommand::Ls(args) => ls::run(store, args),
        StudyCommand::Show(args) => show::run(store, args),
        StudyCommand::Edit(args) => edit::run(store, args),
        StudyCommand::Enqueue(args) => enqueue::run(store, args),
        StudyCommand::Stop(args) => stop::run(store, args),
    }
}
