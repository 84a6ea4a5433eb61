//! Commands that show runs in a browser.

use std::path::PathBuf;

use crate::{
    mcp::change::Change,
    ui::guard::{base_path::BasePath, names::HostName},
};

pub(super) const REPORT_HELP: &str = "\
tracker report @latest @latest~1
tracker report @best:valid/loss --title 'The best so far' -o best.html
tracker report calm-otter bold-finch --title 'Wider is better' --notes why.md --chart 'valid/*'";

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

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Report {
    /// The runs, one or more.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,

    /// The file to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,

    /// What stands above the report.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Open the report with this saved view of the project, or with an address of the page.
    #[arg(long, value_name = "NAME|ADDRESS")]
    pub(crate) view: Option<String>,

    /// Words below the title: a file of Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) notes: Option<PathBuf>,

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
