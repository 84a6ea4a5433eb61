//! The names under which the server may be asked for.

use std::{net::IpAddr, str::FromStr};

use axum::http::{HeaderMap, StatusCode, Uri, header};

use crate::ui::failure::{Answer, Failure};

/// A host as an address has it: a name or an IP address, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostName(String);

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.parse::<std::net::Ipv6Addr>().is_ok() {
            return Ok(Self(format!("[{}]", text.to_ascii_lowercase())));
        }
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if text.is_empty() || text.len() > 253 || !text.bytes().all(is_known) {
            return Err("a host is a name such as box.example.org, without a port");
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Where the server listens, and the names that its user vouches for.
#[derive(Debug)]
pub(crate) struct Names {
    listens_on: IpAddr,
    port: u16,
    allowed: Vec<HostName>,
}

impl Names {
    pub(crate) fn new(listens_on: IpAddr, port: u16, allowed: Vec<HostName>) -> Self {
        Self { listens_on, port, allowed }
    }

    /// The one host that a request names, if it is a name of this server. The port may be any: a
    /// tunnel or a container shows the server at another one. A name that somebody else's DNS leads
    /// here is none of its names, whatever its port.
    pub(crate) fn own_host<'a>(&self, uri: &Uri, headers: &'a HeaderMap) -> Answer<&'a str> {
        if uri.authority().is_some() || uri.scheme().is_some() {
            return Err(unclear());
        }
        let mut hosts = headers.get_all(header::HOST).into_iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(unclear()) };
        let host = host.to_str().map_err(|_| unclear())?;
        let name = without_port(host).ok_or_else(unclear)?;
        if self.is_own(name) { Ok(host) } else { Err(self.unknown(name)) }
    }

    /// Loopback addresses and `localhost` always are, since only this machine gives them to a
    /// browser. On another address than loopback, each address is: an address is no name that
    /// somebody's DNS could turn.
    fn is_own(&self, name: &str) -> bool {
        let address = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(name) => name.parse().map(IpAddr::V6).ok(),
            None => name.parse().map(IpAddr::V4).ok(),
        };
        let is_allowed = self.allowed.iter().any(|known| known.0.eq_ignore_ascii_case(name));
        is_allowed
            || match address {
                Some(address) => address.is_loopback() || !self.listens_on.is_loopback(),
                None => name.eq_ignore_ascii_case("localhost"),
            }
    }

    fn unknown(&self, name: &str) -> Failure {
        let port = self.port;
        let forward = format!("`ssh -L {port}:127.0.0.1:{port} HOST` and http://localhost:{port}");
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<HostName>() {
            Ok(_) => Failure::new(
                StatusCode::MISDIRECTED_REQUEST,
                format!("this server does not answer to the name {bare}"),
                format!(
                    "if that is a name of the machine it runs on, start it with `tracker ui \
                     --allow-host {bare}`; or reach it by {forward}"
                ),
            ),
            Err(_) => Failure::new(
                StatusCode::MISDIRECTED_REQUEST,
                "this server does not answer to that host",
                format!("reach it by {forward}"),
            ),
        }
    }
}

fn unclear() -> Failure {
    Failure::new(
        StatusCode::MISDIRECTED_REQUEST,
        "the request does not name one host",
        "send one header `Host`, with the host and port of the address",
    )
}

/// The host's name, if what follows is no port or a whole one.
fn without_port(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            port.parse::<u16>().ok().filter(|_| is_number).map(|_| name)
        }
        _ => Some(host),
    }
}
