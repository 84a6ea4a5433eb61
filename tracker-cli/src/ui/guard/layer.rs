//! The guard before the routes, and what a browser may do with each answer.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::ui::{
    failure::Failure,
    guard::guard::{Passed, is_api},
    state::App,
};

/// What a browser may do with an answer: run the server's own script, and nothing of anybody else.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Lets a request through if it is for this server and from its own page, and says in every
/// answer what a browser may do with it.
pub(crate) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let guard = app.guard();
    if let Some(stripped) = guard.base.strip(request.uri()) {
        *request.uri_mut() = stripped;
    }
    let is_visit = is_visit(&request);
    let mut response = match guard.check(&request) {
        Ok(Passed::Through) => in_own_words(next.run(request).await),
        Ok(Passed::WithSecret(answer)) => answer,
        Err(failure) => failure.into_response(),
    };
    if is_visit && let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = failure.into_page();
    }
    let headers = response.headers_mut();
    headers.entry("content-security-policy").or_insert(HeaderValue::from_static(CONTENT_POLICY));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether somebody opens an address in a browser, who reads no JSON.
fn is_visit(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    is_read && !is_api(request.uri()) && accepted.is_some_and(|kinds| kinds.contains("text/html"))
}

/// What the router refuses by itself, such as a path that is no text, is told as everything else is.
fn in_own_words(response: Response) -> Response {
    let is_plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")));
    if is_plain && response.status().is_client_error() {
        let hint = "docs/http-api.md says what can be asked";
        return Failure::new(
            response.status(),
            "the address has a part that is not understood",
            hint,
        )
        .into_response();
    }
    response
}
