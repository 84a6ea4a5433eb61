//! What can be typed after `tracker show`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
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
