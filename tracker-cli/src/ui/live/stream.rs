//! Tells pages what has changed. While nobody listens, nobody looks.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    http::HeaderValue,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    answers::{page::live::Hello, versioned::Versioned},
    ui::{
        live::{
            listeners::Listener,
            watch::{Watch, event},
        },
        state::App,
    },
};

/// Between two looks at the store.
const PAUSE: Duration = Duration::from_millis(200);

/// A look takes at most this part of the time, however large the store is.
const SHARE: u32 = 4;

/// So often does a silent stream say that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a page waits for its greeting while nobody has seen the store yet.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// The stream of one page.
pub(crate) fn stream(app: &App, project: Option<String>) -> Response {
    let Listener { changes, mut has_looked, is_first } = app.live().subscribe();
    if is_first {
        tokio::spawn(watch(app.clone()));
    }
    let first = stream::once(async move {
        // A page fetches when it is greeted. Greeted earlier, it would miss what changes between.
        // Where the store cannot be read, the page learns that by fetching.
        let looked = has_looked.wait_for(|has_looked| *has_looked);
        let _ = tokio::time::timeout(FIRST_LOOK, looked).await;
        Ok::<_, Infallible>(hello())
    });
    let told = stream::unfold((changes, project), |(mut changes, project)| async move {
        loop {
            let events = match changes.recv().await {
                Ok(change) => change.events(project.as_deref()),
                // Too much was missed to tell it: the page begins anew.
                Err(RecvError::Lagged(_)) => vec![hello()],
                Err(RecvError::Closed) => return None,
            };
            if !events.is_empty() {
                let events = stream::iter(events.into_iter().map(Ok::<_, Infallible>));
                return Some((events, (changes, project)));
            }
        }
    });
    let alive = KeepAlive::new().interval(KEEP_ALIVE);
    let mut response = Sse::new(first.chain(told.flatten())).keep_alive(alive).into_response();
    // A proxy that gathers answers would keep all news until the stream ends.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn hello() -> Event {
    event("hello", &Versioned::new(Hello { tracker: env!("CARGO_PKG_VERSION") }))
}

/// Looks at the store until nobody listens any more.
async fn watch(app: App) {
    let mut watch = Watch::default();
    while !app.live().is_done() {
        let begun = tokio::time::Instant::now();
        let looked = app.read(move |app| Ok(watch.look(app.library()))).await;
        let Ok((next, change)) = looked else {
            // A look that panicked forgets what it knew.
            watch = Watch::default();
            app.live().has_looked.send_replace(false);
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        watch = next;
        app.live().has_looked.send_replace(watch.has_seen());
        if !change.is_empty() {
            // Nobody may listen any more, which is seen in the next round.
            let _ = app.live().changes.send(Arc::new(change));
        }
        tokio::time::sleep(PAUSE.max(begun.elapsed() * SHARE)).await;
    }
}
