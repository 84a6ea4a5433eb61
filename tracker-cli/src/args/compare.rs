//! Commands that put runs side by side.

use crate::view::groups::{At, By, TableFormat};

pub(super) const COMPARE_HELP: &str = "\
tracker compare @latest @latest~1 --diff
tracker compare @group:narrow @group:wide --group       # is the second better than the first?
tracker compare @study:lr --group=lr --baseline 0.1 --table latex";

pub(super) const DIVERGE_HELP: &str = "\
tracker diverge @latest~1 @latest
tracker diverge calm-otter 01KX3F2A --metric 'train/*' --tolerance 1e-4
tracker diverge before after --check            # for CI: exit code 1 if a bit differs";

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
