//! Commands by which runs come from other tools and go to them.

use std::path::PathBuf;

use clap::ValueEnum;
use tracker_export::{Destination, Neighbour};

pub(super) const EXPORT_HELP: &str = "\
tracker export calm-otter --to csv -o points.csv
tracker export @group:wide --to tensorboard runs   # then: tensorboard --logdir runs
tracker export --where 'state = finished' --to wandb .";

pub(super) const IMPORT_HELP: &str = "\
tracker import runs/                          # whatever lies there
tracker import wandb/ --project mnist --tag old
tracker import progress.csv --map step=iteration,ignore=seed --dry-run";

pub(super) const MIRROR_HELP: &str = "\
tracker mirror @latest --to tensorboard runs       # until the run ends; also after a kill as if there was none
TRACKER_MIRROR=tensorboard:runs cargo run          # started by the training itself";

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The run; for another tool also several. `@group:NAME` is all runs of a group.
    #[arg(value_name = "RUN", required_unless_present = "filter")]
    pub(crate) runs: Vec<String>,

    /// Export the runs that fit, as `tracker ls --where` finds them; of those that are named, if any is.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// The format of the points: csv, jsonl or parquet; or another tool and its place: `tensorboard DIR`, `wandb DIR`,
    /// `mlflow URL|FILE`, `trackio DIR`. A tool gets all that it has a place for, and what it has not is told.
    #[arg(long, value_name = "FORMAT|TOOL PLACE", value_parser = export_to, required_unless_present_any = ["json", "media"])]
    to: Option<ExportTo>,

    /// Print JSON lines, as `--to jsonl`; with another tool, what was written and what was not.
    #[arg(long)]
    pub(crate) json: bool,

    /// The file to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,

    /// Save all pictures, tables, plots and files of the run into this folder, which is made if there
    /// is none. Without a format, nothing else is written.
    #[arg(long, value_name = "DIR")]
    pub(crate) media: Option<PathBuf>,
}

/// Where an export goes.
#[derive(Debug, Clone)]
enum ExportTo {
    Points(Format),
    Tool(Destination),
}

fn export_to(text: &str) -> Result<ExportTo, String> {
    if let Ok(format) = Format::from_str(text, false) {
        return Ok(ExportTo::Points(format));
    }
    if text.contains(':') || Neighbour::ALL.iter().any(|tool| tool.name() == text) {
        return text
            .parse()
            .map(ExportTo::Tool)
            .map_err(|error: tracker_export::Error| error.to_string());
    }
    Err("it is csv, jsonl, parquet, or a tool and its place, such as `tensorboard runs`".to_owned())
}

impl Export {
    /// Whether points are wanted, and not media alone.
    pub(crate) fn wants_points(&self) -> bool {
        self.to.is_some() || self.json
    }

    /// The format to write; with `--json`, JSON lines.
    pub(crate) fn format(&self) -> Format {
        match self.to {
            Some(ExportTo::Points(format)) => format,
            _ => Format::Jsonl,
        }
    }

    /// The tool to write to, if one is wanted.
    pub(crate) fn tool(&self) -> Option<&Destination> {
        match &self.to {
            Some(ExportTo::Tool(destination)) => Some(destination),
            _ => None,
        }
    }

    /// Whether points are wanted in two forms.
    pub(crate) fn contradicts_itself(&self) -> bool {
        self.json && matches!(self.to, Some(ExportTo::Points(_)))
    }
}

/// The formats of `tracker export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// One Parquet file with the columns of the store's own parts.
    Parquet,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// Files and folders that other tools wrote. What was imported before is there already, or replaced if it has
    /// changed since; what you have edited since stays.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// The project of all runs, in place of what their tool says, or of the folder's name.
    #[arg(long, short, value_name = "PROJECT")]
    pub(crate) project: Option<String>,

    /// The group of all runs.
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,

    /// A tag of all runs; may be given again.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,

    /// Whose runs they are, where a look does not tell: tensorboard, wandb, mlflow, trackio, burn, jsonl or csv.
    #[arg(long, value_name = "TOOL")]
    pub(crate) from: Option<String>,

    /// What columns of a table are, where the guess is wrong: `step=iteration,time=when,ignore=seed`.
    #[arg(long, value_name = "WORDS")]
    pub(crate) map: Option<String>,

    /// Read all of it, say what would come over, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Import a table as it is guessed, without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Mirror {
    /// The runs; `@group:NAME` is all runs of a group.
    #[arg(value_name = "RUN", required_unless_present = "filter")]
    pub(crate) runs: Vec<String>,

    /// Mirror the runs that fit, as `tracker ls --where` finds them; of those that are named, if any is.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// The tool and its place: `tensorboard DIR`, `wandb DIR`, `mlflow URL|FILE`, `trackio DIR`.
    #[arg(long, value_name = "TOOL PLACE", value_parser = destination)]
    pub(crate) to: Destination,

    /// Write what there is and leave, in place of going on until the runs have ended.
    #[arg(long)]
    pub(crate) once: bool,

    /// Forget what an earlier mirror has written there, and begin again.
    #[arg(long)]
    pub(crate) again: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn destination(text: &str) -> Result<Destination, String> {
    text.parse().map_err(|error: tracker_export::Error| error.to_string())
}
