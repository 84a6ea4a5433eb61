//! Commands that ask something of a training, or begin one.

use std::ffi::OsString;

pub(super) const FORK_HELP: &str = "\
tracker fork calm-otter@400                           # what a fork would begin with
tracker fork calm-otter@400 -- cargo run -- --lr 1e-4
tracker fork @latest -- ./train.sh                    # after its newest checkpoint";

pub(super) const SET_HELP: &str = "\
tracker set calm-otter               # its knobs, and what they take
tracker set calm-otter lr=5e-4 dropout=0.2";

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
