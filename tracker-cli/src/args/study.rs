//! What can be typed after `tracker study`.

use clap::Subcommand;

pub(super) const STUDY_HELP: &str = "\
tracker study ls                                 # all studies of the store
tracker study show mnist-lr                      # its trials, the best first
tracker study edit mnist-lr --set lr.max=0.01    # later trials keep to it
tracker study enqueue mnist-lr lr=0.003 act=relu # tried next
tracker study stop mnist-lr                      # no more trials

STUDY is a study's name, perhaps behind its project and a slash.";

#[derive(Debug, clap::Args)]
pub(crate) struct Study {
    #[command(subcommand)]
    pub(crate) command: StudyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StudyCommand {
    /// Lists studies: how far they are and the best that they found.
    Ls(StudyLs),
    /// Shows one study: what it does, its best trials, and all of them.
    Show(StudyShow),
    /// Changes what later trials try: bounds, choices, how many there are.
    Edit(StudyEdit),
    /// Says what is to be tried next.
    Enqueue(StudyEnqueue),
    /// Ends a study: no more trials begin, and those that train are asked to stop.
    Stop(StudyStop),
}

#[derive(Debug, clap::Args)]
pub(crate) struct StudyLs {
    /// List the studies of this project only.
    pub(crate) project: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StudyShow {
    /// The study.
    #[arg(value_name = "STUDY")]
    pub(crate) study: String,

    /// Show the last lines that the training of this trial has printed, and nothing else.
    #[arg(long, value_name = "TRIAL", conflicts_with = "json")]
    pub(crate) log: Option<usize>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StudyEdit {
    /// The study.
    #[arg(value_name = "STUDY")]
    pub(crate) study: String,

    /// Give a parameter another bound: `lr.max=0.01`. Can be repeated.
    #[arg(long, value_name = "NAME.min|max=NUMBER")]
    pub(crate) set: Vec<String>,

    /// Try a choice no more: `act=relu`. Can be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) disable: Vec<String>,

    /// Try a choice again. Can be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) enable: Vec<String>,

    /// How many trials there are at most.
    #[arg(long, value_name = "COUNT")]
    pub(crate) run_cap: Option<u64>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StudyEnqueue {
    /// The study.
    #[arg(value_name = "STUDY")]
    pub(crate) study: String,

    /// The values; what is not named is chosen as ever.
    #[arg(value_name = "NAME=VALUE", required = true)]
    pub(crate) values: Vec<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StudyStop {
    /// The study.
    #[arg(value_name = "STUDY")]
    pub(crate) study: String,

    /// Let the trainings that run come to their end.
    #[arg(long)]
    pub(crate) let_finish: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
