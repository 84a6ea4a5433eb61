//! `tracker ui`: the store in a browser, live while trainings run.

use std::{
    future::pending,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use axum::Router;
use tokio::net::TcpListener;
use tracker_core::read::{Store, mount::named};

use crate::{
    answers::{command::ui::Listening, versioned::Versioned},
    args::Ui,
    mcp::{self, desk::Desk, server::AgentServer},
    platform,
    terminal::{printer, text::clean},
    ui::{
        browser::{self, Redirect},
        guard::{
            access::{Access, CODE_LIFE},
            guard::Guard,
            names::Names,
            writing::Writing,
        },
        library::Library,
        routes::router,
        serve,
        state::{App, MOST_READS},
    },
};

/// Threads for files on their way to a browser, beside those that read the store.
const ENOUGH_FOR_FILES: usize = 16;

/// Runs `tracker ui`.
pub(crate) fn run(dir: Option<&Path>, args: &Ui) -> Result<()> {
    if !args.host.is_loopback() && !args.token {
        bail!(
            "refused to listen on {}: everybody who reaches it could read the store\n\
             hint: add --token, or forward the port: `ssh -L 7788:127.0.0.1:7788 HOST`",
            args.host
        );
    }
    let root = root(dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(MOST_READS + ENOUGH_FOR_FILES)
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

/// The folder that is the store, or will be one.
pub(super) fn root(dir: Option<&Path>) -> tracker_core::Result<PathBuf> {
    match dir {
        Some(dir) => Ok(std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())),
        None => Store::discovered_root(),
    }
}

async fn listen(root: PathBuf, args: &Ui) -> Result<()> {
    let listener = TcpListener::bind(SocketAddr::new(args.host, args.port))
        .await
        .map_err(|error| not_bound(args, &error))?;
    let port = listener.local_addr().map_or(args.port, |address| address.port());
    let access =
        if args.token { Some(Access::generate().context("no random numbers")?) } else { None };
    let address = address(args, port);
    let url = access.as_ref().map_or_else(
        || address.clone(),
        |access| format!("{address}?token={}", access.token().as_str()),
    );
    announce(args, &url, port, &root)?;
    let redirect = if args.no_open { None } else { open_browser(&address, access.as_ref()) };
    let names = Names::new(args.host, port, args.allow_host.clone());
    let guard = Guard { names, port, base: args.base_path.clone(), access };
    let app = App::new(Library::new(root), guard, writing(args));
    let more = if args.mcp {
        mcp::http::routes(AgentServer::new(Desk::of(app.clone(), args.allow.clone())))
    } else {
        Router::new()
    };
    tokio::select! {
        () = serve::serve(listener, router(app, more)) => {}
        () = keep(redirect) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

fn writing(args: &Ui) -> Writing {
    match (args.read_only, args.writable) {
        (true, _) => Writing::Nothing,
        (false, true) => Writing::All,
        (false, false) => Writing::Own,
    }
}

/// Opens a browser where there is one. With a token, the address has a code in its place that opens
/// once, and a file says it: other users can read what a program is started with. Where that fails,
/// the address still stands in the terminal.
fn open_browser(address: &str, access: Option<&Access>) -> Option<Redirect> {
    let opener = platform::opener()?;
    let Some(access) = access else {
        browser::open(opener, Path::new(address));
        return None;
    };
    let code = access.new_code().ok()?;
    let redirect = Redirect::to(&format!("{address}?code={code}")).ok()?;
    browser::open(opener, &redirect.path());
    Some(redirect)
}

/// Keeps the file that leads a browser here for as long as its code is worth something. Never ends.
async fn keep(redirect: Option<Redirect>) {
    tokio::time::sleep(CODE_LIFE).await;
    drop(redirect);
    pending::<()>().await;
}

fn not_bound(args: &Ui, error: &io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another `tracker ui` may run there; --port 0 takes a free one",
        io::ErrorKind::PermissionDenied => "take a port above 1023",
        _ => "--host 127.0.0.1 is always there",
    };
    anyhow::anyhow!("failed to listen on {}:{}: {error}\nhint: {hint}", args.host, args.port)
}

/// Where the page is, without a secret. A server on all addresses is reached on this machine by the
/// loopback one.
fn address(args: &Ui, port: u16) -> String {
    let host = if args.host.is_unspecified() {
        "127.0.0.1".to_owned()
    } else {
        serve::url_host(args.host)
    };
    format!("http://{host}:{port}{}/", args.base_path.as_str())
}

fn announce(args: &Ui, url: &str, port: u16, root: &Path) -> io::Result<()> {
    if args.json {
        let mut out = printer::data();
        let answer = Versioned::new(Listening { url, port, root: root.to_string_lossy() });
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        return out.flush();
    }
    printer::text(&format!("{url}\n"))?;
    let shown = named(root);
    printer::note(&format!("showing {} until you press Ctrl-C", clean(&shown)));
    Ok(())
}
