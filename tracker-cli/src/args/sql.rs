//! What can be typed after `tracker sql`.

use std::ffi::OsString;

pub(super) const SQL_HELP: &str = "\
tracker sql                                       # writes views.sql into the store, and says how to use it
tracker sql 'SELECT name, state FROM runs' --csv
tracker sql --live -- -ui                         # DuckDB's own arguments";

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Sql {
    /// What to ask. Needs DuckDB's `duckdb`; without a query, the views are written and nothing is run.
    #[arg(value_name = "QUERY", conflicts_with = "print")]
    pub(crate) query: Option<String>,

    /// See the points, too, that are not sealed yet: those of a run that trains, as they are now.
    #[arg(long)]
    pub(crate) live: bool,

    /// Print the views in place of saying where they are.
    #[arg(long)]
    pub(crate) print: bool,

    /// Answer as CSV.
    #[arg(long, requires = "query", conflicts_with = "json")]
    pub(crate) csv: bool,

    /// Answer as JSON.
    #[arg(long, requires = "query")]
    pub(crate) json: bool,

    /// Runs `duckdb` with the views and these arguments, such as the name of a database.
    #[arg(last = true, value_name = "ARGS", conflicts_with = "print")]
    pub(crate) args: Vec<OsString>,
}
