//! `tracker ui`: the store in a browser, live while trainings run.

mod app;
mod artifacts;
mod assets;
mod browser;
mod changes;
mod code;
mod comparison;
mod curve;
mod curve_bytes;
mod curve_cache;
mod curves;
mod failure;
mod guard;
#[cfg(test)]
mod guard_tests;
mod library;
mod live;
mod not_finite;
mod patient;
mod recorded;
pub(crate) mod report;
mod serve;
mod shapes;
mod smooth;
mod token;
mod watch;
mod windows;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::net::TcpListener;
use tracker_core::read::Store;

use self::{
    app::{App, router},
    guard::Guard,
    library::Library,
    token::Token,
};
use crate::{args::Ui, printer, run_json};

/// Runs `tracker ui`.
pub(crate) fn run(dir: Option<&Path>, args: &Ui) -> Result<()> {
    if !args.host.is_loopback() && !args.token {
        bail!(
            "refused to listen on {}: everybody who reaches it could read the store\n\
             hint: add --token, or forward the port: `ssh -L 7788:127.0.0.1:7788 HOST`",
            args.host
        );
    }
    let root = match dir {
        Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
        None => Store::discovered_root()?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .map_err(|error| {
            anyhow::anyhow!("failed to start threads: {error}\nhint: close other programs")
        })?;
    let result = runtime.block_on(listen(root, args));
    // Streams to open pages never end by themselves.
    runtime.shutdown_background();
    result
}

async fn listen(root: PathBuf, args: &Ui) -> Result<()> {
    let listener = TcpListener::bind(SocketAddr::new(args.host, args.port))
        .await
        .map_err(|error| not_bound(args, &error))?;
    let port = listener.local_addr().map_or(args.port, |address| address.port());
    let token =
        if args.token { Some(Token::generate().context("no random numbers")?) } else { None };
    let url = url(args, port, token.as_ref());
    announce(args, &url, port, &root)?;
    if !args.no_open {
        browser::open(&url);
    }
    let guard = Guard { host: args.host, port, token };
    let app = App::new(Library::new(root), guard, args.read_only);
    tokio::select! {
        () = serve::serve(listener, router(app)) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

fn not_bound(args: &Ui, error: &io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another `tracker ui` may run there; --port 0 takes a free one",
        io::ErrorKind::PermissionDenied => "take a port above 1023",
        _ => "--host 127.0.0.1 is always there",
    };
    anyhow::anyhow!("failed to listen on {}:{}: {error}\nhint: {hint}", args.host, args.port)
}

/// The address to open. A server on all addresses is reached on this machine by the loopback one.
fn url(args: &Ui, port: u16, token: Option<&Token>) -> String {
    let host = if args.host.is_unspecified() {
        "127.0.0.1".to_owned()
    } else {
        serve::url_host(args.host)
    };
    let query = token.map(|token| format!("?token={}", token.as_str())).unwrap_or_default();
    format!("http://{host}:{port}/{query}")
}

fn announce(args: &Ui, url: &str, port: u16, root: &Path) -> io::Result<()> {
    if args.json {
        let document = json!({
            "version": run_json::VERSION,
            "url": url,
            "port": port,
            "root": root.to_string_lossy(),
        });
        let mut out = printer::data();
        writeln!(out, "{document}")?;
        return out.flush();
    }
    printer::text(&format!("{url}\n"))?;
    printer::note(&format!("showing {} until you press Ctrl-C", root.display()));
    Ok(())
}
