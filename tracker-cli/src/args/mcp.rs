//! `tracker mcp`.

use crate::mcp::change::Change;

pub(super) const MCP_HELP: &str = "\
claude mcp add tracker -- tracker mcp                 # in the project's folder
tracker mcp --allow note,tag                          # an agent may write notes and tags, and no more
tracker mcp --skill > .claude/skills/tracker/SKILL.md # how trainings are judged";

#[derive(Debug, clap::Args)]
pub(crate) struct Mcp {
    /// What agents may change; nothing unless it is named.
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub(crate) allow: Vec<Change>,

    /// Print a guide for agents to judge trainings by, and answer nobody.
    #[arg(long, conflicts_with = "allow")]
    pub(crate) skill: bool,
}
