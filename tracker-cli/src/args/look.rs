//! Commands that look at runs.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum, builder::RangedU64ValueParser};
use tracker_core::Level;

pub(super) const LOGS_HELP: &str = "\
tracker logs --level warning          # of the latest run
tracker logs calm-otter --last 20 --follow
tracker logs calm-otter --grep 'out of memory' --json | jq .text";

pub(super) const ARTIFACT_HELP: &str = "\
tracker artifact ls calm-otter
tracker artifact get calm-otter:checkpoint@best weights";

pub(super) const WATCH_HELP: &str = "\
tracker watch                     # the run that trains, else the latest, and the others beside it
tracker watch calm-otter --plain  # a line a step, until it ends
tracker watch --json | jq .metrics";

#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// List the runs of this project only.
    pub(crate) project: Option<String>,

    /// List the runs that fit: `lr < 0.01 and state = finished`, `optimizer in (adam, sgd)`, `duration > 10m`,
    /// `started >= 2026-11-01`, `tag = baseline`; or words of a name. The same as on the page.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// Sort by a field, a setting or a metric: the best first, or the newest, the most, else the smallest.
    #[arg(long, value_name = "FIELD")]
    pub(crate) sort: Option<String>,

    /// The other way round.
    #[arg(long)]
    pub(crate) reverse: bool,

    /// Show these columns: fields, settings and metrics, with commas between them.
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', conflicts_with = "json")]
    pub(crate) columns: Vec<String>,

    /// List the first ones only.
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub(crate) count: Option<usize>,

    /// Print CSV: a line a run, with all settings, and the last and best value of all metrics; or the columns that
    /// are named.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Show {
    /// The run.
    #[arg(value_name = "RUN", default_value = "@latest")]
    pub(crate) run: String,

    /// Show these metrics only: a name, or a pattern such as `valid/*`. Can be repeated.
    #[arg(long = "metric", value_name = "NAME", conflicts_with_all = ["json", "patch"])]
    pub(crate) metrics: Vec<String>,

    /// List the pictures, tables, plots and files of this name, step by step, and nothing else.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["metrics", "patch"])]
    pub(crate) media: Option<String>,

    /// Those of this step only.
    #[arg(long, value_name = "N", requires = "media")]
    pub(crate) step: Option<u64>,

    /// Save them as files into this folder, which is made if there is none.
    #[arg(long, value_name = "DIR", requires = "media")]
    pub(crate) save: Option<PathBuf>,

    /// Show the last steps layer by layer, as they were stored when something went wrong, and nothing else.
    #[arg(long, conflicts_with_all = ["metrics", "patch", "media"])]
    pub(crate) flight: bool,

    /// Say what seems to be the matter with the run, with the evidence and what to try, and nothing else.
    #[arg(long, conflicts_with_all = ["metrics", "patch", "media", "flight"])]
    pub(crate) diagnose: bool,

    /// Print what was changed since the commit and nothing else, as `git apply` takes it.
    #[arg(long, conflicts_with = "json")]
    pub(crate) patch: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Logs {
    /// The run.
    #[arg(value_name = "RUN", default_value = "@latest")]
    pub(crate) run: String,

    /// Print what is of this level or more.
    #[arg(long, value_name = "LEVEL", default_value = "trace", hide_default_value = true)]
    pub(crate) level: LeastLevel,

    /// Print what came by this way: the program's output if it was captured, its loggers, its panics, or what
    /// the run itself recorded.
    #[arg(long, value_name = "SOURCE", value_parser = ["output", "log", "tracing", "panic", "run"])]
    pub(crate) source: Option<String>,

    /// Print what contains this, in capitals or not: in its text, its target or its fields.
    #[arg(long, value_name = "TEXT")]
    pub(crate) grep: Option<String>,

    /// Print the last ones only, 10,000 at most.
    #[arg(long, value_name = "COUNT", value_parser = RangedU64ValueParser::<usize>::new().range(0..=10_000))]
    pub(crate) last: Option<usize>,

    /// Go on until the run has ended.
    #[arg(long)]
    pub(crate) follow: bool,

    /// Print a JSON object a message, each on a line of its own.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The levels of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeastLevel {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

impl LeastLevel {
    pub(crate) fn level(self) -> Level {
        match self {
            Self::Trace => Level::Trace,
            Self::Debug => Level::Debug,
            Self::Info => Level::Info,
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Artifact {
    #[command(subcommand)]
    pub(crate) command: ArtifactCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArtifactCommand {
    /// Lists the files that a run made, and which runs used them.
    Ls(ArtifactLs),
    /// Copies a file that a run made, and checks on the way that it is the one that was recorded.
    Get(ArtifactGet),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ArtifactLs {
    /// The run.
    #[arg(value_name = "RUN", default_value = "@latest")]
    pub(crate) run: String,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ArtifactGet {
    /// The artifact, and one of its versions or aliases, such as `calm-otter:checkpoint@best`. Without a
    /// version, it is the latest.
    #[arg(value_name = "RUN:NAME[@VERSION]")]
    pub(crate) artifact: String,

    /// The folder to copy it to, which is made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,

    /// Replace a file of the same name.
    #[arg(long)]
    pub(crate) force: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    /// The run; without it, the one that trains, else the latest.
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,

    /// Print a line a step, as where standard output is no terminal.
    #[arg(long)]
    pub(crate) plain: bool,

    /// Print all that was logged before too, not the last ten steps alone.
    #[arg(long)]
    pub(crate) all: bool,

    /// Print a JSON object a step, each on a line of its own.
    #[arg(long)]
    pub(crate) json: bool,
}
