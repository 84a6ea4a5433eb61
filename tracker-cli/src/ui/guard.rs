//! Who may ask what: a server on this machine is in reach of every page that its browser opens.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    access::Access,
    app::App,
    base_path::BasePath,
    failure::{Answer, Failure},
    names::Names,
    plain_page,
};

/// What a browser may do with an answer: run the server's own script, and nothing of anybody else.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The addresses that the server has, and the secrets that it asks for.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) names: Names,
    /// The port that it listens on, which tells its cookies from those of another server.
    pub(super) port: u16,
    pub(super) base: BasePath,
    pub(super) access: Option<Access>,
}

/// Lets a request through if it is for this server and from its own page, and says in every
/// answer what a browser may do with it.
pub(super) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
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

fn is_api(uri: &Uri) -> bool {
    uri.path().starts_with("/api/")
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

enum Passed {
    Through,
    /// A secret was in the address: a session takes its place, and it leaves the browser's history.
    WithSecret(Response),
}

impl Guard {
    fn check(&self, request: &Request) -> Answer<Passed> {
        let headers = request.headers();
        let host = self.names.own_host(request.uri(), headers)?;
        check_site(request, host)?;
        let Some(access) = &self.access else { return Ok(Passed::Through) };
        if *request.method() == Method::GET
            && let Some(answer) = self.exchange(access, request.uri())
        {
            return Ok(Passed::WithSecret(answer));
        }
        if access.is_shown_in(headers, self.port) {
            return Ok(Passed::Through);
        }
        Err(Failure::forbidden(
            "this server asks for its token",
            "open the address that `tracker ui` printed; it ends in `?token=…`",
        ))
    }

    /// A session for the secret in an address, and the way to the same address without it.
    fn exchange(&self, access: &Access, uri: &Uri) -> Option<Response> {
        let pairs = || uri.query().unwrap_or_default().split('&');
        let given = |name: &'static str| pairs().filter_map(move |pair| pair.strip_prefix(name));
        let to = format!("{}{}", self.base.as_str(), without_query(uri));
        let cookie = access.cookie(self.port, self.base.as_str());
        if given("token=").any(|given| access.token().is(given)) {
            let answer = [(header::LOCATION, to), (header::SET_COOKIE, cookie)];
            return Some((StatusCode::SEE_OTHER, answer).into_response());
        }
        given("code=").any(|given| access.redeem(given)).then(|| plain_page::going_on(&to, &cookie))
    }
}

/// Whether a request that changes something, or is posted, comes from the server's own page or
/// from no page at all.
fn check_site(request: &Request, host: &str) -> Answer<()> {
    let headers = request.headers();
    let site = single(headers, "sec-fetch-site")?;
    if is_api(request.uri()) && site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(foreign());
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(origin) = single(headers, "origin")?
        && !is_of(origin, host)
    {
        return Err(foreign());
    }
    let kind = single(headers, "content-type")?.unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::forbidden(
            "what is posted must be application/json",
            "send the header `Content-Type: application/json`",
        ));
    }
    Ok(())
}

/// Whether a page at the host, by the name and port that the request has too, is the origin. A proxy
/// may speak HTTPS for the server.
fn is_of(origin: &str, host: &str) -> bool {
    let (scheme, rest) = origin.split_once("://").unwrap_or_default();
    matches!(scheme, "http" | "https") && rest.eq_ignore_ascii_case(host)
}

fn foreign() -> Failure {
    Failure::forbidden(
        "this request comes from another site",
        "send it from the server's own page, or from no page at all; a proxy before the server must \
         pass on the header `Host`, as nginx does with `proxy_set_header Host $http_host`",
    )
}

/// The value of a header; one that is there twice, or is no text, is nobody's honest word.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Answer<Option<&'a str>> {
    let mut values = headers.get_all(name).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| foreign()),
        _ => Err(foreign()),
    }
}

/// The path alone. One that a browser would take for a host is led to the start instead.
fn without_query(uri: &Uri) -> String {
    let path = uri.path();
    if path.starts_with("//") || path.contains('\\') { "/".to_owned() } else { path.to_owned() }
}
