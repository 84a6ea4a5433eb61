//! What can be typed after `tracker`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Looks into stored training runs: lists, shows, compares, exports, stops and tidies them.
///
/// RUN is a run's name, its id or the beginning of it, `@latest`, or `@latest~1` for the run
/// before the latest.
#[derive(Debug, Parser)]
#[command(name = "tracker", version)]
pub(crate) struct Args {
    /// The store to read, in place of `TRACKER_DIR` and the nearest `.tracker`.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists runs, the latest first.
    Ls(Ls),
    /// Shows one run: settings, metrics, curves, problems.
    Show(Show),
    /// Puts runs side by side: settings, metrics, curves.
    Compare(Compare),
    /// Writes all points of a run as CSV or JSON lines.
    Export(Export),
    /// Asks a run that trains to stop.
    Stop(Stop),
    /// Says what is the matter with the store, and what to type about it.
    Doctor(Doctor),
    /// Removes what nobody needs any more: files that were never finished, memory of dead processes.
    Gc(Gc),
    /// Removes runs with all that they hold.
    Rm(Rm),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Stop {
    /// The run.
    #[arg(value_name = "RUN")]
    pub(crate) run: String,

    /// Stop within a batch, not after the epoch that it is in.
    #[arg(long)]
    pub(crate) now: bool,

    /// Why: it stands beside the state of the run.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The run to look at; without it, all runs of the store.
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,

    /// Seal what processes left that were killed, so that nothing of it stays in memory.
    #[arg(long)]
    pub(crate) seal: bool,

    /// Seal also what is left of other machines and containers that are gone for good.
    #[arg(long, requires = "seal")]
    pub(crate) force: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Gc {
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rm {
    /// The runs.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,

    /// Remove without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// List the runs of this project only.
    pub(crate) project: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The run.
    #[arg(value_name = "RUN", default_value = "@latest")]
    pub(crate) run: String,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The runs, two or more.
    #[arg(value_name = "RUN", required = true, num_args = 2..)]
    pub(crate) runs: Vec<String>,

    /// Leave out settings that are the same in all runs.
    #[arg(long)]
    pub(crate) diff: bool,

    /// Compare these metrics only: a name, or a pattern such as `valid/*`. Can be repeated.
    #[arg(long = "metric", value_name = "NAME")]
    pub(crate) metrics: Vec<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The run.
    #[arg(value_name = "RUN")]
    pub(crate) run: String,

    /// The format to write.
    #[arg(long, value_name = "FORMAT", required_unless_present = "json")]
    to: Option<Format>,

    /// Print JSON lines, as `--to jsonl`.
    #[arg(long, conflicts_with = "to")]
    json: bool,

    /// The file to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

impl Export {
    /// The format to write; with `--json`, JSON lines.
    pub(crate) fn format(&self) -> Format {
        self.to.unwrap_or(Format::Jsonl)
    }
}

/// The formats of `tracker export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Jsonl,
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
