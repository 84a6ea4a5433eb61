//! Commands that change what is said of runs, or where they are, and take it back.

use super::line::unmarked;

pub(super) const NOTE_HELP: &str = "\
tracker note calm-otter needs more data
tracker note --where 'state = crashed' out of memory
tracker note --project mnist '# What is tried here'";

pub(super) const TAG_HELP: &str = "\
tracker tag calm-otter +good -draft
tracker tag @group:wide @latest +paper
tracker tag --where 'lr < 0.01' +small";

pub(super) const RM_HELP: &str = "\
tracker rm calm-otter                              # `tracker undo` brings it back
tracker rm calm-otter --store s3://bucket/runs     # for all who look there; its senders stop
tracker rm --undo calm-otter --store s3://bucket/runs";

pub(super) const MV_HELP: &str = "\
tracker mv calm-otter @group:wide archive
tracker mv --where 'started < 2026-01-01' archive
tracker mv --project mnist digits          # gives the project another name";

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
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
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

    /// Bring back runs that were deleted from the place that `--store` names.
    #[arg(long, conflicts_with_all = ["filter", "force"])]
    pub(crate) undo: bool,

    /// Delete runs too whose forks stay: the beginnings of their curves go.
    #[arg(long)]
    pub(crate) force: bool,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
