//! What can be typed after `tracker sweep`.

use std::{num::NonZeroUsize, path::PathBuf, str::FromStr};

pub(super) const SWEEP_HELP: &str = "\
tracker sweep study.toml -- cargo run --release -- --lr {lr}  # a training for each trial, until run_cap
tracker sweep study.toml -j 4 -- python train.py {args}       # four at once: --lr 0.003 --hidden 64
tracker sweep study.toml --gpus auto -- ./train {config}      # one a GPU; the values in a JSON file

The same command again goes on where the study was left, after any end and on any machine; several at once share
the work. `tracker study show NAME` says how far it is.";

#[derive(Debug, clap::Args)]
pub(crate) struct Sweep {
    /// What is varied and what is made better: a file of TOML or JSON.
    #[arg(value_name = "STUDY.toml")]
    pub(crate) file: PathBuf,

    /// How many trainings run at once; without it, one, or one for each GPU of `--gpus`. Each gets its share of
    /// the cores.
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Give each training a GPU: `auto` for all that there are, or their numbers, as `0,1`.
    #[arg(long, value_name = "auto|0,1")]
    pub(crate) gpus: Option<Gpus>,

    /// How often a trial is tried again whose training failed or died.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) retry: u32,

    /// Begin with the results of another study, as far as its values are values of this one.
    #[arg(long, value_name = "STUDY")]
    pub(crate) from: Option<String>,

    /// The program that trains and its arguments: `{lr}` is the value of lr, `{args}` all values as `--name value`,
    /// `{config}` a JSON file with them. `cargo run` is built once.
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(crate) command: Vec<String>,
}

/// Which GPUs trainings get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gpus {
    /// All that there are.
    Auto,
    /// These, as `CUDA_VISIBLE_DEVICES` names them.
    These(Vec<String>),
}

impl FromStr for Gpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let these: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        let is_name = |one: &String| {
            !one.is_empty() && one.chars().all(|c| c.is_ascii_alphanumeric() || "-_/:.".contains(c))
        };
        if these.iter().all(is_name) {
            Ok(Self::These(these))
        } else {
            Err("it is `auto`, or numbers of GPUs with commas between them: `0,1`".to_owned())
        }
    }
}
