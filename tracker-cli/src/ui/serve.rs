//! Accepts connections, and lets none of them hold the server up.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::ui::write_timeout::giving_up;

/// A request's head comes within this time, or never.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// An answer of which the client takes nothing for this time is cut. People pause downloads, and
/// waking laptops read on.
const TAKE_PATIENCE: Duration = Duration::from_mins(1);

/// The largest head of a request, in bytes.
const MOST_HEAD: usize = 64 << 10;

/// Connections at a time: a process may have 1,024 files by default, and parts need some.
const MOST_CONNECTIONS: usize = 256;

/// Serves until the process ends.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((socket, _)) = listener.accept().await else {
            // Too many open files, or a connection that was gone at once.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            answer(socket, router).await;
            drop(place);
        });
    }
}

async fn answer(socket: TcpStream, router: Router) {
    // Small events go out at once.
    let _ = socket.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(giving_up(socket, TAKE_PATIENCE)), service);
    // A connection that breaks concerns nobody else.
    let _ = connection.await;
}

/// The address as a URL has it.
pub(crate) fn url_host(host: IpAddr) -> String {
    match host {
        IpAddr::V4(host) => host.to_string(),
        IpAddr::V6(host) => format!("[{host}]"),
    }
}
