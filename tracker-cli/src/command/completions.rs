//! `tracker completions`: a script for a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::{
    args::{Args, Completions},
    terminal::printer,
};

/// Runs `tracker completions`.
pub(crate) fn run(args: &Completions) -> anyhow::Result<()> {
    // `generate` panics where its output ends early, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "tracker", &mut script);
    let mut out = printer::data();
    out.write_all(&script)?;
    out.flush()?;
    Ok(())
}
