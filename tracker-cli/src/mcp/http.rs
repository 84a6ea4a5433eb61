//! The protocol at `/mcp` of `tracker ui`.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
    routing::any,
};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};

use crate::{
    mcp::server::AgentServer,
    ui::{
        failure::Answer,
        routes::{MOST_BODY, body},
        state::App,
    },
};

type Service = StreamableHttpService<AgentServer, NeverSessionManager>;

/// The route. Whom it answers is the guard's affair: by themselves, the protocol's types take any `Origin`. Each
/// request stands alone, so no client leaves a session behind.
pub(crate) fn routes(server: AgentServer) -> Router<App> {
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MOST_BODY);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = Service::new(move || Ok(server.clone()), sessions, config);
    Router::new().route("/mcp", any(move |request: Request| answer(service.clone(), request)))
}

async fn answer(service: Service, request: Request) -> Answer<Response> {
    let (head, coming) = request.into_parts();
    let request = Request::from_parts(head, Body::from(body(coming).await?));
    Ok(service.handle(request).await.into_response())
}
