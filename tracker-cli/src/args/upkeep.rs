//! Commands that look after the store and the command itself.

use clap_complete::Shell;

pub(super) const COMPLETIONS_HELP: &str = "\
bash: tracker completions bash > ~/.local/share/bash-completion/completions/tracker
zsh:  tracker completions zsh > \"${fpath[1]}/_tracker\"
fish: tracker completions fish > ~/.config/fish/completions/tracker.fish";

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

    /// Empty the trash of runs that were deleted at least so many days ago; with `--store`, remove what of such runs, and
    /// what that belongs to none, is there. With 0, nothing that was deleted or
    /// changed can be taken back.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) older_than: u32,

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
