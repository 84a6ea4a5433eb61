//! The command by which runs go to a place beyond this machine, and come from one.

use clap::ValueEnum;

pub(super) const SYNC_HELP: &str = "\
tracker sync @latest --to s3://bucket/runs --follow   # until the run has ended and all of it is there
tracker sync --all --to /mnt/shared/runs              # what is not there yet, of all runs
tracker sync --left --to s3://bucket/runs             # runs that were on their way when their machine went down
tracker sync --all --to s3://bucket/runs --check      # compares, and sends nothing
tracker sync calm-otter --from s3://bucket/runs       # brings the run here, whole; or what was added to it since

Credentials of S3 are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL.";

#[derive(Debug, clap::Args)]
pub(crate) struct Sync {
    /// The runs; `@group:NAME` is all runs of a group.
    #[arg(value_name = "RUN", required_unless_present_any = ["all", "left"], conflicts_with = "all")]
    pub(crate) runs: Vec<String>,

    /// Send all runs of the store; with `--from`, bring all that are there.
    #[arg(long)]
    pub(crate) all: bool,

    /// Send the runs of the store that were on their way to the place when nobody sent them any more, too.
    #[arg(long, conflicts_with_all = ["all", "check"])]
    pub(crate) left: bool,

    /// The place: `s3://bucket/prefix`, or a folder. Without it, the one that `TRACKER_SYNC` names.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Option<String>,

    /// Bring the runs from this place into the store here, as runs like any other. Those that are here with other
    /// contents stay as they are.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["to", "follow"])]
    pub(crate) from: Option<String>,

    /// Go on until the runs have ended and all of them is there, whatever the network does.
    #[arg(long, conflicts_with = "check")]
    pub(crate) follow: bool,

    /// Compare what is there with the runs' folders, and send nothing; `deep` reads every byte back.
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "names")]
    pub(crate) check: Option<How>,

    /// Which files go too: `media` leaves out the user's own in `files/`, `none` also pictures, tables and files of
    /// media.
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub(crate) artifacts: Which,

    /// The most that is sent or comes a second, such as `10MB/s`.
    #[arg(long, value_name = "RATE")]
    pub(crate) limit: Option<String>,
}

/// How exactly to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum How {
    /// Names and lengths.
    Names,
    /// Every byte.
    Deep,
}

/// Which files go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// All of them.
    All,
    /// Media alone.
    Media,
    /// No files.
    None,
}
