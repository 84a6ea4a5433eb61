//! What can be typed after `tracker`.

mod mcp;
mod show;
mod sql;
pub(crate) mod study;
pub(crate) mod sweep;

use std::{convert::Infallible, ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum, builder::RangedU64ValueParser};
use clap_complete::Shell;
use tracker_core::Level;
use tracker_export::{Destination, Neighbour};

pub(crate) use self::mcp::Mcp;
use self::{
    study::{STUDY_HELP, Study},
    sweep::{SWEEP_HELP, Sweep},
};
use crate::{
    mcp::change::Change,
    ui::guard::{base_path::BasePath, names::HostName},
    view::groups::{At, By, TableFormat},
};

pub(crate) use self::{show::Show, sql::Sql};

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

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// No argument can hold it, so what begins with it is marked beyond doubt.
const MARK: &str = "\0";

impl Args {
    /// The command line. To clap, the `-word` of `tracker tag` is an option or, where it may be
    /// none, swallows the options after it; so it is marked as what it is.
    pub(crate) fn of_command_line(line: impl IntoIterator<Item = OsString>) -> Self {
        Self::parse_from(marked(with_places(line)))
    }
}

/// The line with a tool and its place, which are two words behind `--to`, as the one word that clap takes.
fn with_places(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = line.into_iter().peekable();
    let is_place = |word: &OsString| !word.as_encoded_bytes().starts_with(b"-");
    let mut joined: Vec<OsString> = Vec::new();
    while let Some(mut word) = words.next() {
        let is_behind_to = joined.last().is_some_and(|before| before == "--to");
        let is_tool = || Neighbour::ALL.iter().any(|tool| word == tool.name());
        if is_behind_to
            && is_tool()
            && let Some(place) = words.next_if(is_place)
        {
            word.push(":");
            word.push(place);
        }
        joined.push(word);
    }
    joined
}

fn marked(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut line: Vec<OsString> = line.into_iter().collect();
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    let is_value = |place: usize| line.get(place - 1).is_some_and(|before| before == "--dir");
    let command = (1..line.len())
        .find(|place| line.get(*place).is_some_and(|word| !is_option(word)) && !is_value(*place));
    let Some(command) = command.filter(|place| line.get(*place).is_some_and(|word| word == "tag"))
    else {
        return line;
    };
    for word in line.iter_mut().skip(command + 1) {
        if let [b'-', first, ..] = word.as_encoded_bytes()
            && *first != b'-'
            && word != "-h"
        {
            let mut marked = OsString::from(MARK);
            marked.push(&*word);
            *word = marked;
        }
    }
    line
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn unmarked(word: &str) -> Result<String, Infallible> {
    Ok(word.strip_prefix(MARK).unwrap_or(word).to_owned())
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
    #[command(after_help = LOGS_HELP)]
    Logs(Logs),
    /// Lists the files that a run made, and copies one of them.
    #[command(after_help = ARTIFACT_HELP)]
    Artifact(Artifact),
    /// Puts runs side by side: settings, metrics, curves; groups of runs with a verdict.
    #[command(after_help = COMPARE_HELP)]
    Compare(Compare),
    /// Finds the first step at which two runs differ, and what of their settings, code and machines does.
    #[command(after_help = DIVERGE_HELP)]
    Diverge(Diverge),
    /// Writes all points of a run as CSV, JSON lines or one Parquet file; or whole runs in the form of another tool.
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
    /// Brings runs in that other tools kept: TensorBoard, W&B, MLflow, Trackio, Burn, CSV, JSON lines.
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// Writes runs in the form of another tool while they train.
    #[command(after_help = MIRROR_HELP)]
    Mirror(Mirror),
    /// Shows the store in the browser, live while trainings run.
    Ui(Ui),
    /// Answers agents about the store, by the Model Context Protocol on standard input and output.
    #[command(after_help = mcp::HELP)]
    Mcp(Mcp),
    /// Writes runs with their charts into one file that opens in any browser, without a server.
    #[command(after_help = REPORT_HELP)]
    Report(Report),
    /// Shows runs as they train: charts in a terminal, else a line a step.
    #[command(after_help = WATCH_HELP)]
    Watch(Watch),
    /// Runs a program whose training goes on from a step of a run, as a run of its own.
    #[command(after_help = FORK_HELP)]
    Fork(Fork),
    /// Trains a program again and again to find the best settings: a study.
    #[command(after_help = SWEEP_HELP)]
    Sweep(Sweep),
    /// Lists studies, shows one, changes what it tries, ends it.
    #[command(after_help = STUDY_HELP)]
    Study(Study),
    /// Asks a run that trains to stop.
    Stop(Stop),
    /// Asks a run that trains for its last steps, layer by layer.
    Flight(Flight),
    /// Asks a run that trains to save a checkpoint now.
    Checkpoint(Checkpoint),
    /// Changes numbers of a run that trains, such as its learning rate, or lists them.
    #[command(after_help = SET_HELP)]
    Set(Set),
    /// Says what a run is about, or several, in place of their notes; or what a project is about.
    #[command(after_help = NOTE_HELP)]
    Note(Note),
    /// Adds tags to runs and takes tags away.
    #[command(after_help = TAG_HELP)]
    Tag(Tag),
    /// Moves runs to another project, or gives a project another name.
    #[command(after_help = MV_HELP)]
    Mv(Mv),
    /// Takes back what was done last by `rm`, `mv`, `tag` or `note`, or on the page.
    Undo(Undo),
    /// Writes views over the store for DuckDB, and asks it where it is installed.
    #[command(after_help = SQL_HELP)]
    Sql(Sql),
    /// Says what is the matter with the store, and what to type about it.
    Doctor(Doctor),
    /// Removes what nobody needs any more: files that were never finished, memory of dead processes.
    Gc(Gc),
    /// Deletes runs with all that they hold; `tracker undo` brings them back until the trash is emptied.
    Rm(Rm),
    /// Prints a script that completes `tracker` in a shell.
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(Completions),
}

const SQL_HELP: &str = "\
tracker sql                                       # writes views.sql into the store, and says how to use it
tracker sql 'SELECT name, state FROM runs' --csv
tracker sql --live -- -ui                         # DuckDB's own arguments";

const WATCH_HELP: &str = "\
tracker watch                     # the run that trains, else the latest, and the others beside it
tracker watch calm-otter --plain  # a line a step, until it ends
tracker watch --json | jq .metrics";

const EXPORT_HELP: &str = "\
tracker export calm-otter --to csv -o points.csv
tracker export @group:wide --to tensorboard runs   # then: tensorboard --logdir runs
tracker export --where 'state = finished' --to wandb .";

const MIRROR_HELP: &str = "\
tracker mirror @latest --to tensorboard runs       # until the run ends; also after a kill as if there was none
TRACKER_MIRROR=tensorboard:runs cargo run          # started by the training itself";

const SET_HELP: &str = "\
tracker set calm-otter               # its knobs, and what they take
tracker set calm-otter lr=5e-4 dropout=0.2";
const FORK_HELP: &str = "\
tracker fork calm-otter@400                           # what a fork would begin with
tracker fork calm-otter@400 -- cargo run -- --lr 1e-4
tracker fork @latest -- ./train.sh                    # after its newest checkpoint";

const COMPARE_HELP: &str = "\
tracker compare @latest @latest~1 --diff
tracker compare @group:narrow @group:wide --group       # is the second better than the first?
tracker compare @study:lr --group=lr --baseline 0.1 --table latex";

const DIVERGE_HELP: &str = "\
tracker diverge @latest~1 @latest
tracker diverge calm-otter 01KX3F2A --metric 'train/*' --tolerance 1e-4
tracker diverge before after --check            # for CI: exit code 1 if a bit differs";

const LOGS_HELP: &str = "\
tracker logs --level warning          # of the latest run
tracker logs calm-otter --last 20 --follow
tracker logs calm-otter --grep 'out of memory' --json | jq .text";

const IMPORT_HELP: &str = "\
tracker import runs/                          # whatever lies there
tracker import wandb/ --project mnist --tag old
tracker import progress.csv --map step=iteration,ignore=seed --dry-run";

const ARTIFACT_HELP: &str = "\
tracker artifact ls calm-otter
tracker artifact get calm-otter:checkpoint@best weights";

const REPORT_HELP: &str = "\
tracker report @latest @latest~1
tracker report @best:valid/loss --title 'The best so far' -o best.html
tracker report calm-otter bold-finch --title 'Wider is better' --notes why.md --chart 'valid/*'";

const NOTE_HELP: &str = "\
tracker note calm-otter needs more data
tracker note --where 'state = crashed' out of memory
tracker note --project mnist '# What is tried here'";

const TAG_HELP: &str = "\
tracker tag calm-otter +good -draft
tracker tag @group:wide @latest +paper
tracker tag --where 'lr < 0.01' +small";

const MV_HELP: &str = "\
tracker mv calm-otter @group:wide archive
tracker mv --where 'started < 2026-01-01' archive
tracker mv --project mnist digits          # gives the project another name";

const COMPLETIONS_HELP: &str = "\
bash: tracker completions bash > ~/.local/share/bash-completion/completions/tracker
zsh:  tracker completions zsh > \"${fpath[1]}/_tracker\"
fish: tracker completions fish > ~/.config/fish/completions/tracker.fish";

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
pub(crate) struct Note {
    /// The run, or `@group:NAME`, and the text; several words need no quotes. An empty text takes the notes away.
    /// With `--where` or `--project`, the text alone.
    #[arg(value_name = "RUN TEXT…", required_unless_present = "project")]
    pub(crate) words: Vec<String>,

    /// Write to the runs that fit, as `tracker ls --where` finds them.
    #[arg(long = "where", value_name = "QUERY", conflicts_with = "project")]
    pub(crate) filter: Option<String>,

    /// Write what the project is about, in Markdown, into a file of the store that may be committed; without a
    /// text, print it.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,

    /// Keep the notes, and add the text as a new line.
    #[arg(long)]
    pub(crate) append: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tag {
    /// The runs, and the tags: `+word` adds one, `-word` takes it away. Behind a single run, `word` adds one too. A
    /// tag that begins with a sign needs another one before it.
    #[arg(value_name = "RUN… TAG…", required = true, value_parser = unmarked)]
    pub(crate) words: Vec<String>,

    /// Tag the runs that fit, as `tracker ls --where` finds them; of those that are named, if any is.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Mv {
    /// The runs, and the project to which they go, which may be new.
    #[arg(value_name = "RUN… PROJECT", required = true)]
    pub(crate) words: Vec<String>,

    /// Move the runs that fit, as `tracker ls --where` finds them; of those that are named, if any is.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// Give this project another name, with its views and notes.
    #[arg(long, value_name = "OLD", conflicts_with = "filter")]
    pub(crate) project: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Undo {
    /// The change, as `--list` names it; without it, the last one.
    #[arg(value_name = "CHANGE", conflicts_with = "list")]
    pub(crate) change: Option<String>,

    /// List what can be taken back, the last first, and take nothing back.
    #[arg(long)]
    pub(crate) list: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Ui {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 7788)]
    pub(crate) port: u16,

    /// The address to listen on. Any but a loopback one needs `--token`.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,

    /// Ask for a secret, which is made anew and stands in the address that is printed.
    #[arg(long)]
    pub(crate) token: bool,

    /// Another name under which the page is opened, through a tunnel, a container or a proxy; may be
    /// given several times. Loopback names need none, at any port.
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<HostName>,

    /// The path under which a proxy shows the page, such as `/tracker`.
    #[arg(long, value_name = "PATH", default_value = "/", hide_default_value = true)]
    pub(crate) base_path: BasePath,

    /// Refuse all changes: no edits, no stops.
    #[arg(long)]
    pub(crate) read_only: bool,

    /// Change what belongs to another user too. Without it, runs and stores of others are only read.
    #[arg(long, conflicts_with = "read_only")]
    pub(crate) writable: bool,

    /// Answer agents too, at `/mcp`: what `tracker mcp` answers, to whom the page is open.
    #[arg(long)]
    pub(crate) mcp: bool,

    /// What agents may change; nothing unless it is named.
    #[arg(
        long,
        value_name = "TOOL",
        value_delimiter = ',',
        requires = "mcp",
        conflicts_with = "read_only"
    )]
    pub(crate) allow: Vec<Change>,

    /// Print the address and open no browser.
    #[arg(long)]
    pub(crate) no_open: bool,

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

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Report {
    /// The runs, one or more.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,

    /// The file to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: std::path::PathBuf,

    /// What stands above the report.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Open the report with this saved view of the project, or with an address of the page.
    #[arg(long, value_name = "NAME|ADDRESS")]
    pub(crate) view: Option<String>,

    /// Words below the title: a file of Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) notes: Option<std::path::PathBuf>,

    /// A metric whose chart stands below the words, or a pattern such as 'valid/*'; may be given again.
    #[arg(long = "chart", value_name = "METRIC")]
    pub(crate) charts: Vec<String>,

    /// Take along what was changed in the code of the runs since their commits.
    #[arg(long)]
    pub(crate) code: bool,

    /// Replace the file if it is there already.
    #[arg(long)]
    pub(crate) force: bool,
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
pub(crate) struct Fork {
    /// The run, and the step after which the fork goes on; without one, after the newest whole checkpoint.
    #[arg(value_name = "RUN[@STEP]")]
    pub(crate) point: String,

    /// The program and its arguments. It needs no change: the first run that it starts is the fork.
    #[arg(value_name = "COMMAND", last = true)]
    pub(crate) command: Vec<OsString>,

    /// Print JSON: what a fork would begin with.
    #[arg(long, conflicts_with = "command")]
    pub(crate) json: bool,
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
pub(crate) struct Flight {
    /// The run.
    #[arg(value_name = "RUN", default_value = "@latest")]
    pub(crate) run: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Checkpoint {
    /// The run.
    #[arg(value_name = "RUN")]
    pub(crate) run: String,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The run.
    #[arg(value_name = "RUN")]
    pub(crate) run: String,

    /// The knobs, each with the value that it is to have; without any, those of the run are listed.
    #[arg(value_name = "KNOB=VALUE")]
    pub(crate) values: Vec<String>,

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

    /// Empty the trash of runs that were deleted at least so many days ago. With 0, nothing that was deleted or
    /// changed can be taken back.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) older_than: u32,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rm {
    /// The runs; `@group:NAME` is all runs of a group.
    #[arg(value_name = "RUN")]
    pub(crate) runs: Vec<String>,

    /// Delete the runs that fit, as `tracker ls --where` finds them; of those that are named, if any is.
    #[arg(long = "where", value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    /// Delete without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Delete runs too whose forks stay: the beginnings of their curves go.
    #[arg(long)]
    pub(crate) force: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

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
pub(crate) struct Diverge {
    /// The run to compare with.
    #[arg(value_name = "RUN")]
    pub(crate) first: String,

    /// The other one.
    #[arg(value_name = "RUN")]
    pub(crate) second: String,

    /// Compare these metrics only: a name, or a pattern such as `train/*`. Can be repeated.
    #[arg(long = "metric", value_name = "NAME")]
    pub(crate) metrics: Vec<String>,

    /// How far apart values may lie, as a share of the greater one; without it, 1e-6. The first bit that differs is told
    /// beside it.
    #[arg(long, value_name = "SHARE", value_parser = tolerance)]
    pub(crate) tolerance: Option<f64>,

    /// Compare times and speeds too, which never are the same twice.
    #[arg(long)]
    pub(crate) all: bool,

    /// Exit with 1 if a bit differs, or with `--tolerance`, more than that; and if there is nothing to compare.
    #[arg(long)]
    pub(crate) check: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A number of 0 or more.
fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "it is a number of 0 or more".to_owned())
}

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The runs, two or more. `@group:NAME` is all runs of a group, `@study:NAME` all of a study.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,

    /// Leave out settings that are the same in all runs.
    #[arg(long)]
    pub(crate) diff: bool,

    /// Show how the code differs and nothing else: commits, and what was changed since, file by file.
    #[arg(long)]
    pub(crate) code: bool,

    /// Compare these metrics only: a name, or a pattern such as `valid/*`. Can be repeated.
    #[arg(long = "metric", value_name = "NAME")]
    pub(crate) metrics: Vec<String>,

    /// Compare groups of runs too, such as seeds, and say whether one is better: by `group`, `study`, `project`, `tag`
    /// or a setting's path.
    #[arg(long, value_name = "BY", num_args = 0..=1, default_missing_value = "group", require_equals = true)]
    pub(crate) group: Option<By>,

    /// The group that the others are compared with, in the place of the first.
    #[arg(long, value_name = "GROUP", requires = "group")]
    pub(crate) baseline: Option<String>,

    /// The setting that pairs the runs of two groups, in the place of their seeds.
    #[arg(long, value_name = "PATH", requires = "group")]
    pub(crate) pair: Option<String>,

    /// Which value of a run counts in its group: the best, as far as it is known which is better, the last, or that
    /// at a step.
    #[arg(
        long,
        value_name = "best|last|STEP",
        default_value = "best",
        hide_default_value = true,
        requires = "group"
    )]
    pub(crate) at: At,

    /// Print the groups alone, as a table for a paper or a spreadsheet.
    #[arg(long, value_name = "FORMAT", requires = "group", conflicts_with_all = ["json", "code"])]
    pub(crate) table: Option<TableFormat>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_tool_and_its_place_are_two_words_or_one() {
        let joined = |line: &[&str]| {
            let words = with_places(line.iter().map(OsString::from));
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        let wanted = ["export", "--to", "tensorboard:runs", "a", "b"];
        assert_eq!(joined(&["export", "--to", "tensorboard", "runs", "a", "b"]), wanted);
        assert_eq!(joined(&wanted), wanted);
        for line in [
            &["export", "--to", "csv", "tensorboard"][..],
            &["ls", "tensorboard", "x"],
            &["--to", "wandb"],
            &["--to", "wandb", "--dir", "x"],
        ] {
            assert_eq!(joined(line), line);
        }
    }

    #[test]
    fn tags_that_are_taken_away_are_no_options() {
        let marked = |line: &[&str]| {
            let words = marked(line.iter().map(OsString::from));
            words.iter().map(|word| word.to_string_lossy().replace(MARK, "!")).collect::<Vec<_>>()
        };
        let line =
            ["tracker", "--dir", "tag", "tag", "run", "+a", "-b", "-hot", "-h", "--json", "-"];
        let wanted =
            ["tracker", "--dir", "tag", "tag", "run", "+a", "!-b", "!-hot", "-h", "--json", "-"];
        assert_eq!(marked(&line), wanted);
        assert_eq!(marked(&["tracker", "rm", "tag", "-y"]), ["tracker", "rm", "tag", "-y"]);
        assert_eq!(marked(&["tracker"]), ["tracker"]);
    }
}
