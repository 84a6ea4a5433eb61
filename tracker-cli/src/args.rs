//! What can be typed after `tracker`.

mod change;
mod compare;
mod line;
mod look;
mod mcp;
mod other_tools;
mod page;
mod sql;
pub(crate) mod study;
pub(crate) mod sweep;
mod sync;
mod training;
mod upkeep;

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};

pub(crate) use self::{
    change::{Mv, Note, Rm, Tag, Undo},
    compare::{Compare, Diverge},
    look::{Artifact, ArtifactCommand, ArtifactGet, ArtifactLs, Logs, Ls, Show, Watch},
    mcp::Mcp,
    other_tools::{Export, Format, Import, Mirror},
    page::{Report, Ui},
    sql::Sql,
    study::Study,
    sweep::Sweep,
    sync::{How, Sync, Which},
    training::{Checkpoint, Flight, Fork, Set, Stop},
    upkeep::{Completions, Doctor, Gc},
};

/// Looks into stored training runs: lists, shows, compares, exports, stops and tidies them.
///
/// RUN is a run's name, perhaps behind its project and a slash, its id or the beginning of it, `@latest`, `@latest~1` for the run before
/// the latest, or `@best:METRIC` for the run with the best value of a metric. Where the training
/// did not say which values are better, it is `@best:min:METRIC` or `@best:max:METRIC`.
#[derive(Debug, Parser)]
#[command(name = "tracker", version, after_help = RUN_HELP)]
pub(crate) struct Args {
    /// The store to read, in place of `TRACKER_DIR` and the nearest `.tracker`.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// Where to read runs that others sent, such as `s3://bucket/prefix`, in place of a store on this machine.
    #[arg(long, global = true, value_name = "PLACE", conflicts_with = "dir")]
    pub(crate) store: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// The command line.
    pub(crate) fn of_command_line(line: impl IntoIterator<Item = OsString>) -> Self {
        Self::parse_from(line::marked(line::with_places(line)))
    }
}

/// What `-h` says of runs, for those who do not read `--help`.
const RUN_HELP: &str = "RUN: a name, an id or its beginning, @latest, @latest~1, @best:METRIC, \
                        @best:min:METRIC or @best:max:METRIC";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists runs, the latest first.
    Ls(Ls),
    /// Shows one run: settings, metrics, curves, problems.
    Show(Show),
    /// Prints what the program of a run has said, and what goes on being said.
    #[command(after_help = look::LOGS_HELP)]
    Logs(Logs),
    /// Lists the files that a run made, and copies one of them.
    #[command(after_help = look::ARTIFACT_HELP)]
    Artifact(Artifact),
    /// Puts runs side by side: settings, metrics, curves; groups of runs with a verdict.
    #[command(after_help = compare::COMPARE_HELP)]
    Compare(Compare),
    /// Finds the first step at which two runs differ, and what of their settings, code and machines does.
    #[command(after_help = compare::DIVERGE_HELP)]
    Diverge(Diverge),
    /// Writes all points of a run as CSV, JSON lines or one Parquet file; or whole runs in the form of another tool.
    #[command(after_help = other_tools::EXPORT_HELP)]
    Export(Export),
    /// Brings runs in that other tools kept: TensorBoard, W&B, MLflow, Trackio, Burn, CSV, JSON lines.
    #[command(after_help = other_tools::IMPORT_HELP)]
    Import(Import),
    /// Writes runs in the form of another tool while they train.
    #[command(after_help = other_tools::MIRROR_HELP)]
    Mirror(Mirror),
    /// Sends runs to a bucket or a folder that other machines read, also while they train; or brings runs from there.
    #[command(after_help = sync::SYNC_HELP)]
    Sync(Sync),
    /// Shows the store in the browser, live while trainings run.
    Ui(Ui),
    /// Answers agents about the store, by the Model Context Protocol on standard input and output.
    #[command(after_help = mcp::MCP_HELP)]
    Mcp(Mcp),
    /// Writes runs with their charts into one file that opens in any browser, without a server.
    #[command(after_help = page::REPORT_HELP)]
    Report(Report),
    /// Shows runs as they train: charts in a terminal, else a line a step.
    #[command(after_help = look::WATCH_HELP)]
    Watch(Watch),
    /// Runs a program whose training goes on from a step of a run, as a run of its own.
    #[command(after_help = training::FORK_HELP)]
    Fork(Fork),
    /// Trains a program again and again to find the best settings: a study.
    #[command(after_help = sweep::SWEEP_HELP)]
    Sweep(Sweep),
    /// Lists studies, shows one, changes what it tries, ends it.
    #[command(after_help = study::STUDY_HELP)]
    Study(Study),
    /// Asks a run that trains to stop.
    Stop(Stop),
    /// Asks a run that trains for its last steps, layer by layer.
    Flight(Flight),
    /// Asks a run that trains to save a checkpoint now.
    Checkpoint(Checkpoint),
    /// Changes numbers of a run that trains, such as its learning rate, or lists them.
    #[command(after_help = training::SET_HELP)]
    Set(Set),
    /// Says what a run is about, or several, in place of their notes; or what a project is about.
    #[command(after_help = change::NOTE_HELP)]
    Note(Note),
    /// Adds tags to runs and takes tags away.
    #[command(after_help = change::TAG_HELP)]
    Tag(Tag),
    /// Moves runs to another project, or gives a project another name.
    #[command(after_help = change::MV_HELP)]
    Mv(Mv),
    /// Takes back what was done last by `rm`, `mv`, `tag` or `note`, or on the page.
    Undo(Undo),
    /// Writes views over the store for DuckDB, and asks it where it is installed.
    #[command(after_help = sql::SQL_HELP)]
    Sql(Sql),
    /// Says what is the matter with the store, and what to type about it.
    Doctor(Doctor),
    /// Removes what nobody needs any more: files that were never finished, memory of dead processes.
    Gc(Gc),
    /// Deletes runs with all that they hold, here or with `--store` there; `tracker undo` brings them back until the trash is emptied.
    #[command(after_help = change::RM_HELP)]
    Rm(Rm),
    /// Prints a script that completes `tracker` in a shell.
    #[command(after_help = upkeep::COMPLETIONS_HELP)]
    Completions(Completions),
}

impl Command {
    /// The command's name, if it writes to the folders of runs or reads what is only there.
    pub(crate) fn needs_a_folder(&self) -> Option<&'static str> {
        match self {
            Self::Doctor(_) => Some("doctor"),
            Self::Fork(_) => Some("fork"),
            Self::Import(_) => Some("import"),
            Self::Mirror(_) => Some("mirror"),
            Self::Mv(_) => Some("mv"),
            Self::Sweep(_) => Some("sweep"),
            Self::Sync(_) => Some("sync"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
