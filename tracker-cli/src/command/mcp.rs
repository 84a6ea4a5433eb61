//! `tracker mcp`: the store for agents, by standard input and output.

use std::{io::Write, path::Path};

use anyhow::{Result, anyhow};
use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio};

use crate::{
    args::Mcp,
    command::ui::root,
    mcp::{desk::Desk, server::AgentServer, skill},
    terminal::printer,
    ui::state::MOST_READS,
};

/// Threads for standard input and output, which wait too.
const ENOUGH_FOR_PIPES: usize = 2;

/// Runs `tracker mcp`.
pub(crate) fn run(dir: Option<&Path>, args: &Mcp) -> Result<()> {
    if args.skill {
        let mut out = printer::data();
        out.write_all(skill::TEXT.as_bytes())?;
        out.flush()?;
        return Ok(());
    }
    let server = AgentServer::new(Desk::alone(root(dir)?, args.allow.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(MOST_READS + ENOUGH_FOR_PIPES)
        .enable_all()
        .build()
        .map_err(|error| anyhow!("failed to start threads: {error}\nhint: close other programs"))?;
    let result = runtime.block_on(serve(server));
    // Nobody waits for what is read for a client that is gone.
    runtime.shutdown_background();
    result
}

/// Answers until the client closes standard input.
async fn serve(server: AgentServer) -> Result<()> {
    match server.serve(stdio()).await {
        Ok(running) => {
            running.waiting().await?;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => {
            printer::note(
                "standard input has ended; an agent starts this command: see docs/agents.md",
            );
            Ok(())
        }
        Err(error) => Err(anyhow!(
            "the client does not speak the Model Context Protocol: {error}\n\
             hint: docs/agents.md says how a client is set up"
        )),
    }
}
