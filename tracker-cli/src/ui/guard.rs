//! Who may ask what: a server on this machine is in reach of every page that its browser opens.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    app::App,
    failure::{Answer, Failure},
    token::Token,
};

/// What a browser may do with an answer: run the server's own script, and nothing of anybody else.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The address that the server has, and the secret that it asks for.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) host: IpAddr,
    pub(super) port: u16,
    pub(super) token: Option<Token>,
}

/// Lets a request through if it is for this server and from its own page, and says in every
/// answer what a browser may do with it.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let passed = app.guard().check(&request);
    let mut response = match passed {
        Ok(Passed::Through) => in_own_words(next.run(request).await),
        Ok(Passed::WithToken(answer)) => answer,
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_POLICY),
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
    /// The secret was in the address: it moves into a cookie, and out of the browser's history.
    WithToken(Response),
}

impl Guard {
    fn check(&self, request: &Request) -> Answer<Passed> {
        let headers = request.headers();
        let host = self.own_host(request.uri(), headers)?;
        check_site(request, host)?;
        let Some(token) = &self.token else { return Ok(Passed::Through) };
        if token.is_shown_in(headers, self.port) {
            return Ok(Passed::Through);
        }
        if *request.method() == Method::GET && token_in_query(request.uri(), token) {
            let to = without_query(request.uri());
            let cookie = token.cookie(self.port);
            let answer = [(header::LOCATION, to), (header::SET_COOKIE, cookie)];
            return Ok(Passed::WithToken((StatusCode::SEE_OTHER, answer).into_response()));
        }
        Err(Failure::forbidden(
            "this server asks for its token",
            "open the address that `tracker ui` printed",
        ))
    }

    /// The one host that a request names, if it is this server. A name that somebody else's DNS
    /// leads here is none of its names.
    fn own_host<'a>(&self, uri: &Uri, headers: &'a HeaderMap) -> Answer<&'a str> {
        let wrong = || {
            Failure::new(
                StatusCode::MISDIRECTED_REQUEST,
                "this server does not answer to that host",
                format!("open http://127.0.0.1:{} or http://localhost:{0}", self.port),
            )
        };
        if uri.authority().is_some() || uri.scheme().is_some() {
            return Err(wrong());
        }
        let mut hosts = headers.get_all(header::HOST).into_iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(wrong()) };
        let host = host.to_str().map_err(|_| wrong())?;
        let (name, port) = split_port(host).ok_or_else(wrong)?;
        if port != self.port || !self.is_own_name(name) {
            return Err(wrong());
        }
        Ok(host)
    }

    /// On loopback, loopback addresses and `localhost` alone. Elsewhere the cookie protects, which
    /// a browser sends to the host alone that set it; an address is still no name.
    fn is_own_name(&self, name: &str) -> bool {
        let address = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(name) => name.parse().map(IpAddr::V6).ok(),
            None => name.parse().map(IpAddr::V4).ok(),
        };
        match address {
            Some(address) => address.is_loopback() || !self.host.is_loopback(),
            None => name.eq_ignore_ascii_case("localhost"),
        }
    }
}

/// Whether a request that changes something, or is posted, comes from the server's own page or
/// from no page at all.
fn check_site(request: &Request, host: &str) -> Answer<()> {
    let headers = request.headers();
    let is_api = request.uri().path().starts_with("/api/");
    let site = single(headers, "sec-fetch-site")?;
    if is_api && site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(foreign());
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(origin) = single(headers, "origin")?
        && !origin.eq_ignore_ascii_case(&format!("http://{host}"))
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

fn foreign() -> Failure {
    Failure::forbidden(
        "this request comes from another site",
        "send it from the server's own page, or from no page at all",
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

/// A host without a port means port 80.
fn split_port(host: &str) -> Option<(&str, u16)> {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            Some((name, port.parse().ok().filter(|_| is_number)?))
        }
        _ => Some((host, 80)),
    }
}

fn token_in_query(uri: &Uri, token: &Token) -> bool {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.strip_prefix("token=")).any(|given| token.is(given))
}

/// The path alone. One that a browser would take for a host is led to the start instead.
fn without_query(uri: &Uri) -> String {
    let path = uri.path();
    if path.starts_with("//") || path.contains('\\') { "/".to_owned() } else { path.to_owned() }
}
