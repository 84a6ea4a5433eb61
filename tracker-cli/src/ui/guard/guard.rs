//! Who may ask what: a server on this machine is in reach of every page that its browser opens.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use crate::ui::{
    failure::{Answer, Failure},
    guard::{access::Access, base_path::BasePath, names::Names},
    plain_page,
};

/// The addresses that the server has, and the secrets that it asks for.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) names: Names,
    /// The port that it listens on, which tells its cookies from those of another server.
    pub(crate) port: u16,
    pub(crate) base: BasePath,
    pub(crate) access: Option<Access>,
}

/// How a request passes.
pub(crate) enum Passed {
    Through,
    /// A secret was in the address: a session takes its place, and it leaves the browser's history.
    WithSecret(Response),
}

impl Guard {
    /// Whether a request is for this server and from its own page, and how it goes on.
    pub(crate) fn check(&self, request: &Request) -> Answer<Passed> {
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

/// Whether an address is one of the API or of agents, which pages of other sites may not ask.
pub(crate) fn is_api(uri: &Uri) -> bool {
    uri.path().starts_with("/api/") || uri.path() == "/mcp"
}
